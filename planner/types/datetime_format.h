// Date and time patterns with Java's meaning (reference, functions §3.13 A and B) and time zones (§3.14).
// Patterns are compiled once and cached by callers; all objects are immutable and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace thalweg::planner {

class TimeZone {
 public:
  struct Impl;  // rules and id, known to time_zone.cc alone
  static Result<TimeZone> find(
      std::string_view id);  // tz ids, Z, offsets, UTC+1…; "Unknown time-zone ID: PST"
  static const TimeZone& utc();
  std::int32_t offset_seconds_at(std::int64_t epoch_ms) const;  // instant → offset
  std::int64_t local_to_epoch_ms(std::int64_t local_ms) const;  // gap: shift forward; overlap: earlier offset
  const std::string& id() const;

 private:
  std::shared_ptr<const Impl> impl_;
};

// The modern formatter (everything but PARSE_DATE).
class DateTimePattern {
 public:
  static Result<DateTimePattern> compile(std::string_view pattern);  // "Unknown pattern letter: i", …

  Result<std::string> format_timestamp(std::int64_t epoch_ms, const TimeZone& zone) const;
  Result<std::string> format_date(std::int32_t epoch_days) const;
  Result<std::string> format_time(std::int32_t ms_of_day) const;  // date letters are an error
  Result<std::int64_t> parse_timestamp(std::string_view text,
                                       const TimeZone& zone) const;     // root locale names
  Result<std::int32_t> parse_date_strict(std::string_view text) const;  // STRINGTODATE
  Result<std::int32_t> parse_time(std::string_view text) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// The lenient parser of PARSE_DATE: reads a prefix, values roll over. Two-digit years lie between 80 years
// before and 20 years after the clock's today.
Result<std::int32_t> parse_date_lenient(std::string_view text, std::string_view pattern,
                                        const Clock& clock = system_clock());

// A bounded cache for patterns that arrive row by row. Not thread-safe: one per call site.
class PatternCache {
 public:
  Result<const DateTimePattern*> get(std::string_view pattern);  // at most 1000 entries

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace thalweg::planner
