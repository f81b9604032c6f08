// Dates, times and timestamps as ISO text, UTC.
#include <charconv>
#include <cstring>
#include <limits>

#include "planner/types/calendar.h"
#include "planner/types/text.h"

namespace thalweg::planner {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Exactly `count` digits at `at`, which moves behind them; -1 if there are fewer.
std::int32_t take_digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return -1;
  std::int32_t value = 0;
  for (const std::size_t end = at + count; at < end; ++at) {
    if (!is_digit(text[at])) return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

// yyyy, or a signed year of up to nine digits.
std::optional<std::int64_t> take_year(std::string_view text, std::size_t& at) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) {
    const std::int32_t year = take_digits(text, at, 4);
    return year < 0 ? std::nullopt : std::optional<std::int64_t>(year);
  }
  std::size_t end = 1;
  while (end < text.size() && end <= 9 && is_digit(text[end])) ++end;
  if (end < 5) return std::nullopt;
  const std::int64_t year = take_digits(text, at = 1, end - 1);
  return text[0] == '-' ? -year : year;
}

// yyyy[-MM[-dd]]; `complete` tells whether all three were there.
std::optional<std::int64_t> parse_days(std::string_view text, bool& complete) {
  std::size_t at = 0;
  const auto year = take_year(text, at);
  if (!year) return std::nullopt;
  std::int32_t month = 1;
  std::int32_t day = 1;
  complete = false;
  if (at < text.size()) {
    if (text[at++] != '-') return std::nullopt;
    month = take_digits(text, at, 2);
  }
  if (at < text.size()) {
    if (text[at++] != '-') return std::nullopt;
    day = take_digits(text, at, 2);
    complete = true;
  }
  if (at != text.size() || month < 1 || month > 12 || day < 1 || day > days_in_month(*year, month)) {
    return std::nullopt;
  }
  return days_from_civil(*year, month, day);
}

// The whole of HH:mm:ss.SSS.
std::optional<std::int32_t> parse_full_time(std::string_view text) {
  std::size_t at = 0;
  const std::int32_t hour = take_digits(text, at, 2);
  if (hour < 0 || hour > 23 || text[at++] != ':') return std::nullopt;
  const std::int32_t minute = take_digits(text, at, 2);
  if (minute < 0 || minute > 59 || text[at++] != ':') return std::nullopt;
  const std::int32_t second = take_digits(text, at, 2);
  if (second < 0 || second > 59 || text[at++] != '.') return std::nullopt;
  const std::int32_t ms = take_digits(text, at, 3);
  if (ms < 0 || at != text.size()) return std::nullopt;
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

constexpr std::string_view kMidnight = "00:00:00.000";

// A time whose missing tail is taken from midnight, character by character.
std::optional<std::int32_t> parse_truncated_time(std::string_view text) {
  if (text.size() > kMidnight.size()) return std::nullopt;
  char full[kMidnight.size()];
  std::memcpy(full, kMidnight.data(), sizeof(full));
  std::memcpy(full, text.data(), text.size());
  return parse_full_time({full, sizeof(full)});
}

// ±hh, ±hhmm, ±hh:mm or Z, in seconds.
std::optional<std::int32_t> parse_offset(std::string_view text) {
  if (text == "Z") return 0;
  std::size_t at = 1;
  const std::int32_t hours = take_digits(text, at, 2);
  std::int32_t minutes = 0;
  if (hours >= 0 && at < text.size()) {
    if (text[at] == ':') ++at;
    minutes = take_digits(text, at, 2);
  }
  if (hours < 0 || minutes < 0 || at != text.size() || hours * 60 + minutes > 18 * 60 || minutes > 59) {
    return std::nullopt;
  }
  const std::int32_t seconds = (hours * 60 + minutes) * 60;
  return text[0] == '-' ? -seconds : seconds;
}

void append_padded(std::string& out, std::int64_t value, int width) {
  char buffer[20];
  const auto size = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr - buffer;
  if (size < width) out.append(static_cast<std::size_t>(width - size), '0');
  out.append(buffer, static_cast<std::size_t>(size));
}

void append_date(std::string& out, std::int64_t days) {
  const CivilDate date = civil_from_days(days);
  if (date.year < 0) out += '-';
  if (date.year > 9999) out += '+';
  append_padded(out, date.year < 0 ? -date.year : date.year, 4);
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
}

void append_hour_minute(std::string& out, std::int32_t ms_of_day) {
  append_padded(out, ms_of_day / 3'600'000, 2);
  out += ':';
  append_padded(out, ms_of_day / 60'000 % 60, 2);
}

}  // namespace

std::string date_to_string(std::int32_t days) {
  std::string out;
  append_date(out, days);
  return out;
}

std::string time_to_string(std::int32_t ms_of_day) {
  std::string out;
  append_hour_minute(out, ms_of_day);
  if (const std::int32_t second = ms_of_day / 1000 % 60; second != 0) {
    out += ':';
    append_padded(out, second, 2);
  }
  return out;
}

std::string timestamp_to_string(std::int64_t epoch_ms) {
  std::string out;
  append_date(out, floor_div(epoch_ms, kDayMs));
  const auto ms_of_day = static_cast<std::int32_t>(floor_mod(epoch_ms, kDayMs));
  out += 'T';
  append_hour_minute(out, ms_of_day);
  out += ':';
  append_padded(out, ms_of_day / 1000 % 60, 2);
  out += '.';
  append_padded(out, ms_of_day % 1000, 3);
  return out;
}

std::optional<std::int32_t> parse_date(std::string_view text) {
  bool complete = false;
  const auto days = parse_days(text, complete);
  if (!days || *days > std::numeric_limits<std::int32_t>::max() ||
      *days < std::numeric_limits<std::int32_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*days);
}

std::optional<std::int32_t> parse_time(std::string_view text) {
  constexpr std::size_t kToMinutes = 5, kToSeconds = 8, kFractionMax = 9;
  if (text.size() == kToMinutes || text.size() == kToSeconds) return parse_truncated_time(text);
  if (text.size() < kToSeconds + 2 || text.size() > kToSeconds + 1 + kFractionMax) return std::nullopt;
  for (const char c : text.substr(kToSeconds + 1)) {
    if (!is_digit(c)) return std::nullopt;
  }
  return parse_truncated_time(text.substr(0, kMidnight.size()));  // digits below the millisecond are dropped
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  const std::size_t t = text.find('T');
  bool complete = false;
  const auto days = parse_days(text.substr(0, t), complete);
  if (!days || *days > std::numeric_limits<std::int64_t>::max() / kDayMs - 2 ||
      *days < std::numeric_limits<std::int64_t>::min() / kDayMs + 2) {
    return std::nullopt;
  }
  if (t == std::string_view::npos) return *days * kDayMs;
  if (!complete) return std::nullopt;
  std::string_view time = text.substr(t + 1);
  std::int32_t offset_seconds = 0;
  if (const std::size_t zone = time.find_first_of("Z+-"); zone != std::string_view::npos) {
    const auto offset = parse_offset(time.substr(zone));
    if (!offset) return std::nullopt;
    offset_seconds = *offset;
    time = time.substr(0, zone);
  }
  const auto ms_of_day = parse_truncated_time(time);
  if (!ms_of_day) return std::nullopt;
  return *days * kDayMs + *ms_of_day - offset_seconds * std::int64_t{1000};
}

}  // namespace thalweg::planner
