// English names of months, weekdays and zones, as the original's locale data spells them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace thalweg::planner {

inline constexpr std::array<std::string_view, 12> kMonthNames = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kWeekdayNames = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
inline constexpr std::array<std::string_view, 4> kQuarterNames = {"1st quarter", "2nd quarter", "3rd quarter",
                                                                  "4th quarter"};

// Zones that share their abbreviations. `region` stands for all of them when text is read.
struct ZoneFamily {
  std::string_view meta_zone;  // ICU's name; empty: only the region itself
  std::string_view region;
  std::string_view standard;
  std::string_view daylight;  // may be empty
  std::string_view standard_long;
  std::string_view daylight_long;
};

std::span<const ZoneFamily> zone_families();

// Case-insensitive for ASCII.
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace thalweg::planner
