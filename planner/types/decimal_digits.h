// Digit counts and powers of ten of 128-bit integers, shared by the decimal files.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "planner/types/decimal.h"

namespace thalweg::planner {

using UInt128 = unsigned __int128;

inline constexpr std::int32_t kDecimalDigitsMax = 38;
inline Error too_many_digits() {
  return {ErrorCode::kBadRecord, "the result has more than " + std::to_string(kDecimalDigitsMax) + " digits"};
}
// Numbers like 1E+20000 are refused when read, so that plain notation stays bounded.
inline constexpr std::int32_t kScaleMagnitudeMax = 10'000;

inline constexpr auto kPowersOfTen = [] {
  std::array<UInt128, kDecimalDigitsMax + 1> powers{};
  UInt128 power = 1;
  for (auto& slot : powers) {
    slot = power;
    power *= 10;
  }
  return powers;
}();

inline UInt128 magnitude_of(Int128 value) {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

inline Int128 with_sign(UInt128 magnitude, bool negative) {
  return static_cast<Int128>(negative ? UInt128{0} - magnitude : magnitude);
}

// 1 for zero.
inline std::int32_t digit_count(UInt128 magnitude) {
  const auto high = static_cast<std::uint64_t>(magnitude >> 64);
  const int bits = high != 0 ? 128 - std::countl_zero(high)
                             : 64 - std::countl_zero(static_cast<std::uint64_t>(magnitude) | 1);
  const auto guess = static_cast<std::size_t>((bits * 1233) >> 12);  // bits · log10(2), from below
  return static_cast<std::int32_t>(guess) + (guess <= 38 && magnitude >= kPowersOfTen[guess] ? 1 : 0) +
         (magnitude == 0 ? 1 : 0);
}

}  // namespace thalweg::planner
