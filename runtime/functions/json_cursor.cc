#include "runtime/functions/json_cursor.h"

#include <algorithm>
#include <array>

#include "planner/types/text.h"
#include "runtime/functions/utf16_text.h"
#include "runtime/serde/json_number.h"

namespace thalweg::runtime {
namespace {

constexpr int kDepthMax = 500;
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Error JsonCursor::malformed() const {
  constexpr std::size_t kShown = 100;
  return {ErrorCode::kBadRecord, "Invalid JSON format: " + std::string(text_.substr(0, kShown))};
}

Result<void> JsonCursor::descend() {
  if (++depth_ > kDepthMax) return malformed();
  return {};
}

void JsonCursor::skip_blanks() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
    ++at_;
  }
}

bool JsonCursor::take(char c) {
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

Result<JsonKind> JsonCursor::kind() const {
  if (at_end()) return malformed();
  switch (text_[at_]) {
    case '{': return JsonKind::kObject;
    case '[': return JsonKind::kArray;
    case '"': return JsonKind::kString;
    case 't':
    case 'f': return JsonKind::kBoolean;
    case 'n': return JsonKind::kNull;
    default:
      if (text_[at_] == '-' || is_digit(text_[at_])) return JsonKind::kNumber;
      return malformed();
  }
}

Result<std::uint32_t> JsonCursor::hex4() {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : ' ';
    const char lower = static_cast<char>(c | 0x20);
    if (is_digit(c)) {
      code = code * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      code = code * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return malformed();
    }
  }
  return code;
}

Result<void> JsonCursor::escape(std::string& out) {
  if (++at_ >= text_.size()) return malformed();
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char c = text_[at_++];
  if (const std::size_t found = kLetters.find(c); found != kLetters.npos) {
    out.push_back(kMeanings[found]);
    return {};
  }
  if (c != 'u') return malformed();
  THALWEG_TRY(std::uint32_t code, hex4());
  if ((code & 0xFC00) == 0xD800 && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    THALWEG_TRY(const std::uint32_t low, hex4());
    if ((low & 0xFC00) != 0xDC00) return malformed();
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  (code & 0xFFFFF800) == 0xD800 ? out.push_back('?') : append_utf8(out, code);
  return {};
}

Result<std::string> JsonCursor::read_string() {
  if (at_end() || text_[at_] != '"') return malformed();
  ++at_;
  std::string out;
  while (at_ < text_.size() && text_[at_] != '"') {
    if (text_[at_] == '\\') {
      THALWEG_CHECK(escape(out));
      continue;
    }
    if (static_cast<unsigned char>(text_[at_]) < 0x20) return malformed();
    out.push_back(text_[at_++]);
  }
  if (at_end()) return malformed();
  ++at_;
  skip_blanks();
  return out;
}

Result<std::string_view> JsonCursor::number() {
  const std::size_t begin = at_;
  const auto digits = [this] {
    const std::size_t first = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ - first;
  };
  if (text_[at_] == '-') ++at_;
  const bool leading_zero = at_ < text_.size() && text_[at_] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return malformed();
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (digits() == 0) return malformed();
  }
  if (at_ < text_.size() && (text_[at_] | 0x20) == 'e') {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (digits() == 0) return malformed();
  }
  // A number ends at a delimiter: 12abc is none.
  if (at_ < text_.size() && std::string_view(" \t\r\n,]}:").find(text_[at_]) == std::string_view::npos) {
    return malformed();
  }
  return text_.substr(begin, at_ - begin);
}

Result<std::string_view> JsonCursor::read_scalar() {
  if (at_end()) return malformed();
  constexpr std::array<std::string_view, 3> kWords{"null", "true", "false"};
  for (const std::string_view word : kWords) {
    if (text_.substr(at_, word.size()) != word) continue;
    at_ += word.size();
    if (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_])) != 0) return malformed();
    skip_blanks();
    return word;
  }
  THALWEG_TRY(const std::string_view digits, number());
  skip_blanks();
  return digits;
}

Result<void> JsonCursor::value(std::string* out) {
  const auto put = [out](std::string_view text) {
    if (out != nullptr) *out += text;
  };
  THALWEG_TRY(const JsonKind what, kind());
  switch (what) {
    case JsonKind::kString: {
      THALWEG_TRY(const std::string text, read_string());
      if (out != nullptr) planner::append_json_string(*out, text);
      return {};
    }
    case JsonKind::kArray: {
      std::string_view separator = "[";
      THALWEG_CHECK(for_each_item([&] { return put(separator), separator = ",", value(out); }));
      put(separator == "[" ? "[]" : "]");
      return {};
    }
    case JsonKind::kObject: {
      std::string_view separator = "{";
      THALWEG_CHECK(for_each_member([&](const std::string& name) {
        put(separator), separator = ",";
        if (out != nullptr) planner::append_json_string(*out, name);
        return put(":"), value(out);
      }));
      put(separator == "{" ? "{}" : "}");
      return {};
    }
    case JsonKind::kNull:
    case JsonKind::kBoolean:
    case JsonKind::kNumber: {
      THALWEG_TRY(const std::string_view text, read_scalar());
      if (what == JsonKind::kNumber && out != nullptr) {
        *out += number_text(text);
      } else {
        put(text);
      }
      return {};
    }
  }
  return malformed();
}

Result<std::string> json_value_as_text(JsonCursor& cursor, JsonKind kind) {
  if (kind == JsonKind::kString) return cursor.read_string();
  std::string text;
  THALWEG_CHECK(cursor.copy_value(text));
  return text;
}

}  // namespace thalweg::runtime
