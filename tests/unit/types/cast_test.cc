#include <gtest/gtest.h>

#include <cmath>

#include "planner/types/map_order.h"
#include "planner/types/schema.h"
#include "planner/types/text.h"
#include "planner/types/value.h"

namespace thalweg::planner {
namespace {

std::string s(const char* text) { return text; }
std::int64_t i(std::int64_t value) { return value; }

// The text of the result, "error" or "null".
std::string cast(const Value& value, const SqlType& from, const SqlType& to) {
  EXPECT_TRUE(cast_supported(from, to)) << to_string(from) << " to " << to_string(to);
  const auto result = cast_value(value, from, to);
  if (!result) {
    EXPECT_EQ(result.error().code, ErrorCode::kBadRecord);
    return "error";
  }
  return cast_to_string(*result, to);
}

TEST(SqlTypes, print_and_compare) {
  EXPECT_EQ(to_string(SqlType::decimal(4, 2)), "DECIMAL(4, 2)");
  EXPECT_EQ(
      to_string(SqlType::structure({{"F", SqlKind::kInteger}, {"g", SqlType::array(SqlKind::kString)}})),
      "STRUCT<`F` INTEGER, `g` ARRAY<STRING>>");
  EXPECT_EQ(to_string(SqlType::map(SqlKind::kString, SqlKind::kBigint)), "MAP<STRING, BIGINT>");
  EXPECT_EQ(SqlType::array(SqlKind::kString), SqlType::array(SqlKind::kString));
  EXPECT_FALSE(SqlType::decimal(4, 2) == SqlType::decimal(4, 1));
  const Schema schema{{{"ID", SqlKind::kInteger}, {"NAME", SqlKind::kString}}, 1};
  EXPECT_EQ(to_string(schema), "`ID` INTEGER KEY, `NAME` STRING");
  EXPECT_EQ(to_string(schema, false), "`ID` INTEGER, `NAME` STRING");
}

TEST(SqlTypes, arithmetic) {
  const SqlType a = SqlType::decimal(5, 2), b = SqlType::decimal(4, 3);
  EXPECT_EQ(arithmetic_type('+', a, b), SqlType::decimal(7, 3));
  EXPECT_EQ(arithmetic_type('*', a, b), SqlType::decimal(10, 5));
  EXPECT_EQ(arithmetic_type('/', a, b), SqlType::decimal(13, 7));
  EXPECT_EQ(arithmetic_type('%', a, b), SqlType::decimal(4, 3));
  EXPECT_EQ(arithmetic_type('+', a, SqlKind::kDouble), SqlType(SqlKind::kDouble));
  EXPECT_EQ(arithmetic_type('+', SqlKind::kInteger, SqlKind::kBigint), SqlType(SqlKind::kBigint));
  EXPECT_EQ(arithmetic_type('-', a, SqlKind::kInteger), SqlType::decimal(13, 2));
}

TEST(SqlTypes, implicit_conversion) {
  EXPECT_TRUE(converts_implicitly(SqlKind::kInteger, SqlType::decimal(10, 0)));
  EXPECT_TRUE(converts_implicitly(SqlKind::kBigint, SqlType::decimal(5, 2)));
  EXPECT_TRUE(converts_implicitly(SqlType::decimal(4, 2), SqlType::decimal(5, 3)));
  EXPECT_FALSE(converts_implicitly(SqlType::decimal(4, 2), SqlType::decimal(4, 3)));
  EXPECT_TRUE(converts_implicitly(SqlKind::kString, SqlKind::kTimestamp));
  EXPECT_FALSE(converts_implicitly(SqlKind::kDouble, SqlKind::kBigint));
  EXPECT_FALSE(cast_supported(SqlKind::kString, SqlType::array(SqlKind::kInteger)));
  EXPECT_FALSE(cast_supported(SqlKind::kBoolean, SqlKind::kInteger));
}

TEST(Cast, numbers) {
  EXPECT_EQ(cast(i(4294967297), SqlKind::kBigint, SqlKind::kInteger), "1");
  EXPECT_EQ(cast(i(7), SqlKind::kInteger, SqlType::decimal(4, 2)), "7.00");
  EXPECT_EQ(cast(i(700), SqlKind::kInteger, SqlType::decimal(4, 2)), "error");
  EXPECT_EQ(cast(-1.9, SqlKind::kDouble, SqlKind::kInteger), "-1");
  EXPECT_EQ(cast(1e30, SqlKind::kDouble, SqlKind::kInteger), "2147483647");
  EXPECT_EQ(cast(-1e30, SqlKind::kDouble, SqlKind::kBigint), "-9223372036854775808");
  EXPECT_EQ(cast(static_cast<double>(NAN), SqlKind::kDouble, SqlKind::kInteger), "0");
  EXPECT_EQ(cast(1.005, SqlKind::kDouble, SqlType::decimal(4, 2)),
            "1.01");  // 1.00499999999999989 first becomes 1.005
  EXPECT_EQ(cast(1.005, SqlKind::kDouble, SqlType::decimal(20, 2)), "1.00");
  EXPECT_EQ(cast(1e7, SqlKind::kDouble, SqlKind::kString), "1.0E7");
  EXPECT_EQ(cast(Decimal{-199, 2}, SqlType::decimal(3, 2), SqlKind::kInteger), "-1");
  EXPECT_EQ(cast(Decimal{195, 2}, SqlType::decimal(3, 2), SqlType::decimal(3, 1)), "2.0");
  EXPECT_EQ(cast(Decimal{100, 9}, SqlType::decimal(10, 9), SqlKind::kString), "0.000000100");
}

TEST(Cast, strings) {
  const auto from_string = [](const char* text, const SqlType& to) {
    return cast(s(text), SqlKind::kString, to);
  };
  EXPECT_EQ(from_string(" tR ", SqlKind::kBoolean), "true");
  EXPECT_EQ(from_string("YES", SqlKind::kBoolean), "true");
  EXPECT_EQ(from_string("", SqlKind::kBoolean), "false");
  EXPECT_EQ(from_string("truely", SqlKind::kBoolean), "false");
  EXPECT_EQ(from_string(" 12 ", SqlKind::kInteger), "12");
  EXPECT_EQ(from_string("12x", SqlKind::kBigint), "error");
  EXPECT_EQ(from_string(" 1e2 ", SqlKind::kDouble), "100.0");
  EXPECT_EQ(from_string("NaN", SqlKind::kDouble), "error");
  EXPECT_EQ(from_string("1e400", SqlKind::kDouble), "error");
  EXPECT_EQ(from_string(" 1.005", SqlType::decimal(3, 2)), "1.01");
  EXPECT_EQ(from_string("2020-01", SqlKind::kDate), "2020-01-01");
  EXPECT_EQ(from_string("01:02:03", SqlKind::kTime), "01:02:03");
  EXPECT_EQ(from_string("2020-01-01T01", SqlKind::kTimestamp), "2020-01-01T01:00:00.000");
  EXPECT_EQ(from_string("Zm8=", SqlKind::kBytes), "Zm8=");
}

TEST(Cast, times) {
  EXPECT_EQ(cast(i(-1), SqlKind::kTimestamp, SqlKind::kDate), "1969-12-31");
  EXPECT_EQ(cast(i(-1), SqlKind::kTimestamp, SqlKind::kTime), "23:59:59");
  EXPECT_EQ(cast(i(1), SqlKind::kDate, SqlKind::kTimestamp), "1970-01-02T00:00:00.000");
  EXPECT_EQ(cast(Null{}, SqlKind::kTime, SqlKind::kString), "null");
}

TEST(Cast, nested) {
  const SqlType integers = SqlType::array(SqlKind::kInteger);
  EXPECT_EQ(cast(make_list({i(1), i(3)}), integers, SqlKind::kString), "[1, 3]");
  EXPECT_EQ(cast(make_list({i(1), Null{}}), integers, SqlType::array(SqlKind::kDouble)), "[1.0, null]");
  const SqlType map = SqlType::map(SqlKind::kString, SqlKind::kInteger);
  EXPECT_EQ(cast(make_map({{s("a"), i(1)}}, SqlKind::kString), map, SqlKind::kString), "{a=1}");
  const SqlType from = SqlType::structure({{"F0", SqlKind::kInteger}, {"F1", SqlKind::kString}});
  const SqlType to = SqlType::structure({{"F1", SqlKind::kInteger}, {"F2", SqlKind::kInteger}});
  EXPECT_EQ(cast(make_list({i(1), s("3")}), from, SqlKind::kString), "Struct{F0=1,F1=3}");
  EXPECT_EQ(cast(make_list({i(1), s("3")}), from, to), "Struct{F1=3}");
}

TEST(Values, equal_and_ordered) {
  EXPECT_TRUE(equal(static_cast<double>(NAN), static_cast<double>(NAN)));
  EXPECT_FALSE(equal(0.0, -0.0));
  EXPECT_TRUE(equal(Null{}, Null{}));
  EXPECT_FALSE(equal(Decimal{10, 1}, Decimal{100, 2}));
  EXPECT_EQ(compare(Decimal{10, 1}, Decimal{100, 2}, SqlType::decimal(3, 2)), 0);
  EXPECT_LT(compare(-0.0, 0.0, SqlKind::kDouble), 0);
  EXPECT_GT(compare(static_cast<double>(NAN), HUGE_VAL, SqlKind::kDouble), 0);
  EXPECT_LT(compare(s("\xFF"), s("\x01"), SqlKind::kBytes), 0);
  EXPECT_LT(compare(false, true, SqlKind::kBoolean), 0);
  const Value a = make_map({{s("x"), i(1)}, {s("y"), i(2)}}, SqlKind::kString);
  const Value b = make_map({{s("y"), i(2)}, {s("x"), i(1)}}, SqlKind::kString, 16);
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash_value(a), hash_value(b));
}

std::string keys_of(const Value& map) {
  std::string out;
  for (const auto& [key, value] : map.as_map()) out += key.as_string() + "|";
  return out;
}

TEST(MapOrder, is_that_of_a_chained_table) {
  EXPECT_EQ(java_string_hash("hello"), 99162322);
  EXPECT_EQ(java_string_hash("😀"), 1772899);
  const Value map =
      make_map({{s("nope"), i(1)}, {s("yes, thanks"), i(2)}, {s("sure, yeah"), i(3)}}, SqlKind::kString);
  EXPECT_EQ(keys_of(map), "yes, thanks|sure, yeah|nope|");
  const Value twice = make_map({{s("a"), i(1)}, {s("b"), i(2)}, {s("a"), i(3)}}, SqlKind::kString);
  EXPECT_EQ(keys_of(twice), "a|b|");
  EXPECT_EQ(find_in_map(twice.as_map(), s("a"))->as_int(), 3);
  EXPECT_EQ(hash_capacity(3, 3), 4u);
  EXPECT_EQ(hash_capacity(2, 2), 4u);
  EXPECT_EQ(hash_capacity(16, 13), 32u);
  EXPECT_EQ(java_hash(i(1) << 32, SqlKind::kBigint), 1);
  EXPECT_EQ(java_hash(Decimal{-5, 1}, SqlType::decimal(2, 1)), -154);
}

}  // namespace
}  // namespace thalweg::planner
