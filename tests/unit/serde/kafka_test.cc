// KAFKA, NONE, the choice of a format, and the window suffix of keys.
#include <gtest/gtest.h>

#include "payloads.h"

namespace thalweg::runtime {
namespace {

using namespace std::string_literals;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;

std::optional<std::string> write_f(SqlKind kind, const Value& value) {
  const auto schema = side("KAFKA", {{"F", kind}});
  const auto bytes = write(schema, {value});
  EXPECT_EQ(bytes, write_columns(schema, {value}));
  return bytes;
}
std::string read_f(SqlKind kind, std::string_view bytes) { return read(side("KAFKA", {{"F", kind}}), bytes); }

TEST(Kafka, Encodings) {
  EXPECT_EQ(write_f(SqlKind::kInteger, std::int64_t{-2}), "\xff\xff\xff\xfe"s);
  EXPECT_EQ(write_f(SqlKind::kBigint, std::int64_t{258}), "\0\0\0\0\0\0\1\2"s);
  EXPECT_EQ(write_f(SqlKind::kDouble, 1.0), "\x3f\xf0\0\0\0\0\0\0"s);
  EXPECT_EQ(write_f(SqlKind::kDouble, -std::numeric_limits<double>::quiet_NaN()), "\x7f\xf8\0\0\0\0\0\0"s);
  EXPECT_EQ(write_f(SqlKind::kString, "é"s), "é"s);
  EXPECT_EQ(write_f(SqlKind::kBytes, "\0\1"s), "\0\1"s);
  EXPECT_EQ(write_f(SqlKind::kString, ""s), ""s);
  EXPECT_EQ(write_f(SqlKind::kString, Value{}), std::nullopt);
  EXPECT_EQ(read_f(SqlKind::kInteger, "\xff\xff\xff\xfe"), "-2");
  EXPECT_EQ(read_f(SqlKind::kBigint, "\0\0\0\0\0\0\1\2"s), "258");
  EXPECT_EQ(read_f(SqlKind::kDouble, "\x3f\xf0\0\0\0\0\0\0"s), "1.0");
  EXPECT_EQ(read_f(SqlKind::kString, ""), "\"\"");
  EXPECT_EQ(read(side("KAFKA", {{"F", SqlKind::kString}}), "", true), "null");
}

TEST(Kafka, MalformedUtf8IsRepaired) {
  EXPECT_EQ(read_f(SqlKind::kString,
                   "a\xff"
                   "b"),
            "\"a\ufffdb\"");
  EXPECT_EQ(read_f(SqlKind::kString, "\xc3"), "\"\ufffd\"");
  EXPECT_EQ(read_f(SqlKind::kBytes, "\xff"), "\"/w==\"");
  const auto pair = side("DELIMITED", {{"A", SqlKind::kString}, {"B", SqlKind::kString}});
  EXPECT_EQ(read(pair, "\xed\xa0\x80,\xf0\x9f\x98\x80"), "\"\ufffd\"|\"😀\"");
}

TEST(Kafka, WrongLengths) {
  const auto ints = side("KAFKA", {{"F", SqlKind::kInteger}});
  EXPECT_EQ(read(ints, "abc"), "error: Error deserializing KAFKA message from topic: t");
  EXPECT_EQ(read_cause(ints, "abc"), "Size of data received by IntegerDeserializer is not 4");
  EXPECT_EQ(read_cause(side("KAFKA", {{"F", SqlKind::kBigint}}), "1234"),
            "Size of data received by LongDeserializer is not 8");
  EXPECT_EQ(read_cause(side("KAFKA", {{"F", SqlKind::kDouble}}), "123456789"),
            "Size of data received by Deserializer is not 8");
}

TEST(Kafka, Refusals) {
  EXPECT_EQ(read(side("KAFKA", {{"A", SqlKind::kInteger}, {"B", SqlKind::kInteger}}), ""),
            "refused: The 'KAFKA' format only supports a single field. Got: [`A` INTEGER, `B` INTEGER]");
  EXPECT_EQ(read(side("KAFKA", {{"A", SqlKind::kBoolean}}), ""),
            "refused: The 'KAFKA' format does not support type 'BOOLEAN'");
  EXPECT_EQ(read(side("KAFKA", {{"A", SqlType::decimal(2, 1)}}), ""),
            "refused: The 'KAFKA' format does not support type 'DECIMAL'");
}

TEST(None, ReadsAnythingWritesNull) {
  const auto schema = side("NONE", {}, Side::kKey);
  EXPECT_EQ(read(schema, "whatever"), "");
  EXPECT_EQ(write(schema, {}), std::nullopt);
  EXPECT_EQ(
      read(side("NONE", {{"K", SqlKind::kInteger}}, Side::kKey), ""),
      "refused: The 'NONE' format can only be used when no columns are defined. Got: [`K` INTEGER KEY]");
  EXPECT_EQ(read(side("KAFKA", {}, Side::kKey), "whatever"), "");
  EXPECT_EQ(write(side("KAFKA", {}, Side::kKey), {}), std::nullopt);
}

TEST(Formats, UnknownAndUnavailable) {
  EXPECT_EQ(read(side("XML", {}), ""), "refused: Unknown format: XML");
  auto avro = make_serializer(side("AVRO", {}));
  ASSERT_FALSE(avro);
  EXPECT_EQ(avro.error().code, ErrorCode::kUnsupported);
}

TEST(WindowSuffix, StartOrEndThenStart) {
  std::string key = "k";
  append_window(key, ast::WindowType::kTumbling, 256, 512);
  EXPECT_EQ(key, "k\0\0\0\0\0\0\1\0"s);
  const auto tumbling = split_window(key, {ast::WindowType::kTumbling, 256});
  ASSERT_TRUE(tumbling);
  EXPECT_EQ(tumbling->key, "k");
  EXPECT_EQ(tumbling->start_ms, 256);
  EXPECT_EQ(tumbling->end_ms, 512);
  key.clear();
  append_window(key, ast::WindowType::kSession, 1, 2);
  EXPECT_EQ(key, "\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\1"s);
  const auto session = split_window(key, {ast::WindowType::kSession, std::nullopt});
  ASSERT_TRUE(session);
  EXPECT_EQ(session->key, "");
  EXPECT_EQ(session->start_ms, 1);
  EXPECT_EQ(session->end_ms, 2);
  EXPECT_FALSE(split_window("1234567", {ast::WindowType::kHopping, 10}));
}

}  // namespace
}  // namespace thalweg::runtime
