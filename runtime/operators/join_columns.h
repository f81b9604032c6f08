// Columns of join results.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "planner/types/schema.h"
#include "runtime/columns/batch.h"

namespace thalweg::runtime {

// `column` where flags[row] is set, NULL elsewhere; the flags are those of `rows` out of `capacity`
// positions.
inline Column masked(Arena& arena, const Column& column, const planner::SqlType& type, Rows rows,
                     std::size_t capacity, const std::uint8_t* flags) {
  Column out = column;
  if (column.stride == 0) {
    out = make_column(arena, type, capacity);
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (flags[rows[i]]) store_value(arena, out, type, rows[i], value_at(column, type, rows[i]));
    }
    return out;
  }
  auto* valid = arena.array<std::uint8_t>(capacity);
  std::memset(valid, 0, capacity);
  for (std::size_t i = 0; i < rows.count; ++i) valid[rows[i]] = flags[rows[i]] && !column.is_null(rows[i]);
  out.valid = valid;
  return out;
}

inline std::vector<Column> masked(Arena& arena, std::span<const Column> columns,
                                  const planner::Schema& schema, Rows rows, std::size_t capacity,
                                  const std::uint8_t* flags) {
  std::vector<Column> out;
  out.reserve(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    out.push_back(masked(arena, columns[c], schema.columns[c].type, rows, capacity, flags));
  }
  return out;
}

// All rows NULL.
inline std::vector<Column> make_columns(Arena& arena, const planner::Schema& schema, std::size_t rows) {
  std::vector<Column> out;
  out.reserve(schema.size());
  for (const auto& column : schema.columns) out.push_back(make_column(arena, column.type, rows));
  return out;
}

// Flags of a batch's rows, one per position.
template <typename Flag>
std::uint8_t* flags_of(Arena& arena, Rows rows, std::size_t capacity, Flag&& flag) {
  auto* flags = arena.array<std::uint8_t>(capacity);
  std::memset(flags, 0, capacity);
  for (std::size_t i = 0; i < rows.count; ++i) flags[rows[i]] = flag(rows[i]) ? 1 : 0;
  return flags;
}

// [key] [left] [right]: the columns of a join's schema.
inline std::vector<Column> joined_columns(std::span<const Column> key, std::vector<Column> left,
                                          std::vector<Column> right) {
  std::vector<Column> out(key.begin(), key.end());
  out.insert(out.end(), left.begin(), left.end());
  out.insert(out.end(), right.begin(), right.end());
  return out;
}

}  // namespace thalweg::runtime
