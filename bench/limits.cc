#include "bench/limits.h"

#include <simdjson.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <functional>

#include "planner/types/text.h"

namespace thalweg::bench {
namespace {

using runtime::RecordBatch;

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::int64_t kWindowMs = 10'000;

void append_int(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void append_u64(std::string& out, std::uint64_t value) { runtime::append_u64_be(out, value); }

simdjson::ondemand::document parse(simdjson::ondemand::parser& parser, const RecordBatch& batch,
                                   std::uint32_t i) {
  const std::string_view value = batch.value(i);
  return parser.iterate(
      simdjson::padded_string_view(value.data(), value.size(), value.size() + batch.readable_after_value(i)));
}

// Reads everything, hands records to `row`, and at the end of an epoch to `finish`, then commits.
template <typename Row, typename Finish>
Result<std::int64_t> over_bids(runtime::Log& log, const std::string& out, std::size_t epoch_records, Row row,
                               Finish finish) {
  const TopicPartition bids{"bid", PartitionId{0}};
  std::vector<runtime::Epoch> epochs(1);
  const auto begin_epoch = [&]() -> runtime::RecordBatchBuilder& {
    epochs[0] = runtime::Epoch{};
    epochs[0].appends.push_back({{out, PartitionId{0}}, {}});
    return epochs[0].appends[0].records;
  };
  runtime::RecordBatchBuilder* records = &begin_epoch();
  std::int64_t read = 0;
  std::size_t in_epoch = 0;
  Offset next{0};
  const auto commit = [&]() -> Result<void> {
    finish(*records, epochs[0].state);
    if (records->empty()) epochs[0].appends.clear();
    epochs[0].positions.push_back({out, bids, next, {}});
    THALWEG_TRY(const auto offsets, log.commit(epochs));
    static_cast<void>(offsets);
    records = &begin_epoch();
    in_epoch = 0;
    return {};
  };
  for (;;) {
    THALWEG_TRY(const auto batches, log.read(bids, next, kReadBytes));
    if (batches.empty()) break;
    for (const auto& batch : batches) {
      for (std::uint32_t i = 0; i < batch->size(); ++i) row(*batch, i, *records);
      read += batch->size();
      in_epoch += batch->size();
      next = batch->next_offset();
      if (in_epoch >= epoch_records) THALWEG_CHECK(commit());
    }
  }
  if (in_epoch > 0) THALWEG_CHECK(commit());
  return read;
}

}  // namespace

Result<std::int64_t> limit_filter(runtime::Log& log, const std::string& out, std::size_t epoch_records) {
  simdjson::ondemand::parser parser;
  return over_bids(
      log, out, epoch_records,
      [&](const RecordBatch& batch, std::uint32_t i, runtime::RecordBatchBuilder& records) {
        auto document = parse(parser, batch, i);
        const std::int64_t auction = document["auction"].get_int64();
        if (auction % 123 != 0) return;
        const std::int64_t price = document["price"].get_int64();
        std::string& json = records.value_bytes();
        json += "{\"AUCTION\":";
        append_int(json, auction);
        json += ",\"PRICE\":";
        append_int(json, price);
        json += '}';
        records.finish_record(batch.timestamp_ms(i), true, false);
      },
      [](runtime::RecordBatchBuilder&, runtime::WriteSet&) {});
}

Result<std::int64_t> limit_project(runtime::Log& log, const std::string& out, std::size_t epoch_records) {
  simdjson::ondemand::parser parser;
  return over_bids(
      log, out, epoch_records,
      [&](const RecordBatch& batch, std::uint32_t i, runtime::RecordBatchBuilder& records) {
        auto document = parse(parser, batch, i);
        const std::int64_t auction = document["auction"].get_int64();
        const std::int64_t bidder = document["bidder"].get_int64();
        const std::int64_t price = document["price"].get_int64();
        const std::string_view channel = document["channel"].get_string();
        const std::int64_t time = document["date_time"].get_int64();
        std::string& json = records.value_bytes();
        json += "{\"AUCTION\":";
        append_int(json, auction);
        json += ",\"BIDDER\":";
        append_int(json, bidder);
        json += ",\"PRICE\":";
        planner::append_double(json, static_cast<double>(price) * 0.908);
        json += ",\"CHANNEL\":\"";
        json += channel;
        json += "\",\"DATE_TIME\":";
        append_int(json, time);
        json += '}';
        records.finish_record(batch.timestamp_ms(i), true, false);
      },
      [](runtime::RecordBatchBuilder&, runtime::WriteSet&) {});
}

Result<std::int64_t> limit_tumbling_count(runtime::Log& log, const std::string& out,
                                          std::size_t epoch_records) {
  struct Key {
    std::int64_t start, auction;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return (static_cast<std::uint64_t>(key.start) * 0x9E3779B97F4A7C15ull) ^
             (static_cast<std::uint64_t>(key.auction) * 0xC2B2AE3D27D4EB4Full);
    }
  };
  struct Count {
    std::int64_t n = 0, time = 0;
    bool dirty = false;
  };
  boost::unordered_flat_map<Key, Count, Hash> counts;
  std::vector<Key> dirty;
  simdjson::ondemand::parser parser;
  std::uint64_t sequence = 0;
  return over_bids(
      log, out, epoch_records,
      [&](const RecordBatch& batch, std::uint32_t i, runtime::RecordBatchBuilder&) {
        auto document = parse(parser, batch, i);
        const std::int64_t time = batch.timestamp_ms(i);
        const Key key{time / kWindowMs * kWindowMs, document["auction"].get_int64()};
        Count& count = counts[key];
        ++count.n;
        count.time = std::max(count.time, time);
        if (!count.dirty) {
          count.dirty = true;
          dirty.push_back(key);
        }
      },
      [&](runtime::RecordBatchBuilder& records, runtime::WriteSet& state) {
        std::string delta;
        for (const Key& key : dirty) {
          Count& count = counts[key];
          count.dirty = false;
          append_u64(records.key_bytes(), static_cast<std::uint64_t>(key.auction));
          append_u64(records.key_bytes(), static_cast<std::uint64_t>(key.start));
          std::string& json = records.value_bytes();
          json += "{\"N\":";
          append_int(json, count.n);
          json += '}';
          records.finish_record(count.time, false, false);
          append_u64(delta, static_cast<std::uint64_t>(key.start));
          append_u64(delta, static_cast<std::uint64_t>(key.auction));
          append_u64(delta, static_cast<std::uint64_t>(count.n));
        }
        dirty.clear();
        std::string at = "limit/" + out + "/";
        append_u64(at, sequence++);
        state.put(runtime::Space::kState, at, std::move(delta));
      });
}

Result<std::int64_t> limit_stream_table_join(runtime::Log& log, const std::string& out,
                                             std::size_t epoch_records) {
  struct Person {
    std::string name, city;
  };
  boost::unordered_flat_map<std::int64_t, Person> persons;
  simdjson::ondemand::parser parser;
  for (Offset next{0};;) {
    THALWEG_TRY(const auto batches, log.read({"person", PartitionId{0}}, next, kReadBytes));
    if (batches.empty()) break;
    for (const auto& batch : batches) {
      for (std::uint32_t i = 0; i < batch->size(); ++i) {
        auto document = parse(parser, *batch, i);
        Person& person = persons[static_cast<std::int64_t>(runtime::read_u64_be(batch->key(i)))];
        person.name = std::string_view(document["name"].get_string());
        person.city = std::string_view(document["city"].get_string());
      }
      next = batch->next_offset();
    }
  }
  return over_bids(
      log, out, epoch_records,
      [&](const RecordBatch& batch, std::uint32_t i, runtime::RecordBatchBuilder& records) {
        auto document = parse(parser, batch, i);
        const std::int64_t auction = document["auction"].get_int64();
        const std::int64_t bidder = document["bidder"].get_int64();
        const std::int64_t price = document["price"].get_int64();
        const auto person = persons.find(bidder);
        if (person == persons.end()) return;
        append_u64(records.key_bytes(), static_cast<std::uint64_t>(bidder));
        std::string& json = records.value_bytes();
        json += "{\"AUCTION\":";
        append_int(json, auction);
        json += ",\"PRICE\":";
        append_int(json, price);
        json += ",\"NAME\":\"";
        json += person->second.name;
        json += "\",\"CITY\":\"";
        json += person->second.city;
        json += "\"}";
        records.finish_record(batch.timestamp_ms(i), false, false);
      },
      [](runtime::RecordBatchBuilder&, runtime::WriteSet&) {});
}

}  // namespace thalweg::bench
