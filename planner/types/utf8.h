// Walking UTF-8 text by code point or by UTF-16 code unit. Malformed bytes read as U+FFFD, one each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace thalweg::planner {

// Reads the code point at `index` and moves behind it.
inline char32_t next_code_point(std::string_view utf8, std::size_t& index) {
  const auto lead = static_cast<unsigned char>(utf8[index++]);
  if (lead < 0x80) return lead;
  const int extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || index + static_cast<std::size_t>(extra) > utf8.size()) return 0xFFFD;
  char32_t code = static_cast<char32_t>(lead & (0x3F >> extra));
  for (int i = 0; i < extra; ++i) {
    const auto next = static_cast<unsigned char>(utf8[index + static_cast<std::size_t>(i)]);
    if ((next & 0xC0) != 0x80) return 0xFFFD;
    code = (code << 6) | (next & 0x3F);
  }
  index += static_cast<std::size_t>(extra);
  return code;
}

template <typename Body>
void for_each_utf16_unit(std::string_view utf8, Body&& body) {
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t code = next_code_point(utf8, i);
    if (code < 0x10000) {
      body(static_cast<std::uint16_t>(code));
    } else {
      body(static_cast<std::uint16_t>(0xD800 + ((code - 0x10000) >> 10)));
      body(static_cast<std::uint16_t>(0xDC00 + ((code - 0x10000) & 0x3FF)));
    }
  }
}

}  // namespace thalweg::planner
