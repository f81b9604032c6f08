#include "runtime/columns/arena.h"

#include <algorithm>

namespace thalweg::runtime {
namespace {
constexpr std::size_t kBlockBytesMin = std::size_t{16} << 10;
constexpr std::size_t kBlockBytesMax = std::size_t{1} << 20;
}  // namespace

void Arena::grow(std::size_t bytes) {
  const std::size_t doubled =
      blocks_.empty() ? kBlockBytesMin : std::min(blocks_.back().size * 2, kBlockBytesMax);
  const std::size_t size = std::max(bytes, doubled);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
  at_ = blocks_.back().memory.get();
  end_ = at_ + size;
  allocated_bytes_ += size;
}

void Arena::reset() {
  kept_.clear();
  if (blocks_.empty()) return;
  const auto largest = std::max_element(blocks_.begin(), blocks_.end(),
                                        [](const Block& a, const Block& b) { return a.size < b.size; });
  Block keep = std::move(*largest);
  blocks_.clear();
  at_ = keep.memory.get();
  end_ = at_ + keep.size;
  allocated_bytes_ = keep.size;
  blocks_.push_back(std::move(keep));
}

}  // namespace thalweg::runtime
