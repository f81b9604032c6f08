// Texts are UTF-8 but answer as if they were UTF-16: positions and lengths count code units. ASCII, where
// both agree, is the fast path of every function.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "planner/types/utf8.h"
#include "runtime/columns/arena.h"

namespace thalweg::runtime {

inline bool is_ascii(std::string_view text) {
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t chunk;
    std::memcpy(&chunk, text.data() + i, 8);
    seen |= chunk;
  }
  for (; i < text.size(); ++i) seen |= static_cast<unsigned char>(text[i]);
  return (seen & 0x8080808080808080ULL) == 0;
}

inline std::u16string to_units(std::string_view utf8) {
  std::u16string units;
  units.reserve(utf8.size());
  planner::for_each_utf16_unit(utf8,
                               [&](std::uint16_t unit) { units.push_back(static_cast<char16_t>(unit)); });
  return units;
}

// Half a surrogate pair becomes '?'.
std::string to_utf8(std::u16string_view units);
void append_utf8(std::string& out, char32_t code_point);

// The part [begin, end) of a text, in code units, as UTF-8; a view of `text` for ASCII.
std::string_view cut_units(Arena& arena, std::string_view text, std::size_t begin, std::size_t end);

inline bool is_high_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xD800; }
inline bool is_low_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xDC00; }

}  // namespace thalweg::runtime
