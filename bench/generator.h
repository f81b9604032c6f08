// Nexmark-like events from a seed: bids of 243 bytes of JSON and what goes with them. Every topic has a
// generator of its own, so that a topic holds the same records whichever others are made.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "runtime/log/record_batch.h"

namespace thalweg::bench {

struct Shape {
  std::uint64_t seed = 42;
  std::int64_t auctions = 1'000;  // distinct auctions bid on
  std::int64_t persons = 10'000;  // distinct bidders
  std::int64_t keys = 100'000;    // of tables that are updated
  std::int64_t first_time_ms = 1'700'000'000'000;
  std::int64_t span_ms = 0;  // of event time, shared by all topics
};

inline constexpr std::size_t kBidBytes = 243;
inline constexpr std::int64_t kFirstId = 1000;
inline constexpr std::int64_t kSideRows = 10'000;

// Appends record `i` of `count`, to be called in order.
class Generator {
 public:
  explicit Generator(const Shape& shape) : shape_(shape), random_(shape.seed) {}
  using Append = void (Generator::*)(runtime::RecordBatchBuilder&, std::int64_t i, std::int64_t count);

  // {"auction","bidder","price","channel","url","date_time","extra"}, key: none.
  void append_bid(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // The bidders, all before the first bid. Key: id as BIGINT; {"name","email","city","state"}.
  void append_person(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // Persons that arrive over time. Key and value as above.
  void append_newcomer(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // Those bid on are there before the first bid, the rest arrive over time; sellers are recent newcomers.
  // Key: id as BIGINT; {"item","seller","category","reserve","date_time","expires"}.
  void append_auction(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // {"bidder","amount","method"}, key: none.
  void append_payment(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // Changes of tables. Key: id as BIGINT; {"name","level"} and {"region","amount"}.
  void append_account(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  void append_balance(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // A small table to look things up in. Key: 0 … kSideRows-1 as BIGINT; {"label"}.
  void append_side(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);
  // Every device once, in no order, then again until `count`. {"device","value","unit"}, key: none.
  void append_reading(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t count);

 private:
  std::int64_t pick(std::int64_t below) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
  }
  std::int64_t time_of(std::int64_t i, std::int64_t count) const {
    return shape_.first_time_ms + i * shape_.span_ms / count;
  }
  void append_someone(runtime::RecordBatchBuilder& records, std::int64_t i, std::int64_t time);

  Shape shape_;
  std::mt19937_64 random_;
};

}  // namespace thalweg::bench
