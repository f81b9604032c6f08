#include "runtime/serde/utf8_text.h"

#include <simdjson.h>

#include "planner/types/utf8.h"

namespace thalweg::runtime {

namespace {

bool is_ascii(std::string_view bytes) {
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    seen |= word;
  }
  for (; i < bytes.size(); ++i) seen |= static_cast<unsigned char>(bytes[i]);
  return (seen & 0x8080808080808080) == 0;
}

std::size_t encoded_size(std::uint32_t code) {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

std::string repair(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const std::uint32_t code = planner::next_code_point(bytes, at);
    const bool legal =
        code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF) && encoded_size(code) == at - begin;
    append_code_point(text, legal ? code : 0xFFFD);
  }
  return text;
}

}  // namespace

std::string_view readable_text(std::string_view bytes, Arena& arena) {
  if (is_ascii(bytes) || simdjson::validate_utf8(bytes.data(), bytes.size())) [[likely]]
    return bytes;
  return arena.copy(repair(bytes));
}

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

}  // namespace thalweg::runtime
