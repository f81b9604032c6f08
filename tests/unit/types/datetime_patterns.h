// What a date and time pattern prints and reads, as text: the result, or the error's message.
#pragma once

#include <string>
#include <string_view>

#include "planner/types/datetime_format.h"
#include "planner/types/text.h"

namespace thalweg::planner {

inline std::string or_error(const Result<std::string>& result) {
  return result ? *result : result.error().message;
}

inline std::string print(std::string_view pattern, std::string_view iso, std::string_view zone = "UTC") {
  const auto compiled = DateTimePattern::compile(pattern);
  if (!compiled) return compiled.error().message;
  return or_error(compiled->format_timestamp(parse_timestamp(iso).value(), TimeZone::find(zone).value()));
}

// ISO text in UTC.
inline std::string read(std::string_view pattern, std::string_view text, std::string_view zone = "UTC") {
  const auto compiled = DateTimePattern::compile(pattern);
  if (!compiled) return compiled.error().message;
  const auto ms = compiled->parse_timestamp(text, TimeZone::find(zone).value());
  return ms ? timestamp_to_string(*ms) : ms.error().message;
}

}  // namespace thalweg::planner
