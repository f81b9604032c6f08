// Loops that make one column of another, and the widening conversions between numbers.
#pragma once

#include <optional>

#include "runtime/expressions/node.h"

namespace thalweg::runtime {

// out[row] = convert(in[row]) for rows that are not NULL or where garbage does no harm (`convert` must be
// total on any bits unless the element type is text). A constant stays a constant; NULLs are shared.
template <typename From, typename To, typename Convert>
Column map_column(Arena& arena, const Column& in, const planner::SqlType& to, Rows rows, std::size_t capacity,
                  Convert&& convert) {
  if (in.stride == 0) {
    Column out = make_column(arena, to, 1, false);
    out.stride = 0;
    out.valid = in.valid;
    if (!in.is_null(0)) out.elements<To>()[0] = convert(in.get<From>(0));
    return out;
  }
  Column out = make_column(arena, to, capacity, false);
  out.valid = in.valid;
  const From* from = in.elements<From>();
  To* result = out.elements<To>();
  constexpr bool kTotal = std::is_arithmetic_v<From> || std::is_same_v<From, planner::Int128>;
  if (kTotal || in.valid == nullptr) {
    for_each_row(rows, [&](std::size_t row) { result[row] = convert(from[row]); });
  } else {
    for_each_row(rows, [&](std::size_t row) {
      if (in.valid[row] != 0) result[row] = convert(from[row]);
    });
  }
  return out;
}

// A number as a wider one: INTEGER → BIGINT → DECIMAL → DOUBLE; DECIMAL keeps its own scale's value.
Column widen(Arena& arena, const Column& in, const planner::SqlType& from, const planner::SqlType& to,
             Rows rows, std::size_t capacity);

// 10^exponent for 0 ≤ exponent ≤ 38.
planner::Int128 power_of_ten(std::int32_t exponent);

}  // namespace thalweg::runtime
