// Lookup, change, checkpoint and eviction: what a task does between and at the end of its epochs.
#include "runtime/state/tiered_store.h"

#include <algorithm>

#include "runtime/state/state_format.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kPrefetchKeys = 32;
constexpr std::size_t kPrefetchDirty = 8;
constexpr std::size_t kEvictVisitsMax = 1u << 16;  // bounds what one epoch pays

Error full(const std::string& name) {
  return {ErrorCode::kLimit, "state store " + name + " has reached the memory a store can address"};
}

}  // namespace

TieredStore::TieredStore(Storage* storage, std::shared_ptr<FoldState> fold,
                         std::shared_ptr<MemoryBudget> budget, std::string name, StoreKind kind)
    : storage_(storage),
      fold_(std::move(fold)),
      budget_(std::move(budget)),
      name_(std::move(name)),
      kind_(kind),
      rows_(std::make_unique<RowTable>(kind)) {}

TieredStore::~TieredStore() {
  budget_->used_bytes.fetch_sub(reported_bytes_, std::memory_order_relaxed);
  if (fold_ != nullptr) fold_->open.store(false, std::memory_order_release);
}

Error TieredStore::corrupted(const Error& cause) const {
  return {cause.code, "state store " + name_ + ": " + cause.message};
}

bool TieredStore::may_be_stored(std::string_view key) const {
  if (complete_) return false;
  if (!is_windowed()) return true;
  const std::uint64_t window = RowTable::prefix_of(key);
  return window <= stored_window_max_ && window >= expired_before_;
}

Result<void> TieredStore::lookup(std::span<const StateKey> keys, std::span<Slot> slots) {
  missing_.clear();
  for (std::size_t first = 0; first < keys.size(); first += kPrefetchKeys) {
    const std::size_t last = std::min(keys.size(), first + kPrefetchKeys);
    rows_->prefetch(keys.subspan(first, last - first));
    for (std::size_t i = first; i < last; ++i) {
      Slot slot = rows_->find(keys[i]);
      if (slot == kNoSlot) {
        if (may_be_stored(keys[i].bytes)) missing_.push_back(static_cast<std::uint32_t>(i));
      } else {
        Record& record = rows_->record(slot);
        if (record.is(Record::kErased))
          slot = kNoSlot;
        else if (!record.is(Record::kTouched))
          record.set(Record::kTouched);
      }
      slots[i] = slot;
    }
  }
  if (missing_.empty()) return {};
  THALWEG_CHECK(fetch(keys, missing_));
  for (const std::uint32_t i : missing_) slots[i] = rows_->find(keys[i]);
  return {};
}

Result<void> TieredStore::upsert(std::span<const StateKey> keys, std::span<Slot> slots,
                                 std::span<std::uint8_t> inserted) {
  missing_.clear();
  for (std::size_t first = 0; first < keys.size(); first += kPrefetchKeys) {
    const std::size_t last = std::min(keys.size(), first + kPrefetchKeys);
    rows_->prefetch(keys.subspan(first, last - first));
    for (std::size_t i = first; i < last; ++i) {
      const Slot slot = rows_->find(keys[i]);
      inserted[i] = 0;
      if (slot == kNoSlot) {
        if (may_be_stored(keys[i].bytes)) {
          missing_.push_back(static_cast<std::uint32_t>(i));
          continue;
        }
        THALWEG_TRY(slots[i], create(keys[i]));
        inserted[i] = 1;
        continue;
      }
      slots[i] = slot;
      Record& record = rows_->record(slot);
      if (record.is(Record::kErased)) {
        revive(slot);
        inserted[i] = 1;
      } else if (!record.is(Record::kTouched)) {
        record.set(Record::kTouched);
      }
    }
  }
  if (missing_.empty()) return {};
  THALWEG_CHECK(fetch(keys, missing_));
  for (const std::uint32_t i : missing_) {
    slots[i] = rows_->find(keys[i]);
    if (slots[i] != kNoSlot) continue;
    THALWEG_TRY(slots[i], create(keys[i]));
    inserted[i] = 1;
  }
  return {};
}

Result<Slot> TieredStore::create(const StateKey& key) {
  if (key.bytes.size() > kStateKeyBytesMax) {
    return Error{ErrorCode::kLimit, "a key of " + std::to_string(key.bytes.size()) +
                                        " bytes is longer than the " + std::to_string(kStateKeyBytesMax) +
                                        " a state store holds"};
  }
  const Slot slot = rows_->insert(key);
  if (slot == kNoSlot) return full(name_);
  rows_->record(slot).set(Record::kFresh);
  mark_dirty(slot);
  ++row_count_;
  return slot;
}

Slot TieredStore::revive(Slot slot) {
  Record& record = rows_->record(slot);
  record.clear(Record::kErased);
  record.row_bytes = 0;
  mark_dirty(slot);
  ++row_count_;
  return slot;
}

void TieredStore::erase(Slot slot) {
  Record& record = rows_->record(slot);
  if (record.is(Record::kErased)) return;
  record.set(Record::kErased);
  mark_dirty(slot);
  --row_count_;
}

// Brings stored rows of the missing keys into memory, in one multi-get.
Result<void> TieredStore::fetch(std::span<const StateKey> keys, std::span<const std::uint32_t> missing) {
  std::vector<std::string> stored_keys;
  std::vector<std::string_view> views;
  stored_keys.reserve(missing.size());
  views.reserve(missing.size());
  for (const std::uint32_t i : missing)
    views.push_back(stored_keys.emplace_back(row_key(fold_->id, keys[i].bytes)));
  THALWEG_TRY(const auto values, storage_->multi_get(Space::kState, views));
  for (std::size_t m = 0; m < missing.size(); ++m) {
    const StateKey& key = keys[missing[m]];
    if (!values[m] || rows_->find(key) != kNoSlot) continue;
    const auto row = decode_row(key.bytes, *values[m]);
    if (!row) return corrupted(row.error());
    THALWEG_CHECK(insert_stored(key.bytes, *row, 0));
  }
  barren_ = false;
  fruitless_visits_ = 0;
  return {};
}

Result<Slot> TieredStore::insert_stored(std::string_view key, std::string_view row, std::uint64_t sequence) {
  const Slot slot = rows_->insert({key, hash_key(key)});
  if (slot == kNoSlot) return full(name_);
  rows_->set_row(slot, row);
  rows_->record(slot).sequence = sequence;
  return slot;
}

Result<void> TieredStore::expire_before(std::int64_t start_ms) {
  THALWEG_ASSERT(is_windowed());
  if (start_ms <= 0) return {};
  const auto start = static_cast<std::uint64_t>(start_ms);
  bool changed = start > expired_before_;
  rows_->remove_windows_before(start, [&](const Record& record) {
    changed = true;
    if (!record.is(Record::kErased)) --row_count_;
  });
  expired_before_ = std::max(expired_before_, start);
  if (changed && storage_ != nullptr) expired_unsaved_ = std::max(expired_unsaved_, start);
  return {};
}

Result<void> TieredStore::checkpoint(WriteSet& writes) {
  const std::uint64_t sequence = next_sequence_;
  const bool durable = storage_ != nullptr;
  DeltaWriter delta(expired_unsaved_, dirty_.empty() ? 0 : delta_bytes_);
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    if (i + kPrefetchDirty < dirty_.size()) __builtin_prefetch(&rows_->record(dirty_[i + kPrefetchDirty]), 1);
    const Slot slot = dirty_[i];
    Record& record = rows_->record(slot);
    if (record.is(Record::kFree) || !record.is(Record::kDirty)) continue;
    record.clear(Record::kDirty);
    if (record.is(Record::kErased)) {
      if (!durable || record.is(Record::kFresh)) {
        rows_->remove(slot);
        continue;
      }
      delta.erase(rows_->key(slot));
      erasures_.push_back({sequence, slot});
    } else if (durable) {
      delta.put(rows_->key(slot), rows_->row(slot));
    }
    record.clear(Record::kFresh);
    record.sequence = sequence;
  }
  dirty_.clear();
  if (!durable) return {};
  if (delta.count() > 0 || expired_unsaved_ != 0) {
    std::string blob = std::move(delta).finish(row_count_);
    delta_bytes_ = blob.size() + blob.size() / 8;
    fold_->pending_bytes.fetch_add(blob.size(), std::memory_order_relaxed);
    writes.put(Space::kState, delta_key(fold_->id, sequence), std::move(blob));
    ++next_sequence_;
    expired_unsaved_ = 0;
  }
  drop_folded_erasures();
  report_memory();
  return {};
}

// An erased row has to hide the stored one until its delta is folded, and no longer.
void TieredStore::drop_folded_erasures() {
  const std::uint64_t folded = folded_sequence();
  while (!erasures_.empty() && erasures_.front().sequence <= folded) {
    const Slot slot = erasures_.front().slot;
    erasures_.pop_front();
    const Record& record = rows_->record(slot);
    const bool still_erased = record.is(Record::kErased) && !record.is(Record::kFree | Record::kDirty);
    if (still_erased && record.sequence <= folded) rows_->remove(slot);
  }
}

std::size_t TieredStore::memory_bytes() const {
  return rows_->memory_bytes() + (dirty_.capacity() * sizeof(Slot)) + erasures_.size() * sizeof(Erasure);
}

void TieredStore::report_memory() {
  const std::size_t now = memory_bytes();
  if (now >= reported_bytes_) {
    budget_->used_bytes.fetch_add(now - reported_bytes_, std::memory_order_relaxed);
  } else {
    budget_->used_bytes.fetch_sub(reported_bytes_ - now, std::memory_order_relaxed);
  }
  reported_bytes_ = now;
  if (fold_ != nullptr) fold_->memory_bytes.store(now, std::memory_order_relaxed);
}

// A clock hand goes over the rows: what was touched since it last came by is spared once.
void TieredStore::evict() {
  if (storage_ == nullptr) return;
  drop_folded_erasures();
  report_memory();
  const std::size_t used = budget_->used_bytes.load(std::memory_order_relaxed);
  if (used <= budget_->limit_bytes) return;
  const std::uint64_t folded = folded_sequence();
  if (barren_ && barren_folded_ == folded) return;

  const std::size_t before = rows_->memory_bytes();
  const std::size_t excess = used - budget_->limit_bytes;
  std::size_t visits = 0;
  std::size_t evicted = 0;
  const std::size_t visits_max = std::min(kEvictVisitsMax, 2 * rows_->size() + 1);
  const auto visit = [&](Slot slot, Record& record) {
    if (visits == visits_max || before - rows_->memory_bytes() >= excess) return false;
    ++visits;
    if (record.is(Record::kDirty | Record::kErased) || record.sequence > folded) return true;
    const std::string_view key = rows_->key(slot);
    if (is_windowed() && RowTable::prefix_of(key) < expired_before_) return true;
    if (record.is(Record::kTouched)) {
      record.clear(Record::kTouched);
      return true;
    }
    if (is_windowed()) stored_window_max_ = std::max(stored_window_max_, RowTable::prefix_of(key));
    complete_ = false;
    rows_->remove(slot);
    ++evicted;
    return true;
  };
  for (int round = 0; round < 3; ++round) {
    hand_ = rows_->walk(hand_, visit);
    if (hand_ != 0) break;
  }
  fruitless_visits_ = evicted == 0 && folded == barren_folded_ ? fruitless_visits_ + visits : 0;
  barren_ = fruitless_visits_ > 2 * rows_->size();
  barren_folded_ = folded;
  report_memory();
}

}  // namespace thalweg::runtime
