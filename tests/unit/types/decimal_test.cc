#include "planner/types/decimal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace thalweg::planner {
namespace {

Decimal d(std::string_view text) { return parse_decimal(text).value(); }

std::string text_or_error(const Result<Decimal>& result) {
  return result ? to_plain_string(*result) : result.error().message;
}

TEST(Decimal, reads_and_prints) {
  EXPECT_EQ(d("-12.340"), (Decimal{-12340, 3}));
  EXPECT_EQ(d(".5"), (Decimal{5, 1}));
  EXPECT_EQ(d("5."), (Decimal{5, 0}));
  EXPECT_EQ(d("1E+3"), (Decimal{1, -3}));
  EXPECT_EQ(d("1.5e-3"), (Decimal{15, 4}));
  EXPECT_EQ(to_plain_string(d("1E+3")), "1000");
  EXPECT_EQ(to_plain_string(d("-0.007")), "-0.007");
  EXPECT_EQ(to_plain_string(d("10.10")), "10.10");
  EXPECT_EQ(to_scientific_string(d("1e3")), "1E+3");
  EXPECT_EQ(to_scientific_string(d("0.0000001")), "1E-7");
  EXPECT_EQ(to_scientific_string(d("0.000001")), "0.000001");
  EXPECT_EQ(to_scientific_string(d("12.5E10")), "1.25E+11");
  for (const char* bad : {"", "-", ".", "e5", "1e", "1e+-5", "1.2.3", "1 ", "+-1", "abc", "1e20000"}) {
    EXPECT_FALSE(parse_decimal(bad)) << bad;
  }
}

TEST(Decimal, holds_38_digits) {
  const std::string nines(38, '9');
  EXPECT_EQ(to_plain_string(d(nines)), nines);
  EXPECT_EQ(precision_of(d(nines)), 38);
  EXPECT_FALSE(parse_decimal("1" + nines));
  EXPECT_FALSE(parse_decimal(nines + nines));
  EXPECT_EQ(precision_of(d("0.000")), 1);
  EXPECT_EQ(precision_of(d("1000")), 4);
}

TEST(Decimal, compares_values_not_scales) {
  EXPECT_EQ(compare(d("1.0"), d("1.00")), std::strong_ordering::equal);
  EXPECT_NE(d("1.0"), d("1.00"));
  EXPECT_EQ(compare(d("-2"), d("1.5")), std::strong_ordering::less);
  EXPECT_EQ(compare(d("-2"), d("-1.5")), std::strong_ordering::less);
  EXPECT_EQ(compare(d("1E+30"), d("1.00000000000000000000")), std::strong_ordering::greater);
  EXPECT_EQ(compare(d("0"), d("0E-5")), std::strong_ordering::equal);
}

TEST(Decimal, rounds) {
  EXPECT_EQ(to_plain_string(*set_scale(d("2.345"), 2, Rounding::kHalfUp)), "2.35");
  EXPECT_EQ(to_plain_string(*set_scale(d("-2.345"), 2, Rounding::kHalfUp)), "-2.35");
  EXPECT_EQ(to_plain_string(*set_scale(d("-2.5"), 0, Rounding::kCeilingHalf)), "-2");
  EXPECT_EQ(to_plain_string(*set_scale(d("2.5"), 0, Rounding::kCeilingHalf)), "3");
  EXPECT_EQ(to_plain_string(*set_scale(d("-2.9"), 0, Rounding::kDown)), "-2");
  EXPECT_FALSE(set_scale(d("2.5"), 0, Rounding::kUnnecessary));
  EXPECT_EQ(to_plain_string(*set_scale(d("1250"), -2, Rounding::kHalfUp)), "1300");
  EXPECT_EQ(to_plain_string(*round_to_precision(d("9.99"), 2, Rounding::kHalfUp)), "10");
  EXPECT_FALSE(set_scale(d("1"), 38, Rounding::kHalfUp));
}

TEST(Decimal, fits_types) {
  EXPECT_EQ(text_or_error(cast_to(d("10.1"), 4, 2)), "10.10");
  EXPECT_EQ(text_or_error(cast_to(d("1.005"), 3, 2)), "1.01");
  EXPECT_EQ(
      text_or_error(cast_to(d("123"), 3, 1)),
      "Numeric field overflow: A field with precision 3 and scale 1 must round to an absolute value less "
      "than 10^2. Got 123");
  EXPECT_FALSE(cast_to(d("9.995"), 3, 2));
  EXPECT_EQ(text_or_error(fit_exactly(d("1.50"), 3, 1)), "1.5");
  EXPECT_EQ(text_or_error(fit_exactly(d("1.123"), 3, 2)),
            "Cannot fit decimal '1.123' into DECIMAL(3, 2) without rounding. (Requires 4,3)");
}

TEST(Decimal, calculates_exactly_or_refuses) {
  EXPECT_EQ(text_or_error(add(d("1.10"), d("2.2"), 6, 2)), "3.30");
  EXPECT_EQ(text_or_error(subtract(d("1.10"), d("2.2"), 6, 2)), "-1.10");
  EXPECT_EQ(text_or_error(multiply(d("1.5"), d("-2.25"), 8, 3)), "-3.375");
  EXPECT_EQ(text_or_error(divide(d("1.0"), d("4"), 12, 6)), "0.250000");
  EXPECT_FALSE(divide(d("1"), d("3"), 12, 6));
  EXPECT_FALSE(divide(d("1"), d("0"), 12, 6));
  EXPECT_EQ(text_or_error(modulus(d("-7.5"), d("2"), 4, 1)), "-1.5");
  EXPECT_FALSE(modulus(d("1"), d("0.0"), 4, 1));
}

TEST(Decimal, calculates_with_wide_intermediates) {
  const std::string nines(37, '9');
  EXPECT_EQ(text_or_error(add(d(nines), d("1"), 38, 0)), "1" + std::string(37, '0'));
  EXPECT_FALSE(multiply(d(nines), d("100"), 76, 0));
  EXPECT_EQ(text_or_error(multiply(d("1" + std::string(30, '0')), d("0.00001"), 60, 5)),
            "1" + std::string(25, '0') + ".00000");
  EXPECT_EQ(text_or_error(divide(d("1" + std::string(30, '0')), d("8"), 60, 6)),
            "125" + std::string(27, '0') + ".000000");
  EXPECT_EQ(text_or_error(modulus(d(nines), d("0.7"), 38, 1)),
            text_or_error(modulus(d(nines), d("0.7"), 38, 1)));
}

TEST(Decimal, meets_doubles) {
  EXPECT_EQ(to_plain_string(*from_double_printed(0.1)), "0.1");
  EXPECT_EQ(to_plain_string(*from_double_exact(0.5)), "0.5");
  EXPECT_EQ(to_plain_string(*from_double_exact(0.1)), "0.10000000000000000555111512312578270212");
  EXPECT_EQ(to_plain_string(*from_double_exact(-100.0)), "-100");
  EXPECT_FALSE(from_double_exact(NAN));
  EXPECT_EQ(to_double(d("0.1")), 0.1);
  EXPECT_EQ(to_double(d("-12345678901234567890.123")), -12345678901234567890.123);
  EXPECT_EQ(to_double(d("1E+400")), HUGE_VAL);
  EXPECT_EQ(to_bigint(d("-9.99")), -9);
  EXPECT_EQ(to_bigint(d("18446744073709551617")), 1);
  EXPECT_EQ(to_bigint(d("1E+3")), 1000);
}

TEST(Decimal, random_values_survive_printing_and_match_128_bit_integers) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto magnitude = static_cast<std::int64_t>(random()) >> (random() % 63);
    const Decimal a{static_cast<Int128>(magnitude) * static_cast<Int128>(random() % 1000 + 1),
                    static_cast<std::int32_t>(random() % 30)};
    EXPECT_EQ(parse_decimal(to_plain_string(a)), a);
    EXPECT_EQ(parse_decimal(to_scientific_string(a)), a);
    const Decimal b{static_cast<std::int64_t>(random()), a.scale};
    EXPECT_EQ(add(a, b, 38, a.scale)->unscaled, a.unscaled + b.unscaled);
    EXPECT_EQ(compare(a, b), a.unscaled <=> b.unscaled);
    if (b.unscaled != 0) { EXPECT_EQ(modulus(a, b, 38, a.scale)->unscaled, a.unscaled % b.unscaled); }
  }
}

}  // namespace
}  // namespace thalweg::planner
