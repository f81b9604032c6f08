// The unit of work: rows of one task's edge, column by column.
//
// On a table edge every row is a change: `columns` hold the new row, `old_columns` the one it replaces.
// A row is then
//   has_new & has_old    update          has_new only   insert
//   has_old only         delete          neither        delete of an unknown key (still forwarded)
// On a stream edge has_new false means a null value: key columns count, value columns are NULL.
// Absent per-row arrays (null pointers) have the stated default for all rows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/columns/arena.h"
#include "runtime/columns/column.h"

namespace thalweg::runtime {

struct Batch {
  std::shared_ptr<Arena> arena;
  std::size_t rows = 0;             // capacity of every array below
  std::vector<Column> columns;      // by the edge's schema; key columns first
  std::vector<Column> old_columns;  // table edges whose consumer asked for old values; else empty

  // Rows that count, ascending positions. Null: all of [0, rows).
  const std::uint32_t* selection = nullptr;
  std::size_t selected = 0;  // == rows without a selection

  std::int64_t* timestamps = nullptr;    // ms; always present
  std::uint8_t* has_new = nullptr;       // default 1
  std::uint8_t* has_old = nullptr;       // default 0
  std::uint8_t* key_null = nullptr;      // the record has no key bytes at all; default 0
  std::int64_t* window_start = nullptr;  // windowed edges only, ms
  std::int64_t* window_end = nullptr;
  const std::string_view* headers = nullptr;  // encoded as in record_batch.h; default none
  const std::int64_t* source_offsets =
      nullptr;  // of the record each row stems from, for messages; may be null
  // Of a round in which several inputs alternate: when each row has its turn, ascending; see merge.h. Null:
  // there is nothing to wait for.
  const std::uint32_t* turns = nullptr;
  // The task's stream time at each row's turn, where a sink asks for it; else null.
  const std::int64_t* stream_times = nullptr;
  std::int32_t source_partition = 0;

  std::size_t size() const { return selected; }
  std::uint32_t row_at(std::size_t i) const {
    return selection == nullptr ? static_cast<std::uint32_t>(i) : selection[i];
  }
  bool is_new(std::size_t row) const { return has_new == nullptr || has_new[row] != 0; }
  bool is_old(std::size_t row) const { return has_old != nullptr && has_old[row] != 0; }
  bool is_key_null(std::size_t row) const { return key_null != nullptr && key_null[row] != 0; }
};

// A set of row positions to work on: a selection, or a dense range from 0.
struct Rows {
  const std::uint32_t* positions = nullptr;  // null: 0 … count-1
  std::size_t count = 0;
  std::uint32_t operator[](std::size_t i) const {
    return positions == nullptr ? static_cast<std::uint32_t>(i) : positions[i];
  }
};
inline Rows rows_of(const Batch& batch) { return {batch.selection, batch.selected}; }

}  // namespace thalweg::runtime
