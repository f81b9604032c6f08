#include "runtime/state/slab.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>

namespace thalweg::runtime {
namespace {

constexpr std::uint32_t kChunkUnitsMax = 1u << 17;   // 2 MiB
constexpr std::uint32_t kFirstChunkUnits = 1u << 8;  // 4 KiB

}  // namespace

std::uint32_t Slab::round_units(std::uint32_t units) {
  if (units <= kSmallUnits) return units;
  const std::uint32_t step = std::bit_floor(units) / 8;
  return (units + step - 1) / step * step;
}

Slot Slab::allocate(std::uint32_t units) {
  std::vector<Slot>* reusable = nullptr;
  if (units <= kSmallUnits) {
    reusable = &free_small_[units];
  } else if (const auto found = free_large_.find(units); found != free_large_.end()) {
    reusable = &found->second;
  }
  if (reusable != nullptr && !reusable->empty()) {
    const Slot slot = reusable->back();
    reusable->pop_back();
    used_bytes_ += units * kUnitBytes;
    return slot;
  }
  if (chunks_.empty() || chunks_.back().units - chunks_.back().used < units) {
    if (!add_chunk(units)) return kNoSlot;
  }
  Chunk& chunk = chunks_.back();
  const auto slot = static_cast<Slot>(((chunks_.size() - 1) << kUnitBits) | chunk.used);
  chunk.used += units;
  used_bytes_ += units * kUnitBytes;
  return slot;
}

void Slab::free(Slot slot, std::uint32_t units) {
  used_bytes_ -= units * kUnitBytes;
  (units <= kSmallUnits ? free_small_[units] : free_large_[units]).push_back(slot);
}

bool Slab::add_chunk(std::uint32_t units_min) {
  // The last chunk's last unit would be kNoSlot, so that chunk is never made.
  if (chunks_.size() + 1 >= kChunksMax) return false;
  const std::uint32_t grown =
      chunks_.empty() ? kFirstChunkUnits : std::min(kChunkUnitsMax, chunks_.back().units * 4);
  const std::uint32_t units = std::max(grown, std::bit_ceil(units_min + 1));
  const std::size_t bytes = units * kUnitBytes;
  auto* memory = static_cast<char*>(std::aligned_alloc(std::min<std::size_t>(bytes, 2u << 20), bytes));
  if (memory == nullptr) return false;
  if (units == kChunkUnitsMax) ::madvise(memory, bytes, MADV_HUGEPAGE);
  chunks_.push_back({std::unique_ptr<char, FreeMemory>(memory), units, chunks_.empty() ? 1u : 0u});
  return true;
}

}  // namespace thalweg::runtime
