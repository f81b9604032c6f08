// All rows a store holds in memory, live and erased: hash table, slab, and for windowed and grouped stores an
// index by the first 8 bytes of the key. Knows nothing of storage; what makes a row dirty, folded or
// evictable is the store's.
//
//   block  [Record][key][pad to 8][Links, grouped stores only][row, or a pointer to it once it has outgrown
//   its place]
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/state/slab.h"
#include "runtime/state/slot_table.h"
#include "runtime/state/state_store.h"

namespace thalweg::runtime {

inline constexpr std::size_t kStateKeyBytesMax = 512u << 10;

struct Record {
  enum Flag : std::uint8_t {
    kFree = 1,      // the block waits to be used again
    kErased = 2,    // hides a row below
    kDirty = 4,     // changed since the last checkpoint
    kFresh = 8,     // no checkpoint and no storage knows the key
    kOutside = 16,  // the row has outgrown the block
    kTouched = 32,  // since the eviction hand came by
  };
  std::uint64_t sequence;  // of the newest delta with the row; 0: from sorted storage
  std::uint32_t key_bytes;
  std::uint32_t row_bytes;
  std::uint32_t row_capacity;
  std::uint16_t units;
  std::uint8_t flags;
  std::uint8_t unused;

  bool is(std::uint8_t flag) const { return (flags & flag) != 0; }
  void set(std::uint8_t flag) { flags = static_cast<std::uint8_t>(flags | flag); }
  void clear(std::uint8_t flag) { flags = static_cast<std::uint8_t>(flags & ~flag); }
};
static_assert(sizeof(Record) == 24);

class RowTable {
 public:
  explicit RowTable(StoreKind kind) : kind_(kind) {}
  ~RowTable();
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  Record& record(Slot slot) const { return *reinterpret_cast<Record*>(slab_.at(slot)); }
  std::string_view key(Slot slot) const {
    const Record& found = record(slot);
    return {reinterpret_cast<const char*>(&found + 1), found.key_bytes};
  }
  std::string_view row(Slot slot) const {
    const Record& found = record(slot);
    return {row_of(found), found.row_bytes};
  }
  char* row_bytes(Slot slot) { return row_of(record(slot)); }
  void set_row(Slot slot, std::string_view row);

  // Hides the latency of memory over a run of keys: cells first, then the records they point to.
  void prefetch(std::span<const StateKey> keys) const;
  // Erased rows are found, too.
  Slot find(const StateKey& key) const {
    return table_.find(key.hash, [&](Slot slot) { return this->key(slot) == key.bytes; });
  }
  // The key must not be there. The record begins with no flags but kTouched. kNoSlot: out of memory.
  Slot insert(const StateKey& key);
  void remove(Slot slot);

  std::size_t size() const { return table_.size(); }
  std::size_t memory_bytes() const {
    return slab_.used_bytes() + table_.memory_bytes() + groups_.memory_bytes() + outside_bytes_ +
           index_bytes();
  }

  // Slots with from ≤ key < to (empty `to`: no bound) in key order, erased rows included.
  std::vector<Slot> sorted(std::string_view from, std::string_view to) const;

  struct Window {
    std::vector<Slot> slots;  // may name blocks that have since gone to other rows, or twice to one
    std::size_t rows = 0;
  };
  // Windowed: by start, those with rows in memory, erased ones included.
  const std::map<std::uint64_t, Window>& windows() const { return windows_; }
  bool belongs(Slot slot, std::uint64_t start) const {
    return !record(slot).is(Record::kFree) && prefix_of(key(slot)) == start;
  }
  // Removes all rows of windows that begin before `start`, calling removed(record) for each one before.
  template <typename Removed>
  void remove_windows_before(std::uint64_t start, Removed&& removed);
  static std::uint64_t prefix_of(std::string_view key);  // the first 8 bytes: a window or a group

  // Visits every record from `from` on, see Slab::walk; visit(slot, record) returns false to stop there.
  template <typename Visit>
  Slot walk(Slot from, Visit&& visit) const {
    return slab_.walk(from, [&](Slot slot) -> std::uint32_t {
      Record& found = record(slot);
      const std::uint32_t units = found.units;
      return found.is(Record::kFree) || visit(slot, found) ? units : 0;
    });
  }

 private:
  struct ByKey {
    using is_transparent = void;
    const RowTable* rows;
    bool operator()(Slot a, Slot b) const { return rows->key(a) < rows->key(b); }
    bool operator()(Slot a, std::string_view b) const { return rows->key(a) < b; }
    bool operator()(std::string_view a, Slot b) const { return a < rows->key(b); }
  };
  using Ordered = std::set<Slot, ByKey>;

  // The other rows of a group, a list whose first one is in groups_.
  struct Links {
    Slot next, previous;
  };
  std::size_t link_bytes() const { return kind_ == StoreKind::kGrouped ? sizeof(Links) : 0; }
  std::size_t row_offset(std::size_t key_bytes) const {
    return ((sizeof(Record) + key_bytes + 7) & ~std::size_t{7}) + link_bytes();
  }
  char* inside(const Record& record) const {
    return const_cast<char*>(reinterpret_cast<const char*>(&record)) + row_offset(record.key_bytes);
  }
  Links& links(Slot slot) const { return *reinterpret_cast<Links*>(inside(record(slot)) - sizeof(Links)); }
  char* row_of(const Record& record) const {
    char* place = inside(record);
    return record.is(Record::kOutside) ? *reinterpret_cast<char**>(place) : place;
  }
  std::size_t index_bytes() const { return ordered_ == nullptr ? 0 : ordered_->size() * 48; }
  void release(Slot slot);
  void add_to_window(Slot slot);
  void take_from_window(Slot slot);
  Slot first_of_group(std::uint64_t group) const {
    return groups_.find(group, [&](Slot slot) { return prefix_of(key(slot)) == group; });
  }
  void add_to_group(Slot slot);
  void take_from_group(Slot slot);
  void collect_group(std::string_view from, std::string_view to, std::vector<Slot>& slots) const;
  void collect_windows(std::string_view from, std::string_view to, std::vector<Slot>& slots) const;

  StoreKind kind_;
  Slab slab_;
  SlotTable table_;
  SlotTable groups_;  // grouped stores: the first row of each
  std::uint32_t typical_row_bytes_ = 16;
  std::size_t outside_bytes_ = 0;
  std::map<std::uint64_t, Window> windows_;
  Window* newest_window_ = nullptr;  // the one inserted to last
  std::uint64_t newest_start_ = 0;
  mutable std::unique_ptr<Ordered> ordered_;  // made by the first bounded scan of a plain store
};

template <typename Removed>
void RowTable::remove_windows_before(std::uint64_t start, Removed&& removed) {
  newest_window_ = nullptr;
  while (!windows_.empty() && windows_.begin()->first < start) {
    const std::uint64_t window = windows_.begin()->first;
    for (const Slot slot : windows_.begin()->second.slots) {
      if (!belongs(slot, window)) continue;
      removed(record(slot));
      table_.erase(hash_key(key(slot)), slot);
      release(slot);
    }
    windows_.erase(windows_.begin());
  }
}

}  // namespace thalweg::runtime
