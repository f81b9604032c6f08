// + - * / % on decimals. Intermediates that may pass 38 digits use 512-bit integers.
#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "planner/types/decimal.h"
#include "planner/types/decimal_digits.h"

namespace thalweg::planner {

namespace {

namespace mp = boost::multiprecision;
// 154 digits, no allocation. Checked: overflow throws, and is caught in `exactly`.
using Wide = mp::number<mp::cpp_int_backend<512, 512, mp::signed_magnitude, mp::checked, void>>;

Error inexact() { return {ErrorCode::kBadRecord, "Rounding necessary"}; }
// What does not fit into `precision` digits: the type says so, or we cannot hold what it allows.
Error too_large(std::int32_t precision) {
  return precision > kDecimalDigitsMax ? too_many_digits() : inexact();
}
Error by_zero() { return {ErrorCode::kBadRecord, "Division by zero"}; }

Wide power_of_ten(std::int64_t exponent) { return mp::pow(Wide(10), static_cast<unsigned>(exponent)); }

Wide widen(const Decimal& value, std::int32_t scale) {
  return Wide(value.unscaled) * power_of_ten(static_cast<std::int64_t>(scale) - value.scale);
}

// Brings unscaled · 10^-from to `scale` without losing a digit.
Result<Decimal> exact(Wide unscaled, std::int64_t from, std::int32_t precision, std::int32_t scale) {
  if (from < scale) unscaled *= power_of_ten(scale - from);
  if (from > scale) {
    const Wide divisor = power_of_ten(from - scale);
    if (unscaled % divisor != 0) return inexact();
    unscaled /= divisor;
  }
  const Wide limit = power_of_ten(std::min(precision, kDecimalDigitsMax));
  if (unscaled >= limit || unscaled <= -limit) return too_large(precision);
  return Decimal{static_cast<Int128>(unscaled), scale};
}

// The library reports overflow by exception: such a result cannot be held anyway.
template <typename Body>
Result<Decimal> exactly(Body&& body) {
  try {
    return body();
  } catch (const std::exception&) { return too_many_digits(); }
}

bool is_small(const Decimal& value) {
  return value.unscaled == static_cast<Int128>(static_cast<std::int64_t>(value.unscaled));
}

Result<Decimal> within(Int128 unscaled, std::int32_t precision, std::int32_t scale) {
  const auto limit = static_cast<std::size_t>(std::clamp(precision, 0, kDecimalDigitsMax));
  if (magnitude_of(unscaled) >= kPowersOfTen[limit]) return too_large(precision);
  return Decimal{unscaled, scale};
}

// a and b at one scale, if both stay below 38 digits, so that their sum fits 128 bits.
bool align(const Decimal& a, const Decimal& b, std::int32_t scale, Int128& left, Int128& right) {
  const auto l = set_scale(a, scale, Rounding::kUnnecessary);
  const auto r = set_scale(b, scale, Rounding::kUnnecessary);
  if (!l || !r) return false;
  left = l->unscaled;
  right = r->unscaled;
  constexpr Int128 kLimit = Int128{1} << 125;
  return left < kLimit && left > -kLimit && right < kLimit && right > -kLimit;
}

Decimal negated(const Decimal& value) { return {-value.unscaled, value.scale}; }

}  // namespace

Result<Decimal> add(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale) {
  Int128 left = 0, right = 0;
  if (align(a, b, scale, left, right)) return within(left + right, precision, scale);
  return exactly([&] {
    const std::int32_t common = std::max({a.scale, b.scale, scale});
    return exact(widen(a, common) + widen(b, common), common, precision, scale);
  });
}

Result<Decimal> subtract(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale) {
  return add(a, negated(b), precision, scale);
}

Result<Decimal> multiply(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale) {
  if (is_small(a) && is_small(b) && a.scale + b.scale == scale) {
    return within(a.unscaled * b.unscaled, precision, scale);
  }
  return exactly([&] {
    return exact(Wide(a.unscaled) * Wide(b.unscaled), static_cast<std::int64_t>(a.scale) + b.scale, precision,
                 scale);
  });
}

Result<Decimal> divide(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale) {
  if (b.unscaled == 0) return by_zero();
  const std::int64_t shift = static_cast<std::int64_t>(scale) - a.scale + b.scale;
  if (shift >= 0 && shift + precision_of(a) <= kDecimalDigitsMax) {
    const Int128 numerator = a.unscaled * static_cast<Int128>(kPowersOfTen[static_cast<std::size_t>(shift)]);
    if (numerator % b.unscaled != 0) return inexact();
    return within(numerator / b.unscaled, precision, scale);
  }
  return exactly([&]() -> Result<Decimal> {
    Wide numerator(a.unscaled);
    Wide denominator(b.unscaled);
    if (shift >= 0) numerator *= power_of_ten(shift);
    if (shift < 0) denominator *= power_of_ten(-shift);
    if (numerator % denominator != 0) return inexact();
    return exact(numerator / denominator, scale, precision, scale);
  });
}

Result<Decimal> modulus(const Decimal& a, const Decimal& b, std::int32_t precision, std::int32_t scale) {
  if (b.unscaled == 0) return by_zero();
  Int128 left = 0, right = 0;
  if (align(a, b, scale, left, right)) return within(left % right, precision, scale);
  return exactly([&] {
    const std::int32_t common = std::max({a.scale, b.scale, scale});
    return exact(widen(a, common) % widen(b, common), common, precision, scale);
  });
}

}  // namespace thalweg::planner
