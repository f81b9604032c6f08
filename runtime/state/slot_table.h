// Hash to slot: open addressing with linear probing over 8-byte cells of half a hash and a slot. Whether a
// slot's key is the one sought, the caller says; half a hash makes wrong candidates rare.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "runtime/state/state_store.h"

namespace thalweg::runtime {

class SlotTable {
 public:
  SlotTable() : cells_(kCellsMin) {}

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&cells_[home(hash)]); }

  // First slot whose half hash agrees: very likely the right one. kNoSlot: certainly absent.
  Slot candidate(std::uint64_t hash) const {
    return find(hash, [](Slot) { return true; });
  }

  template <typename IsKey>
  Slot find(std::uint64_t hash, IsKey&& is_key) const {
    const auto half = static_cast<std::uint32_t>(hash);
    for (std::size_t at = home(hash);; at = (at + 1) & mask()) {
      const Cell& cell = cells_[at];
      if (cell.slot == kNoSlot) return kNoSlot;
      if (cell.half == half && is_key(cell.slot)) return cell.slot;
    }
  }

  // `slot`'s key must not be in the table.
  void insert(std::uint64_t hash, Slot slot) {
    if ((used_ + 1) * 8 > cells_.size() * 5) grow();
    place({static_cast<std::uint32_t>(hash), slot});
    ++used_;
  }

  void erase(std::uint64_t hash, Slot slot) {
    std::size_t hole = home(hash);
    while (cells_[hole].slot != slot) hole = (hole + 1) & mask();
    // Moves later cells of the same run forward, unless that would put one before its home.
    for (std::size_t at = (hole + 1) & mask(); cells_[at].slot != kNoSlot; at = (at + 1) & mask()) {
      const std::size_t distance = (at - home(cells_[at].half)) & mask();
      if (distance < ((at - hole) & mask())) continue;
      cells_[hole] = cells_[at];
      hole = at;
    }
    cells_[hole] = Cell{};
    --used_;
  }

  std::size_t size() const { return used_; }
  std::size_t memory_bytes() const { return cells_.size() * sizeof(Cell); }

 private:
  struct Cell {
    std::uint32_t half = 0;
    Slot slot = kNoSlot;
  };
  static constexpr std::size_t kCellsMin = 64;

  std::size_t mask() const { return cells_.size() - 1; }
  std::size_t home(std::uint64_t hash) const { return static_cast<std::uint32_t>(hash) & mask(); }

  void place(Cell cell) {
    std::size_t at = home(cell.half);
    while (cells_[at].slot != kNoSlot) at = (at + 1) & mask();
    cells_[at] = cell;
  }

  void grow() {
    std::vector<Cell> old(cells_.size() * 2);
    old.swap(cells_);
    for (const Cell& cell : old) {
      if (cell.slot != kNoSlot) place(cell);
    }
  }

  std::vector<Cell> cells_;
  std::size_t used_ = 0;
};

}  // namespace thalweg::runtime
