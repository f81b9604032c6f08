// Splits a URI by the strict rules of RFC 2396, with non-ASCII characters tolerated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::runtime {

// Views into the text given to parse_uri; parts are still percent-encoded.
struct Uri {
  std::optional<std::string_view> scheme;
  bool opaque = false;                   // "mailto:x": no host, path or query
  std::optional<std::string_view> host;  // server names only; IPv6 with its brackets
  std::optional<std::int32_t> port;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

// "URL input has invalid syntax: …".
Result<Uri> parse_uri(std::string_view text);

// Percent-decoding; malformed UTF-8 becomes U+FFFD. With `plus_is_space`, the form encoding; nothing on a
// bad escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
// The form encoding: letters, digits and . - * _ stay, blanks become +.
std::string form_encode(std::string_view text);

}  // namespace thalweg::runtime
