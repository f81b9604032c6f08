#include "runtime/functions/hyper_log_log.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace thalweg::runtime {
namespace {

constexpr std::uint32_t kIndexBits = 14;
constexpr std::uint32_t kRegisters = 1U << kIndexBits;
constexpr std::size_t kSparseMax = 1024;
constexpr std::size_t kEntryBytes = sizeof(std::uint32_t);

bool is_dense(const std::string& sketch) { return sketch[0] == 'D'; }
std::size_t entry_count(const std::string& sketch) { return (sketch.size() - 1) / kEntryBytes; }

std::uint32_t entry_at(const std::string& sketch, std::size_t position) {
  std::uint32_t entry;
  std::memcpy(&entry, sketch.data() + 1 + position * kEntryBytes, kEntryBytes);
  return entry;
}
void put_entry(std::string& sketch, std::size_t position, std::uint32_t entry) {
  std::memcpy(sketch.data() + 1 + position * kEntryBytes, &entry, kEntryBytes);
}

// First position whose register is not below `index`.
std::size_t lower_bound(const std::string& sketch, std::uint32_t index) {
  std::size_t low = 0;
  std::size_t high = entry_count(sketch);
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    (entry_at(sketch, middle) >> 8) < index ? low = middle + 1 : high = middle;
  }
  return low;
}

std::int64_t linear_count(double zero_registers) {
  return std::llround(kRegisters * std::log(kRegisters / zero_registers));
}

}  // namespace

std::uint64_t HyperLogLog::hash(std::uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccdULL;
  bits ^= bits >> 33;
  bits *= 0xc4ceb9fe1a85ec53ULL;
  return bits ^ (bits >> 33);
}

std::uint64_t HyperLogLog::hash(std::string_view bytes) {
  std::uint64_t state = 0x9e3779b97f4a7c15ULL ^ bytes.size();
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t chunk;
    std::memcpy(&chunk, bytes.data(), 8);
    state = hash(state ^ chunk) + 0x9e3779b97f4a7c15ULL;
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  return hash(state ^ rest);
}

void HyperLogLog::add(std::string& sketch, std::uint64_t hash) {
  const auto index = static_cast<std::uint32_t>(hash >> (64 - kIndexBits));
  const std::uint64_t tail = (hash << kIndexBits) | (1ULL << (kIndexBits - 1));
  set(sketch, index, static_cast<std::uint8_t>(std::countl_zero(tail) + 1));
}

void HyperLogLog::set(std::string& sketch, std::uint32_t index, std::uint8_t rank) {
  if (is_dense(sketch)) {
    char& held = sketch[1 + index];
    held = std::max(held, static_cast<char>(rank));
    return;
  }
  const std::size_t position = lower_bound(sketch, index);
  const std::uint32_t entry = (index << 8) | rank;
  if (position < entry_count(sketch) && (entry_at(sketch, position) >> 8) == index) {
    put_entry(sketch, position, std::max(entry, entry_at(sketch, position)));
    return;
  }
  sketch.insert(1 + position * kEntryBytes, kEntryBytes, '\0');
  put_entry(sketch, position, entry);
  if (entry_count(sketch) > kSparseMax) make_dense(sketch);
}

void HyperLogLog::make_dense(std::string& sketch) {
  std::string dense(1 + kRegisters, '\0');
  dense[0] = 'D';
  for (std::size_t i = 0; i < entry_count(sketch); ++i) {
    const std::uint32_t entry = entry_at(sketch, i);
    dense[1 + (entry >> 8)] = static_cast<char>(entry & 0xff);
  }
  sketch = std::move(dense);
}

void HyperLogLog::merge(const std::string& other, std::string& sketch) {
  if (!is_dense(other)) {
    for (std::size_t i = 0; i < entry_count(other); ++i) {
      const std::uint32_t entry = entry_at(other, i);
      set(sketch, entry >> 8, static_cast<std::uint8_t>(entry & 0xff));
    }
    return;
  }
  if (!is_dense(sketch)) make_dense(sketch);
  for (std::size_t i = 1; i < other.size(); ++i) sketch[i] = std::max(sketch[i], other[i]);
}

std::int64_t HyperLogLog::estimate(const std::string& sketch) {
  // Up to kSparseMax registers the linear count is always the better estimate.
  if (!is_dense(sketch)) return linear_count(kRegisters - static_cast<double>(entry_count(sketch)));
  double sum = 0;
  double zeros = 0;
  for (std::size_t i = 1; i < sketch.size(); ++i) {
    sum += std::ldexp(1.0, -sketch[i]);
    if (sketch[i] == 0) ++zeros;
  }
  constexpr double kAlpha = 0.7213 / (1 + 1.079 / kRegisters);
  const double raw = kAlpha * kRegisters * kRegisters / sum;
  if (raw <= 2.5 * kRegisters && zeros > 0) return linear_count(zeros);
  return std::llround(raw);
}

}  // namespace thalweg::runtime
