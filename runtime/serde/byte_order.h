// Fixed-width numbers in byte strings, little- or big-endian.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "planner/types/decimal.h"

namespace thalweg::runtime {

static_assert(std::endian::native == std::endian::little);

template <typename T>
T swap_bytes(T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  unsigned char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

template <typename T>
void append_little(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}
template <typename T>
void append_big(std::string& out, T value) {
  append_little(out, swap_bytes(value));
}

// The caller has checked that sizeof(T) bytes are there.
template <typename T>
T load_little(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}
template <typename T>
T load_big(const char* bytes) {
  return swap_bytes(load_little<T>(bytes));
}

// All NaNs look alike in bytes, as in Java.
inline double canonical(double value) {
  return value == value ? value : std::bit_cast<double>(std::uint64_t{0x7ff8000000000000});
}

// Cuts a T off the front; false when too short.
template <typename T>
[[nodiscard]] bool take_little(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof(T)) return false;
  value = load_little<T>(bytes.data());
  bytes.remove_prefix(sizeof(T));
  return true;
}

}  // namespace thalweg::runtime
