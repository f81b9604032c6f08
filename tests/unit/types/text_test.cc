#include "planner/types/text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace thalweg::planner {
namespace {

TEST(DoubleText, follows_java) {
  const std::pair<double, const char*> cases[] = {{1.0, "1.0"},
                                                  {-0.0, "-0.0"},
                                                  {100.0, "100.0"},
                                                  {0.001, "0.001"},
                                                  {9.9e-4, "9.9E-4"},
                                                  {1e7, "1.0E7"},
                                                  {9999999.0, "9999999.0"},
                                                  {12345678.9, "1.23456789E7"},
                                                  {0.1, "0.1"},
                                                  {1e-4, "1.0E-4"},
                                                  {2e23, "2.0E23"},
                                                  {4.9e-324, "4.9E-324"},
                                                  {1.7976931348623157e308, "1.7976931348623157E308"},
                                                  {0x1p62, "4.6116860184273879E18"},
                                                  {0x1p55, "3.6028797018963968E16"},
                                                  {0x1p53, "9.007199254740992E15"},
                                                  {1e18, "1.0E18"},
                                                  {NAN, "NaN"},
                                                  {HUGE_VAL, "Infinity"},
                                                  {-HUGE_VAL, "-Infinity"},
                                                  {123.456, "123.456"},
                                                  {1234567.0625, "1234567.0625"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(double_to_string(value), text);
}

TEST(DoubleText, random_doubles_round_trip) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200'000; ++i) {
    double value = std::bit_cast<double>(random());
    if (i % 2 == 0)
      value = static_cast<double>(static_cast<std::int64_t>(random()) >> (random() % 60)) / 1000;
    if (std::isnan(value)) continue;
    const std::string text = double_to_string(value);
    ASSERT_LE(text.size(), 32u);
    const bool quirk = std::fabs(value) >= 0x1p53 && std::fabs(value) < 0x1p63;
    if (quirk) continue;
    ASSERT_EQ(parse_java_double(text), value) << text;
  }
}

TEST(DoubleText, reads_java_grammar) {
  EXPECT_EQ(parse_java_double(" 1.5 "), 1.5);
  EXPECT_EQ(parse_java_double("1f"), 1.0);
  EXPECT_EQ(parse_java_double("-.5D"), -0.5);
  EXPECT_EQ(parse_java_double("5."), 5.0);
  EXPECT_EQ(parse_java_double("1e400"), HUGE_VAL);
  EXPECT_EQ(parse_java_double("-Infinity"), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(*parse_java_double("NaN")));
  EXPECT_EQ(parse_java_double("0x1.8p1"), 3.0);
  for (const char* bad : {"", " ", "inf", "nan", "1e", "--1", "1 2", "f", ".", "0x1.8"}) {
    EXPECT_FALSE(parse_java_double(bad)) << bad;
  }
}

TEST(Integers, are_range_checked) {
  EXPECT_EQ(parse_int("+12"), 12);
  EXPECT_EQ(parse_int("-2147483648"), INT32_MIN);
  EXPECT_FALSE(parse_int("2147483648"));
  EXPECT_FALSE(parse_int(" 1"));
  EXPECT_FALSE(parse_int("+-1"));
  EXPECT_FALSE(parse_int(""));
  EXPECT_EQ(parse_bigint("-9223372036854775808"), INT64_MIN);
}

TEST(IsoText, dates_and_times) {
  EXPECT_EQ(date_to_string(19782), "2024-02-29");
  EXPECT_EQ(date_to_string(-719529), "-0001-12-31");
  EXPECT_EQ(time_to_string(62'525'123), "17:22:05");
  EXPECT_EQ(time_to_string(60'000), "00:01");
  EXPECT_EQ(timestamp_to_string(1709227325123), "2024-02-29T17:22:05.123");
  EXPECT_EQ(timestamp_to_string(-1), "1969-12-31T23:59:59.999");
  EXPECT_EQ(parse_date("2024"), 19723);
  EXPECT_EQ(parse_date("2024-02"), 19754);
  EXPECT_EQ(parse_date("2024-02-29"), 19782);
  for (const char* bad : {"24", "2024-2", "2024-13", "2023-02-29", "2024-02-29x", "", "2024-"}) {
    EXPECT_FALSE(parse_date(bad)) << bad;
  }
  EXPECT_EQ(parse_time("17:22"), 62'520'000);
  EXPECT_EQ(parse_time("17:22:05.123"), 62'525'123);
  for (const char* bad : {"17", "24:00", "17:60", "17:22:", "17:22:05."})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(IsoText, timestamps) {
  const std::int64_t day = 1709164800000;
  EXPECT_EQ(parse_timestamp("2024-02-29"), day);
  EXPECT_EQ(parse_timestamp("2024-02-29T"), day);
  EXPECT_EQ(parse_timestamp("2024-02-29T17"), day + 17 * 3'600'000);
  EXPECT_EQ(parse_timestamp("2024-02-29T17:22:05.1"), day + 62'525'100);
  EXPECT_EQ(parse_timestamp("2024-02-29T17:22:05.123Z"), day + 62'525'123);
  EXPECT_EQ(parse_timestamp("2024-02-29T17:22+01"), day + 62'520'000 - 3'600'000);
  EXPECT_EQ(parse_timestamp("2024-02-29T17:22-0130"), day + 62'520'000 + 5'400'000);
  EXPECT_EQ(parse_timestamp("2024-02-29T17:22+01:30"), day + 62'520'000 - 5'400'000);
  for (const char* bad : {"2024-02T17", "2024-02-29 17:22", "2024-02-29T25", "2024-02-29T17:22+1"}) {
    EXPECT_FALSE(parse_timestamp(bad)) << bad;
  }
}

TEST(Base64, pads) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  EXPECT_EQ(base64_decode("Zm9vYg=="), "foob");
  EXPECT_FALSE(base64_decode("Zm9vYg"));
  EXPECT_EQ(base64_decode("Zm9vYg", Base64Padding::kOptional), "foob");
  EXPECT_FALSE(base64_decode("Zm9v*g=="));
  EXPECT_FALSE(base64_decode("Z"));
  EXPECT_FALSE(base64_decode("===="));
}

TEST(Utf16, counts_and_orders_units) {
  EXPECT_EQ(utf16_length("aé€😀"), 5);
  EXPECT_LT(compare_utf16("😀", "\uFF5E"), 0);  // a surrogate pair sorts before U+FF5E
  EXPECT_LT(compare_utf16("a", "ab"), 0);
  EXPECT_GT(compare_utf16("é", "z"), 0);
  EXPECT_EQ(compare_utf16("x", "x"), 0);
}

TEST(Json, writes_values) {
  const SqlType type = SqlType::structure({{"A", SqlType::array(SqlKind::kDouble)},
                                           {"B", SqlType::map(SqlKind::kString, SqlKind::kInteger)},
                                           {"C", SqlType::decimal(4, 2)},
                                           {"D", SqlKind::kBytes},
                                           {"E", SqlKind::kString}});
  const Value value = make_list({make_list({1.0, NAN, Null{}}),
                                 make_map({{std::string("k"), std::int64_t{1}}}, SqlKind::kString),
                                 Decimal{1010, 2}, std::string("f"), std::string("q\"\\\n\x01é")});
  std::string out;
  append_json(out, value, type);
  EXPECT_EQ(out, R"({"A":[1.0,"NaN",null],"B":{"k":1},"C":10.10,"D":"Zg==","E":"q\"\\\n\u0001é"})");
}

}  // namespace
}  // namespace thalweg::planner
