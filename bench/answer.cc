#include "bench/answer.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>

#include "runtime/state/state_store.h"

namespace thalweg::bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{4} << 20;

template <typename Visit>
Result<void> each_record(runtime::Log& log, const std::string& topic, Visit visit) {
  for (Offset next{0};;) {
    THALWEG_TRY(const auto batches, log.read({topic, PartitionId{0}}, next, kReadBytes));
    if (batches.empty()) return {};
    for (const auto& batch : batches) {
      for (std::uint32_t i = 0; i < batch->size(); ++i) visit(*batch, i);
      next = batch->next_offset();
    }
  }
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  a ^= b + 0x9E3779B97F4A7C15ull + (a << 6) + (a >> 2);
  a ^= a >> 31;
  return a * 0xC2B2AE3D27D4EB4Full;
}

std::uint64_t hash_of(const runtime::RecordBatch& batch, std::uint32_t i) {
  const std::uint64_t bytes = mixed(runtime::hash_key(batch.key(i)), runtime::hash_key(batch.value(i)));
  return mixed(bytes, static_cast<std::uint64_t>(batch.timestamp_ms(i)));
}

std::string drawn(const runtime::RecordBatch& batch, std::uint32_t i) {
  std::string text = "@" + std::to_string(batch.timestamp_ms(i)) + " ";
  for (const char c : batch.key(i)) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text + " " + std::string(batch.value(i));
}

}  // namespace

Result<Answer> answer_in(runtime::Log& log, const std::string& topic, bool table) {
  Answer answer;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> rows;  // hash of key → hash of row
  THALWEG_CHECK(each_record(log, topic, [&](const runtime::RecordBatch& batch, std::uint32_t i) {
    if (table) {
      const std::uint64_t key = runtime::hash_key(batch.key(i));
      if (batch.value_is_null(i))
        rows.erase(key);
      else
        rows[key] = hash_of(batch, i);
      return;
    }
    ++answer.rows;
    answer.checksum += hash_of(batch, i);
  }));
  if (!table) return answer;
  answer.rows = rows.size();
  for (const auto& [key, row] : rows) answer.checksum += row;
  return answer;
}

Result<std::string> first_difference(runtime::Log& log, const std::string& engine_topic,
                                     const std::string& limit_topic, bool table) {
  std::map<std::string, std::int64_t> rows;  // as drawn → how often the engine has it more
  for (const bool limit : {false, true}) {
    std::map<std::string, std::string> last;
    const auto count = [&](const std::string& row) {
      const auto at = rows.try_emplace(row, 0).first;
      at->second += limit ? -1 : 1;
      if (at->second == 0) rows.erase(at);
    };
    THALWEG_CHECK(each_record(log, limit ? limit_topic : engine_topic,
                              [&](const runtime::RecordBatch& batch, std::uint32_t i) {
                                if (!table) return count(drawn(batch, i));
                                if (batch.value_is_null(i))
                                  last.erase(std::string(batch.key(i)));
                                else
                                  last[std::string(batch.key(i))] = drawn(batch, i);
                              }));
    for (const auto& [key, row] : last) count(row);
  }
  std::string text;
  for (auto at = rows.begin(); at != rows.end() && text.size() < 1000; ++at)
    text += std::string(at->second > 0 ? "\n  engine only " : "\n  limit only  ") + at->first;
  return text;
}

}  // namespace thalweg::bench
