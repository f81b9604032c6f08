// Memory for rows: blocks of whole 16-byte units, named by a 32-bit slot and never moved.
//
//   slot   [chunk 15 bits][unit within the chunk 17 bits]; a chunk is up to 2 MiB, the first ones smaller,
//          so that a store of a few rows costs a few kilobytes
//
// Freed blocks are kept by size and used again; chunks go back to the system with the slab.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include "runtime/state/state_store.h"

namespace thalweg::runtime {

class Slab {
 public:
  static constexpr std::size_t kUnitBytes = 16;
  static constexpr std::uint32_t kUnitsMax = 0xffff;  // of one block

  // Blocks are handed out in these sizes: exact up to 64 units, then within an eighth.
  static std::uint32_t round_units(std::uint32_t units);

  // kNoSlot when the 64 GiB a slot can name are used up.
  Slot allocate(std::uint32_t units);
  void free(Slot slot, std::uint32_t units);
  char* at(Slot slot) const {
    return chunks_[slot >> kUnitBits].memory.get() + (slot & kUnitMask) * kUnitBytes;
  }
  std::size_t used_bytes() const { return used_bytes_; }  // of blocks in use

  // Visits blocks in order of slots, free ones too, beginning at `from`; visit(slot) returns the block's
  // units, or 0 to stop there. Gives the slot to go on from, or 0 at the end. Slot 0 is never a block.
  template <typename Visit>
  Slot walk(Slot from, Visit&& visit) const;

 private:
  static constexpr int kUnitBits = 17;
  static constexpr std::uint32_t kUnitMask = (1u << kUnitBits) - 1;
  static constexpr std::uint32_t kChunksMax = 1u << (32 - kUnitBits);
  static constexpr std::uint32_t kSmallUnits = 64;

  struct FreeMemory {
    void operator()(char* memory) const { std::free(memory); }
  };
  struct Chunk {
    std::unique_ptr<char, FreeMemory> memory;
    std::uint32_t units = 0;
    std::uint32_t used = 0;
  };
  bool add_chunk(std::uint32_t units_min);

  std::vector<Chunk> chunks_;
  std::array<std::vector<Slot>, kSmallUnits + 1> free_small_;
  std::map<std::uint32_t, std::vector<Slot>> free_large_;
  std::size_t used_bytes_ = 0;
};

template <typename Visit>
Slot Slab::walk(Slot from, Visit&& visit) const {
  for (std::uint32_t c = from >> kUnitBits; c < chunks_.size(); ++c) {
    std::uint32_t unit = c == from >> kUnitBits ? from & kUnitMask : 0;
    if (c == 0 && unit == 0) unit = 1;
    while (unit < chunks_[c].used) {
      const Slot slot = (c << kUnitBits) | unit;
      const std::uint32_t units = visit(slot);
      if (units == 0) return slot;
      unit += units;
    }
  }
  return 0;
}

}  // namespace thalweg::runtime
