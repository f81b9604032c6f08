// Memory that lives as long as a batch. Allocation is a pointer bump; nothing is freed singly.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

namespace thalweg::runtime {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Uninitialised memory, aligned for any flat type; never null, also for 0 bytes.
  void* allocate(std::size_t bytes) {
    bytes = (std::max<std::size_t>(bytes, 1) + 15) & ~std::size_t{15};
    if (bytes > static_cast<std::size_t>(end_ - at_)) grow(bytes);
    char* result = at_;
    at_ += bytes;
    return result;
  }
  template <typename T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  std::string_view copy(std::string_view text) {
    char* to = static_cast<char*>(allocate(text.size()));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  // Keeps `owner` alive as long as the arena: blocks that views in the batch point into.
  void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }
  // Forgets everything but keeps the largest block for reuse.
  void reset();
  std::size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  void grow(std::size_t bytes);

  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  std::vector<std::shared_ptr<const void>> kept_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t allocated_bytes_ = 0;
};

}  // namespace thalweg::runtime
