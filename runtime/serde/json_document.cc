#include "runtime/serde/json_document.h"

#include <simdjson.h>

#include <bit>
#include <cstring>

#include "runtime/serde/utf8_text.h"

namespace thalweg::runtime {

namespace {

std::optional<std::uint32_t> hex_unit(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = text[i];
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

char simple_escape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;  // " \ /
  }
}

// Reads \uXXXX (and its second half) at `at`, which points behind the u; returns the position behind.
std::size_t append_unicode_escape(std::string& out, std::string_view body, std::size_t at) {
  const std::uint32_t unit = hex_unit(body.substr(at)).value_or('?');
  at += 4;
  if (unit < 0xD800 || unit > 0xDFFF) {
    append_code_point(out, unit);
    return at;
  }
  if (unit < 0xDC00 && body.substr(at).starts_with("\\u")) {
    const std::uint32_t low = hex_unit(body.substr(at + 2)).value_or(0);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      append_code_point(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
      return at + 6;
    }
  }
  out += '?';
  return at;
}

// Where the first complete value of `text` ends, going by brackets and quotes only.
std::size_t end_of_first_value(std::string_view text) {
  std::size_t depth = 0;
  std::size_t at = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '"') {
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
      if (at >= text.size()) return text.size();
      ++at;
      if (depth == 0) return at;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return at;
      --depth;
    } else if (depth == 0) {
      return std::min(text.find_first_of(" \t\r\n{}[]:,\"", at), text.size());
    }
  }
  return text.size();
}

}  // namespace

JsonDocument::JsonDocument() : open_(kJsonDepthMax) { reserve(4096); }
JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

void JsonDocument::reserve(std::size_t size_bytes) {
  if (size_bytes <= capacity_ && stage_ != nullptr) return;
  capacity_ = std::bit_ceil(size_bytes);
  stage_.reset();
  const auto code = simdjson::get_active_implementation()->create_dom_parser_implementation(
      capacity_, kJsonDepthMax, stage_);
  THALWEG_ASSERT(code == simdjson::SUCCESS);
}

bool JsonDocument::find_tokens(std::string_view text) {
  reserve(text.size());
  const auto code = stage_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                   simdjson::stage1_mode::regular);
  empty_ = code == simdjson::EMPTY;
  if (code != simdjson::SUCCESS) return false;
  text_ = text.data();
  starts_ = stage_->structural_indexes.get();
  size_ = stage_->n_structural_indexes;
  has_escapes_ = std::memchr(text.data(), '\\', text.size()) != nullptr;
  return true;
}

JsonDocument::Loaded JsonDocument::load(std::string_view text) {
  if (text.empty()) return Loaded::kEmpty;
  if (find_tokens(text)) [[likely]]
    return Loaded::kTokens;
  if (empty_) return Loaded::kEmpty;
  // The fault may lie behind the first value, where it does not count.
  const std::size_t end = end_of_first_value(text);
  if (end < text.size() && find_tokens(text.substr(0, end))) return Loaded::kTokens;
  return Loaded::kMalformed;
}

JsonDocument::Token JsonDocument::skip_container(Token at) {
  std::size_t depth = 0;
  for (;;) {
    // At a value.
    if (at >= size_) return 0;
    const char first = lead(at);
    if (first == '{' || first == '[') {
      if (depth == kJsonDepthMax) return 0;
      open_[depth++] = static_cast<char>(first + 2);  // the bracket that closes it
      if (++at >= size_) return 0;
      if (lead(at) != open_[depth - 1]) {
        if (first == '{') {
          if (!check_name(at)) return 0;
          at += 2;
        }
        continue;
      }
      --depth;
    } else if (!check_scalar(at, first)) {
      return 0;
    }
    ++at;
    // Behind a value: close what ends here, then step to the next sibling.
    for (;;) {
      if (depth == 0) return at;
      if (at >= size_) return 0;
      const char next = lead(at++);
      if (next == ',') {
        if (open_[depth - 1] == '}') {
          if (!check_name(at)) return 0;
          at += 2;
        }
        break;
      }
      if (next != open_[depth - 1]) return 0;
      --depth;
    }
  }
}

bool JsonDocument::check_escapes(std::string_view body) {
  for (std::size_t at = body.find('\\'); at != body.npos; at = body.find('\\', at)) {
    if (++at >= body.size()) return false;
    const char c = body[at++];
    if (c == 'u') {
      if (!hex_unit(body.substr(at))) return false;
      at += 4;
    } else if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

void append_unescaped(std::string& out, std::string_view body) {
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t slash = std::min(body.find('\\', at), body.size());
    out += body.substr(at, slash - at);
    if (slash + 1 >= body.size()) return;
    at = slash + 2;
    if (body[slash + 1] == 'u') {
      at = append_unicode_escape(out, body, at);
    } else {
      out += simple_escape(body[slash + 1]);
    }
  }
}

}  // namespace thalweg::runtime
