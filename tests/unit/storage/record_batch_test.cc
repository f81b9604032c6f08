#include "runtime/log/record_batch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "runtime/log/log.h"
#include "runtime/storage/checksum.h"
#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime {
namespace {

using Codec = RecordBatchBuilder::Codec;

RecordBatchBuilder sample() {
  RecordBatchBuilder builder;
  std::string headers;
  append_header(headers, "trace", "abc");
  append_header(headers, "empty", "");
  append_header(headers, "null", std::nullopt);
  builder.append(5, "key", "value", headers);
  builder.append(3, std::nullopt, "only value");
  builder.append(9, "only key", std::nullopt);
  builder.append(-1, "", "");
  return builder;
}

void expect_sample(const RecordBatch& batch) {
  ASSERT_EQ(batch.size(), 4u);
  EXPECT_EQ(batch.base_offset(), Offset{100});
  EXPECT_EQ(batch.next_offset(), Offset{104});
  EXPECT_EQ(batch.max_timestamp_ms(), 9);
  EXPECT_EQ(batch.timestamp_ms(3), -1);
  EXPECT_EQ(batch.key(0), "key");
  EXPECT_EQ(batch.value(1), "only value");
  EXPECT_TRUE(batch.key_is_null(1));
  EXPECT_FALSE(batch.value_is_null(1));
  EXPECT_TRUE(batch.value_is_null(2));
  EXPECT_FALSE(batch.key_is_null(3));
  EXPECT_EQ(batch.key(3), "");
  const std::vector<Header> headers = parse_headers(batch.headers(0));
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers[0], (Header{"trace", "abc"}));
  EXPECT_EQ(headers[1], (Header{"empty", ""}));
  EXPECT_EQ(headers[2], (Header{"null", std::nullopt}));
  EXPECT_TRUE(parse_headers(batch.headers(1)).empty());
  for (std::uint32_t i = 0; i < batch.size(); ++i) EXPECT_GE(batch.readable_after_value(i), 64u);
}

TEST(RecordBatch, RoundTrip) {
  for (const Codec codec : {Codec::kNone, Codec::kLz4}) {
    const auto batch = RecordBatch::decode(sample().encode(codec), Offset{100});
    THALWEG_ASSERT_OK(batch);
    expect_sample(**batch);
  }
  expect_sample(*sample().share(Offset{100}));
  const auto summary = summarize_blob(sample().encode(Codec::kLz4));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->record_count, 4u);
  EXPECT_EQ(summary->min_timestamp_ms, -1);
  EXPECT_EQ(summary->max_timestamp_ms, 9);
}

TEST(RecordBatch, AbandonedRecordsLeaveNoTrace) {
  RecordBatchBuilder builder;
  builder.key_bytes() += "k";
  builder.abandon_record();
  builder.append(1, "a", "b");
  builder.key_bytes() += "half a key";
  builder.value_bytes() += "half a value";
  builder.header_bytes() += "x";
  builder.abandon_record();
  builder.append(2, "c", "d");
  const RecordBatchPtr batch = builder.share(Offset{0});
  ASSERT_EQ(batch->size(), 2u);
  EXPECT_EQ(batch->key(1), "c");
  EXPECT_EQ(batch->value(1), "d");
  EXPECT_EQ(batch->headers(1), "");
  builder.clear();
  EXPECT_TRUE(builder.empty());
  EXPECT_EQ(builder.size_bytes(), 0u);
}

TEST(RecordBatch, CutsGiveTheSameRecords) {
  RecordBatchBuilder builder;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    builder.append(i, "key" + std::to_string(i), std::string(random() % 200, 'v'),
                   std::string(random() % 3, 'h'));
  }
  const RecordBatchPtr whole = builder.share(Offset{0});
  std::uint32_t first = 0;
  while (first < builder.size()) {
    const std::uint32_t last = builder.cut_after(first, 5000);
    ASSERT_GT(last, first);
    const auto part = builder.build(first, last);
    EXPECT_LE(part->size_bytes(), 5000u + 64);
    EXPECT_EQ(part->max_timestamp_ms(), static_cast<std::int64_t>(last) - 1);
    for (std::uint32_t i = first; i < last; ++i) {
      EXPECT_EQ(part->key(i - first), whole->key(i));
      EXPECT_EQ(part->value(i - first), whole->value(i));
      EXPECT_EQ(part->headers(i - first), whole->headers(i));
      EXPECT_EQ(part->timestamp_ms(i - first), i);
    }
    first = last;
  }
  EXPECT_EQ(builder.cut_after(0, 1), 1u);  // one record always fits
}

TEST(RecordBatch, EveryFlippedBitIsNoticed) {
  for (const Codec codec : {Codec::kNone, Codec::kLz4}) {
    const std::string blob = sample().encode(codec);
    for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
      std::string damaged = blob;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto decoded = RecordBatch::decode(damaged, Offset{0});
      ASSERT_FALSE(decoded) << "bit " << bit;
      EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupted);
    }
    for (std::size_t size = 0; size < blob.size(); ++size) {
      EXPECT_FALSE(RecordBatch::decode(std::string_view(blob).substr(0, size), Offset{0}));
    }
  }
}

// A checksum that fits proves nothing about the offset table.
TEST(RecordBatch, NonsenseWithTheRightChecksumIsRefused) {
  std::mt19937_64 random(7);
  const std::string blob = sample().encode(Codec::kNone);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = blob;
    const std::size_t at = 8 + random() % (damaged.size() - 8);
    damaged[at] = static_cast<char>(random());
    const std::uint32_t checksum = crc32c(std::string_view(damaged).substr(8));
    std::memcpy(damaged.data() + 4, &checksum, sizeof(checksum));
    const auto decoded = RecordBatch::decode(damaged, Offset{0});
    if (!decoded) continue;
    for (std::uint32_t i = 0; i < (*decoded)->size(); ++i) {
      parse_headers((*decoded)->headers(i));
      EXPECT_GE((*decoded)->readable_after_value(i), 64u);
    }
  }
}

TEST(Checksum, KnownValuesAndBothWays) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c_portable("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Murmur2, AgreesWithJavaProducers) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(partition_of("foobar", 7).value, (-790332482 & 0x7fffffff) % 7);
}

}  // namespace
}  // namespace thalweg::runtime
