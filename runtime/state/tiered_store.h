// The StateStore: rows in memory over deltas and sorted rows in Storage; without Storage a transient one.
//
// A row is in one of three places: memory alone (dirty), memory and a pending delta (clean, sequence above
// the folded one), or sorted storage and perhaps memory. Only the last kind may be evicted, therefore a
// key that is not in memory is either in sorted storage or nowhere. While nothing was ever evicted or left
// unread (`complete_`), it is nowhere, and storage is not asked.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "runtime/state/row_table.h"
#include "runtime/state/state_store.h"

namespace thalweg::runtime {

struct MemoryBudget {
  explicit MemoryBudget(std::size_t bytes) : limit_bytes(bytes) {}
  const std::size_t limit_bytes;
  std::atomic<std::size_t> used_bytes = 0;
};

// What a store and the folding thread share.
struct FoldState {
  explicit FoldState(std::uint32_t store) : id(store) {}
  const std::uint32_t id;
  std::atomic<std::uint64_t> folded_sequence = 0;
  std::atomic<std::uint64_t> pending_bytes = 0;
  std::atomic<std::uint64_t> memory_bytes = 0;  // of the store
  std::atomic<bool> open = false;
  std::uint64_t erased_before = 0;  // windows below are gone from storage; the folding thread's own
};

class TieredStore final : public StateStore {
 public:
  // Transient: `storage` and `fold` null.
  TieredStore(Storage* storage, std::shared_ptr<FoldState> fold, std::shared_ptr<MemoryBudget> budget,
              std::string name, StoreKind kind);
  ~TieredStore() override;
  TieredStore(const TieredStore&) = delete;
  TieredStore& operator=(const TieredStore&) = delete;

  // Forgets what is in memory; reads pending deltas, and all sorted rows when they are few.
  Result<void> load();

  Result<void> lookup(std::span<const StateKey> keys, std::span<Slot> slots) override;
  Result<void> upsert(std::span<const StateKey> keys, std::span<Slot> slots,
                      std::span<std::uint8_t> inserted) override;
  void prefetch(Slot slot) const override { __builtin_prefetch(&rows_->record(slot), 1); }
  std::string_view key(Slot slot) const override { return rows_->key(slot); }
  std::string_view row(Slot slot) const override { return rows_->row(slot); }
  char* mutable_row(Slot slot) override {
    mark_dirty(slot);
    return rows_->row_bytes(slot);
  }
  void set_row(Slot slot, std::string_view row) override {
    mark_dirty(slot);
    rows_->set_row(slot, row);
  }
  void erase(Slot slot) override;
  Result<void> scan(std::string_view from, std::string_view to, const Visitor& visit) const override;
  Result<std::vector<std::int64_t>> window_starts() const override;
  Result<void> expire_before(std::int64_t start_ms) override;
  std::uint64_t row_count_estimate() const override {
    return row_count_ < 0 ? 0 : static_cast<std::uint64_t>(row_count_);
  }
  std::size_t memory_bytes() const override;
  Result<void> checkpoint(WriteSet& writes) override;
  Result<void> roll_back() override;
  void evict() override;

 private:
  void mark_dirty(Slot slot) {
    Record& record = rows_->record(slot);
    if (record.is(Record::kDirty)) return;
    record.set(Record::kDirty);
    dirty_.push_back(slot);
  }
  bool is_windowed() const { return kind_ == StoreKind::kWindowed; }
  // Whether sorted storage may hold a key that memory does not.
  bool may_be_stored(std::string_view key) const;
  Result<void> fetch(std::span<const StateKey> keys, std::span<const std::uint32_t> missing);
  Result<Slot> create(const StateKey& key);
  Slot revive(Slot slot);
  Result<Slot> insert_stored(std::string_view key, std::string_view row, std::uint64_t sequence);

  Result<void> load_deltas(Cursor& cursor);
  Result<void> apply_delta(std::string_view blob, std::uint64_t sequence);
  Result<void> load_sorted_rows(Cursor& cursor);
  std::int64_t count_rows() const;

  Result<void> merge_scan(const std::vector<Slot>& slots, std::string_view from, std::string_view to,
                          const Visitor& visit) const;
  Result<bool> window_has_stored_row(Cursor& cursor, std::uint64_t start) const;

  std::uint64_t folded_sequence() const { return fold_->folded_sequence.load(std::memory_order_acquire); }
  void drop_folded_erasures();
  void report_memory();
  Error corrupted(const Error& cause) const;

  Storage* storage_;
  std::shared_ptr<FoldState> fold_;
  std::shared_ptr<MemoryBudget> budget_;
  std::string name_;  // for messages
  StoreKind kind_;

  std::unique_ptr<RowTable> rows_;
  std::vector<Slot> dirty_;  // may name freed blocks, or twice the same
  std::vector<std::uint32_t> missing_;
  struct Erasure {
    std::uint64_t sequence;
    Slot slot;
  };
  std::deque<Erasure> erasures_;  // in deltas that may be pending
  std::uint64_t next_sequence_ = 1;
  bool complete_ = true;
  std::uint64_t stored_window_max_ = 0;  // later windows are in memory alone
  std::uint64_t expired_before_ = 0;
  std::uint64_t expired_unsaved_ = 0;  // to go into the next delta; 0: nothing
  std::int64_t row_count_ = 0;
  std::size_t delta_bytes_ = 0;  // of the last one, a guess for the next
  std::size_t reported_bytes_ = 0;
  Slot hand_ = 0;        // of eviction
  bool barren_ = false;  // a whole sweep found nothing to evict; wait for the next fold
  std::size_t fruitless_visits_ = 0;
  std::uint64_t barren_folded_ = 0;
};

}  // namespace thalweg::runtime
