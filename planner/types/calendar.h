// The proleptic Gregorian calendar by arithmetic; day 0 is 1970-01-01.
#pragma once

#include <cstdint>

namespace thalweg::planner {

inline constexpr std::int64_t kDayMs = 86'400'000;

struct CivilDate {
  std::int64_t year = 1970;
  std::int32_t month = 1;  // 1–12
  std::int32_t day = 1;    // 1–31
};

template <typename T>
constexpr T floor_div(T a, T b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

template <typename T>
constexpr T floor_mod(T a, T b) {
  return a - floor_div(a, b) * b;
}

constexpr bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr std::int32_t days_in_month(std::int64_t year, std::int32_t month) {
  if (month == 2) return is_leap_year(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Years run from March here, so that the leap day comes last; an era is 400 years.
constexpr std::int64_t days_from_civil(std::int64_t year, std::int32_t month, std::int32_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_div<std::int64_t>(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

constexpr CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t z = days + 719468;
  const std::int64_t era = floor_div<std::int64_t>(z, 146097);
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto month = static_cast<std::int32_t>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<std::int32_t>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

// Monday 1 … Sunday 7.
constexpr std::int32_t iso_weekday(std::int64_t days) {
  return static_cast<std::int32_t>(floor_mod<std::int64_t>(days + 3, 7)) + 1;
}

}  // namespace thalweg::planner
