// GREATEST, LEAST: NULLs are skipped.
#include <cmath>

#include "planner/types/text.h"
#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

using planner::Decimal;
using planner::SqlType;

bool less(std::int32_t a, std::int32_t b) { return a < b; }
bool less(std::int64_t a, std::int64_t b) { return a < b; }
bool less(Date a, Date b) { return a.days < b.days; }
bool less(Time a, Time b) { return a.ms_of_day < b.ms_of_day; }
bool less(Timestamp a, Timestamp b) { return a.epoch_ms < b.epoch_ms; }
bool less(std::string_view a, std::string_view b) { return planner::compare_utf16(a, b) < 0; }
bool less(const Decimal& a, const Decimal& b) { return planner::compare(a, b) < 0; }
// -0.0 < 0.0, NaN greatest.
bool less(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a);
  if (a == 0 && b == 0) return std::signbit(a) && !std::signbit(b);
  return a < b;
}
// By signed bytes.
bool less(Bytes a, Bytes b) {
  return std::lexicographical_compare(
      a.view.begin(), a.view.end(), b.view.begin(), b.view.end(),
      [](char x, char y) { return static_cast<signed char>(x) < static_cast<signed char>(y); });
}

template <typename T, bool kGreatest>
Overload extremum(planner::ResultTypeRule rule = {}) {
  return scalar(
      [](std::optional<T> best, Variadic<T> others) -> std::optional<T> {
        for (std::size_t i = 0; i < others.size(); ++i) {
          const std::optional<T> other = others[i];
          if (!other) continue;
          if (!best || (kGreatest ? less(*best, *other) : less(*other, *best))) best = other;
        }
        return best;
      },
      std::move(rule));
}

// Wide enough for all whole digits and all decimal places.
Result<SqlType> common_decimal(std::span<const SqlType> types) {
  std::int32_t whole = 0;
  std::int32_t scale = 0;
  for (const SqlType& type : types) {
    const SqlType decimal = planner::decimal_of(type);
    whole = std::max(whole, decimal.precision() - decimal.scale());
    scale = std::max(scale, decimal.scale());
  }
  return SqlType::decimal(whole + scale, scale);
}

template <bool kGreatest>
std::vector<Overload> overloads() {
  return {extremum<std::int32_t, kGreatest>(),
          extremum<std::int64_t, kGreatest>(),
          extremum<double, kGreatest>(),
          extremum<std::string_view, kGreatest>(),
          extremum<Decimal, kGreatest>(common_decimal),
          extremum<Bytes, kGreatest>(),
          extremum<Date, kGreatest>(),
          extremum<Time, kGreatest>(),
          extremum<Timestamp, kGreatest>()};
}

}  // namespace

void add_extremum_functions(FunctionLibrary& library) {
  library.add({.name = "greatest",
               .category = "MATHEMATICAL",
               .doc = "The greatest of the values; NULLs are skipped.",
               .arguments = {"val", "vals"},
               .overloads = overloads<true>(),
               .examples = {{"greatest(1, 5, 3)", "5"}, {"greatest('a', CAST(NULL AS STRING), 'b')", "b"}}});
  library.add({.name = "least",
               .category = "MATHEMATICAL",
               .doc = "The smallest of the values; NULLs are skipped.",
               .arguments = {"val", "vals"},
               .overloads = overloads<false>(),
               .examples = {{"least(4, 2, 3)", "2"}, {"least(1.5, 0.25)", "0.25"}}});
}

}  // namespace thalweg::runtime
