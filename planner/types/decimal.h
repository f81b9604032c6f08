// Exact decimal numbers: unscaled · 10^-scale, up to 38 digits. Mirrors java.math.BigDecimal:
// equality of values is separate from equality of scale.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::planner {

using Int128 = __int128;

struct Decimal {
  Int128 unscaled = 0;
  std::int32_t scale = 0;                           // may be negative for numbers read as 1E+3
  bool operator==(const Decimal&) const = default;  // scale counts: 1.0 != 1.00
};

// Digits before rounding: 1 for zero.
std::int32_t precision_of(const Decimal& value);
std::strong_ordering compare(const Decimal& a, const Decimal& b);  // by numeric value

// "-12.340", ".5", "1E+3"; nullopt if not a number or beyond 38 digits.
std::optional<Decimal> parse_decimal(std::string_view text);
std::string to_plain_string(const Decimal& value);       // never an exponent, all scale digits
std::string to_scientific_string(const Decimal& value);  // BigDecimal.toString: exponent beyond 10^-6

enum class Rounding : std::uint8_t { kHalfUp, kDown, kUnnecessary, kCeilingHalf /* ties toward +inf */ };
// nullopt: digits would be lost under kUnnecessary, or more than 38 digits are needed.
std::optional<Decimal> set_scale(const Decimal& value, std::int32_t scale, Rounding rounding);
std::optional<Decimal> round_to_precision(const Decimal& value, std::int32_t precision, Rounding rounding);

// Fits a value into DECIMAL(p, s) rounding HALF_UP (casts). Overflow error text as in the reference:
// "Numeric field overflow: A field with precision p and scale s must round to an absolute value less than
// 10^n. Got v".
Result<Decimal> cast_to(const Decimal& value, std::int32_t precision, std::int32_t scale);
// The same without rounding (reading data): "Cannot fit decimal 'v' into DECIMAL(p, s) without rounding.
// (Requires x,y)".
Result<Decimal> fit_exactly(const Decimal& value, std::int32_t precision, std::int32_t scale);

// Arithmetic; the result has the given type's scale and must be exact within precision digits, else an error.
Result<Decimal> add(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale);
Result<Decimal> subtract(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale);
Result<Decimal> multiply(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale);
Result<Decimal> divide(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale);
Result<Decimal> modulus(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale);

Decimal from_int(std::int64_t value);
std::optional<Decimal> from_double_exact(double value);    // binary value, as far as 38 digits carry it
std::optional<Decimal> from_double_printed(double value);  // the digits of to_string(double)
double to_double(const Decimal& value);                    // correctly rounded
std::int64_t to_bigint(const Decimal& value);              // toward zero, low 64 bits

}  // namespace thalweg::planner
