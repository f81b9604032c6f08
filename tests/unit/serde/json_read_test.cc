#include <gtest/gtest.h>

#include "payloads.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Wrapping;

std::string read_f(const SqlType& type, std::string_view json) {
  return read(side("JSON", {{"F", type}}), "{\"F\":" + std::string(json) + "}");
}
std::string detail_f(const SqlType& type, std::string_view json) {
  return read_cause(side("JSON", {{"F", type}}), "{\"F\":" + std::string(json) + "}");
}
const SideSchema kTwo = side("JSON", {{"A", SqlKind::kBigint}, {"B", SqlKind::kString}});

TEST(JsonRead, Objects) {
  EXPECT_EQ(read(kTwo, R"({"A":1,"B":"x"})"), R"(1|"x")");
  EXPECT_EQ(read(kTwo, " {\n \"A\" :\t1 , \"B\" : \"x y\" }\r\n"), R"(1|"x y")");
  EXPECT_EQ(read(kTwo, R"({"B":"x","other":{"A":[1,{"A":7}]},"A":1})"), R"(1|"x")");
  EXPECT_EQ(read(kTwo, "{}"), "null|null");
  EXPECT_EQ(read(kTwo, R"({"A":null,"B":null})"), "null|null");
  EXPECT_EQ(read(kTwo, "", true), "null|null");
}

TEST(JsonRead, NamesMatchExactlyThenInUpperCase) {
  EXPECT_EQ(read(kTwo, R"({"a":1,"b":"x"})"), R"(1|"x")");
  EXPECT_EQ(read(kTwo, R"({"a":1,"a":2})"), "2|null");
  EXPECT_EQ(read(kTwo, R"({"A":1,"A":2})"), "2|null");
  EXPECT_EQ(read(kTwo, R"({"A":1,"a":2})"), "1|null");
  EXPECT_EQ(read(kTwo, R"({"a":2,"A":null})"), "null|null");
  EXPECT_EQ(read(kTwo, R"({"A":"not a number","A":5})"), "5|null");
  const auto quoted = side("JSON", {{"a", SqlKind::kBigint}, {"A", SqlKind::kBigint}});
  EXPECT_EQ(read(quoted, R"({"a":1})"), "1|1");
  EXPECT_EQ(read(quoted, R"({"A":1})"), "null|1");
  EXPECT_EQ(read(quoted, R"({"A":1,"a":2})"), "2|1");
  EXPECT_EQ(read(kTwo, R"({"\u0061":1,"\u0042":"x"})"), R"(1|"x")");
  const auto umlaut = side("JSON", {{"ÄB", SqlKind::kBigint}, {"STRASSE", SqlKind::kBigint}});
  EXPECT_EQ(read(umlaut, R"({"äb":1,"straße":2})"), "1|2");
}

TEST(JsonRead, OrderOfPropertiesMayChangeFromRecordToRecord) {
  auto reader = make_deserializer(kTwo, all_fields(kTwo));
  ASSERT_TRUE(reader);
  for (int round = 0; round < 3; ++round) {
    for (const char* json : {R"({"A":1,"B":"x"})", R"({"B":"x","A":1})", R"({"z":0,"b":"x","a":1})",
                             R"({"a_longer_name_than_sixteen":0,"AA":3,"A":1,"B":"x"})"}) {
      const auto row = (*reader)->decode_one(json, false);
      ASSERT_TRUE(row) << json;
      EXPECT_EQ((*row)[0].as_int(), 1) << json;
      EXPECT_EQ((*row)[1].as_string(), "x") << json;
    }
  }
}

TEST(JsonRead, TextBehindTheFirstValueIsIgnored) {
  EXPECT_EQ(read(kTwo, R"({"A":1} {"A":2})"), "1|null");
  EXPECT_EQ(read(kTwo, R"({"A":1}})"), "1|null");
  EXPECT_EQ(read(kTwo, R"({"A":1}")"), "1|null");
  EXPECT_EQ(read(kTwo, "{\"A\":1} \xff\x01"), "1|null");
  EXPECT_EQ(read(kTwo, R"({"B":"}\""}" x)"), R"(null|"}\"")");
}

TEST(JsonRead, MalformedTextIsAnErrorEvenWhereNothingIsNeeded) {
  const std::string message = "error: Failed to deserialize value from topic: t. Malformed JSON";
  for (const char* json : {"{",
                           "{\"A\"",
                           "{\"A\":",
                           "{\"A\":1",
                           "{\"A\":1,",
                           "{\"A\":1,}",
                           "{\"A\" 1}",
                           "{A:1}",
                           "{\"A\":01}",
                           "{\"A\":NaN}",
                           "{\"A\":+1}",
                           "{\"A\":.5}",
                           "{\"A\":1.}",
                           "{\"A\":1e}",
                           "{\"A\":-}",
                           "{\"A\":nul}",
                           "{\"A\":truex}",
                           "{\"x\":[1,2}",
                           "{\"x\":[1 2]}",
                           "{\"x\":[1,]}",
                           "{\"x\":{\"y\"}}",
                           "{\"x\":{\"y\":}}",
                           "{\"x\":{1:2}}",
                           "{\"x\":\"\\q\"}",
                           "{\"x\":\"\\u12g4\"}",
                           "{\"x\":\"a\nb\"}",
                           "{\"x\":\"abc}",
                           "nul",
                           "{\"A\":1 /* c */}",
                           "{\"x\":\"\xff\"}",
                           "{\"x\":12\"abc\"}",
                           "{\"x\":\"abc\"12}",
                           "]",
                           ",",
                           "{\"x\\q\":1}",
                           "{,}",
                           "{\"A\":1 \"B\":2}",
                           "{\"A\":\\\"x\"}",
                           "tru",
                           "\"abc",
                           "{\"A\":0x10}",
                           "{\"A\":1_0}",
                           "{\"A\":123456789012345678a}"}) {
    EXPECT_EQ(read(kTwo, json), message) << json;
  }
  EXPECT_EQ(read(kTwo, "{\"x\":" + std::string(2000, '[') + std::string(2000, ']') + "}"), message);
  EXPECT_EQ(read(kTwo, "{\"x\":" + std::string(900, '[') + std::string(900, ']') + "}"), "null|null");
}

TEST(JsonRead, TheEndOfARecordIsTheEndOfItsText) {
  RecordBatchBuilder builder;
  for (const char* json : {"{\"A\":1", "}", "{\"A\":12", "34}", "{\"A\":5}"}) builder.append(0, "k", json);
  const auto batch = builder.share(Offset{0});
  auto reader = make_deserializer(kTwo, std::vector<std::int32_t>{0});
  ASSERT_TRUE(reader);
  Arena arena;
  std::vector<Column> out = {make_column(arena, SqlKind::kBigint, 5)};
  std::vector<DecodeError> errors;
  (*reader)->decode(*batch, 0, {nullptr, 5}, out, arena, errors);
  ASSERT_EQ(errors.size(), 4u);
  EXPECT_EQ(errors[3].row, 3u);
  EXPECT_EQ(
      errors[3].message,
      "Failed to deserialize value from topic: t. Can't convert type. sourceType: IntNode, requiredType: "
      "STRUCT<`A` BIGINT, `B` STRING>, path: $");
  EXPECT_EQ(out[0].get<std::int64_t>(4), 5);
}

TEST(JsonRead, DecodesSelectedRowsOfABatchInPlace) {
  RecordBatchBuilder builder;
  builder.append(1, "k", R"({"A":1,"B":"one"})");
  builder.append(2, "k", std::nullopt);
  builder.append(3, "k", R"({"A":"x"})");
  builder.append(4, "k", R"({"B":"f\u00f6ur","A":4})");
  const auto batch = builder.share(Offset{0});
  auto reader = make_deserializer(kTwo, std::vector<std::int32_t>{1, 0});
  ASSERT_TRUE(reader);
  Arena arena;
  std::vector<Column> out = {make_column(arena, SqlKind::kString, 3),
                             make_column(arena, SqlKind::kBigint, 3)};
  std::vector<DecodeError> errors;
  const std::uint32_t rows[] = {0, 1, 2};
  (*reader)->decode(*batch, 1, {rows, 3}, out, arena, errors);
  EXPECT_TRUE(out[0].is_null(0));
  EXPECT_TRUE(out[1].is_null(0));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].row, 1u);
  EXPECT_EQ(errors[0].causes,
            std::vector<std::string>{"Can't coerce string to type. targetType: BIGINT, path: $.A"});
  EXPECT_EQ(out[0].get<std::string_view>(2), "föur");
  EXPECT_EQ(out[1].get<std::int64_t>(2), 4);
  (*reader)->decode(*batch, 0, {rows, 1}, out, arena, errors);
  const std::string_view text = out[0].get<std::string_view>(0);
  EXPECT_EQ(text, "one");
  EXPECT_TRUE(text.data() >= batch->value(0).data() && text.data() < batch->value(0).data() + 20);
}

TEST(JsonRead, NullPayloadsAndNullLiterals) {
  const auto wrapped = side("JSON", {{"F", SqlKind::kInteger}});
  const auto bare = with_wrapping(wrapped, Wrapping::kUnwrapped);
  EXPECT_EQ(read(wrapped, "null"),
            "error: Failed to deserialize value from topic: t. Can't convert type. sourceType: NullNode, "
            "requiredType: STRUCT<`F` INTEGER>, path: $");
  EXPECT_EQ(read(bare, "null"), "null");
  EXPECT_EQ(read(bare, "7"), "7");
  EXPECT_EQ(read(bare, " 7 8"), "7");
  EXPECT_EQ(read(bare, "7x"), "error: Failed to deserialize value from topic: t. Malformed JSON");
  EXPECT_EQ(
      read(bare, "\"x\""),
      "error: Failed to deserialize value from topic: t. Can't coerce string to type. targetType: INTEGER, "
      "path: $");
  EXPECT_EQ(read(bare, ""),
            "error: Failed to deserialize value from topic: t. Can't convert type. sourceType: MissingNode, "
            "requiredType: INTEGER, path: $");
  EXPECT_EQ(read(wrapped, " "),
            "error: Failed to deserialize value from topic: t. Can't convert type. sourceType: MissingNode, "
            "requiredType: STRUCT<`F` INTEGER>, path: $");
}

TEST(JsonRead, SingleKeysAreBareSeveralAreWrapped) {
  EXPECT_EQ(read(side("JSON", {{"K", SqlKind::kString}}, Side::kKey), "\"x\""), "\"x\"");
  EXPECT_EQ(read(side("JSON", {{"K", SqlKind::kString}}, Side::kKey), "{\"K\":1}"), R"("{\"K\":1}")");
  EXPECT_EQ(read(side("JSON", {{"K", SqlKind::kInteger}, {"L", SqlKind::kInteger}}, Side::kKey),
                 R"({"K":1,"l":2})"),
            "1|2");
  EXPECT_EQ(read(side("JSON", {{"K", SqlKind::kInteger}}, Side::kKey), "true"),
            "error: Failed to deserialize key from topic: t. Can't convert type. sourceType: BooleanNode, "
            "requiredType: INTEGER, path: $");
}

TEST(JsonRead, Booleans) {
  EXPECT_EQ(read_f(SqlKind::kBoolean, "true"), "true");
  EXPECT_EQ(read_f(SqlKind::kBoolean, "false"), "false");
  EXPECT_EQ(detail_f(SqlKind::kBoolean, "\"true\""),
            "Can't convert type. sourceType: TextNode, requiredType: BOOLEAN, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kBoolean, "1"),
            "Can't convert type. sourceType: IntNode, requiredType: BOOLEAN, path: $.F");
}

TEST(JsonRead, Integers) {
  EXPECT_EQ(read_f(SqlKind::kInteger, "-12"), "-12");
  EXPECT_EQ(read_f(SqlKind::kInteger, "1.99"), "1");
  EXPECT_EQ(read_f(SqlKind::kInteger, "-1.99e1"), "-19");
  EXPECT_EQ(read_f(SqlKind::kInteger, "4294967297"), "1");
  EXPECT_EQ(read_f(SqlKind::kInteger, "2147483648"), "-2147483648");
  EXPECT_EQ(read_f(SqlKind::kInteger, "0.001"), "0");
  EXPECT_EQ(read_f(SqlKind::kInteger, "\"+42\""), "42");
  EXPECT_EQ(detail_f(SqlKind::kInteger, "\" 42\""),
            "Can't coerce string to type. targetType: INTEGER, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kInteger, "\"2147483648\""),
            "Can't coerce string to type. targetType: INTEGER, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kInteger, "[]"),
            "Can't convert type. sourceType: ArrayNode, requiredType: INTEGER, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kInteger, "{}"),
            "Can't convert type. sourceType: ObjectNode, requiredType: INTEGER, path: $.F");
  for (const char* number : {"0", "1", "12345678", "123456789", "1234567890123456", "12345678901234567",
                             "9223372036854775807", "-9223372036854775808", "-1234567890123456", "-1"}) {
    EXPECT_EQ(read_f(SqlKind::kBigint, number), number);
  }
  EXPECT_EQ(read_f(SqlKind::kBigint, "18446744073709551617"), "1");
  EXPECT_EQ(read_f(SqlKind::kBigint, "1e3"), "1000");
  EXPECT_EQ(read_f(SqlKind::kBigint, "1e400"), "0");
  EXPECT_EQ(read_f(SqlKind::kBigint, "1e-400"), "0");
  EXPECT_EQ(read_f(SqlKind::kBigint, "123.456e2"), "12345");
  EXPECT_EQ(read_f(SqlKind::kBigint, "\"-9223372036854775808\""), "-9223372036854775808");
  EXPECT_EQ(detail_f(SqlKind::kBigint, "\"1.0\""),
            "Can't coerce string to type. targetType: BIGINT, path: $.F");
}

TEST(JsonRead, Doubles) {
  EXPECT_EQ(read_f(SqlKind::kDouble, "1"), "1.0");
  EXPECT_EQ(read_f(SqlKind::kDouble, "-0.1"), "-0.1");
  EXPECT_EQ(read_f(SqlKind::kDouble, "1e400"), "\"Infinity\"");
  EXPECT_EQ(read_f(SqlKind::kDouble, "-1e400"), "\"-Infinity\"");
  EXPECT_EQ(read_f(SqlKind::kDouble, "1e-400"), "0.0");
  EXPECT_EQ(read_f(SqlKind::kDouble, "\" 1.5d \""), "1.5");
  EXPECT_EQ(read_f(SqlKind::kDouble, "\"NaN\""), "\"NaN\"");
  EXPECT_EQ(detail_f(SqlKind::kDouble, "\"x\""),
            "Can't coerce string to type. targetType: DOUBLE, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kDouble, "true"),
            "Can't convert type. sourceType: BooleanNode, requiredType: DOUBLE, path: $.F");
}

TEST(JsonRead, Strings) {
  EXPECT_EQ(read_f(SqlKind::kString, "\"\""), "\"\"");
  EXPECT_EQ(read_f(SqlKind::kString, R"("a\"b\\c\/\b\f\n\r\t")"), R"("a\"b\\c/\b\f\n\r\t")");
  EXPECT_EQ(read_f(SqlKind::kString, R"("\u00e4\ud83d\ude00\u20ac")"), "\"ä😀€\"");
  EXPECT_EQ(read_f(SqlKind::kString, R"("\ud83dx")"), "\"?x\"");
  EXPECT_EQ(read_f(SqlKind::kString, "12"), "\"12\"");
  EXPECT_EQ(read_f(SqlKind::kString, "-0"), "\"0\"");
  EXPECT_EQ(read_f(SqlKind::kString, "1e3"), "\"1E+3\"");
  EXPECT_EQ(read_f(SqlKind::kString, "1.50"), "\"1.50\"");
  EXPECT_EQ(read_f(SqlKind::kString, "0.0000001"), "\"1E-7\"");
  EXPECT_EQ(read_f(SqlKind::kString, "0.000001"), "\"0.000001\"");
  EXPECT_EQ(read_f(SqlKind::kString, "-12.5e-10"), "\"-1.25E-9\"");
  EXPECT_EQ(read_f(SqlKind::kString, "1.5e1"), "\"15\"");
  EXPECT_EQ(read_f(SqlKind::kString, "123456789012345678901234567890123456789012345"),
            "\"123456789012345678901234567890123456789012345\"");
  EXPECT_EQ(read_f(SqlKind::kString, "true"), "\"true\"");
  EXPECT_EQ(read_f(SqlKind::kString, R"(["a", 1.0, null, [true], {"b" : [1, "x"]}])"),
            R"("[a, 1.0, null, [true], {\"b\":[1,\"x\"]}]")");
  EXPECT_EQ(read_f(SqlKind::kString, R"({ "b":1, "a" : {"c":null}, "b":2 })"),
            R"("{\"b\":2,\"a\":{\"c\":null}}")");
  EXPECT_EQ(read_f(SqlKind::kString, "[]"), "\"[]\"");
  EXPECT_EQ(read_f(SqlKind::kString, "{}"), "\"{}\"");
}

TEST(JsonRead, Decimals) {
  const auto type = SqlType::decimal(4, 2);
  EXPECT_EQ(read_f(type, "10.1"), "10.10");
  EXPECT_EQ(read_f(type, "10.10000"), "10.10");
  EXPECT_EQ(read_f(type, "1e1"), "10.00");
  EXPECT_EQ(read_f(type, "-5"), "-5.00");
  EXPECT_EQ(read_f(type, "\"1.25\""), "1.25");
  EXPECT_EQ(read_f(type, "1." + std::string(60, '0')), "1.00");
  EXPECT_EQ(detail_f(type, "1.234"),
            "Cannot fit decimal '1.234' into DECIMAL(4, 2) without rounding. (Requires 4,3), path: $.F");
  EXPECT_EQ(detail_f(type, "100"),
            "Numeric field overflow: A field with precision 4 and scale 2 must round to an absolute value "
            "less than "
            "10^2. Got 100, path: $.F");
  EXPECT_EQ(detail_f(type, "1" + std::string(40, '0')),
            "Numeric field overflow: A field with precision 4 and scale 2 must round to an absolute value "
            "less than "
            "10^2. Got 1" +
                std::string(40, '0') + ", path: $.F");
  EXPECT_NE(detail_f(type, "\" 1\""), "read");
  EXPECT_EQ(detail_f(type, "true"),
            "Can't convert type. sourceType: BooleanNode, requiredType: DECIMAL(4, 2), path: $.F");
}

TEST(JsonRead, BytesDatesAndTimes) {
  EXPECT_EQ(read_f(SqlKind::kBytes, "\"YWI=\""), "\"YWI=\"");
  EXPECT_EQ(detail_f(SqlKind::kBytes, "\"YWI\""),
            "Value is not a valid Base64 encoded string: YWI, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kBytes, "1"),
            "Can't convert type. sourceType: IntNode, requiredType: BYTES, path: $.F");
  EXPECT_EQ(read_f(SqlKind::kDate, "10"), "10");
  EXPECT_EQ(read_f(SqlKind::kDate, "\"-10\""), "-10");
  EXPECT_EQ(detail_f(SqlKind::kDate, "\"2020-01-01\""),
            "Can't coerce string to type. targetType: DATE, path: $.F");
  EXPECT_EQ(read_f(SqlKind::kTime, "86400000"), "86400000");
  EXPECT_EQ(detail_f(SqlKind::kTime, "86400001"),
            "Time values must use number of milliseconds greater than 0 and less than 86400000., path: $.F");
  EXPECT_EQ(read_f(SqlKind::kTimestamp, "1700000000000"), "1700000000000");
  EXPECT_EQ(read_f(SqlKind::kTimestamp, "\"17\""), "17");
  EXPECT_EQ(detail_f(SqlKind::kTimestamp, "1.5"),
            "Can't convert type. sourceType: DecimalNode, requiredType: TIMESTAMP, path: $.F");
}

TEST(JsonRead, NestedTypes) {
  const auto ints = SqlType::array(SqlKind::kInteger);
  EXPECT_EQ(read_f(ints, "[1, null, 3]"), "[1,null,3]");
  EXPECT_EQ(read_f(ints, "[]"), "[]");
  EXPECT_EQ(detail_f(ints, "[1,\"x\"]"), "Can't coerce string to type. targetType: INTEGER, path: $.F[1]");
  EXPECT_EQ(detail_f(ints, "1"),
            "Can't convert type. sourceType: IntNode, requiredType: ARRAY<INTEGER>, path: $.F");
  const auto map = SqlType::map(SqlKind::kString, SqlKind::kDouble);
  EXPECT_EQ(read_f(map, R"({"a":1,"b":null,"a":2})"), R"({"a":2.0,"b":null})");
  EXPECT_EQ(detail_f(map, R"({"k":[]})"),
            "Can't convert type. sourceType: ArrayNode, requiredType: DOUBLE, path: $.F.k.value");
  EXPECT_EQ(detail_f(map, "[]"),
            "Can't convert type. sourceType: ArrayNode, requiredType: MAP<STRING, DOUBLE>, path: $.F");
  const auto point = SqlType::structure({{"X", SqlKind::kBigint}, {"tag", ints}});
  EXPECT_EQ(read_f(point, R"({"x":1,"X":2,"tag":[3],"TAG":[4],"z":{}})"), R"({"X":2,"tag":[3]})");
  EXPECT_EQ(read_f(point, R"({"TAG":[4],"\u0078":"5"})"), R"({"X":5,"tag":null})");
  EXPECT_EQ(detail_f(SqlType::array(point), R"([{}, {"tag":[1,{}]}])"),
            "Can't convert type. sourceType: ObjectNode, requiredType: INTEGER, path: $.F[1].tag[1]");
  EXPECT_EQ(
      detail_f(point, "\"x\""),
      "Can't convert type. sourceType: TextNode, requiredType: STRUCT<`X` BIGINT, `tag` ARRAY<INTEGER>>, "
      "path: $.F");
}

TEST(JsonRead, NodeNames) {
  EXPECT_EQ(detail_f(SqlKind::kBytes, "2147483648"),
            "Can't convert type. sourceType: LongNode, requiredType: BYTES, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kBytes, "9223372036854775808"),
            "Can't convert type. sourceType: BigIntegerNode, requiredType: BYTES, path: $.F");
  EXPECT_EQ(detail_f(SqlKind::kBytes, "1.0"),
            "Can't convert type. sourceType: DecimalNode, requiredType: BYTES, path: $.F");
}

}  // namespace
}  // namespace thalweg::runtime
