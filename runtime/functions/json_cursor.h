// Walks JSON text without building a tree. Numbers keep their digits (1e3
// becomes 1E+3, as wherever a number is read as text), objects their order.
//
// A cursor stands before a value; reading, skipping or copying it moves behind. Every function fails with
// "Invalid JSON format: …" where the text is malformed, so a whole document is checked by skipping it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::runtime {

enum class JsonKind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) { skip_blanks(); }

  bool at_end() const { return at_ >= text_.size(); }
  Result<JsonKind> kind() const;  // of the value that follows

  Result<std::string> read_string();       // unescaped
  Result<std::string_view> read_scalar();  // null, true, false or a number, as written
  Result<void> skip_value() { return value(nullptr); }
  Result<void> copy_value(std::string& out) { return value(&out); }  // appends compact JSON

  // Calls each(), which must consume one value, for every item.
  template <typename Each>
  Result<void> for_each_item(Each each) {
    THALWEG_CHECK(descend());
    ++at_;
    skip_blanks();
    if (take(']')) return ascend();
    do {
      skip_blanks();
      THALWEG_CHECK(each());
    } while (take(','));
    if (!take(']')) return malformed();
    return ascend();
  }
  // Calls each(name), which must consume the member's value.
  template <typename Each>
  Result<void> for_each_member(Each each) {
    THALWEG_CHECK(descend());
    ++at_;
    skip_blanks();
    if (take('}')) return ascend();
    do {
      skip_blanks();
      THALWEG_TRY(std::string name, read_string());
      if (!take(':')) return malformed();
      skip_blanks();
      THALWEG_CHECK(each(std::move(name)));
    } while (take(','));
    if (!take('}')) return malformed();
    return ascend();
  }

 private:
  Result<void> value(std::string* out);
  Result<void> escape(std::string& out);
  Result<std::uint32_t> hex4();
  Result<std::string_view> number();
  Error malformed() const;
  Result<void> descend();
  Result<void> ascend() { return --depth_, skip_blanks(), Result<void>(); }
  void skip_blanks();
  bool take(char c);

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

// The value as SQL sees it: strings unquoted, other values compact. Consumes it.
Result<std::string> json_value_as_text(JsonCursor& cursor, JsonKind kind);

}  // namespace thalweg::runtime
