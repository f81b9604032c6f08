// The edges of scalar functions that their examples do not show.
#include <gtest/gtest.h>

#include "tests/unit/functions/evaluate_sql.h"

namespace thalweg::runtime::testing {
namespace {

struct Case {
  const char* expression;
  const char* expected;
};
void PrintTo(const Case& sample, std::ostream* out) { *out << sample.expression; }

class ScalarEdges : public ::testing::TestWithParam<Case> {};

TEST_P(ScalarEdges, GiveTheReferencesValue) {
  EXPECT_EQ(evaluate_sql(GetParam().expression), GetParam().expected) << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    Text, ScalarEdges,
    ::testing::Values(
        Case{"len('😀')", "2"}, Case{"substring('a😀b', 2, 1)", "?"}, Case{"substring('a😀b', 4)", "b"},
        Case{"substring('hello', 0, 2)", "he"}, Case{"substring('hello', -9, 3)", "hel"},
        Case{"substring('hello', 2, -1)", ""}, Case{"lcase('ΑΣ')", "ας"},
        Case{"initcap('  ab CD ')", "Ab Cd "}, Case{"trim('\u00a0x')", "\u00a0x"},
        Case{"concat(CAST(NULL AS STRING))", ""}, Case{"concat_ws(CAST(NULL AS STRING), 'a')", "NULL"},
        Case{"lpad('é', 3, 'ü')", "üüé"}, Case{"rpad('x', 3, '')", "NULL"}, Case{"instr('abc', '')", "1"},
        Case{"instr('aaa', 'aa', 1, 2)", "2"}, Case{"instr('abc', 'c', 9)", "0"},
        Case{"instr(CAST(NULL AS STRING), 'a')", "0"}, Case{"split('', ',')", "[]"},
        Case{"split('a$b$', '$')", "[a, b, ]"}, Case{"split_to_map('a=1,b,=2,a=3=4', ',', '=')", "{=2, a=3}"},
        Case{"split_to_map('a', '', '=')", "NULL"}, Case{"field(CAST(NULL AS STRING), 'a')", "0"},
        Case{"elt(0, 'a')", "NULL"}, Case{"chr(128512)", "😀"}, Case{"chr('x')", "NULL"},
        Case{"mask('ÀßǅZ9')", "Xx-Xn"}, Case{"mask_left('Ab1', 9)", "Xxn"},
        Case{"replace('aXbX', 'X', '')", "ab"}, Case{"'a' || CAST(NULL AS STRING) || 'b'", "ab"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, ScalarEdges,
    ::testing::Values(Case{"abs(-2147483648)", "-2147483648"}, Case{"round(-0.5E0)", "0"},
                      Case{"round(12345.678E0, -1)", "12350.0"}, Case{"round(2.5)", "3"},
                      Case{"round(-2.5)", "-2"}, Case{"round(1.9E19)", "9223372036854775807"},
                      Case{"trunc(-12345.678E0, -2)", "-12300.0"}, Case{"trunc(-2.7)", "-2"},
                      Case{"ceil(9.5)", "10.0"},
                      Case{"greatest(CAST(NULL AS INT), CAST(NULL AS INT))", "NULL"},
                      Case{"greatest(1.5, 2.25)", "2.25"}, Case{"greatest(1, 2E0)", "2.0"},
                      Case{"log(13)", "2.5649493574615367"}, Case{"sign(-3.5E0)", "-1"},
                      Case{"power(2, -1)", "0.5"}, Case{"5 / 2", "2"}, Case{"-5 % 3", "-2"},
                      Case{"2147483647 + 1", "-2147483648"}, Case{"1.5 + 2", "3.5"}, Case{"1 / 0", "NULL"},
                      Case{"coalesce(1 / 0, 7)", "7"}, Case{"1E0 / 0", "Infinity"},
                      Case{"7.5 / 2.5", "3.000000"}, Case{"1.0 / 3", "NULL"}, Case{"-(1.50)", "-1.50"}));

INSTANTIATE_TEST_SUITE_P(
    BytesAndRegex, ScalarEdges,
    ::testing::Values(
        Case{"encode('0x1', 'hex', 'base64')", "AQ=="}, Case{"encode('X''41''', 'hex', 'ascii')", "A"},
        Case{"encode('41', 'hex', 'hex')", "NULL"}, Case{"to_bytes('zz', 'hex')", "NULL"},
        Case{"from_bytes(to_bytes('é', 'ascii'), 'ascii')", "?"}, Case{"int_from_bytes('AAA=')", "NULL"},
        Case{"len(to_bytes('é', 'utf8'))", "2"}, Case{"regexp_extract('(a)|(b)', 'b', 1)", "NULL"},
        Case{"regexp_extract('b', 'abc', 1)", "NULL"}, Case{"regexp_extract('(', 'a')", "NULL"},
        Case{"regexp_extract_all('(a)|(b)', 'ab', 1)", "[a, null]"},
        Case{"regexp_extract_all('x', 'a')", "[]"}, Case{"regexp_replace('aé', '\\w', 'x')", "xé"},
        Case{"regexp_replace('foo', '(o)', '<$1>')", "f<o><o>"},
        Case{"regexp_split_to_array('a,b,', ',')", "[a, b, ]"},
        Case{"regexp_split_to_array('a1b2', '[0-9]*')", "[a, , b]"}));

INSTANTIATE_TEST_SUITE_P(
    Collections, ScalarEdges,
    ::testing::Values(
        Case{"array_contains(CAST(NULL AS ARRAY<INT>), 1)", "false"},
        Case{"array_contains(ARRAY[1, NULL], CAST(NULL AS INT))", "true"},
        Case{"slice(ARRAY[1, 2], 3, 2)", "[]"}, Case{"slice(ARRAY[1, 2], 0, 1)", "NULL"},
        Case{"slice(ARRAY[1, 2], 2, 0)", "NULL"}, Case{"array_sort(ARRAY[2, NULL, 1])", "[1, 2, null]"},
        Case{"array_sort(ARRAY[2, NULL, 1], 'desc')", "[2, 1, null]"},
        Case{"array_sort(ARRAY[1], 'up')", "NULL"}, Case{"array_max(ARRAY[ARRAY[1]])", "NULL"},
        Case{"array_join(ARRAY[1.50, 2.25])", "1.50,2.25"},
        Case{"array_join(ARRAY['a', 'b'], CAST(NULL AS STRING))", "ab"},
        Case{"generate_series(1, 3, -1)", "NULL"},
        Case{"array_concat(CAST(NULL AS ARRAY<INT>), ARRAY[1])", "[1]"},
        Case{"array_remove(ARRAY[1, NULL], CAST(NULL AS INT))", "[1]"}, Case{"ARRAY[1, 2, 3][-1]", "3"},
        Case{"ARRAY[1, 2][0]", "NULL"}, Case{"MAP('a' := 1)['b']", "NULL"},
        Case{"STRUCT(a := 1, b := 'x')->b", "x"}, Case{"as_map(ARRAY['a', 'b'], ARRAY[1])", "{a=1, b=null}"},
        Case{"reduce(CAST(NULL AS ARRAY<INT>), 5, (s, x) => s + x)", "5"},
        Case{"transform(ARRAY[5, NULL], x => x + 5)", "NULL"},
        Case{"filter(ARRAY[1, NULL], x => x > 0)", "[1]"},
        Case{"transform(ARRAY[ARRAY[1], ARRAY[2]], x => transform(x, y => y * 2))", "[[2], [4]]"},
        Case{"transform(MAP('a' := 1, 'b' := 2), (k, v) => 'z', (k, v) => v)", "NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Json, ScalarEdges,
    ::testing::Values(
        Case{"extractjsonfield('', '$.a')", "NULL"}, Case{"extractjsonfield('{\"a\": null}', '$.a')", "NULL"},
        Case{"extractjsonfield('{\"a\": {\"b\" : [ 1.230 ]}}', '$.a')", "{\"b\":[1.230]}"},
        Case{"extractjsonfield('[10, 20]', '$[1]')", "20"}, Case{"extractjsonfield('[10, 20]', '$.1')", "20"},
        Case{"extractjsonfield('{\"a b\": 1}', '$[\"a b\"]')", "1"},
        Case{"extractjsonfield('{', '$.a')", "NULL"}, Case{"is_json_string('null')", "true"},
        Case{"is_json_string('')", "false"}, Case{"is_json_string('01')", "false"},
        Case{"json_array_contains('[1.5]', 1.5)", "false"},
        Case{"json_array_contains('[1.5]', 1.5E0)", "true"}, Case{"json_array_contains('{', 1)", "false"},
        Case{"json_concat('1', '\"a\"')", "[1,\"a\"]"}, Case{"json_concat('[]', '')", "NULL"},
        Case{"json_items('{}')", "NULL"}, Case{"json_keys('[]')", "NULL"},
        Case{"to_json_string(CAST(NULL AS INT))", "null"}, Case{"to_json_string(1E7)", "1.0E7"},
        Case{"to_json_string(MAP('b' := 1, 'a' := 2))", "{\"a\":2,\"b\":1}"},
        Case{"to_json_string(CAST('10:00' AS TIME))", "\"10:00\""}));

INSTANTIATE_TEST_SUITE_P(
    UrlAndTime, ScalarEdges,
    ::testing::Values(
        Case{"url_extract_host('http://[::1]:80/')", "[::1]"},
        Case{"url_extract_host('http://my_host/')", "NULL"},
        Case{"url_extract_host('http://1.2.3.400/')", "NULL"}, Case{"url_extract_path('mailto:a@b')", "NULL"},
        Case{"url_extract_path('http://a')", ""}, Case{"url_extract_query('http://a b')", "NULL"},
        Case{"url_extract_port('http://a/')", "NULL"},
        Case{"url_extract_parameter('http://a/?x&y=1', 'x')", ""}, Case{"url_decode_param('%zz')", "NULL"},
        Case{"unix_timestamp()", "1700000000000"}, Case{"unix_date()", "19675"},
        Case{"parse_date('2003-12-24-01-01', 'yyyy-MM-dd')", "2003-12-24"},
        Case{"coalesce(parse_date('x', 'yyyy'), parse_date('1970', 'yyyy'))", "1970-01-01"},
        Case{"format_timestamp(from_unixtime(0), 'q#')", "NULL"},
        Case{"convert_tz(from_unixtime(0), 'PST', 'UTC')", "NULL"},
        Case{"timesub(HOURS, 25, '00:30')", "23:30"}, Case{"geo_distance(91E0, 0E0, 0E0, 0E0)", "NULL"}));

TEST(ScalarErrors, SayWhatTheReferenceSays) {
  EXPECT_NE(errors_of_sql("generate_series(1, 3, 0)").find("GENERATE_SERIES step cannot be zero"),
            std::string::npos);
  EXPECT_NE(errors_of_sql("mask('a', 'xx', 'x', 'n', '-')")
                .find("Invalid mask character. Must be only single character, but was 'xx'"),
            std::string::npos);
  EXPECT_NE(errors_of_sql("mask_left('a', -1)")
                .find("function mask_left requires a non-negative number of characters to mask or skip"),
            std::string::npos);
  EXPECT_NE(errors_of_sql("int_from_bytes('AAAA')").find("Number of bytes must be equal to 4, but found 3"),
            std::string::npos);
  EXPECT_NE(errors_of_sql("extractjsonfield('{}', '$.*')").find("Invalid JSON path: '$.*'"),
            std::string::npos);
  EXPECT_NE(errors_of_sql("regexp_replace('a', '(', 'b')").find("Invalid regular expression pattern: ("),
            std::string::npos);
}

TEST(ScalarErrors, AreConfinedInsideArguments) {
  EXPECT_TRUE(errors_of_sql("coalesce(1 / 0, 7)").starts_with("Error processing "));
  EXPECT_FALSE(errors_of_sql("1 / 0").starts_with("Error processing "));
  EXPECT_EQ(evaluate_sql("STRUCT(a := 1 / 0, b := 2)"), "Struct{B=2}");
  EXPECT_EQ(evaluate_sql("NOT (1 / 0 = 1)"), "NULL");  // an open failure takes the whole expression
}

}  // namespace
}  // namespace thalweg::runtime::testing
