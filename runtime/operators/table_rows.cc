#include "runtime/operators/table_rows.h"

#include <algorithm>
#include <cstring>

#include "runtime/operators/operator.h"

namespace thalweg::runtime {
namespace {
constexpr std::size_t kTimestampBytes = 8;

std::int64_t timestamp_of(std::string_view row) {
  std::int64_t time;
  std::memcpy(&time, row.data(), sizeof time);
  return time;
}
}  // namespace

std::vector<planner::SqlType> key_types(const planner::Schema& schema) {
  std::vector<planner::SqlType> types;
  for (std::size_t i = 0; i < schema.key_count; ++i) types.push_back(schema.columns[i].type);
  return types;
}

std::vector<planner::SqlType> value_types(const planner::Schema& schema) {
  std::vector<planner::SqlType> types;
  for (std::size_t i = schema.key_count; i < schema.size(); ++i) types.push_back(schema.columns[i].type);
  return types;
}

std::vector<planner::SqlType> all_types(const planner::Schema& schema) {
  std::vector<planner::SqlType> types;
  for (const auto& column : schema.columns) types.push_back(column.type);
  return types;
}

TableRows::TableRows(std::unique_ptr<StateStore> store, const planner::Schema& schema,
                     const std::optional<planner::WindowInfo>& window)
    : store_(std::move(store)),
      schema_(schema),
      key_count_(schema.key_count),
      window_(window),
      key_codec_(key_types(schema)),
      row_codec_(value_types(schema)),
      value_types_(value_types(schema)) {}

std::span<const StateKey> TableRows::encode_keys(std::span<const Column> key_columns, const Batch* windows,
                                                 Rows rows) {
  keys_.clear();
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (window_) window_.append(keys_.bytes(), windows->window_start[rows[i]], windows->window_end[rows[i]]);
    key_codec_.encode(key_columns, rows[i], keys_.bytes(), true);
    keys_.end_key();
  }
  slots_.resize(rows.count);
  inserted_.resize(rows.count);
  return keys_.keys();
}

Result<void> TableRows::find_slots(const Batch& batch) {
  const Rows rows = rows_of(batch);
  const auto keys = encode_keys({batch.columns.data(), key_count_}, &batch, rows);
  return batch.has_new == nullptr ? store_->upsert(keys, slots_, inserted_)
                                  : find_slots(rows, keys, batch.has_new);
}

// New rows first, so that a deletion finds the row that another one of the batch has made.
Result<void> TableRows::find_slots(Rows rows, std::span<const StateKey> keys, const std::uint8_t* is_new) {
  for (const bool deletions : {false, true}) {
    some_.keys.clear();
    some_.places.clear();
    for (std::size_t i = 0; i < rows.count; ++i) {
      if ((is_new[rows[i]] == 0) != deletions) continue;
      some_.keys.push_back(keys[i]);
      some_.places.push_back(i);
    }
    some_.slots.resize(some_.keys.size());
    some_.inserted.assign(some_.keys.size(), 0);
    THALWEG_CHECK(deletions ? store_->lookup(some_.keys, some_.slots)
                            : store_->upsert(some_.keys, some_.slots, some_.inserted));
    for (std::size_t n = 0; n < some_.places.size(); ++n) {
      slots_[some_.places[n]] = some_.slots[n];
      inserted_[some_.places[n]] = some_.inserted[n];
    }
  }
  return {};
}

Result<void> TableRows::resolve(const Batch& batch, std::vector<Slot>& slots) {
  THALWEG_CHECK(find_slots(batch));
  slots = slots_;
  // Those that stay without a row have to go again.
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (inserted_[i]) maybe_removed_.push_back(slots_[i]);
  }
  return {};
}

std::optional<TableRows::Stored> TableRows::stored(Slot slot) const {
  const std::string_view row = slot == kNoSlot ? std::string_view() : store_->row(slot);
  if (row.empty()) return std::nullopt;
  return Stored{timestamp_of(row), row.substr(kTimestampBytes)};
}

void TableRows::put(Slot slot, const Batch& batch, std::uint32_t row) {
  if (slot == kNoSlot) return;
  row_bytes_.clear();
  if (batch.is_new(row)) {
    row_bytes_.append(reinterpret_cast<const char*>(&batch.timestamps[row]), kTimestampBytes);
    row_codec_.encode({batch.columns.data() + key_count_, value_types_.size()}, row, row_bytes_);
  } else {
    maybe_removed_.push_back(slot);
  }
  store_->set_row(slot, row_bytes_);
}

void TableRows::drop_removed() {
  erase_empty(*store_, maybe_removed_);
  maybe_removed_.clear();
}

Result<void> TableRows::exchange(Batch& batch, bool want_old) {
  const Rows rows = rows_of(batch);
  THALWEG_CHECK(find_slots(batch));
  begin();
  Arena& arena = *batch.arena;
  std::vector<Column> old_values;
  if (want_old) {
    for (const auto& type : value_types_) old_values.push_back(make_column(arena, type, batch.rows));
    batch.has_old = arena.array<std::uint8_t>(batch.rows);
  }
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    if (want_old) {
      const auto old = stored(slots_[i]);
      batch.has_old[row] = old ? 1 : 0;
      if (old) THALWEG_CHECK(decode(old->values, old_values, row, arena, true));
    }
    put(slots_[i], batch, row);
  }
  drop_removed();
  if (want_old) {
    batch.old_columns.assign(batch.columns.begin(),
                             batch.columns.begin() + static_cast<std::ptrdiff_t>(key_count_));
    batch.old_columns.insert(batch.old_columns.end(), old_values.begin(), old_values.end());
  }
  return {};
}

Result<void> TableRows::find(const Batch& batch, Rows rows, std::vector<Slot>& slots) {
  const auto keys = encode_keys({batch.columns.data(), key_count_}, &batch, rows);
  slots.resize(rows.count);
  return store_->lookup(keys, slots);
}

Result<TableRows::Found> TableRows::lookup(Arena& arena, std::span<const Column> key_columns, Rows rows,
                                           std::size_t capacity) {
  const auto keys = encode_keys(key_columns, nullptr, rows);
  THALWEG_CHECK(store_->lookup(keys, slots_));
  Found result;
  result.found.assign(rows.count, 0);
  result.timestamps.assign(rows.count, 0);
  for (const auto& type : value_types_) result.values.push_back(make_column(arena, type, capacity));
  for (std::size_t i = 0; i < rows.count; ++i) {
    const auto row = stored(slots_[i]);
    if (!row) continue;
    result.found[i] = 1;
    result.timestamps[i] = row->timestamp;
    THALWEG_CHECK(decode(row->values, result.values, rows[i], arena, true));
  }
  return result;
}

Result<Batch> TableRows::read(const ReadRequest& request) {
  THALWEG_TRY(const StoredRows stored, collect_rows(*store_, request, window_));
  Batch out = make_batch(stored.size());
  for (const auto& column : schema_.columns)
    out.columns.push_back(make_column(*out.arena, column.type, stored.size()));
  if (window_) {
    out.window_start = out.arena->array<std::int64_t>(stored.size());
    out.window_end = out.arena->array<std::int64_t>(stored.size());
  }
  for (std::uint32_t i = 0; i < stored.size(); ++i) {
    std::string_view key = out.arena->copy(stored[i].first);
    const std::string_view row = out.arena->copy(stored[i].second);
    if (window_) {
      out.window_start[i] = window_.start(key);
      out.window_end[i] = window_.end(key);
      key.remove_prefix(window_.size());
    }
    out.timestamps[i] = timestamp_of(row);
    THALWEG_CHECK(key_codec_.decode(key, {out.columns.data(), key_count_}, i, *out.arena));
    const std::span<Column> values(out.columns.data() + key_count_, value_types_.size());
    THALWEG_CHECK(row_codec_.decode(row.substr(kTimestampBytes), values, i, *out.arena));
  }
  return out;
}

}  // namespace thalweg::runtime
