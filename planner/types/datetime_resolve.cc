// Fields → dates and times, as java.time's SMART style does.
#include "planner/types/calendar.h"
#include "planner/types/datetime_items.h"
#include "planner/types/text.h"

namespace thalweg::planner {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr std::int64_t kYearMax = 999'999'999;

Error invalid(const std::string& text) { return {ErrorCode::kBadRecord, text}; }

struct Range {
  DateField field;
  std::int64_t least;
  std::int64_t most;
};

// HourOfDay has its own check, because 24:00 is allowed.
constexpr Range kRanges[] = {
    {DateField::kYear, -kYearMax, kYearMax},
    {DateField::kYearOfEra, 1, kYearMax},
    {DateField::kWeekYear, -kYearMax, kYearMax},
    {DateField::kWeek, 1, 53},
    {DateField::kWeekOfMonth, 0, 6},
    {DateField::kMonth, 1, 12},
    {DateField::kQuarter, 1, 4},
    {DateField::kDay, 1, 31},
    {DateField::kDayOfYear, 1, 366},
    {DateField::kWeekday, 1, 7},
    {DateField::kLocalWeekday, 1, 7},
    {DateField::kAlignedWeekday, 1, 7},
    {DateField::kModifiedJulianDay, -kYearMax * 366, kYearMax * 366},
    {DateField::kHour, 0, 24},
    {DateField::kClockHour, 0, 24},
    {DateField::kHourOfHalf, 0, 11},
    {DateField::kClockHourOfHalf, 0, 12},
    {DateField::kMinute, 0, 59},
    {DateField::kSecond, 0, 59},
    {DateField::kNano, 0, kSecondNs - 1},
    {DateField::kMilliOfDay, 0, kDayMs - 1},
    {DateField::kNanoOfDay, 0, kDayNs - 1},
};

Result<void> check_ranges(const ParsedFields& fields) {
  for (const Range& range : kRanges) {
    const auto& value = fields[range.field];
    if (!value || (*value >= range.least && *value <= range.most)) continue;
    const bool hour = range.field == DateField::kHour;
    return invalid("Invalid value for " + std::string(field_name(range.field)) + " (valid values " +
                   std::to_string(range.least) + " - " + std::to_string(hour ? 23 : range.most) +
                   "): " + std::to_string(*value));
  }
  return {};
}

Result<void> merge(ParsedFields& fields, DateField into, std::int64_t value) {
  auto& slot = fields[into];
  if (slot && *slot != value) {
    return invalid("Conflict found: " + std::string(field_name(into)) + " " + std::to_string(*slot) +
                   " differs from " + std::string(field_name(into)) + " " + std::to_string(value));
  }
  slot = value;
  return {};
}

Result<void> merge_year(ParsedFields& fields) {
  if (const auto year = fields[DateField::kYearOfEra]) {
    const bool before_christ = fields[DateField::kEra].value_or(1) == 0;
    THALWEG_CHECK(merge(fields, DateField::kYear, before_christ ? 1 - *year : *year));
  }
  if (const auto weekday = fields[DateField::kLocalWeekday]) {
    THALWEG_CHECK(merge(fields, DateField::kWeekday, (*weekday + 5) % 7 + 1));
  }
  return {};
}

Result<std::int64_t> from_day_of_year(std::int64_t year, std::int64_t day_of_year) {
  if (day_of_year == 366 && !is_leap_year(year)) {
    return invalid("Invalid date 'DayOfYear 366' as '" + std::to_string(year) + "' is not a leap year");
  }
  return days_from_civil(year, 1, 1) + day_of_year - 1;
}

// Weeks begin on Sunday; week 1 of a year or month is the one its first day lies in.
std::int64_t from_week(std::int64_t first_day, std::int64_t week, std::int64_t weekday) {
  return first_day - (local_weekday(first_day) - 1) + (week - 1) * 7 + weekday % 7;
}

Result<std::optional<std::int64_t>> complete_date(const ParsedFields& fields) {
  using Days = std::optional<std::int64_t>;
  const auto year = fields[DateField::kYear];
  const auto month = fields[DateField::kMonth];
  const auto weekday = fields[DateField::kWeekday];
  if (const auto julian = fields[DateField::kModifiedJulianDay]) return Days(*julian - 40587);
  if (year && month && fields[DateField::kDay]) {
    const auto m = static_cast<std::int32_t>(*month);
    const auto day = static_cast<std::int32_t>(*fields[DateField::kDay]);
    return Days(days_from_civil(*year, m, std::min(day, days_in_month(*year, m))));
  }
  if (year && fields[DateField::kDayOfYear]) {
    THALWEG_TRY(const auto days, from_day_of_year(*year, *fields[DateField::kDayOfYear]));
    return Days(days);
  }
  if (fields[DateField::kWeekYear] && fields[DateField::kWeek] && weekday) {
    return Days(
        from_week(days_from_civil(*fields[DateField::kWeekYear], 1, 1), *fields[DateField::kWeek], *weekday));
  }
  if (year && month && fields[DateField::kWeekOfMonth] && weekday) {
    const std::int64_t first = days_from_civil(*year, static_cast<std::int32_t>(*month), 1);
    return Days(from_week(first, *fields[DateField::kWeekOfMonth], *weekday));
  }
  return Days();
}

Result<void> check_weekday(const ParsedFields& fields, std::int64_t days) {
  const auto weekday = fields[DateField::kWeekday];
  if (!weekday || *weekday == iso_weekday(days)) return {};
  return invalid("Conflict found: Field DayOfWeek " + std::to_string(iso_weekday(days)) +
                 " differs from DayOfWeek " + std::to_string(*weekday) + " derived from " +
                 date_to_string(static_cast<std::int32_t>(days)));
}

bool is_afternoon(std::int64_t period, std::int64_t hour_of_half) {
  if (period == 5) return hour_of_half >= 9;  // at night: 21 to 6
  return period == 2 || period == 3 || period == 4;
}

// Clock hours and halves of the day become HourOfDay where they suffice.
Result<void> merge_hours(ParsedFields& fields) {
  if (const auto hour = fields[DateField::kClockHour]) {
    THALWEG_CHECK(merge(fields, DateField::kHour, *hour == 24 ? 0 : *hour));
  }
  if (const auto hour = fields[DateField::kClockHourOfHalf]) {
    THALWEG_CHECK(merge(fields, DateField::kHourOfHalf, *hour == 12 ? 0 : *hour));
  }
  const auto half_hour = fields[DateField::kHourOfHalf];
  auto& half = fields[DateField::kAmPm];
  if (const auto period = fields[DateField::kDayPeriod]; period && half_hour && !half) {
    half = is_afternoon(*period, *half_hour) ? 1 : 0;
  }
  if (half && half_hour) THALWEG_CHECK(merge(fields, DateField::kHour, *half * 12 + *half_hour));
  const auto hour = fields[DateField::kHour];
  if (half && hour && *hour < 24 && *hour / 12 != *half) {
    return invalid("Conflict found: Field AmPmOfDay " + std::to_string(*hour / 12) +
                   " differs from AmPmOfDay " + std::to_string(*half));
  }
  return {};
}

// Hour alone is a time, hour and second without minute is none.
Result<void> complete_time(const ParsedFields& fields, ResolvedFields& out) {
  if (const auto nano = fields[DateField::kNanoOfDay]) {
    out.nano_of_day = *nano;
    return {};
  }
  if (const auto ms = fields[DateField::kMilliOfDay]) {
    out.nano_of_day = *ms * 1'000'000 + fields[DateField::kNano].value_or(0) % 1'000'000;
    return {};
  }
  const auto hour = fields[DateField::kHour];
  const auto minute = fields[DateField::kMinute];
  const auto second = fields[DateField::kSecond];
  const auto nano = fields[DateField::kNano];
  if (!hour || (!minute && (second || nano)) || (!second && nano && !minute)) return {};
  const std::int64_t below_hour =
      minute.value_or(0) * kMinuteNs + second.value_or(0) * kSecondNs + nano.value_or(0);
  if (*hour == 24) {
    if (below_hour != 0) return invalid("Invalid value for HourOfDay (valid values 0 - 23): 24");
    out.excess_days = 1;
  }
  out.nano_of_day = *hour % 24 * kHourNs + below_hour;
  return {};
}

}  // namespace

Result<ResolvedFields> resolve_fields(ParsedFields& fields) {
  THALWEG_CHECK(check_ranges(fields));
  THALWEG_CHECK(merge_year(fields));
  THALWEG_CHECK(merge_hours(fields));
  ResolvedFields out;
  THALWEG_TRY(out.days, complete_date(fields));
  if (out.days) THALWEG_CHECK(check_weekday(fields, *out.days));
  THALWEG_CHECK(complete_time(fields, out));
  return out;
}

Result<std::int64_t> overlay_days(const ParsedFields& fields) {
  const auto year = fields[DateField::kYear];
  const auto month = static_cast<std::int32_t>(fields[DateField::kMonth].value_or(1));
  const std::int64_t base = year.value_or(1970);
  std::int64_t days = days_from_civil(base, month, 1);
  if (const auto day = fields[DateField::kDay]) {
    if (*day > days_in_month(base, month)) {
      if (month == 2 && *day == 29)
        return invalid("Leap day cannot be parsed without supplying the year field");
      return invalid("Invalid date 'MONTH " + std::to_string(month) + " DAY " + std::to_string(*day) + "'");
    }
    days += *day - 1;
  }
  if (const auto day = fields[DateField::kDayOfYear]) {
    if (*day == 366 && !is_leap_year(base)) {
      return invalid("Leap day cannot be parsed without supplying the year field");
    }
    days = days_from_civil(base, 1, 1) + *day - 1;
  }
  if (const auto weekday = fields[DateField::kWeekday]) days += *weekday - iso_weekday(days);
  return days;
}

std::int64_t overlay_nano_of_day(const ParsedFields& fields) {
  const std::int64_t hour = fields[DateField::kHour].value_or(fields[DateField::kAmPm].value_or(0) * 12 +
                                                              fields[DateField::kHourOfHalf].value_or(0));
  return hour % 24 * kHourNs + fields[DateField::kMinute].value_or(0) * kMinuteNs +
         fields[DateField::kSecond].value_or(0) * kSecondNs + fields[DateField::kNano].value_or(0);
}

}  // namespace thalweg::planner
