// Time zones: rules and names come from ICU, ids follow java.time.ZoneId.
#include <unicode/basictz.h>
#include <unicode/locid.h>
#include <unicode/timezone.h>
#include <unicode/tznames.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/mutex.h"
#include "planner/types/datetime_format.h"
#include "planner/types/datetime_names.h"
#include "planner/types/zone_names.h"

namespace thalweg::planner {

struct TimeZone::Impl {
  std::string id;
  std::int32_t offset_seconds = 0;             // without rules
  std::unique_ptr<const icu::TimeZone> rules;  // null for a fixed offset

  static TimeZone make(std::shared_ptr<const Impl> impl) {
    TimeZone zone;
    zone.impl_ = std::move(impl);
    return zone;
  }
  static const icu::TimeZone* rules_of(const TimeZone& zone) { return zone.impl_->rules.get(); }
};

namespace {

constexpr std::int32_t kOffsetSecondsMax = 18 * 3600;

// Old ids that ICU knows and the original refuses.
bool is_legacy_abbreviation(std::string_view id) {
  static constexpr std::string_view kLegacy[] = {
      "ACT", "AET", "AGT", "ART", "AST", "BET", "BST", "CAT", "CNT", "CST", "CTT", "EAT", "ECT", "EST",
      "HST", "IET", "IST", "JST", "MIT", "MST", "NET", "NST", "PLT", "PNT", "PRT", "PST", "SST", "VST"};
  return std::find(std::begin(kLegacy), std::end(kLegacy), id) != std::end(kLegacy);
}

Error unknown_zone(std::string_view id) {
  return {ErrorCode::kBadRecord, "Unknown time-zone ID: " + std::string(id)};
}

std::int32_t two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return -1;
  const char a = text[at], b = text[at + 1];
  return a >= '0' && a <= '9' && b >= '0' && b <= '9' ? (a - '0') * 10 + (b - '0') : -1;
}

std::string_view offset_prefix(std::string_view id) {
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (id.starts_with(prefix)) return prefix;
  }
  return {};
}

std::unique_ptr<const icu::TimeZone> load_rules(std::string_view id) {
  if (is_legacy_abbreviation(id) || id == "Etc/Unknown" || id.starts_with("SystemV/")) return nullptr;
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '/' || c == '_' ||
           c == '+' || c == '-';
  });
  if (!plain) return nullptr;
  const auto name =
      icu::UnicodeString::fromUTF8(icu::StringPiece(id.data(), static_cast<int32_t>(id.size())));
  std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(name));
  icu::UnicodeString found;
  if (!zone || *zone == icu::TimeZone::getUnknown() || zone->getID(found) != name) return nullptr;
  return zone;
}

// Regions seen so far. Ids that exist are few, so it needs no limit.
struct RegionCache {
  Mutex mutex;
  std::map<std::string, TimeZone, std::less<>> zones THALWEG_GUARDED_BY(mutex);
};

RegionCache& regions() {
  static auto* cache = new RegionCache;  // outlives every thread
  return *cache;
}

std::string from_icu(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

const ZoneFamily* family_of(const TimeZone& zone, std::int64_t epoch_ms) {
  const auto families = zone_families();
  for (const ZoneFamily& family : families) {
    if (family.meta_zone.empty() && family.region == zone.id()) return &family;
  }
  UErrorCode status = U_ZERO_ERROR;
  static const auto* names = icu::TimeZoneNames::createInstance(icu::Locale::getEnglish(), status);
  if (names == nullptr) return nullptr;
  icu::UnicodeString meta;
  names->getMetaZoneID(icu::UnicodeString::fromUTF8(zone.id()), static_cast<UDate>(epoch_ms), meta);
  const std::string wanted = from_icu(meta);
  if (wanted.empty()) return nullptr;
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&wanted](const ZoneFamily& family) { return family.meta_zone == wanted; });
  return found == families.end() ? nullptr : &*found;
}

bool is_daylight(const icu::TimeZone& rules, std::int64_t epoch_ms) {
  std::int32_t raw = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  rules.getOffset(static_cast<UDate>(epoch_ms), false, raw, saving, status);
  return U_SUCCESS(status) && saving != 0;
}

Result<TimeZone> find_region(std::string_view id) {
  RegionCache& cache = regions();
  {
    const MutexLock lock(cache.mutex);
    if (const auto found = cache.zones.find(id); found != cache.zones.end()) return found->second;
  }
  auto impl = std::make_shared<TimeZone::Impl>();
  impl->id = id;
  impl->rules = load_rules(id);
  if (!impl->rules) return unknown_zone(id);
  TimeZone zone = TimeZone::Impl::make(std::move(impl));
  const MutexLock lock(cache.mutex);
  return cache.zones.emplace(std::string(id), zone).first->second;
}

}  // namespace

std::string offset_id(std::int32_t seconds) {
  if (seconds == 0) return "Z";
  const std::int32_t total = std::abs(seconds);
  std::string out(1, seconds < 0 ? '-' : '+');
  const auto append = [&out](std::int32_t value) {
    out += static_cast<char>('0' + value / 10);
    out += static_cast<char>('0' + value % 10);
  };
  append(total / 3600);
  out += ':';
  append(total / 60 % 60);
  if (total % 60 != 0) {
    out += ':';
    append(total % 60);
  }
  return out;
}

std::optional<std::int32_t> parse_offset_id(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::int32_t parts[3] = {0, 0, 0};
  if (text.size() == 2) {
    if (text[1] < '0' || text[1] > '9') return std::nullopt;
    parts[0] = text[1] - '0';
  } else {
    const bool colons = text.size() > 3 && text[3] == ':';
    const std::size_t step = colons ? 3 : 2;
    if ((text.size() - 1) % step != (colons ? 2 : 0) || text.size() > (colons ? 9 : 7)) return std::nullopt;
    std::size_t at = 1;
    for (std::int32_t& part : parts) {
      if (at >= text.size()) break;
      if (colons && at > 1 && text[at - 1] != ':') return std::nullopt;
      part = two_digits(text, at);
      if (part < 0) return std::nullopt;
      at += step;
    }
  }
  const std::int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (parts[1] > 59 || parts[2] > 59 || seconds > kOffsetSecondsMax) return std::nullopt;
  return text[0] == '-' ? -seconds : seconds;
}

TimeZone fixed_zone(std::int32_t seconds) {
  auto impl = std::make_shared<TimeZone::Impl>();
  impl->id = offset_id(seconds);
  impl->offset_seconds = seconds;
  return TimeZone::Impl::make(std::move(impl));
}

Result<TimeZone> TimeZone::find(std::string_view id) {
  if (const auto seconds = parse_offset_id(id)) return fixed_zone(*seconds);
  const std::string_view prefix = offset_prefix(id);
  if (prefix.empty() || (id.size() > prefix.size() && id[prefix.size()] != '+' && id[prefix.size()] != '-')) {
    return find_region(id);
  }
  auto impl = std::make_shared<Impl>();
  impl->id = prefix;
  if (id.size() > prefix.size()) {
    const auto seconds = parse_offset_id(id.substr(prefix.size()));
    if (!seconds) return unknown_zone(id);
    impl->offset_seconds = *seconds;
    if (*seconds != 0) impl->id += offset_id(*seconds);
  }
  return Impl::make(std::move(impl));
}

const TimeZone& TimeZone::utc() {
  static const TimeZone* zone = new TimeZone(TimeZone::find("UTC").value());
  return *zone;
}

std::int32_t TimeZone::offset_seconds_at(std::int64_t epoch_ms) const {
  if (!impl_->rules) return impl_->offset_seconds;
  std::int32_t raw = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  impl_->rules->getOffset(static_cast<UDate>(epoch_ms), false, raw, saving, status);
  return (raw + saving) / 1000;
}

std::int64_t TimeZone::local_to_epoch_ms(std::int64_t local_ms) const {
  if (!impl_->rules) return local_ms - impl_->offset_seconds * std::int64_t{1000};
  // The offset before a transition serves both cases: in a gap it shifts forward, in an overlap it is
  // the earlier one.
  std::int32_t raw = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  const auto& rules = static_cast<const icu::BasicTimeZone&>(*impl_->rules);
  rules.getOffsetFromLocal(static_cast<UDate>(local_ms), UCAL_TZ_LOCAL_FORMER, UCAL_TZ_LOCAL_FORMER, raw,
                           saving, status);
  return local_ms - (raw + saving);
}

const std::string& TimeZone::id() const { return impl_->id; }

std::string zone_name(const TimeZone& zone, std::int64_t epoch_ms, bool full) {
  const icu::TimeZone* rules = TimeZone::Impl::rules_of(zone);
  const std::string& id = zone.id();
  if (rules == nullptr) {
    if (!full) return id;
    if (id == "UTC" || id == "UT") return "Coordinated Universal Time";
    return id == "GMT" ? "Greenwich Mean Time" : id;
  }
  const bool daylight = is_daylight(*rules, epoch_ms);
  if (const ZoneFamily* family = family_of(zone, epoch_ms)) {
    const std::string_view name = full ? (daylight ? family->daylight_long : family->standard_long)
                                       : (daylight ? family->daylight : family->standard);
    if (!name.empty()) return std::string(name);
  }
  icu::UnicodeString name;
  rules->getDisplayName(daylight, full ? icu::TimeZone::LONG : icu::TimeZone::SHORT, icu::Locale::getUS(),
                        name);
  auto text = from_icu(name);
  // A zone without a name shows its offset, in full also where the name is short: "GMT-05:00".
  const bool offset = text.size() > 3 && text.starts_with("GMT") && (text[3] == '+' || text[3] == '-');
  return offset ? "GMT" + offset_id(zone.offset_seconds_at(epoch_ms)) : text;
}

std::string generic_zone_name(const TimeZone& zone, std::int64_t epoch_ms, bool full) {
  const icu::TimeZone* rules = TimeZone::Impl::rules_of(zone);
  if (rules == nullptr) return zone_name(zone, epoch_ms, full);
  icu::UnicodeString name;
  rules->getDisplayName(is_daylight(*rules, epoch_ms),
                        full ? icu::TimeZone::LONG_GENERIC : icu::TimeZone::SHORT_GENERIC,
                        icu::Locale::getUS(), name);
  return from_icu(name);
}

}  // namespace thalweg::planner
