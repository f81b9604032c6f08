// How the values of one column lie in a batch.
//
//   physical   SQL types                      element
//   kBool      BOOLEAN                        std::uint8_t (0, 1)
//   kInt32     INTEGER DATE TIME              std::int32_t (days, ms of day)
//   kInt64     BIGINT TIMESTAMP               std::int64_t
//   kDouble    DOUBLE                         double
//   kDecimal   DECIMAL(p, s)                  planner::Int128, unscaled; scale is the type's
//   kString    STRING BYTES                   std::string_view into arena, blob or constant
//   kBoxed     ARRAY MAP STRUCT               const planner::Value* (never null where valid)
//
// valid[row] is 1 for a value and 0 for NULL; a null `valid` pointer means no NULLs. Under a NULL the
// element is unspecified. stride 0: one element stands for all rows (constants). Columns are views:
// memory belongs to the arena of the batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "planner/types/sql_type.h"
#include "planner/types/value.h"
#include "runtime/columns/arena.h"

namespace thalweg::runtime {

enum class Physical : std::uint8_t { kBool, kInt32, kInt64, kDouble, kDecimal, kString, kBoxed };
Physical physical_of(planner::SqlKind kind);
std::size_t element_bytes(Physical physical);

using Boxed = const planner::Value*;

struct Column {
  Physical physical = Physical::kInt64;
  std::uint8_t stride = 1;  // 0: constant
  void* data = nullptr;
  std::uint8_t* valid = nullptr;

  bool is_null(std::size_t row) const { return valid != nullptr && valid[row * stride] == 0; }
  template <typename T>
  const T& get(std::size_t row) const {
    return static_cast<const T*>(data)[row * stride];
  }
  template <typename T>
  T* elements() {
    return static_cast<T*>(data);
  }
  template <typename T>
  const T* elements() const {
    return static_cast<const T*>(data);
  }
  void set_null(std::size_t row) { valid[row] = 0; }
  template <typename T>
  void set(std::size_t row, T value) {
    static_cast<T*>(data)[row] = value;
    if (valid != nullptr) valid[row] = 1;
  }
};

// A column of `rows` undefined elements; with `nullable` a validity array, all NULL at first.
Column make_column(Arena& arena, const planner::SqlType& type, std::size_t rows, bool nullable = true);
// One value for all rows. Nested values are kept alive by the arena.
Column make_constant(Arena& arena, const planner::SqlType& type, const planner::Value& value);

// Single values across the border; slow, for edges (results, literals, lambdas, nested columns).
planner::Value value_at(const Column& column, const planner::SqlType& type, std::size_t row);
void store_value(Arena& arena, Column& column, const planner::SqlType& type, std::size_t row,
                 const planner::Value& value);
// Boxes a nested value; it lives as long as the arena.
Boxed box(Arena& arena, planner::Value value);

}  // namespace thalweg::runtime
