// Arithmetic on dates and times, and their numbers.
#include "base/clock.h"
#include "planner/types/datetime_format.h"
#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

const Clock& clock_of(const FunctionEnvironment& environment) {
  return environment.clock != nullptr ? *environment.clock : system_clock();
}

std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

// Added in milliseconds, then cut to whole days: 23 hours change nothing.
Date shifted(Date date, std::int64_t ms) {
  return {static_cast<std::int32_t>(wrapping_add(date.days * kDayMs, ms) / kDayMs)};
}
Time shifted(Time time, std::int64_t ms) {
  const std::int64_t rest = wrapping_add(time.ms_of_day, ms % kDayMs) % kDayMs;
  return {static_cast<std::int32_t>(rest < 0 ? rest + kDayMs : rest)};
}
Timestamp shifted(Timestamp timestamp, std::int64_t ms) { return {wrapping_add(timestamp.epoch_ms, ms)}; }

template <typename T>
void add_shift(FunctionLibrary& library, const std::string& name, bool add, const std::string& doc,
               const std::string& argument, std::vector<std::pair<std::string, std::string>> examples) {
  library.add({.name = name,
               .category = "DATE / TIME",
               .doc = doc,
               .arguments = {"unit", "interval", argument},
               .overloads = {scalar([add](TimeUnit unit, std::int32_t interval, T value) -> T {
                 return shifted(value, wrapping_multiply(unit.ms, add ? interval : -std::int64_t{interval}));
               })},
               .examples = std::move(examples)});
}

void add_shifts(FunctionLibrary& library) {
  add_shift<Date>(
      library, "dateadd", true, "A date later by an interval, in whole days.", "date",
      {{"dateadd(DAYS, 2, '2024-02-28')", "2024-03-01"}, {"dateadd(HOURS, 23, '2024-02-28')", "2024-02-28"}});
  add_shift<Date>(library, "datesub", false, "A date earlier by an interval, in whole days.", "date",
                  {{"datesub(DAYS, 1, '2024-03-01')", "2024-02-29"}});
  add_shift<Time>(library, "timeadd", true, "A time of day later by an interval; wraps at midnight.", "time",
                  {{"timeadd(MINUTES, 90, '23:00')", "00:30"}});
  add_shift<Time>(library, "timesub", false, "A time of day earlier by an interval; wraps at midnight.",
                  "time", {{"timesub(HOURS, 1, '00:30')", "23:30"}});
  add_shift<Timestamp>(library, "timestampadd", true, "A timestamp later by an interval.", "timestamp",
                       {{"timestampadd(SECONDS, 5, '2024-01-01T00:00:00')", "2024-01-01T00:00:05.000"}});
  add_shift<Timestamp>(library, "timestampsub", false, "A timestamp earlier by an interval.", "timestamp",
                       {{"timestampsub(DAYS, 1, '2024-01-01')", "2023-12-31T00:00:00.000"}});
}

void add_clock_functions(FunctionLibrary& library) {
  library.add({.name = "unix_date",
               .category = "DATE / TIME",
               .doc = "Days since 1970-01-01, of a date or of today.",
               .arguments = {"date"},
               .overloads = {scalar_per_site([](const FunctionEnvironment& environment) {
                               return [clock = &clock_of(environment)]() -> std::int32_t {
                                 return static_cast<std::int32_t>(clock->now().value / kDayMs);
                               };
                             }),
                             scalar([](Date date) { return date.days; })},
               .examples = {{"unix_date(from_days(19782))", "19782"}}});

  library.add({.name = "unix_timestamp",
               .category = "DATE / TIME",
               .doc = "Milliseconds since 1970-01-01T00:00Z, of a timestamp or of now.",
               .arguments = {"timestamp"},
               .overloads = {scalar_per_site([](const FunctionEnvironment& environment) {
                               return [clock = &clock_of(environment)]() -> std::int64_t {
                                 return clock->now().value;
                               };
                             }),
                             scalar([](Timestamp timestamp) { return timestamp.epoch_ms; })},
               .examples = {{"unix_timestamp(from_unixtime(1700000000000))", "1700000000000"}}});
}

}  // namespace

void add_date_functions(FunctionLibrary& library) {
  add_clock_functions(library);
  add_shifts(library);

  library.add({.name = "from_days",
               .category = "DATE / TIME",
               .doc = "The date a number of days after 1970-01-01.",
               .arguments = {"days"},
               .overloads = {scalar([](NotNull<std::int32_t> days) { return Date{days.value}; })},
               .examples = {{"from_days(19782)", "2024-02-29"}}});

  library.add({.name = "from_unixtime",
               .category = "DATE / TIME",
               .doc = "The timestamp a number of milliseconds after 1970-01-01T00:00Z.",
               .arguments = {"epochMilli"},
               .overloads = {scalar([](std::int64_t ms) { return Timestamp{ms}; })},
               .examples = {{"from_unixtime(1700000000000)", "2023-11-14T22:13:20.000"}}});

  library.add(
      {.name = "convert_tz",
       .category = "DATE / TIME",
       .doc = "Moves a timestamp by the difference of two time zones.",
       .arguments = {"timestamp", "fromTimeZone", "toTimeZone"},
       .overloads = {scalar(
           [](Timestamp timestamp, std::string_view from, std::string_view to) -> Result<Timestamp> {
             const auto from_zone = planner::TimeZone::find(from);
             if (!from_zone) return row_error("Invalid time zone: " + from_zone.error().message);
             const auto to_zone = planner::TimeZone::find(to);
             if (!to_zone) return row_error("Invalid time zone: " + to_zone.error().message);
             const std::int64_t shift = std::int64_t{to_zone->offset_seconds_at(timestamp.epoch_ms)} -
                                        from_zone->offset_seconds_at(timestamp.epoch_ms);
             return shifted(timestamp, shift * 1000);
           })},
       .examples = {{"convert_tz('2024-01-01T12:00:00', 'UTC', '+05:30')", "2024-01-01T17:30:00.000"}}});
}

}  // namespace thalweg::runtime
