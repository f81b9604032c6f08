// JSON documents from clients. Numbers keep their text, so that DECIMAL(38, 9) survives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace thalweg::server {

struct JsonValue {
  enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::string text;                // of a string (decoded) or a number (as written)
  std::vector<std::string> names;  // of an object's items, in order; a repeated one: the later counts
  std::vector<JsonValue> items;    // of an array or object

  bool is(Kind other) const { return kind == other; }
  const JsonValue* find(std::string_view name) const;  // null: none
  bool is_integer() const;                             // a number without fraction or exponent
};

// At most 64 levels deep; anything else that is not one JSON document in UTF-8 is kParse.
Result<JsonValue> parse_json(std::string_view text);
std::string_view kind_name(JsonValue::Kind kind);

}  // namespace thalweg::server
