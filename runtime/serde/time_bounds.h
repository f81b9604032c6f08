// What a TIME column may be read from.
#pragma once

#include <cstdint>

namespace thalweg::runtime {

inline constexpr const char* kTimeBoundsMessage =
    "Time values must use number of milliseconds greater than 0 and less than 86400000.";

// The end of the day itself is let through, as in the original.
inline bool is_time_of_day(std::int64_t ms) { return ms >= 0 && ms <= 86'400'000; }

}  // namespace thalweg::runtime
