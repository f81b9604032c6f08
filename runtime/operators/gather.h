// Copies rows of columns and batches to new positions: for operators that multiply, drop or reorder rows.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/columns/batch.h"

namespace thalweg::runtime {

// out[i] = column[positions[i]]; values stay where they are, only elements are copied.
Column gather(Arena& arena, const Column& column, std::span<const std::uint32_t> positions);
// A batch of positions.size() rows with the per-row attributes of `from` and no columns.
Batch gather_attributes(const Batch& from, std::span<const std::uint32_t> positions);
// The same with all columns, old ones too.
Batch gather_rows(const Batch& from, std::span<const std::uint32_t> positions);

// A row of one of several batches; without a batch, no row.
struct RowRef {
  const Batch* batch = nullptr;
  std::uint32_t row = 0;
};
// The per-row attributes of rows that all exist, and no columns. The batches' arenas are kept.
Batch gather_attributes(std::span<const RowRef> refs);
// out[i] = columns[column] of the i-th row, NULL where there is none; the column is nullable.
Column gather(Arena& arena, const planner::SqlType& type, std::span<const RowRef> refs, std::size_t column,
              std::vector<Column> Batch::*columns = &Batch::columns);

// Rows [first, first + count) of a batch without a selection. Nothing is copied, and what is made for the
// slice costs by its rows and not by those of the whole.
Batch slice(const Batch& from, std::uint32_t first, std::uint32_t count);

}  // namespace thalweg::runtime
