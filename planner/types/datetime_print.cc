// Items → text, in English.
#include <charconv>
#include <cstdlib>

#include "planner/types/calendar.h"
#include "planner/types/datetime_items.h"
#include "planner/types/datetime_names.h"
#include "planner/types/zone_names.h"

namespace thalweg::planner {

namespace {

using Kind = DateItem::Kind;

Error unsupported(DateField field) {
  return {ErrorCode::kBadRecord, "Unsupported field: " + std::string(field_name(field))};
}

// Weeks begin on Sunday, week 1 holds January 1.
struct LocalWeek {
  std::int64_t year = 0;
  std::int64_t week = 0;
};

std::int64_t first_week_begin(std::int64_t year) {
  const std::int64_t january = days_from_civil(year, 1, 1);
  return january - (local_weekday(january) - 1);
}

LocalWeek local_week(std::int64_t days) {
  std::int64_t year = civil_from_days(days).year;
  if (days >= first_week_begin(year + 1)) ++year;
  return {year, (days - first_week_begin(year)) / 7 + 1};
}

std::int64_t date_value(DateField field, std::int64_t days) {
  const CivilDate date = civil_from_days(days);
  switch (field) {
    case DateField::kEra: return date.year >= 1 ? 1 : 0;
    case DateField::kYear: return date.year;
    case DateField::kYearOfEra: return date.year >= 1 ? date.year : 1 - date.year;
    case DateField::kWeekYear: return local_week(days).year;
    case DateField::kWeek: return local_week(days).week;
    case DateField::kWeekOfMonth: {
      const std::int32_t first = local_weekday(days - date.day + 1);
      return (date.day + first - 2) / 7 + 1;
    }
    case DateField::kMonth: return date.month;
    case DateField::kQuarter: return (date.month - 1) / 3 + 1;
    case DateField::kDay: return date.day;
    case DateField::kDayOfYear: return days - days_from_civil(date.year, 1, 1) + 1;
    case DateField::kWeekday: return iso_weekday(days);
    case DateField::kLocalWeekday: return local_weekday(days);
    case DateField::kAlignedWeekday: return (date.day - 1) % 7 + 1;
    default: return days + 40587;  // modified Julian day
  }
}

std::int64_t day_period(std::int64_t ms_of_day) {
  const std::int64_t hour = ms_of_day / 3'600'000;
  if (ms_of_day == 0) return 0;
  if (hour == 12 && ms_of_day % 3'600'000 == 0) return 2;
  if (hour < 6 || hour >= 21) return 5;
  return hour < 12 ? 1 : (hour < 18 ? 3 : 4);
}

std::int64_t time_value(DateField field, std::int64_t ms_of_day) {
  const std::int64_t hour = ms_of_day / 3'600'000;
  switch (field) {
    case DateField::kAmPm: return hour / 12;
    case DateField::kDayPeriod: return day_period(ms_of_day);
    case DateField::kHour: return hour;
    case DateField::kClockHour: return hour == 0 ? 24 : hour;
    case DateField::kHourOfHalf: return hour % 12;
    case DateField::kClockHourOfHalf: return hour % 12 == 0 ? 12 : hour % 12;
    case DateField::kMinute: return ms_of_day / 60'000 % 60;
    case DateField::kSecond: return ms_of_day / 1000 % 60;
    case DateField::kNano: return ms_of_day % 1000 * 1'000'000;
    case DateField::kMilliOfDay: return ms_of_day;
    default: return ms_of_day * 1'000'000;  // nano of day
  }
}

Result<std::int64_t> value_of(DateField field, const Moment& moment) {
  if (field == DateField::kOffset) {
    if (!moment.epoch_ms) return unsupported(field);
    return moment.offset_seconds;
  }
  if (is_date_based(field)) {
    if (!moment.days) return unsupported(field);
    return date_value(field, *moment.days);
  }
  if (!moment.ms_of_day) return unsupported(field);
  return time_value(field, *moment.ms_of_day);
}

void append_padded(std::string& out, std::int64_t value, std::int32_t width) {
  char buffer[24];
  const auto size = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr - buffer;
  if (size < width) out.append(static_cast<std::size_t>(width - size), '0');
  out.append(buffer, static_cast<std::size_t>(size));
}

std::int64_t power_of_ten(std::int32_t exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

Result<void> print_number(std::string& out, const DateItem& item, std::int64_t value) {
  const std::int64_t magnitude = std::abs(value);
  const auto refuse = [&item, value](const std::string& why) {
    return Error{ErrorCode::kBadRecord, "Field " + std::string(field_name(item.field)) +
                                            " cannot be printed as the value " + std::to_string(value) + why};
  };
  if (item.width_max < 19 && magnitude >= power_of_ten(item.width_max)) {
    return refuse(" exceeds the maximum print width of " + std::to_string(item.width_max));
  }
  if (value < 0) {
    if (item.sign == SignStyle::kNotNegative) return refuse(" cannot be negative according to the SignStyle");
    out += '-';
  } else if (item.sign == SignStyle::kExceedsPad && item.width_min < 19 &&
             value >= power_of_ten(item.width_min)) {
    out += '+';
  }
  append_padded(out, magnitude, item.width_min);
  return {};
}

std::string_view styled(std::string_view full, TextStyle style) {
  return style == TextStyle::kFull ? full : full.substr(0, style == TextStyle::kShort ? 3 : 1);
}

std::string text_of(DateField field, std::int64_t value, TextStyle style) {
  static constexpr std::string_view kPeriods[] = {"midnight",         "in the morning", "noon",
                                                  "in the afternoon", "in the evening", "at night"};
  const auto index = static_cast<std::size_t>(value);
  switch (field) {
    case DateField::kMonth: return std::string(styled(kMonthNames[index - 1], style));
    case DateField::kWeekday: return std::string(styled(kWeekdayNames[index - 1], style));
    case DateField::kAmPm: return value == 0 ? "AM" : "PM";
    case DateField::kDayPeriod: return std::string(kPeriods[index]);
    case DateField::kEra:
      if (style == TextStyle::kFull) return value == 1 ? "Anno Domini" : "Before Christ";
      return style == TextStyle::kShort ? (value == 1 ? "AD" : "BC") : (value == 1 ? "A" : "B");
    default:  // quarter
      if (style == TextStyle::kFull) return std::string(kQuarterNames[index - 1]);
      return (style == TextStyle::kShort ? "Q" : "") + std::to_string(value);
  }
}

// Lower-case mm and ss in the pattern are printed when not zero.
void print_offset(std::string& out, const DateItem& item, std::int64_t seconds) {
  if (seconds == 0) {
    out += item.no_offset;
    return;
  }
  const std::string& pattern = item.text;
  const bool colons = pattern.find(':') != std::string::npos;
  const std::int64_t total = std::abs(seconds);
  const std::int64_t minute = total / 60 % 60;
  const std::int64_t second = total % 60;
  out += seconds < 0 ? '-' : '+';
  append_padded(out, total / 3600, 2);
  if (pattern.find("MM") != std::string::npos || minute != 0) {
    if (colons) out += ':';
    append_padded(out, minute, 2);
  }
  if (pattern.find("ss") != std::string::npos && second != 0) {
    if (colons) out += ':';
    append_padded(out, second, 2);
  }
}

void print_localized_offset(std::string& out, const DateItem& item, std::int64_t seconds) {
  out += "GMT";
  if (seconds == 0) return;
  const std::int64_t total = std::abs(seconds);
  const bool full = item.style == TextStyle::kFull;
  out += seconds < 0 ? '-' : '+';
  append_padded(out, total / 3600, full ? 2 : 1);
  if (full || total % 3600 != 0) {
    out += ':';
    append_padded(out, total / 60 % 60, 2);
  }
  if (total % 60 != 0) {
    out += ':';
    append_padded(out, total % 60, 2);
  }
}

Result<void> print_zone(std::string& out, const DateItem& item, const Moment& moment) {
  if (!moment.zone) return Error{ErrorCode::kBadRecord, "Unable to extract ZoneId from temporal"};
  const bool full = item.style == TextStyle::kFull;
  if (item.kind == Kind::kZoneId) {
    out += moment.zone->id();
  } else if (item.kind == Kind::kZoneName) {
    out += zone_name(*moment.zone, *moment.epoch_ms, full);
  } else {
    out += generic_zone_name(*moment.zone, *moment.epoch_ms, full);
  }
  return {};
}

Result<void> print_field(std::string& out, const DateItem& item, const Moment& moment) {
  THALWEG_TRY(const std::int64_t value, value_of(item.field, moment));
  switch (item.kind) {
    case Kind::kReduced: append_padded(out, std::abs(value) % 100, 2); return {};
    case Kind::kFraction:
      append_padded(out, value / power_of_ten(9 - item.width_max), item.width_max);
      return {};
    case Kind::kText: out += text_of(item.field, value, item.style); return {};
    case Kind::kOffset: print_offset(out, item, value); return {};
    case Kind::kLocalizedOffset: print_localized_offset(out, item, value); return {};
    default: return print_number(out, item, value);
  }
}

Result<void> print_all(std::string& out, const DateItems& items, const Moment& moment);

Result<void> print_item(std::string& out, const DateItem& item, const Moment& moment) {
  switch (item.kind) {
    case Kind::kLiteral: out += item.text; return {};
    case Kind::kOptional: {
      const std::size_t size = out.size();
      if (!print_all(out, item.children, moment)) out.resize(size);  // a section without value vanishes
      return {};
    }
    case Kind::kZoneId:
    case Kind::kZoneName:
    case Kind::kGenericZone: return print_zone(out, item, moment);
    case Kind::kNumber:
    case Kind::kReduced:
    case Kind::kFraction:
    case Kind::kText:
    case Kind::kOffset:
    case Kind::kLocalizedOffset: return print_field(out, item, moment);
  }
  return {};
}

Result<void> print_padded(std::string& out, const DateItem& item, const Moment& moment) {
  const std::size_t begin = out.size();
  THALWEG_CHECK(print_item(out, item, moment));
  const auto size = static_cast<std::int32_t>(out.size() - begin);
  if (size > item.pad_width) {
    return Error{ErrorCode::kBadRecord, "Cannot print as output of " + std::to_string(size) +
                                            " characters exceeds pad width of " +
                                            std::to_string(item.pad_width)};
  }
  out.insert(begin, static_cast<std::size_t>(item.pad_width - size), ' ');
  return {};
}

Result<void> print_all(std::string& out, const DateItems& items, const Moment& moment) {
  for (const DateItem& item : items) {
    THALWEG_CHECK(item.pad_width > 0 ? print_padded(out, item, moment) : print_item(out, item, moment));
  }
  return {};
}

}  // namespace

std::int32_t local_weekday(std::int64_t days) { return iso_weekday(days) % 7 + 1; }

std::string_view field_name(DateField field) {
  static constexpr std::string_view kNames[] = {"Era",
                                                "Year",
                                                "YearOfEra",
                                                "WeekBasedYear",
                                                "WeekOfWeekBasedYear",
                                                "WeekOfMonth",
                                                "MonthOfYear",
                                                "QuarterOfYear",
                                                "DayOfMonth",
                                                "DayOfYear",
                                                "DayOfWeek",
                                                "DayOfWeek",
                                                "AlignedDayOfWeekInMonth",
                                                "ModifiedJulianDay",
                                                "AmPmOfDay",
                                                "DayPeriod",
                                                "HourOfDay",
                                                "ClockHourOfDay",
                                                "HourOfAmPm",
                                                "ClockHourOfAmPm",
                                                "MinuteOfHour",
                                                "SecondOfMinute",
                                                "NanoOfSecond",
                                                "MilliOfDay",
                                                "NanoOfDay",
                                                "OffsetSeconds"};
  static_assert(std::size(kNames) == kDateFieldCount);
  return kNames[static_cast<std::size_t>(field)];
}

Result<std::string> print_items(const DateItems& items, const Moment& moment) {
  std::string out;
  THALWEG_CHECK(print_all(out, items, moment));
  return out;
}

}  // namespace thalweg::planner
