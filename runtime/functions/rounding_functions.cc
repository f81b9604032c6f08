// ABS, CEIL, FLOOR, ROUND, TRUNC.
#include <cmath>
#include <limits>

#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

using planner::Decimal;
using planner::Int128;
using planner::Rounding;
using planner::SqlType;

Result<SqlType> same_type(std::span<const SqlType> types) { return types[0]; }

// DECIMAL(p, s) → DECIMAL(p - s, 0).
Result<SqlType> whole_type(std::span<const SqlType> types) {
  const std::int32_t precision = types[0].precision() - types[0].scale();
  if (precision < 1) {
    return Error{ErrorCode::kStatement,
                 "DECIMAL precision must be >= 1: DECIMAL(" + std::to_string(precision) + ",0)"};
  }
  return SqlType::decimal(precision, 0);
}

Int128 power_of_ten(std::int32_t exponent) {
  Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// Rounds to a whole number at the same scale: down for FLOOR, up for CEIL.
Decimal whole(const Decimal& value, bool up) {
  const Int128 unit = power_of_ten(value.scale);
  Int128 rest = value.unscaled % unit;
  if (rest < 0) rest += unit;
  const Int128 floor = value.unscaled - rest;
  return {up && rest != 0 ? floor + unit : floor, value.scale};
}

Result<Decimal> at_whole(const Decimal& value, Rounding rounding) {
  const auto rounded = planner::set_scale(value, 0, rounding);
  if (!rounded) return row_error("the rounded value does not fit its type");
  return *rounded;
}

// At 10^-places, then back at the scale of the value's type.
Result<Decimal> at_places(const Decimal& value, std::int32_t places, Rounding rounding) {
  if (places >= value.scale) return value;
  const auto rounded = planner::set_scale(value, places, rounding);
  const auto padded =
      rounded ? planner::set_scale(*rounded, value.scale, Rounding::kUnnecessary) : std::nullopt;
  if (!padded) return row_error("the rounded value does not fit its type");
  return *padded;
}

// The printed digits are what is rounded: 0.295 at two places is 0.3, whatever its binary value.
Result<double> printed_at_places(double value, std::int32_t places, Rounding rounding) {
  if (!std::isfinite(value)) return row_error("cannot round NaN or an infinity");
  const auto digits = planner::from_double_printed(value);
  if (!digits) return std::fabs(value) < 1 ? (places < 300 ? 0.0 : value) : value;
  if (places >= digits->scale) return value;
  const auto rounded = planner::set_scale(*digits, places, rounding);
  return rounded ? planner::to_double(*rounded) : 0.0;
}

std::int64_t saturate(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 0x1.0p63) return std::numeric_limits<std::int64_t>::max();
  if (value < -0x1.0p63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

double half_up(double value) {
  const double floor = std::floor(value);
  return value - floor >= 0.5 ? floor + 1 : floor;
}

template <typename Integer>
Integer wrapping_abs(Integer value) {
  using Bits = std::make_unsigned_t<Integer>;
  return value < 0 ? static_cast<Integer>(Bits{0} - static_cast<Bits>(value)) : value;
}

Overload integer_identity() {
  return scalar([](std::int32_t value) { return value; });
}
Overload bigint_identity() {
  return scalar([](std::int64_t value) { return value; });
}

void add_absolute(FunctionLibrary& library) {
  library.add(
      {.name = "Abs",
       .category = "MATHEMATICAL",
       .doc = "The absolute value. The smallest integer stays as it is.",
       .arguments = {"val"},
       .overloads = {scalar([](std::int32_t value) { return wrapping_abs(value); }),
                     scalar([](std::int64_t value) { return wrapping_abs(value); }),
                     scalar([](double value) { return std::fabs(value); }),
                     scalar(
                         [](Decimal value) -> Decimal {
                           return {value.unscaled < 0 ? -value.unscaled : value.unscaled, value.scale};
                         },
                         same_type)},
       .examples = {{"abs(-5)", "5"}, {"abs(-2.50)", "2.50"}}});
}

void add_ceiling_and_floor(FunctionLibrary& library) {
  library.add({.name = "Ceil",
               .category = "MATHEMATICAL",
               .doc = "The smallest whole number not below the value, in the value's own type.",
               .arguments = {"val"},
               .overloads = {integer_identity(), bigint_identity(),
                             scalar([](double value) { return std::ceil(value); }),
                             scalar([](Decimal value) { return whole(value, true); }, same_type)},
               .examples = {{"ceil(1.2E0)", "2.0"}, {"ceil(-1.25)", "-1.00"}}});

  library.add({.name = "Floor",
               .category = "MATHEMATICAL",
               .doc = "The greatest whole number not above the value, in the value's own type.",
               .arguments = {"val"},
               .overloads = {integer_identity(), bigint_identity(),
                             scalar([](double value) { return std::floor(value); }),
                             scalar([](Decimal value) { return whole(value, false); }, same_type)},
               .examples = {{"floor(1.8E0)", "1.0"}, {"floor(-1.25)", "-2.00"}}});
}

}  // namespace

void add_rounding_functions(FunctionLibrary& library) {
  add_absolute(library);
  add_ceiling_and_floor(library);

  library.add(
      {.name = "Round",
       .category = "MATHEMATICAL",
       .doc = "Rounds to a whole number or to a number of decimal places; ties go toward positive infinity.",
       .arguments = {"val", "decimalPlaces"},
       .overloads = {scalar([](NotNull<std::int32_t> value) -> std::int64_t { return value.value; }),
                     scalar([](NotNull<std::int64_t> value) -> std::int64_t { return value.value; }),
                     scalar([](double value) { return saturate(half_up(value)); }),
                     scalar([](Decimal value) { return at_whole(value, Rounding::kCeilingHalf); },
                            whole_type),
                     scalar([](double value, std::int32_t places) {
                       return printed_at_places(value, places, Rounding::kCeilingHalf);
                     }),
                     scalar(
                         [](Decimal value, std::int32_t places) {
                           return at_places(value, places, Rounding::kCeilingHalf);
                         },
                         same_type)},
       .examples = {{"round(2.5E0)", "3"},
                    {"round(-2.5E0)", "-2"},
                    {"round(0.295E0, 2)", "0.3"},
                    {"round(12.345, 1)", "12.300"}}});

  library.add(
      {.name = "trunc",
       .category = "MATHEMATICAL",
       .doc = "Cuts off decimal places toward zero.",
       .arguments = {"val", "decimalPlaces"},
       .overloads = {scalar([](std::int32_t value) -> std::int64_t { return value; }),
                     scalar([](std::int64_t value) { return value; }),
                     scalar([](double value) { return saturate(value); }),
                     scalar([](Decimal value) { return at_whole(value, Rounding::kDown); }, whole_type),
                     scalar([](double value, std::int32_t places) {
                       return printed_at_places(value, places, Rounding::kDown);
                     }),
                     scalar([](Decimal value,
                               std::int32_t places) { return at_places(value, places, Rounding::kDown); },
                            same_type)},
       .examples = {{"trunc(-2.7E0)", "-2"}, {"trunc(12.345, 1)", "12.300"}}});
}

}  // namespace thalweg::runtime
