// Names of a zone at an instant, for printing: "PDT", "Pacific Daylight Time", "PT".
#pragma once

#include <cstdint>
#include <string>

#include "planner/types/datetime_format.h"

namespace thalweg::planner {

std::string zone_name(const TimeZone& zone, std::int64_t epoch_ms, bool full);
std::string generic_zone_name(const TimeZone& zone, std::int64_t epoch_ms, bool full);

// "+05:30", "-08:00:15", "Z" for zero: the id of a fixed offset.
std::string offset_id(std::int32_t seconds);
// Z, ±h, ±hh, ±hhmm, ±hh:mm, ±hhmmss, ±hh:mm:ss; at most 18 hours.
std::optional<std::int32_t> parse_offset_id(std::string_view text);
// A zone that is always `seconds` ahead of UTC.
TimeZone fixed_zone(std::int32_t seconds);

}  // namespace thalweg::planner
