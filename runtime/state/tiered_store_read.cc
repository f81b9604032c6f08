// Loading at open, and scans over memory and storage together.
#include <algorithm>
#include <set>

#include "runtime/state/state_format.h"
#include "runtime/state/tiered_store.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kEagerBytesMax = 1u << 20;  // smaller stores are read at open and then complete

}  // namespace

Result<void> TieredStore::load() {
  rows_ = std::make_unique<RowTable>(kind_);
  dirty_.clear();
  erasures_.clear();
  complete_ = true;
  stored_window_max_ = expired_before_ = expired_unsaved_ = 0;
  row_count_ = 0;
  hand_ = 0;
  barren_ = false;
  if (storage_ == nullptr) return {};
  // One cursor, one snapshot: a fold that goes on meanwhile cannot slip between deltas and rows.
  const std::unique_ptr<Cursor> cursor = storage_->cursor(Space::kState);
  next_sequence_ = folded_sequence() + 1;
  cursor->seek(count_key(fold_->id));
  if (cursor->valid() && cursor->key() == count_key(fold_->id) &&
      cursor->value().size() == sizeof(row_count_)) {
    std::memcpy(&row_count_, cursor->value().data(), sizeof(row_count_));
  }
  THALWEG_CHECK(load_deltas(*cursor));
  THALWEG_CHECK(load_sorted_rows(*cursor));
  if (complete_) row_count_ = count_rows();
  report_memory();
  return {};
}

Result<void> TieredStore::load_deltas(Cursor& cursor) {
  const std::string prefix = delta_prefix(fold_->id);
  std::uint64_t bytes = 0;
  for (cursor.seek(prefix); cursor.valid() && cursor.key().starts_with(prefix); cursor.next()) {
    const std::uint64_t sequence = read_u64_be(cursor.key().substr(prefix.size()));
    THALWEG_CHECK(apply_delta(cursor.value(), sequence));
    bytes += cursor.value().size();
    next_sequence_ = std::max(next_sequence_, sequence + 1);
  }
  if (auto status = cursor.status(); !status) return corrupted(status.error());
  fold_->pending_bytes.store(bytes, std::memory_order_relaxed);
  return {};
}

Result<void> TieredStore::apply_delta(std::string_view blob, std::uint64_t sequence) {
  auto opened = DeltaReader::open(blob);
  if (!opened) return corrupted(opened.error());
  DeltaReader& delta = *opened;
  if (delta.expired_before() != 0) {
    rows_->remove_windows_before(delta.expired_before(), [](const Record&) {});
    expired_before_ = std::max(expired_before_, delta.expired_before());
  }
  while (const auto entry = delta.next()) {
    Slot slot = rows_->find({entry->key, hash_key(entry->key)});
    if (slot == kNoSlot) { THALWEG_TRY(slot, insert_stored(entry->key, {}, sequence)); }
    Record& record = rows_->record(slot);
    record.sequence = sequence;
    if (entry->row) {
      record.clear(Record::kErased);
      rows_->set_row(slot, *entry->row);
    } else {
      record.set(Record::kErased);
      erasures_.push_back({sequence, slot});
    }
  }
  row_count_ = delta.row_count();
  return {};
}

Result<void> TieredStore::load_sorted_rows(Cursor& cursor) {
  const std::string prefix = row_prefix(fold_->id);
  std::size_t bytes = 0;
  cursor.seek(is_windowed() ? prefix + window_bound(expired_before_) : prefix);
  for (; cursor.valid() && cursor.key().starts_with(prefix); cursor.next()) {
    bytes += cursor.key().size() + cursor.value().size();
    if (bytes > kEagerBytesMax) {
      complete_ = false;
      break;
    }
    const std::string_view key = cursor.key().substr(prefix.size());
    if (rows_->find({key, hash_key(key)}) != kNoSlot) continue;
    const auto row = decode_row(key, cursor.value());
    if (!row) return corrupted(row.error());
    THALWEG_CHECK(insert_stored(key, *row, 0));
  }
  if (auto status = cursor.status(); !status) return corrupted(status.error());
  if (complete_ || !is_windowed()) return {};
  cursor.seek_for_prev(prefix_end(prefix));
  if (cursor.valid() && cursor.key().starts_with(prefix)) {
    stored_window_max_ = RowTable::prefix_of(cursor.key().substr(prefix.size()));
  }
  return {};
}

std::int64_t TieredStore::count_rows() const {
  std::int64_t count = 0;
  rows_->walk(0, [&](Slot, const Record& record) {
    count += record.is(Record::kErased) ? 0 : 1;
    return true;
  });
  return count;
}

Result<void> TieredStore::roll_back() {
  if (storage_ == nullptr) {
    return Error{ErrorCode::kUnsupported, "a transient state store cannot be rolled back"};
  }
  return load();
}

Result<void> TieredStore::scan(std::string_view from, std::string_view to, const Visitor& visit) const {
  if (!to.empty() && from >= to) return {};
  const std::vector<Slot> slots = rows_->sorted(from, to);
  if (!complete_) return merge_scan(slots, from, to, visit);
  for (const Slot slot : slots) {
    if (rows_->record(slot).is(Record::kErased)) continue;
    if (!visit(rows_->key(slot), rows_->row(slot))) break;
  }
  return {};
}

// Where both have a key, memory is newer; an erased row in memory hides the stored one.
Result<void> TieredStore::merge_scan(const std::vector<Slot>& slots, std::string_view from,
                                     std::string_view to, const Visitor& visit) const {
  const std::string prefix = row_prefix(fold_->id);
  const std::string oldest = is_windowed() ? window_bound(expired_before_) : std::string();
  const std::unique_ptr<Cursor> cursor = storage_->cursor(Space::kState);
  cursor->seek(prefix + std::string(std::max(from, std::string_view(oldest))));
  const auto stored_key = [&]() -> std::optional<std::string_view> {
    if (!cursor->valid() || !cursor->key().starts_with(prefix)) return std::nullopt;
    const std::string_view key = cursor->key().substr(prefix.size());
    return to.empty() || key < to ? std::optional(key) : std::nullopt;
  };
  auto slot = slots.begin();
  for (auto stored = stored_key(); slot != slots.end() || stored; stored = stored_key()) {
    if (slot != slots.end() && (!stored || rows_->key(*slot) <= *stored)) {
      if (stored && rows_->key(*slot) == *stored) cursor->next();
      const Slot here = *slot++;
      if (rows_->record(here).is(Record::kErased)) continue;
      if (!visit(rows_->key(here), rows_->row(here))) return {};
      continue;
    }
    const auto row = decode_row(*stored, cursor->value());
    if (!row) return corrupted(row.error());
    if (!visit(*stored, *row)) return {};
    cursor->next();
  }
  if (auto status = cursor->status(); !status) return corrupted(status.error());
  return {};
}

Result<std::vector<std::int64_t>> TieredStore::window_starts() const {
  std::set<std::uint64_t> starts;
  for (const auto& window : rows_->windows()) {
    const std::uint64_t start = window.first;
    const auto& slots = window.second.slots;
    const bool live = std::any_of(slots.begin(), slots.end(), [&](Slot slot) {
      return rows_->belongs(slot, start) && !rows_->record(slot).is(Record::kErased);
    });
    if (live) starts.insert(start);
  }
  if (!complete_) {
    const std::unique_ptr<Cursor> cursor = storage_->cursor(Space::kState);
    const std::string prefix = row_prefix(fold_->id);
    std::uint64_t at = expired_before_;
    for (;; ++at) {
      cursor->seek(prefix + window_bound(at));
      if (!cursor->valid() || !cursor->key().starts_with(prefix)) break;
      at = RowTable::prefix_of(cursor->key().substr(prefix.size()));
      if (starts.contains(at)) continue;
      THALWEG_TRY(const bool found, window_has_stored_row(*cursor, at));
      if (found) starts.insert(at);
    }
    if (auto status = cursor->status(); !status) return corrupted(status.error());
  }
  return std::vector<std::int64_t>(starts.begin(), starts.end());
}

// Whether the window the cursor stands in has a stored row that memory does not hide.
Result<bool> TieredStore::window_has_stored_row(Cursor& cursor, std::uint64_t start) const {
  const std::string prefix = row_prefix(fold_->id) + window_bound(start);
  for (; cursor.valid() && cursor.key().starts_with(prefix); cursor.next()) {
    const std::string_view key = cursor.key().substr(kRowPrefixBytes);
    if (rows_->find({key, hash_key(key)}) == kNoSlot) return true;
  }
  if (auto status = cursor.status(); !status) return corrupted(status.error());
  return false;
}

}  // namespace thalweg::runtime
