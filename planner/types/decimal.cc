#include "planner/types/decimal.h"

#include <algorithm>

#include "planner/types/decimal_digits.h"

namespace thalweg::planner {

namespace {

// Divides by 10^drop, drop in [1, 38]; false if kUnnecessary would lose digits.
bool drop_digits(UInt128& magnitude, bool negative, std::int32_t drop, Rounding rounding) {
  const UInt128 divisor = kPowersOfTen[static_cast<std::size_t>(drop)];
  const UInt128 rest = magnitude % divisor;
  magnitude /= divisor;
  if (rest == 0) return true;
  const UInt128 half = divisor / 2;
  switch (rounding) {
    case Rounding::kUnnecessary: return false;
    case Rounding::kDown: return true;
    case Rounding::kHalfUp: magnitude += rest >= half ? 1 : 0; return true;
    case Rounding::kCeilingHalf: magnitude += rest > half || (rest == half && !negative) ? 1 : 0; return true;
  }
  return true;
}

Error overflow_error(const Decimal& value, std::int32_t precision, std::int32_t scale) {
  return {ErrorCode::kBadRecord, "Numeric field overflow: A field with precision " +
                                     std::to_string(precision) + " and scale " + std::to_string(scale) +
                                     " must round to an absolute value less than 10^" +
                                     std::to_string(precision - scale) + ". Got " + to_plain_string(value)};
}

bool below_power(const Decimal& value, std::int32_t whole_digits) {
  if (value.unscaled == 0) return true;
  return precision_of(value) - value.scale <= whole_digits;
}

}  // namespace

std::int32_t precision_of(const Decimal& value) { return digit_count(magnitude_of(value.unscaled)); }

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.scale == b.scale) return a.unscaled <=> b.unscaled;
  const int sign_a = a.unscaled < 0 ? -1 : (a.unscaled > 0 ? 1 : 0);
  const int sign_b = b.unscaled < 0 ? -1 : (b.unscaled > 0 ? 1 : 0);
  if (sign_a != sign_b || sign_a == 0) return sign_a <=> sign_b;
  const std::int32_t whole_a = precision_of(a) - a.scale;
  const std::int32_t whole_b = precision_of(b) - b.scale;
  if (whole_a != whole_b) return sign_a > 0 ? whole_a <=> whole_b : whole_b <=> whole_a;
  // Leading digits align, so widening the coarser one cannot exceed 38 digits.
  const auto widen = [](const Decimal& value, std::int32_t scale) {
    return value.unscaled * static_cast<Int128>(kPowersOfTen[static_cast<std::size_t>(scale - value.scale)]);
  };
  const std::int32_t scale = std::max(a.scale, b.scale);
  return widen(a, scale) <=> widen(b, scale);
}

std::optional<Decimal> set_scale(const Decimal& value, std::int32_t scale, Rounding rounding) {
  if (value.scale == scale || value.unscaled == 0) return Decimal{value.unscaled, scale};
  const bool negative = value.unscaled < 0;
  UInt128 magnitude = magnitude_of(value.unscaled);
  const std::int64_t change = static_cast<std::int64_t>(scale) - value.scale;
  if (change > 0) {
    if (change > kDecimalDigitsMax - digit_count(magnitude)) return std::nullopt;
    magnitude *= kPowersOfTen[static_cast<std::size_t>(change)];
  } else if (-change > kDecimalDigitsMax) {  // less than a tenth of the last digit: nothing is left
    if (rounding == Rounding::kUnnecessary) return std::nullopt;
    magnitude = 0;
  } else if (!drop_digits(magnitude, negative, static_cast<std::int32_t>(-change), rounding)) {
    return std::nullopt;
  }
  return Decimal{with_sign(magnitude, negative), scale};
}

std::optional<Decimal> round_to_precision(const Decimal& value, std::int32_t precision, Rounding rounding) {
  std::optional<Decimal> rounded = value;
  // Twice at most: 9.99 to two digits first becomes 10.0.
  while (rounded && precision_of(*rounded) > precision) {
    rounded = set_scale(*rounded, rounded->scale - (precision_of(*rounded) - precision), rounding);
  }
  return rounded;
}

Result<Decimal> cast_to(const Decimal& value, std::int32_t precision, std::int32_t scale) {
  if (!below_power(value, precision - scale)) return overflow_error(value, precision, scale);
  const auto rounded = set_scale(value, scale, Rounding::kHalfUp);
  if (!rounded) return too_many_digits();
  if (!below_power(*rounded, precision - scale)) return overflow_error(value, precision, scale);
  return *rounded;
}

Result<Decimal> fit_exactly(const Decimal& value, std::int32_t precision, std::int32_t scale) {
  if (!below_power(value, precision - scale)) return overflow_error(value, precision, scale);
  const auto fitted = set_scale(value, scale, Rounding::kUnnecessary);
  if (fitted) return *fitted;
  return Error{ErrorCode::kBadRecord, "Cannot fit decimal '" + to_plain_string(value) + "' into DECIMAL(" +
                                          std::to_string(precision) + ", " + std::to_string(scale) +
                                          ") without rounding. (Requires " +
                                          std::to_string(precision_of(value)) + "," +
                                          std::to_string(value.scale) + ")"};
}

Decimal from_int(std::int64_t value) { return {value, 0}; }

std::int64_t to_bigint(const Decimal& value) {
  if (value.scale == 0) return static_cast<std::int64_t>(value.unscaled);
  if (value.scale > kDecimalDigitsMax) return 0;
  if (value.scale > 0) {
    return static_cast<std::int64_t>(
        value.unscaled / static_cast<Int128>(kPowersOfTen[static_cast<std::size_t>(value.scale)]));
  }
  if (value.scale <= -64) return 0;  // 10^64 has 64 trailing zero bits
  auto bits = static_cast<std::uint64_t>(value.unscaled);
  for (std::int32_t i = value.scale; i < 0; ++i) bits *= 10;
  return static_cast<std::int64_t>(bits);
}

}  // namespace thalweg::planner
