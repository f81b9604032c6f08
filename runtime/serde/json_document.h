// One JSON text cut into tokens. simdjson's first stage finds where each token begins and checks UTF-8,
// quotes and control characters, 64 bytes at a time; everything else is checked here, so that every byte
// of the first complete value is validated while only what somebody needs is converted.
//
// A token is named by its number, from 0. It is one of { } [ ] : , or a string, or a number or literal.
//
// Thread: one; it is scratch memory reused from text to text. The text must outlive its use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/serde/json_number.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace thalweg::runtime {

class JsonDocument {
 public:
  using Token = std::uint32_t;

  JsonDocument();
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  enum class Loaded : std::uint8_t { kTokens, kEmpty, kMalformed };
  // kJsonPadding readable bytes must follow `text`. What stands behind the first complete value is ignored.
  // kEmpty: nothing but space. The value itself is checked by skip.
  Loaded load(std::string_view text);

  char lead(Token at) const { return text_[starts_[at]]; }
  Token size() const { return size_; }
  // Byte position of a token, for messages.
  std::uint32_t start(Token at) const { return starts_[at]; }

  // Checks the value at `at` and everything inside it. Returns the token behind it, 0 if it is malformed.
  Token skip(Token at) {
    const char first = lead(at);
    if (first == '{' || first == '[') return skip_container(at);
    return check_scalar(at, first) ? at + 1 : 0;
  }
  // Checks a string, number, true, false or null.
  bool check_scalar(Token at, char first) const {
    if (first == '"') return !has_escapes_ || check_escapes(string_body(at));
    if (first == '-' || (first >= '0' && first <= '9')) return is_json_number(scalar(at));
    return check_literal(scalar(at));
  }
  // Checks `"name" :` and that something follows; the value is then at + 2.
  bool check_name(Token at) const {
    return at + 2 < size_ && lead(at) == '"' && lead(at + 1) == ':' && check_scalar(at, '"');
  }

  // Between the quotes, escapes unresolved.
  std::string_view string_body(Token at) const {
    const std::uint32_t begin = starts_[at] + 1;
    std::uint32_t end = starts_[at + 1] - 1;
    while (text_[end] != '"') --end;  // only space can stand between
    return {text_ + begin, end - begin};
  }
  // The raw text of a number or literal.
  std::string_view scalar(Token at) const {
    const char* begin = text_ + starts_[at];
    const char* end = text_ + starts_[at + 1];
    while (is_space(end[-1])) --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }
  // False: no string of this text needs unescaping.
  bool has_escapes() const { return has_escapes_; }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
  static bool check_literal(std::string_view text) {
    return text == "true" || text == "false" || text == "null";
  }
  static bool check_escapes(std::string_view body);
  Token skip_container(Token at);
  bool find_tokens(std::string_view text);
  void reserve(std::size_t size_bytes);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
  const char* text_ = nullptr;
  const std::uint32_t* starts_ = nullptr;  // of each token, then the size of the text
  Token size_ = 0;
  bool has_escapes_ = false;
  bool empty_ = false;
  std::size_t capacity_ = 0;
  std::vector<char> open_;
};

// Containers may nest this deep.
inline constexpr std::size_t kJsonDepthMax = 1000;

// Appends a string's text with escapes resolved; `body` has been checked. Half a surrogate pair becomes '?'.
void append_unescaped(std::string& out, std::string_view body);

}  // namespace thalweg::runtime
