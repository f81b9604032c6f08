// Dates and times to and from text by patterns.
#include "planner/types/datetime_format.h"
#include "planner/types/text.h"
#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"

namespace thalweg::runtime {
namespace {

using planner::TimeZone;
using Text = std::string_view;

// What one call site keeps between rows: compiled patterns and the last time zone.
class PatternSite {
 public:
  Result<const planner::DateTimePattern*> pattern(Text text) { return patterns_.get(text); }
  Result<const TimeZone*> zone(Text id) {
    if (!zone_ || zone_id_ != id) {
      THALWEG_TRY(zone_, TimeZone::find(id));
      zone_id_ = id;
    }
    return &*zone_;
  }

 private:
  planner::PatternCache patterns_;
  std::string zone_id_;
  std::optional<TimeZone> zone_;
};

std::string quoted(Text text) { return "'" + std::string(text) + "'"; }

// `result`, with what was being done put before an error's cause.
template <typename T>
Result<T> explained(Result<T> result, const std::string& doing) {
  if (result) return result;
  return row_error(doing + ": " + result.error().message);
}

Result<std::string> print_timestamp(PatternSite& site, std::int64_t ms, Text pattern, Text zone_id) {
  const auto print = [&]() -> Result<std::string> {
    THALWEG_TRY(const TimeZone* zone, site.zone(zone_id));
    THALWEG_TRY(const auto* compiled, site.pattern(pattern));
    return compiled->format_timestamp(ms, *zone);
  };
  auto printed = print();
  if (printed) return printed;
  return explained(std::move(printed), "Failed to format timestamp " + planner::timestamp_to_string(ms) +
                                           " at timeZone " + quoted(zone_id) + " with formatter " +
                                           quoted(pattern));
}

Result<std::int64_t> read_timestamp(PatternSite& site, Text text, Text pattern, Text zone_id) {
  const auto read = [&]() -> Result<std::int64_t> {
    THALWEG_TRY(const TimeZone* zone, site.zone(zone_id));
    THALWEG_TRY(const auto* compiled, site.pattern(pattern));
    return compiled->parse_timestamp(text, *zone);
  };
  auto value = read();
  if (value) return value;
  return explained(std::move(value), "Failed to parse timestamp " + quoted(text) + " at timezone " +
                                         quoted(zone_id) + " with formatter " + quoted(pattern));
}

Result<std::string> print_date(PatternSite& site, std::int32_t days, Text pattern) {
  const auto compiled = site.pattern(pattern);
  auto printed = compiled ? (*compiled)->format_date(days) : Result<std::string>(compiled.error());
  if (printed) return printed;
  return explained(std::move(printed), "Failed to format date " + planner::date_to_string(days) +
                                           " with formatter " + quoted(pattern));
}

// An overload whose body gets a PatternSite of its own before its arguments.
template <typename Body, typename R, typename... A>
Overload with_site_as(Body body, R (Body::*)(PatternSite&, A...) const) {
  return scalar_per_site([body](const FunctionEnvironment&) {
    return [body, site = PatternSite()](A... arguments) mutable -> R { return body(site, arguments...); };
  });
}
template <typename Body>
Overload with_site(Body body) {
  return with_site_as(body, &Body::operator());
}

constexpr Text kServerZone = "UTC";

void add_date_formats(FunctionLibrary& library) {
  library.add({.name = "format_date",
               .category = "DATE / TIME",
               .doc = "A date as text.",
               .arguments = {"date", "formatPattern"},
               .overloads = {with_site([](PatternSite& site, Date date, Text pattern) {
                 return print_date(site, date.days, pattern);
               })},
               .examples = {{"format_date(from_days(19782), 'dd.MM.yyyy')", "29.02.2024"}}});

  library.add({.name = "datetostring",
               .category = "DATE / TIME",
               .doc = "A number of days since 1970-01-01 as text.",
               .arguments = {"epochDays", "formatPattern"},
               .overloads = {with_site([](PatternSite& site, NotNull<std::int32_t> days, Text pattern) {
                 return print_date(site, days, pattern);
               })},
               .examples = {{"datetostring(19782, 'yyyy-MM-dd')", "2024-02-29"}}});

  library.add({.name = "parse_date",
               .category = "DATE / TIME",
               .doc = "Reads a date from the beginning of a text; values beyond their range roll over.",
               .arguments = {"formattedDate", "formatPattern"},
               .overloads = {scalar([](Text text, Text pattern) -> Result<Date> {
                 THALWEG_TRY(const std::int32_t days, explained(planner::parse_date_lenient(text, pattern),
                                                                "Failed to parse date " + quoted(text) +
                                                                    " with formatter " + quoted(pattern)));
                 return Date{days};
               })},
               .examples = {{"parse_date('29.02.2024', 'dd.MM.yyyy')", "2024-02-29"}}});

  library.add({.name = "stringtodate",
               .category = "DATE / TIME",
               .doc = "Reads a date from a text, strictly, as days since 1970-01-01.",
               .arguments = {"formattedDate", "formatPattern"},
               .overloads = {with_site(
                   [](PatternSite& site, NotNull<Text> text, NotNull<Text> pattern) -> Result<std::int32_t> {
                     const auto compiled = site.pattern(pattern);
                     auto days = compiled ? (*compiled)->parse_date_strict(text)
                                          : Result<std::int32_t>(compiled.error());
                     if (days) return days;
                     return explained(std::move(days), "Failed to parse date " + quoted(text.value) +
                                                           " with formatter " + quoted(pattern.value));
                   })},
               .examples = {{"stringtodate('2024-02-29', 'yyyy-MM-dd')", "19782"}}});
}

void add_time_formats(FunctionLibrary& library) {
  library.add({.name = "format_time",
               .category = "DATE / TIME",
               .doc = "A time of day as text.",
               .arguments = {"time", "formatPattern"},
               .overloads = {with_site([](PatternSite& site, Time time, Text pattern) -> Result<std::string> {
                 const auto compiled = site.pattern(pattern);
                 auto printed = compiled ? (*compiled)->format_time(time.ms_of_day)
                                         : Result<std::string>(compiled.error());
                 if (printed) return printed;
                 return explained(std::move(printed), "Failed to format time " +
                                                          planner::time_to_string(time.ms_of_day) +
                                                          " with formatter " + quoted(pattern));
               })},
               .examples = {{"format_time('17:22:05', 'HH.mm')", "17.22"}}});

  library.add({.name = "parse_time",
               .category = "DATE / TIME",
               .doc = "Reads a time of day from a text.",
               .arguments = {"formattedTime", "formatPattern"},
               .overloads = {with_site([](PatternSite& site, Text text, Text pattern) -> Result<Time> {
                 const auto compiled = site.pattern(pattern);
                 auto ms = compiled ? (*compiled)->parse_time(text) : Result<std::int32_t>(compiled.error());
                 if (ms) return Time{*ms};
                 return row_error("Failed to parse time " + quoted(text) + " with formatter " +
                                  quoted(pattern) + ": " + ms.error().message);
               })},
               .examples = {{"parse_time('17.22', 'HH.mm')", "17:22"}}});
}

void add_timestamp_formats(FunctionLibrary& library) {
  library.add({.name = "format_timestamp",
               .category = "DATE / TIME",
               .doc = "A timestamp as text, in GMT or a given zone.",
               .arguments = {"timestamp", "formatPattern", "timeZone"},
               .overloads = {with_site([](PatternSite& site, Timestamp timestamp, Text pattern) {
                               return print_timestamp(site, timestamp.epoch_ms, pattern, "GMT");
                             }),
                             with_site([](PatternSite& site, Timestamp timestamp, Text pattern, Text zone) {
                               return print_timestamp(site, timestamp.epoch_ms, pattern, zone);
                             })},
               .examples = {{"format_timestamp(from_unixtime(0), 'yyyy-MM-dd HH:mm', '+02:00')",
                             "1970-01-01 02:00"}}});

  library.add(
      {.name = "timestamptostring",
       .category = "DATE / TIME",
       .doc = "Milliseconds since 1970-01-01T00:00Z as text, in the server's or a given zone.",
       .arguments = {"epochMilli", "formatPattern", "timeZone"},
       .overloads = {with_site([](PatternSite& site, NotNull<std::int64_t> ms, Text pattern) {
                       return print_timestamp(site, ms, pattern, kServerZone);
                     }),
                     with_site([](PatternSite& site, NotNull<std::int64_t> ms, Text pattern, Text zone) {
                       return print_timestamp(site, ms, pattern, zone);
                     })},
       .examples = {{"timestamptostring(1700000000000, 'yyyy-MM-dd HH:mm:ss')", "2023-11-14 22:13:20"}}});

  library.add(
      {.name = "parse_timestamp",
       .category = "DATE / TIME",
       .doc = "Reads a timestamp from a text, in GMT or a given zone; a zone in the text wins.",
       .arguments = {"formattedTimestamp", "formatPattern", "timeZone"},
       .overloads = {with_site([](PatternSite& site, Text text, Text pattern) -> Result<Timestamp> {
                       THALWEG_TRY(const std::int64_t ms, read_timestamp(site, text, pattern, "GMT"));
                       return Timestamp{ms};
                     }),
                     with_site(
                         [](PatternSite& site, Text text, Text pattern, Text zone) -> Result<Timestamp> {
                           THALWEG_TRY(const std::int64_t ms, read_timestamp(site, text, pattern, zone));
                           return Timestamp{ms};
                         })},
       .examples = {{"parse_timestamp('2024-02-29 01', 'yyyy-MM-dd HH')", "2024-02-29T01:00:00.000"}}});

  library.add(
      {.name = "stringtotimestamp",
       .category = "DATE / TIME",
       .doc = "Reads a timestamp from a text as milliseconds since 1970-01-01T00:00Z.",
       .arguments = {"formattedTimestamp", "formatPattern", "timeZone"},
       .overloads = {with_site([](PatternSite& site, NotNull<Text> text, NotNull<Text> pattern) {
                       return read_timestamp(site, text, pattern, kServerZone);
                     }),
                     with_site([](PatternSite& site, NotNull<Text> text, NotNull<Text> pattern,
                                  NotNull<Text> zone) { return read_timestamp(site, text, pattern, zone); })},
       .examples = {{"stringtotimestamp('2023-11-14 22:13:20', 'yyyy-MM-dd HH:mm:ss')", "1700000000000"}}});
}

}  // namespace

void add_time_format_functions(FunctionLibrary& library) {
  add_date_formats(library);
  add_time_formats(library);
  add_timestamp_formats(library);
}

}  // namespace thalweg::runtime
