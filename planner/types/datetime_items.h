// A compiled date-time pattern: items printed and parsed one after another. Internal to the
// datetime_*.cc files; the public face is datetime_format.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/types/datetime_format.h"

namespace thalweg::planner {

enum class DateField : std::uint8_t {
  kEra,
  kYear,
  kYearOfEra,
  kWeekYear,
  kWeek,
  kWeekOfMonth,
  kMonth,
  kQuarter,
  kDay,
  kDayOfYear,
  kWeekday,         // Monday 1 … Sunday 7
  kLocalWeekday,    // Sunday 1 … Saturday 7
  kAlignedWeekday,  // day of month modulo 7, from 1
  kModifiedJulianDay,
  kAmPm,
  kDayPeriod,  // 0, 1; 0 midnight 1 morning 2 noon 3 afternoon 4 evening 5 night
  kHour,
  kClockHour,
  kHourOfHalf,
  kClockHourOfHalf,  // H 0–23, k 1–24, K 0–11, h 1–12
  kMinute,
  kSecond,
  kNano,
  kMilliOfDay,
  kNanoOfDay,
  kOffset,  // seconds
};
inline constexpr std::size_t kDateFieldCount = static_cast<std::size_t>(DateField::kOffset) + 1;

std::string_view field_name(DateField field);  // "MonthOfYear"
constexpr bool is_date_based(DateField field) { return field < DateField::kAmPm; }

enum class SignStyle : std::uint8_t { kNormal, kNotNegative, kExceedsPad };
enum class TextStyle : std::uint8_t { kShort, kFull, kNarrow };

struct DateItem {
  enum class Kind : std::uint8_t {
    kLiteral,
    kNumber,
    kReduced,
    kFraction,
    kText,
    kOffset,
    kLocalizedOffset,
    kZoneId,
    kZoneName,
    kGenericZone,
    kOptional
  };
  Kind kind = Kind::kLiteral;
  DateField field = DateField::kYear;
  std::int32_t width_min = 1;
  std::int32_t width_max = 19;
  SignStyle sign = SignStyle::kNormal;
  TextStyle style = TextStyle::kShort;
  std::int32_t reserved_width = 0;  // digits the fixed-width numbers right behind will need
  std::int32_t pad_width = 0;       // 0: not padded
  std::string text;                 // literal; offsets: pattern such as "+HH:MM"
  std::string no_offset;            // text of offset zero
  std::vector<DateItem> children;   // kOptional
};

using DateItems = std::vector<DateItem>;

Result<DateItems> compile_items(std::string_view pattern);

// What is printed. Absent parts make their fields an error.
struct Moment {
  std::optional<std::int64_t> days;
  std::optional<std::int64_t> ms_of_day;
  std::optional<std::int64_t> epoch_ms;
  std::int32_t offset_seconds = 0;
  const TimeZone* zone = nullptr;
};

Result<std::string> print_items(const DateItems& items, const Moment& moment);

struct ParsedFields {
  std::array<std::optional<std::int64_t>, kDateFieldCount> values;
  std::optional<TimeZone> zone;

  std::optional<std::int64_t>& operator[](DateField field) { return values[static_cast<std::size_t>(field)]; }
  const std::optional<std::int64_t>& operator[](DateField field) const {
    return values[static_cast<std::size_t>(field)];
  }
};

struct ParseStyle {
  bool ignore_case = false;
  bool root_names = false;  // month and weekday names in full are the short ones
};

// The whole text must match. "Text '…' could not be parsed at index 4".
Result<ParsedFields> parse_items(const DateItems& items, std::string_view text, ParseStyle style);
// "Text '…' could not be parsed" + detail.
Error parse_failure(std::string_view text, const std::string& detail);

struct ResolvedFields {
  std::optional<std::int64_t> days;
  std::optional<std::int64_t> nano_of_day;
  std::int32_t excess_days = 0;  // 1 for 24:00
};

// Checks ranges and combines fields into a date and a time as far as they are complete.
Result<ResolvedFields> resolve_fields(ParsedFields& fields);
// Fills what is missing from 1970-01-01T00:00, largest unit first.
Result<std::int64_t> overlay_days(const ParsedFields& fields);
std::int64_t overlay_nano_of_day(const ParsedFields& fields);

// Sunday 1 … Saturday 7 for day 0 = 1970-01-01.
std::int32_t local_weekday(std::int64_t days);

}  // namespace thalweg::planner
