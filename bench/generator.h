// Nexmark-like events from a seed: bids of 243 bytes of JSON, persons and auctions.
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
  std::int64_t first_time_ms = 1'700'000'000'000;
  std::int64_t events_per_second = 10'000;  // of event time
};

class Generator {
 public:
  explicit Generator(Shape shape) : shape_(shape), random_(shape.seed) {}
  // {"auction":…,"bidder":…,"price":…,"channel":…,"url":…,"date_time":…,"extra":…}, key: none.
  void append_bid(runtime::RecordBatchBuilder& records);
  // Key: id as BIGINT bytes; {"name":…,"email":…,"city":…,"state":…}.
  void append_person(runtime::RecordBatchBuilder& records, std::int64_t id);
  // Key: id as BIGINT bytes; {"item":…,"seller":…,"category":…,"reserve":…}.
  void append_auction(runtime::RecordBatchBuilder& records, std::int64_t id);

 private:
  std::int64_t pick(std::int64_t below) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
  }
  std::int64_t next_time() { return shape_.first_time_ms + (events_++ * 1000) / shape_.events_per_second; }

  Shape shape_;
  std::mt19937_64 random_;
  std::int64_t events_ = 0;
};

inline constexpr std::size_t kBidBytes = 243;

}  // namespace thalweg::bench
