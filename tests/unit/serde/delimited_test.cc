#include <gtest/gtest.h>

#include "payloads.h"

namespace thalweg::runtime {
namespace {

using planner::Decimal;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;

const SideSchema kThree =
    side("DELIMITED", {{"A", SqlKind::kString}, {"B", SqlKind::kInteger}, {"C", SqlKind::kString}});

std::string read_f(const SqlType& type, std::string_view text) {
  return read(side("DELIMITED", {{"F", type}}), text);
}
std::string cause_f(const SqlType& type, std::string_view text) {
  return read_cause(side("DELIMITED", {{"F", type}}), text);
}
SideSchema delimited_by(std::string delimiter) {
  auto schema = side("DELIMITED", {{"A", SqlKind::kString}, {"B", SqlKind::kString}});
  schema.format.format.properties["delimiter"] = std::move(delimiter);
  return schema;
}

TEST(DelimitedRead, Fields) {
  EXPECT_EQ(read(kThree, "x,1,y"), R"("x"|1|"y")");
  EXPECT_EQ(read(kThree, " x ,1, y "), R"(" x "|1|" y ")");
  EXPECT_EQ(read(kThree, ",,"), "null|null|null");
  EXPECT_EQ(read(kThree, "\"\",1,\"\""), "null|1|null");
  EXPECT_EQ(read(kThree, "\"a,\"\"b\"\"\nc\",1,z"), R"("a,\"b\"\nc"|1|"z")");
  EXPECT_EQ(read(kThree, "a\"b,1,c\""), R"("a\"b"|1|"c\"")");
  EXPECT_EQ(read(kThree, "\"a\" ,1,c"), R"("a"|1|"c")");
  EXPECT_EQ(read(kThree, "\"a\",\"1\",\"c\""), R"("a"|1|"c")");
}

TEST(DelimitedRead, OnlyTheFirstNonEmptyLineCounts) {
  EXPECT_EQ(read(kThree, "x,1,y\r\nother"), R"("x"|1|"y")");
  EXPECT_EQ(read(kThree, "\n\r\nx,1,y\n"), R"("x"|1|"y")");
  EXPECT_EQ(read(kThree, "x,1,\n"), R"("x"|1|null)");
}

TEST(DelimitedRead, Failures) {
  EXPECT_EQ(read(kThree, "x"), "error: Error deserializing delimited");
  EXPECT_EQ(read_cause(kThree, "x"),
            "Column count mismatch on deserialization. topic: t, expected: 3, got: 1");
  EXPECT_EQ(read_cause(kThree, "x,1,y,z"),
            "Column count mismatch on deserialization. topic: t, expected: 3, got: 4");
  EXPECT_EQ(read_cause(kThree, ""), "No fields in record");
  EXPECT_EQ(read_cause(kThree, "\r\n"), "No fields in record");
  EXPECT_NE(read_cause(kThree, "\"x,1,y"), "read");
  EXPECT_NE(read_cause(kThree, "\"x\"z,1,y"), "read");
  EXPECT_EQ(read_cause(kThree, "x,one,y"), "For input string: \"one\"");
  EXPECT_EQ(read(kThree, "", true), "null|null|null");
}

TEST(DelimitedRead, Types) {
  EXPECT_EQ(read_f(SqlKind::kBoolean, "TruE"), "true");
  EXPECT_EQ(read_f(SqlKind::kBoolean, "yes"), "false");
  EXPECT_EQ(read_f(SqlKind::kInteger, "+7"), "7");
  EXPECT_EQ(cause_f(SqlKind::kInteger, " 7"), "For input string: \" 7\"");
  EXPECT_EQ(cause_f(SqlKind::kInteger, "2147483648"), "For input string: \"2147483648\"");
  EXPECT_EQ(read_f(SqlKind::kBigint, "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(read_f(SqlKind::kDouble, " 1.5f "), "1.5");
  EXPECT_EQ(read_f(SqlKind::kDouble, "-Infinity"), "\"-Infinity\"");
  EXPECT_EQ(cause_f(SqlKind::kDouble, "x"), "For input string: \"x\"");
  EXPECT_EQ(read_f(SqlType::decimal(4, 2), "1.5e1"), "15.00");
  EXPECT_EQ(cause_f(SqlType::decimal(4, 2), "1.234"),
            "Cannot fit decimal '1.234' into DECIMAL(4, 2) without rounding. (Requires 4,3)");
  EXPECT_EQ(read_f(SqlKind::kTime, "86400000"), "86400000");
  EXPECT_EQ(cause_f(SqlKind::kTime, "-1"),
            "Time values must use number of milliseconds greater than 0 and less than 86400000.");
  EXPECT_EQ(read_f(SqlKind::kDate, "-3"), "-3");
  EXPECT_EQ(cause_f(SqlKind::kDate, "2147483648"), "For input string: \"2147483648\"");
  EXPECT_EQ(read_f(SqlKind::kTimestamp, "1700000000000"), "1700000000000");
  EXPECT_EQ(read_f(SqlKind::kBytes, "YWI="), "\"YWI=\"");
  EXPECT_EQ(read_f(SqlKind::kBytes, "YWI"), "\"YWI=\"");
  EXPECT_NE(cause_f(SqlKind::kBytes, "Y WI"), "read");
}

TEST(DelimitedRead, OnlyNeededFieldsAreConverted) {
  auto reader = make_deserializer(kThree, std::vector<std::int32_t>{2});
  ASSERT_TRUE(reader);
  const auto row = (*reader)->decode_one("x,not a number,y", false);
  ASSERT_TRUE(row);
  EXPECT_EQ((*row)[0].as_string(), "y");
}

TEST(Delimited, Delimiters) {
  EXPECT_EQ(read(delimited_by("|"), "a,b|c"), R"("a,b"|"c")");
  EXPECT_EQ(read(delimited_by("TAB"), "a\tb"), R"("a"|"b")");
  EXPECT_EQ(read(delimited_by("SPACE"), "a b"), R"("a"|"b")");
  EXPECT_EQ(read(delimited_by("§"), "a§b"), R"("a"|"b")");
  EXPECT_EQ(write(delimited_by("§"), {std::string("a§"), std::string("b")}), "\"a§\"§b");
  EXPECT_EQ(write(delimited_by("TAB"), {std::string("a"), std::string("b\tc")}), "a\t\"b\tc\"");
  EXPECT_EQ(write(delimited_by("SPACE"), {std::string("a"), Value{}}), "a ");
}

std::string write_pair(const std::string& a, const std::string& b) {
  return write(delimited_by(","), {a, b}).value_or("null payload");
}

TEST(DelimitedWrite, Quoting) {
  EXPECT_EQ(write_pair("", ""), "\"\",");
  EXPECT_EQ(write_pair("a", "b"), "a,b");
  EXPECT_EQ(write_pair("-10", "-10"), "\"-10\",-10");
  EXPECT_EQ(write_pair("9", "_"), "9,_");
  EXPECT_EQ(write_pair("_", "$"), "\"_\",$");
  EXPECT_EQ(write_pair("é", "é"), "\"é\",é");
  EXPECT_EQ(write_pair("a", " b"), "a,\" b\"");
  EXPECT_EQ(write_pair("a", "!b"), "a,\"!b\"");
  EXPECT_EQ(write_pair("a", "#b"), "a,\"#b\"");
  EXPECT_EQ(write_pair("a ", "b\t"), "\"a \",\"b\t\"");
  EXPECT_EQ(write_pair("a,b", "c\"d"), "\"a,b\",\"c\"\"d\"");
  EXPECT_EQ(write_pair("a\nb", "c\rd"), "\"a\nb\",\"c\rd\"");
}

TEST(DelimitedWrite, Types) {
  const auto schema = side("DELIMITED", {{"A", SqlKind::kBoolean},
                                         {"B", SqlKind::kBigint},
                                         {"C", SqlKind::kDouble},
                                         {"D", SqlType::decimal(6, 3)},
                                         {"E", SqlKind::kBytes},
                                         {"F", SqlKind::kDate},
                                         {"G", SqlKind::kTime},
                                         {"H", SqlKind::kTimestamp}});
  const planner::ValueList row = {true,
                                  std::int64_t{-5},
                                  1e7,
                                  Decimal{-1500, 3},
                                  std::string("ab"),
                                  std::int64_t{1},
                                  std::int64_t{2},
                                  std::int64_t{3}};
  EXPECT_EQ(write(schema, row), "true,-5,1.0E7,-1.500,YWI=,1,2,3");
  EXPECT_EQ(write_columns(schema, row), "true,-5,1.0E7,-1.500,YWI=,1,2,3");
  EXPECT_EQ(write(schema, planner::ValueList(8)), ",,,,,,,");
}

TEST(DelimitedWrite, ASingleNullColumnIsAnEmptyPayloadThatCannotBeReadBack) {
  const auto single = side("DELIMITED", {{"A", SqlKind::kString}});
  EXPECT_EQ(write(single, {Value{}}), "");
  EXPECT_EQ(read_cause(single, ""), "No fields in record");
}

TEST(Delimited, RefusesNestedTypes) {
  const auto schema = side("DELIMITED", {{"A", SqlType::array(SqlKind::kString)}});
  EXPECT_EQ(read(schema, ""), "refused: The 'DELIMITED' format does not support type 'ARRAY', column: `A`");
}

}  // namespace
}  // namespace thalweg::runtime
