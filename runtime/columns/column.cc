#include "runtime/columns/column.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace thalweg::runtime {

using planner::Decimal;
using planner::Int128;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;

Physical physical_of(SqlKind kind) {
  switch (kind) {
    case SqlKind::kBoolean: return Physical::kBool;
    case SqlKind::kInteger:
    case SqlKind::kDate:
    case SqlKind::kTime: return Physical::kInt32;
    case SqlKind::kBigint:
    case SqlKind::kTimestamp: return Physical::kInt64;
    case SqlKind::kDouble: return Physical::kDouble;
    case SqlKind::kDecimal: return Physical::kDecimal;
    case SqlKind::kString:
    case SqlKind::kBytes: return Physical::kString;
    case SqlKind::kArray:
    case SqlKind::kMap:
    case SqlKind::kStruct: return Physical::kBoxed;
  }
  THALWEG_ASSERT(false);
}

std::size_t element_bytes(Physical physical) {
  switch (physical) {
    case Physical::kBool: return sizeof(std::uint8_t);
    case Physical::kInt32: return sizeof(std::int32_t);
    case Physical::kInt64: return sizeof(std::int64_t);
    case Physical::kDouble: return sizeof(double);
    case Physical::kDecimal: return sizeof(Int128);
    case Physical::kString: return sizeof(std::string_view);
    case Physical::kBoxed: return sizeof(Boxed);
  }
  THALWEG_ASSERT(false);
}

Column make_column(Arena& arena, const SqlType& type, std::size_t rows, bool nullable) {
  rows = std::max<std::size_t>(rows, 1);  // never a null pointer, which library calls refuse
  Column column;
  column.physical = physical_of(type.kind());
  column.data = arena.allocate(rows * element_bytes(column.physical));
  if (nullable) {
    column.valid = arena.array<std::uint8_t>(rows);
    std::memset(column.valid, 0, rows);
  }
  return column;
}

Column make_constant(Arena& arena, const SqlType& type, const Value& value) {
  Column column = make_column(arena, type, 1, value.is_null());
  column.stride = 0;
  if (!value.is_null()) store_value(arena, column, type, 0, value);
  return column;
}

Value value_at(const Column& column, const SqlType& type, std::size_t row) {
  if (column.is_null(row)) return {};
  switch (column.physical) {
    case Physical::kBool: return Value(column.get<std::uint8_t>(row) != 0);
    case Physical::kInt32: return Value(std::int64_t{column.get<std::int32_t>(row)});
    case Physical::kInt64: return Value(column.get<std::int64_t>(row));
    case Physical::kDouble: return Value(column.get<double>(row));
    case Physical::kDecimal: return Value(Decimal{column.get<Int128>(row), type.scale()});
    case Physical::kString: return Value(std::string(column.get<std::string_view>(row)));
    case Physical::kBoxed: return *column.get<Boxed>(row);
  }
  THALWEG_ASSERT(false);
}

void store_value(Arena& arena, Column& column, const SqlType& type, std::size_t row, const Value& value) {
  if (value.is_null()) return column.set_null(row);
  switch (column.physical) {
    case Physical::kBool: return column.set<std::uint8_t>(row, value.as_bool() ? 1 : 0);
    case Physical::kInt32: return column.set(row, static_cast<std::int32_t>(value.as_int()));
    case Physical::kInt64: return column.set(row, value.as_int());
    case Physical::kDouble: return column.set(row, value.as_double());
    case Physical::kDecimal: {
      const Decimal& decimal = value.as_decimal();
      if (decimal.scale == type.scale()) return column.set(row, decimal.unscaled);
      const auto scaled = planner::set_scale(decimal, type.scale(), planner::Rounding::kHalfUp);
      return scaled ? column.set(row, scaled->unscaled) : column.set_null(row);
    }
    case Physical::kString: return column.set(row, arena.copy(value.as_string()));
    case Physical::kBoxed: return column.set(row, box(arena, value));
  }
  THALWEG_ASSERT(false);
}

Boxed box(Arena& arena, Value value) {
  auto owned = std::make_shared<const Value>(std::move(value));
  const Boxed boxed = owned.get();
  arena.keep(std::move(owned));
  return boxed;
}

}  // namespace thalweg::runtime
