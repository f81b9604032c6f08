// A 128-bit integer that lives in 8-byte aligned state.
#pragma once

#include <cstdint>

#include "planner/types/decimal.h"

namespace thalweg::runtime {

struct WideInteger {
  std::uint64_t low = 0;
  std::int64_t high = 0;

  planner::Int128 get() const {
    return static_cast<planner::Int128>(
        (static_cast<unsigned __int128>(static_cast<std::uint64_t>(high)) << 64) | low);
  }
  void set(planner::Int128 value) {
    low = static_cast<std::uint64_t>(value);
    high = static_cast<std::int64_t>(value >> 64);
  }
};

}  // namespace thalweg::runtime
