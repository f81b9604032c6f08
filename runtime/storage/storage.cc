#include "runtime/storage/storage.h"

#include <iterator>

namespace thalweg::runtime {

void WriteSet::append(WriteSet&& other) {
  if (entries_.empty()) {
    entries_.swap(other.entries_);
  } else {
    entries_.insert(entries_.end(), std::make_move_iterator(other.entries_.begin()),
                    std::make_move_iterator(other.entries_.end()));
  }
  size_bytes_ += other.size_bytes_;
  other.clear();
}

void append_u32_be(std::string& out, std::uint32_t value) {
  const std::uint32_t swapped = __builtin_bswap32(value);
  out.append(reinterpret_cast<const char*>(&swapped), sizeof(swapped));
}

void append_u64_be(std::string& out, std::uint64_t value) {
  const std::uint64_t swapped = __builtin_bswap64(value);
  out.append(reinterpret_cast<const char*>(&swapped), sizeof(swapped));
}

std::uint32_t read_u32_be(std::string_view bytes) {
  std::uint32_t value = 0;
  THALWEG_ASSERT(bytes.size() >= sizeof(value));
  __builtin_memcpy(&value, bytes.data(), sizeof(value));
  return __builtin_bswap32(value);
}

std::uint64_t read_u64_be(std::string_view bytes) {
  std::uint64_t value = 0;
  THALWEG_ASSERT(bytes.size() >= sizeof(value));
  __builtin_memcpy(&value, bytes.data(), sizeof(value));
  return __builtin_bswap64(value);
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace thalweg::runtime
