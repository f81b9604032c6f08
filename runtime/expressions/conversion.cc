#include "runtime/expressions/conversion.h"

#include <array>

namespace thalweg::runtime {

using planner::Decimal;
using planner::Int128;
using planner::SqlKind;
using planner::SqlType;

Int128 power_of_ten(std::int32_t exponent) {
  static const auto powers = [] {
    std::array<Int128, 39> table{};
    table[0] = 1;
    for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
    return table;
  }();
  return powers[static_cast<std::size_t>(exponent)];
}

namespace {

template <typename From>
Column widen_integer(Arena& arena, const Column& in, const SqlType& to, Rows rows, std::size_t capacity) {
  if (to.is(SqlKind::kBigint)) {
    return map_column<From, std::int64_t>(arena, in, to, rows, capacity,
                                          [](From value) { return static_cast<std::int64_t>(value); });
  }
  if (to.is(SqlKind::kDouble)) {
    return map_column<From, double>(arena, in, to, rows, capacity,
                                    [](From value) { return static_cast<double>(value); });
  }
  // Unsigned: the bits under a NULL may be anything, and the product must not be undefined.
  const auto factor = static_cast<unsigned __int128>(power_of_ten(to.scale()));
  return map_column<From, Int128>(arena, in, to, rows, capacity, [factor](From value) {
    return static_cast<Int128>(static_cast<unsigned __int128>(static_cast<Int128>(value)) * factor);
  });
}

}  // namespace

Column widen(Arena& arena, const Column& in, const SqlType& from, const SqlType& to, Rows rows,
             std::size_t capacity) {
  if (from.kind() == to.kind()) return in;
  switch (from.kind()) {
    case SqlKind::kInteger: return widen_integer<std::int32_t>(arena, in, to, rows, capacity);
    case SqlKind::kBigint: return widen_integer<std::int64_t>(arena, in, to, rows, capacity);
    case SqlKind::kDecimal: {
      const std::int32_t scale = from.scale();
      return map_column<Int128, double>(arena, in, to, rows, capacity, [scale](Int128 value) {
        return planner::to_double(Decimal{value, scale});
      });
    }
    default: return in;
  }
}

}  // namespace thalweg::runtime
