#include "runtime/functions/utf16_text.h"

namespace thalweg::runtime {

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

std::string to_utf8(std::u16string_view units) {
  std::string out;
  out.reserve(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    const char16_t unit = units[i];
    if (is_high_surrogate(unit) && i + 1 < units.size() && is_low_surrogate(units[i + 1])) {
      append_utf8(out, 0x10000 + ((char32_t{unit} - 0xD800) << 10) + (char32_t{units[++i]} - 0xDC00));
    } else if ((unit & 0xF800) == 0xD800) {
      out.push_back('?');
    } else {
      append_utf8(out, unit);
    }
  }
  return out;
}

std::string_view cut_units(Arena& arena, std::string_view text, std::size_t begin, std::size_t end) {
  if (is_ascii(text)) return text.substr(begin, end - begin);
  return arena.copy(to_utf8(std::u16string_view(to_units(text)).substr(begin, end - begin)));
}

}  // namespace thalweg::runtime
