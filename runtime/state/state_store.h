// Keyed rows of one task's operator: memory first, durable by deltas.
//
//   key   any bytes, at least 8 of them where the store's kind gives these a meaning
//   row   any bytes, laid out by the operator
//
// An epoch's changes leave as one delta (absolute new rows of the dirty keys) in the epoch's WriteSet.
// Later fold() moves deltas into sorted storage, from where rows that were evicted under the memory
// budget, or not yet read since a restart, come back on lookup. Deltas not yet folded are read back
// at open, so nothing is replayed from the input.
//
//   storage (Space::kState)  "d" [store id u32][sequence u64] → delta,  "r" [store id u32][key] → row;
//   state_format.h has the rest
//
// Thread: owned by one task; fold() may run on another thread at the same time as everything else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "runtime/storage/storage.h"

namespace thalweg::runtime {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xffffffffu;

struct StateKey {
  std::string_view bytes;
  std::uint64_t hash;  // hash_key(bytes)
};
std::uint64_t hash_key(std::string_view bytes);

// What the first 8 bytes of a key are.
enum class StoreKind : std::uint8_t {
  kPlain,     // nothing of their own
  kWindowed,  // the window start, ms, big-endian: whole windows can expire
  kGrouped    // a group's name, well spread (a hash): scans within one group are quick
};
inline StoreKind kind_of_store(bool windowed) { return windowed ? StoreKind::kWindowed : StoreKind::kPlain; }

struct StoreId {
  std::string query;  // owner; wiped together
  std::string store;  // "Aggregate-Aggregate-Materialize"
  PartitionId partition;
};

class StateStore {
 public:
  virtual ~StateStore() = default;

  // Finds many keys at once: all hashes first, then prefetch, then probe, then one multi-get for those
  // that are not in memory. kNoSlot: no such row. Slots stay good until the next evict() or checkpoint().
  virtual Result<void> lookup(std::span<const StateKey> keys, std::span<Slot> slots) = 0;
  // As lookup, but makes an empty row (size 0) for a key that has none; inserted[i] says so.
  // A key occurring twice gets one slot, inserted only at its first place.
  virtual Result<void> upsert(std::span<const StateKey> keys, std::span<Slot> slots,
                              std::span<std::uint8_t> inserted) = 0;

  virtual void prefetch(Slot slot) const = 0;  // the caller will want its row soon
  virtual std::string_view key(Slot slot) const = 0;
  virtual std::string_view row(Slot slot) const = 0;
  // For changes in place; counts as dirty from now on. Valid until the next call that can grow the store.
  virtual char* mutable_row(Slot slot) = 0;
  virtual void set_row(Slot slot, std::string_view row) = 0;
  virtual void erase(Slot slot) = 0;  // a later lookup gives kNoSlot

  // Rows with from ≤ key < to (empty `to`: to the end) in key order, from memory and disk alike.
  // The visitor returns false to stop. The store must not be changed meanwhile.
  using Visitor = std::function<bool(std::string_view key, std::string_view row)>;
  virtual Result<void> scan(std::string_view from, std::string_view to, const Visitor& visit) const = 0;

  // Windowed stores: starts of windows with at least one row, ascending; and dropping those that begin
  // before `start_ms` (on disk too, in the background).
  virtual Result<std::vector<std::int64_t>> window_starts() const = 0;
  virtual Result<void> expire_before(std::int64_t start_ms) = 0;

  virtual std::uint64_t row_count_estimate() const = 0;
  virtual std::size_t memory_bytes() const = 0;

  // Appends the delta of everything changed since the last checkpoint; marks all clean.
  virtual Result<void> checkpoint(WriteSet& writes) = 0;
  // The write set of the last checkpoint did not become durable: forget every change since the one before,
  // in memory too (reads them back from storage).
  virtual Result<void> roll_back() = 0;
  // Gives memory back until the shared budget holds, oldest untouched rows first; never dirty or unfolded
  // ones.
  virtual void evict() = 0;
};

// Erases those of the slots whose rows are empty: a change may make room for rows that then do not come.
inline void erase_empty(StateStore& store, std::span<const Slot> slots) {
  for (const Slot slot : slots) {
    if (store.row(slot).empty()) store.erase(slot);
  }
}

struct StateOptions {
  std::size_t memory_budget_bytes = 1ull << 30;  // over all stores; soft: dirty rows stay in memory
  std::size_t fold_after_bytes = 16ull << 20;    // of deltas per store
};

// Opens, folds and wipes the stores of a data folder. Thread-safe.
class StateBackend {
 public:
  virtual ~StateBackend() = default;
  virtual Result<std::unique_ptr<StateStore>> open(const StoreId& id, StoreKind kind) = 0;
  // A store of a transient query: memory only, no budget eviction, nothing left behind.
  virtual std::unique_ptr<StateStore> open_transient(StoreKind kind) = 0;
  virtual Result<void> wipe_query(const std::string& query) = 0;  // all stores of a query, on disk
  // Folds pending deltas of every store that has more than fold_after_bytes (all of them when `everything`).
  virtual Result<void> fold(bool everything) = 0;
  virtual std::size_t memory_bytes() const = 0;
};
Result<std::unique_ptr<StateBackend>> make_state_backend(Storage& storage, const StateOptions& options);

}  // namespace thalweg::runtime
