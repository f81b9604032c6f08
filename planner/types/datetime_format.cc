#include "planner/types/datetime_format.h"

#include <limits>
#include <string>
#include <unordered_map>

#include "planner/types/calendar.h"
#include "planner/types/datetime_items.h"
#include "planner/types/zone_names.h"

namespace thalweg::planner {

namespace {

constexpr std::int64_t kMsNs = 1'000'000;

Error bad_text(std::string message) { return {ErrorCode::kBadRecord, std::move(message)}; }

// Parses and combines; failures of either step name the text.
struct Reading {
  ParsedFields fields;
  ResolvedFields resolved;
};

Result<Reading> read(const DateItems& items, std::string_view text, ParseStyle style) {
  Reading out;
  THALWEG_TRY(out.fields, parse_items(items, text, style));
  auto resolved = resolve_fields(out.fields);
  if (!resolved) return parse_failure(text, ": " + resolved.error().message);
  out.resolved = std::move(resolved).value();
  return out;
}

Result<std::int64_t> to_epoch_ms(std::int64_t days, std::int64_t ms_of_day, const TimeZone& zone) {
  constexpr std::int64_t kDaysMax = std::numeric_limits<std::int64_t>::max() / kDayMs - 2;
  if (days > kDaysMax || days < -kDaysMax) return bad_text("long overflow");
  return zone.local_to_epoch_ms(days * kDayMs + ms_of_day);
}

}  // namespace

struct DateTimePattern::Impl {
  DateItems items;
};

Result<DateTimePattern> DateTimePattern::compile(std::string_view pattern) {
  THALWEG_TRY(auto items, compile_items(pattern));
  DateTimePattern out;
  out.impl_ = std::make_shared<const Impl>(Impl{std::move(items)});
  return out;
}

Result<std::string> DateTimePattern::format_timestamp(std::int64_t epoch_ms, const TimeZone& zone) const {
  Moment moment;
  moment.epoch_ms = epoch_ms;
  moment.zone = &zone;
  moment.offset_seconds = zone.offset_seconds_at(epoch_ms);
  // Split first: adding the offset to an extreme timestamp could overflow.
  const std::int64_t days = floor_div(epoch_ms, kDayMs);
  const std::int64_t local = floor_mod(epoch_ms, kDayMs) + moment.offset_seconds * std::int64_t{1000};
  moment.days = days + floor_div(local, kDayMs);
  moment.ms_of_day = floor_mod(local, kDayMs);
  return print_items(impl_->items, moment);
}

Result<std::string> DateTimePattern::format_date(std::int32_t epoch_days) const {
  Moment moment;
  moment.days = epoch_days;
  return print_items(impl_->items, moment);
}

Result<std::string> DateTimePattern::format_time(std::int32_t ms_of_day) const {
  Moment moment;
  moment.ms_of_day = ms_of_day;
  return print_items(impl_->items, moment);
}

Result<std::int64_t> DateTimePattern::parse_timestamp(std::string_view text, const TimeZone& zone) const {
  THALWEG_TRY(const auto reading, read(impl_->items, text, {.ignore_case = true, .root_names = true}));
  const auto& [fields, resolved] = reading;
  std::int64_t days = 0;
  if (resolved.days) {
    days = *resolved.days;
  } else {
    THALWEG_TRY(days, overlay_days(fields));
  }
  const std::int64_t nano = resolved.nano_of_day ? *resolved.nano_of_day : overlay_nano_of_day(fields);
  days += resolved.excess_days;
  if (const auto offset = fields[DateField::kOffset]) {
    return to_epoch_ms(days, nano / kMsNs, fixed_zone(static_cast<std::int32_t>(*offset)));
  }
  return to_epoch_ms(days, nano / kMsNs, fields.zone ? *fields.zone : zone);
}

Result<std::int32_t> DateTimePattern::parse_date_strict(std::string_view text) const {
  THALWEG_TRY(const auto reading, read(impl_->items, text, {}));
  if (!reading.resolved.days) {
    return parse_failure(text, ": Unable to obtain LocalDate from TemporalAccessor");
  }
  const std::int64_t days = *reading.resolved.days + reading.resolved.excess_days;
  if (days > std::numeric_limits<std::int32_t>::max() || days < std::numeric_limits<std::int32_t>::min()) {
    return bad_text("integer overflow");
  }
  return static_cast<std::int32_t>(days);
}

Result<std::int32_t> DateTimePattern::parse_time(std::string_view text) const {
  THALWEG_TRY(const auto reading, read(impl_->items, text, {}));
  for (std::size_t i = 0; i < kDateFieldCount; ++i) {
    if (reading.fields.values[i] && is_date_based(static_cast<DateField>(i))) {
      return bad_text("Time format contains date field.");
    }
  }
  if (!reading.resolved.nano_of_day) {
    return parse_failure(text, ": Unable to obtain LocalTime from TemporalAccessor");
  }
  return static_cast<std::int32_t>(*reading.resolved.nano_of_day / kMsNs);
}

struct PatternCache::Impl {
  std::unordered_map<std::string, DateTimePattern> patterns;
  std::string last_text;  // most call sites see one pattern only
  const DateTimePattern* last = nullptr;
};

Result<const DateTimePattern*> PatternCache::get(std::string_view pattern) {
  constexpr std::size_t kPatternsMax = 1000;
  if (!impl_) impl_ = std::make_shared<Impl>();
  Impl& cache = *impl_;
  if (cache.last != nullptr && cache.last_text == pattern) return cache.last;
  std::string key(pattern);
  auto found = cache.patterns.find(key);
  if (found == cache.patterns.end()) {
    THALWEG_TRY(auto compiled, DateTimePattern::compile(pattern));
    if (cache.patterns.size() >= kPatternsMax) {
      cache.patterns.clear();
      cache.last = nullptr;
    }
    found = cache.patterns.emplace(key, std::move(compiled)).first;
  }
  cache.last_text = std::move(key);
  cache.last = &found->second;
  return cache.last;
}

}  // namespace thalweg::planner
