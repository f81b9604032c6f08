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

TableRows::TableRows(std::unique_ptr<StateStore> store, const planner::Schema& schema, bool windowed)
    : store_(std::move(store)),
      schema_(schema),
      key_count_(schema.key_count),
      windowed_(windowed),
      key_codec_(key_types(schema)),
      row_codec_(value_types(schema)),
      value_types_(value_types(schema)) {}

void TableRows::encode_keys(std::span<const Column> key_columns, const std::int64_t* window_start,
                            Rows rows) {
  key_bytes_.clear();
  key_ends_.clear();
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (windowed_) append_u64_be(key_bytes_, static_cast<std::uint64_t>(window_start[rows[i]]));
    key_codec_.encode(key_columns, rows[i], key_bytes_, true);
    key_ends_.push_back(key_bytes_.size());
  }
  keys_.resize(rows.count);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    keys_[i].bytes = std::string_view(key_bytes_).substr(begin, key_ends_[i] - begin);
    keys_[i].hash = hash_key(keys_[i].bytes);
    begin = key_ends_[i];
  }
  slots_.resize(rows.count);
  inserted_.resize(rows.count);
}

Result<void> TableRows::exchange(Batch& batch, bool want_old, std::vector<std::int64_t>* old_timestamps) {
  const Rows rows = rows_of(batch);
  const std::span<const Column> key_columns(batch.columns.data(), key_count_);
  encode_keys(key_columns, batch.window_start, rows);
  THALWEG_CHECK(store_->upsert(keys_, slots_, inserted_));

  Arena& arena = *batch.arena;
  std::vector<Column> old_values;
  if (want_old) {
    for (const auto& type : value_types_) old_values.push_back(make_column(arena, type, batch.rows));
    batch.has_old = arena.array<std::uint8_t>(batch.rows);
    if (old_timestamps != nullptr) old_timestamps->assign(batch.rows, 0);
  }
  const std::span<const Column> values(batch.columns.data() + key_count_, value_types_.size());
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    if (want_old) {
      const std::string_view stored = store_->row(slots_[i]);
      batch.has_old[row] = stored.empty() ? 0 : 1;
      if (!stored.empty()) {
        if (old_timestamps != nullptr) (*old_timestamps)[row] = timestamp_of(stored);
        THALWEG_CHECK(row_codec_.decode(stored.substr(kTimestampBytes), old_values, row, arena, true));
      }
    }
    row_bytes_.clear();
    if (batch.is_new(row)) {
      row_bytes_.append(reinterpret_cast<const char*>(&batch.timestamps[row]), kTimestampBytes);
      row_codec_.encode(values, row, row_bytes_);
    }
    store_->set_row(slots_[i], row_bytes_);
  }
  // Of several changes of one key the last has decided; each slot is erased once.
  std::vector<Slot> deleted;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (!batch.is_new(rows[i]) && store_->row(slots_[i]).empty()) deleted.push_back(slots_[i]);
  }
  std::sort(deleted.begin(), deleted.end());
  deleted.erase(std::unique(deleted.begin(), deleted.end()), deleted.end());
  for (const Slot slot : deleted) store_->erase(slot);
  if (want_old) {
    batch.old_columns.assign(batch.columns.begin(),
                             batch.columns.begin() + static_cast<std::ptrdiff_t>(key_count_));
    for (const Column& column : old_values) batch.old_columns.push_back(column);
  }
  return {};
}

Result<TableRows::Found> TableRows::lookup(Arena& arena, std::span<const Column> key_columns,
                                           const std::int64_t* window_start, Rows rows,
                                           std::size_t capacity) {
  encode_keys(key_columns, window_start, rows);
  THALWEG_CHECK(store_->lookup(keys_, slots_));
  Found result;
  result.found.assign(rows.count, 0);
  result.timestamps.assign(rows.count, 0);
  for (const auto& type : value_types_) result.values.push_back(make_column(arena, type, capacity));
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (slots_[i] == kNoSlot) continue;
    const std::string_view stored = store_->row(slots_[i]);
    if (stored.empty()) continue;
    result.found[i] = 1;
    result.timestamps[i] = timestamp_of(stored);
    THALWEG_CHECK(row_codec_.decode(stored.substr(kTimestampBytes), result.values, rows[i], arena, true));
  }
  return result;
}

Result<Batch> TableRows::read(const ReadRequest& request, std::int64_t window_size_ms) {
  const auto size = windowed_ ? std::optional(window_size_ms) : std::nullopt;
  THALWEG_TRY(const StoredRows stored, collect_rows(*store_, request, size));
  Batch out = make_batch(stored.size());
  for (const auto& column : schema_.columns)
    out.columns.push_back(make_column(*out.arena, column.type, stored.size()));
  if (windowed_) {
    out.window_start = out.arena->array<std::int64_t>(stored.size());
    out.window_end = out.arena->array<std::int64_t>(stored.size());
  }
  for (std::uint32_t i = 0; i < stored.size(); ++i) {
    std::string_view key = out.arena->copy(stored[i].first);
    const std::string_view row = out.arena->copy(stored[i].second);
    if (windowed_) {
      out.window_start[i] = static_cast<std::int64_t>(read_u64_be(key));
      out.window_end[i] = out.window_start[i] + window_size_ms;
      key.remove_prefix(8);
    }
    out.timestamps[i] = timestamp_of(row);
    THALWEG_CHECK(key_codec_.decode(key, {out.columns.data(), key_count_}, i, *out.arena));
    const std::span<Column> values(out.columns.data() + key_count_, value_types_.size());
    THALWEG_CHECK(row_codec_.decode(row.substr(kTimestampBytes), values, i, *out.arena));
  }
  return out;
}

}  // namespace thalweg::runtime
