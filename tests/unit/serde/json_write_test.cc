#include <gtest/gtest.h>

#include <limits>

#include "payloads.h"

namespace thalweg::runtime {
namespace {

using planner::Decimal;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::Wrapping;

std::string write_f(const SqlType& type, const Value& value) {
  const auto schema = side("JSON", {{"F", type}});
  const auto bytes = write(schema, {value});
  EXPECT_EQ(bytes, write_columns(schema, {value}));
  const std::string text = bytes.value_or("null payload");
  return text.starts_with("{\"F\":") ? text.substr(5, text.size() - 6) : text;
}

TEST(JsonWrite, FlatTypes) {
  EXPECT_EQ(write_f(SqlKind::kBoolean, true), "true");
  EXPECT_EQ(write_f(SqlKind::kBoolean, false), "false");
  EXPECT_EQ(write_f(SqlKind::kInteger, std::int64_t{-2147483648}), "-2147483648");
  EXPECT_EQ(write_f(SqlKind::kBigint, std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(write_f(SqlKind::kString, std::string("x")), "\"x\"");
  EXPECT_EQ(write_f(SqlKind::kBytes, std::string("ab")), "\"YWI=\"");
  EXPECT_EQ(write_f(SqlKind::kDate, std::int64_t{-1}), "-1");
  EXPECT_EQ(write_f(SqlKind::kTime, std::int64_t{1000}), "1000");
  EXPECT_EQ(write_f(SqlKind::kTimestamp, std::int64_t{1700000000000}), "1700000000000");
  EXPECT_EQ(write_f(SqlKind::kInteger, Value{}), "null");
}

TEST(JsonWrite, Doubles) {
  EXPECT_EQ(write_f(SqlKind::kDouble, 1.0), "1.0");
  EXPECT_EQ(write_f(SqlKind::kDouble, 1e7), "1.0E7");
  EXPECT_EQ(write_f(SqlKind::kDouble, 1e-4), "1.0E-4");
  EXPECT_EQ(write_f(SqlKind::kDouble, 4.9e-324), "4.9E-324");
  EXPECT_EQ(write_f(SqlKind::kDouble, 4611686018427387904.0), "4.6116860184273879E18");
  EXPECT_EQ(write_f(SqlKind::kDouble, 36028797018963968.0), "3.6028797018963968E16");
  EXPECT_EQ(write_f(SqlKind::kDouble, std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
  EXPECT_EQ(write_f(SqlKind::kDouble, -std::numeric_limits<double>::infinity()), "\"-Infinity\"");
}

TEST(JsonWrite, DecimalsKeepAllScaleDigits) {
  EXPECT_EQ(write_f(SqlType::decimal(4, 2), Decimal{1010, 2}), "10.10");
  EXPECT_EQ(write_f(SqlType::decimal(12, 10), Decimal{-1, 10}), "-0.0000000001");
  EXPECT_EQ(write_f(SqlType::decimal(4, 0), Decimal{7, 0}), "7");
}

TEST(JsonWrite, EscapesAtEveryPositionAndLength) {
  for (const auto& [raw, escaped] :
       std::vector<std::pair<std::string, std::string>>{{"\"", "\\\""},
                                                        {"\\", "\\\\"},
                                                        {"\n", "\\n"},
                                                        {"\r", "\\r"},
                                                        {"\t", "\\t"},
                                                        {"\b", "\\b"},
                                                        {"\f", "\\f"},
                                                        {std::string(1, '\0'), "\\u0000"},
                                                        {"\x1f", "\\u001F"},
                                                        {"\x7f", "\x7f"},
                                                        {"é", "é"},
                                                        {"/", "/"}}) {
    for (std::size_t size = 0; size < 40; ++size) {
      for (std::size_t at = 0; at <= size; ++at) {
        std::string text(size, 'a');
        std::string wanted = text;
        text.insert(at, raw);
        wanted.insert(at, escaped);
        ASSERT_EQ(write_f(SqlKind::kString, text), "\"" + wanted + "\"");
      }
    }
  }
}

TEST(JsonWrite, Objects) {
  const auto schema = side("JSON", {{"A", SqlKind::kInteger}, {"b\"c", SqlKind::kString}});
  EXPECT_EQ(write(schema, {Value{std::int64_t{1}}, Value{}}), R"({"A":1,"b\"c":null})");
  EXPECT_EQ(write_columns(schema, {Value{}, Value{std::string("x")}}), R"({"A":null,"b\"c":"x"})");
  EXPECT_EQ(write(side("JSON", {}), {}), "{}");
}

TEST(JsonWrite, NestedTypes) {
  const auto item = SqlType::structure({{"X", SqlKind::kBigint}, {"Y", SqlKind::kDouble}});
  const Value row = planner::make_list({planner::make_list({Value{std::int64_t{1}}, Value{2.5}}), Value{}});
  EXPECT_EQ(write_f(SqlType::array(item), row), R"([{"X":1,"Y":2.5},null])");
  const auto map = SqlType::map(SqlKind::kString, SqlType::decimal(3, 1));
  const Value entries = planner::make_map({{std::string("k\n"), Decimal{15, 1}}}, SqlKind::kString);
  EXPECT_EQ(write_f(map, entries), R"({"k\n":1.5})");
}

TEST(JsonWrite, BareColumns) {
  const auto bare = with_wrapping(side("JSON", {{"F", SqlKind::kString}}), Wrapping::kUnwrapped);
  EXPECT_EQ(write(bare, {std::string("x")}), "\"x\"");
  EXPECT_EQ(write(bare, {Value{}}), std::nullopt);
  EXPECT_EQ(write_columns(bare, {Value{}}), std::nullopt);
  EXPECT_EQ(write(side("JSON", {{"K", SqlKind::kInteger}}, Side::kKey), {std::int64_t{1}}), "1");
  const auto two = side("JSON", {{"K", SqlKind::kInteger}, {"L", SqlKind::kInteger}}, Side::kKey);
  EXPECT_EQ(write(two, {std::int64_t{1}, Value{}}), R"({"K":1,"L":null})");
  EXPECT_EQ(write(side("JSON", {}, Side::kKey), {}), std::nullopt);
}

}  // namespace
}  // namespace thalweg::runtime
