// What the machine allows: a hand-written program that does a query's bare work on the same log with the
// same durability, without SQL, NULLs, types or generality. The loop here is everybody's; a program is a
// body:
//
//   void take(std::size_t input, const LimitRecord& record, RecordBatchBuilder& out)   one input record
//   void finish(RecordBatchBuilder& out, std::string& delta)   end of an epoch: what was held back, and
//                                                              the changed state as bytes
#pragma once

#include <simdjson.h>

#include <charconv>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/types/text.h"
#include "runtime/log/log.h"

namespace thalweg::bench {

using runtime::append_u64_be;
using runtime::RecordBatchBuilder;

struct LimitRecord {
  const runtime::RecordBatch& batch;
  std::uint32_t i;
  simdjson::ondemand::parser& parser;

  std::int64_t time() const { return batch.timestamp_ms(i); }
  std::int64_t key() const { return static_cast<std::int64_t>(runtime::read_u64_be(batch.key(i))); }
  simdjson::ondemand::document json() const {
    const std::string_view value = batch.value(i);
    return parser.iterate(simdjson::padded_string_view(value.data(), value.size(),
                                                       value.size() + batch.readable_after_value(i)));
  }
};

// Bodies that keep nothing.
struct Stateless {
  void finish(RecordBatchBuilder&, std::string&) {}
};

inline void put(std::string& out, std::string_view text) { out += text; }
inline void put(std::string& out, double value) { planner::append_double(out, value); }
inline void put(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}
// Appends pieces of JSON: texts as they are, numbers in digits.
template <typename... Pieces>
void put_all(std::string& out, const Pieces&... pieces) {
  (put(out, pieces), ...);
}
inline void put_key(RecordBatchBuilder& out, std::int64_t key) {
  append_u64_be(out.key_bytes(), static_cast<std::uint64_t>(key));
}
template <typename Number>
void put_raw(std::string& out, const Number& number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

struct LimitPlace {
  runtime::Log& log;
  std::vector<std::string> inputs;  // one topic or two; at equal times the first goes first
  std::string out;                  // topic
  std::size_t epoch_records;
};

// Batches of one topic, in order.
class LimitInput {
 public:
  LimitInput(const LimitPlace& place, const std::string& topic)
      : log_(place.log), from_{topic, PartitionId{0}} {}
  // False at the end of the topic.
  Result<bool> fill() {
    if (!batches_.empty() && at_ < batches_.front()->size()) return true;
    if (!batches_.empty()) batches_.pop_front();
    at_ = 0;
    if (!batches_.empty()) return true;
    THALWEG_TRY(auto batches, log_.read(from_, next_, kReadBytes));
    for (auto& batch : batches) batches_.push_back(std::move(batch));
    if (batches_.empty()) return false;
    next_ = batches_.back()->next_offset();
    return true;
  }
  const runtime::RecordBatch& batch() const { return *batches_.front(); }
  std::uint32_t at() const { return at_; }
  std::int64_t time() const { return batch().timestamp_ms(at_); }
  void go_to(std::uint32_t at) { at_ = at; }
  std::uint32_t left() const { return batch().size() - at_; }
  runtime::Epoch::Position position(const std::string& owner) const {
    return {owner, from_, batches_.empty() ? next_ : Offset{batch().base_offset().value + at_}, {}};
  }

 private:
  static constexpr std::size_t kReadBytes = std::size_t{1} << 20;
  runtime::Log& log_;
  TopicPartition from_;
  Offset next_{0};
  std::deque<runtime::RecordBatchPtr> batches_;
  std::uint32_t at_ = 0;
};

// One epoch: what the bodies append, the consumed positions, the state, in one commit.
class LimitEpoch {
 public:
  explicit LimitEpoch(const LimitPlace& place) : place_(place), epochs_(1) { begin(); }
  RecordBatchBuilder& out() { return epochs_[0].appends[0].records; }
  std::string& delta() { return delta_; }
  Result<void> commit(const std::vector<LimitInput>& inputs) {
    runtime::Epoch& epoch = epochs_[0];
    if (out().empty()) epoch.appends.clear();
    for (const LimitInput& input : inputs) epoch.positions.push_back(input.position(place_.out));
    if (!delta_.empty()) {
      std::string at = "limit/" + place_.out + "/";
      append_u64_be(at, sequence_++);
      epoch.state.put(runtime::Space::kState, at, std::move(delta_));
    }
    THALWEG_TRY(const auto offsets, place_.log.commit(epochs_));
    static_cast<void>(offsets);
    begin();
    return {};
  }

 private:
  void begin() {
    epochs_[0] = runtime::Epoch{};
    epochs_[0].appends.push_back({{place_.out, PartitionId{0}}, {}});
    delta_.clear();
  }
  const LimitPlace& place_;
  std::vector<runtime::Epoch> epochs_;
  std::string delta_;
  std::uint64_t sequence_ = 0;
};

// Reads all inputs from start to end in order of time, commits every epoch_records records; returns the
// records read.
template <typename Body>
Result<std::int64_t> run_limit(const LimitPlace& place, Body& body) {
  simdjson::ondemand::parser parser;
  std::vector<LimitInput> inputs;
  for (const std::string& topic : place.inputs) inputs.emplace_back(place, topic);
  LimitEpoch epoch(place);
  std::int64_t read = 0;
  std::size_t in_epoch = 0;
  for (;;) {
    std::size_t chosen = inputs.size();
    std::int64_t until = INT64_MAX;  // the chosen input may go as far as that, ties included or not
    bool ties = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      THALWEG_TRY(const bool has_more, inputs[i].fill());
      if (!has_more) continue;
      if (chosen == inputs.size()) {
        chosen = i;
      } else if (inputs[i].time() < inputs[chosen].time()) {
        until = inputs[chosen].time();
        ties = false;
        chosen = i;
      } else if (inputs[i].time() < until) {
        until = inputs[i].time();
        ties = true;
      }
    }
    if (chosen == inputs.size()) break;
    LimitInput& input = inputs[chosen];
    const auto& batch = input.batch();
    const std::uint32_t first = input.at();
    const auto room =
        static_cast<std::uint32_t>(std::min<std::size_t>(place.epoch_records - in_epoch, input.left()));
    std::uint32_t i = first;
    do {
      body.take(chosen, LimitRecord{batch, i, parser}, epoch.out());
      ++i;
    } while (i < first + room && (batch.timestamp_ms(i) < until || (ties && batch.timestamp_ms(i) == until)));
    input.go_to(i);
    read += i - first;
    in_epoch += i - first;
    if (in_epoch < place.epoch_records) continue;
    body.finish(epoch.out(), epoch.delta());
    THALWEG_CHECK(epoch.commit(inputs));
    in_epoch = 0;
  }
  if (in_epoch > 0) {
    body.finish(epoch.out(), epoch.delta());
    THALWEG_CHECK(epoch.commit(inputs));
  }
  return read;
}

using Limit = std::function<Result<std::int64_t>(const LimitPlace&)>;
template <typename Body>
Limit limit_of() {
  return [](const LimitPlace& place) {
    Body body;
    return run_limit(place, body);
  };
}

}  // namespace thalweg::bench
