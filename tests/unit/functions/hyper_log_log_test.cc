// The sketch behind COUNT_DISTINCT.
#include "runtime/functions/hyper_log_log.h"

#include <cmath>

#include <gtest/gtest.h>

namespace thalweg::runtime {
namespace {

std::string sketch_of(std::uint64_t first, std::uint64_t last) {
  std::string sketch = HyperLogLog::empty();
  for (std::uint64_t value = first; value < last; ++value) HyperLogLog::add(sketch, HyperLogLog::hash(value));
  return sketch;
}

// Within three standard errors of 0.8 %.
void expect_near(std::int64_t estimate, double count) {
  EXPECT_LE(std::abs(static_cast<double>(estimate) - count), count * 0.024) << estimate << " for " << count;
}

TEST(HyperLogLog, estimates_from_a_few_to_many) {
  EXPECT_EQ(HyperLogLog::estimate(HyperLogLog::empty()), 0);
  EXPECT_EQ(HyperLogLog::estimate(sketch_of(0, 1)), 1);
  EXPECT_EQ(HyperLogLog::estimate(sketch_of(0, 50)), 50);
  for (const std::uint64_t count : {1'000, 10'000, 40'000, 45'000, 200'000, 1'000'000})
    expect_near(HyperLogLog::estimate(sketch_of(0, count)), static_cast<double>(count));
}

TEST(HyperLogLog, the_same_value_counts_once) {
  std::string sketch = sketch_of(0, 5'000);
  const std::string before = sketch;
  for (std::uint64_t value = 0; value < 5'000; ++value) HyperLogLog::add(sketch, HyperLogLog::hash(value));
  EXPECT_EQ(sketch, before);
}

TEST(HyperLogLog, a_merge_is_the_sketch_of_both) {
  const std::uint64_t sizes[] = {10, 20'000};  // sparse and dense
  for (const std::uint64_t left : sizes) {
    for (const std::uint64_t right : sizes) {
      std::string merged = sketch_of(0, left);
      HyperLogLog::merge(sketch_of(100'000, 100'000 + right), merged);
      std::string both = sketch_of(0, left);
      for (std::uint64_t value = 100'000; value < 100'000 + right; ++value)
        HyperLogLog::add(both, HyperLogLog::hash(value));
      EXPECT_EQ(HyperLogLog::estimate(merged), HyperLogLog::estimate(both)) << left << " and " << right;
    }
  }
}

TEST(HyperLogLog, every_byte_of_a_text_counts) {
  const std::string text = "a text of more than two words, twenty-four bytes or so";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] ^= 1;
    EXPECT_NE(HyperLogLog::hash(text), HyperLogLog::hash(other)) << i;
    EXPECT_NE(HyperLogLog::hash(text), HyperLogLog::hash(text.substr(0, i))) << i;
  }
}

}  // namespace
}  // namespace thalweg::runtime
