// JSON with numbers as their exact text, comments allowed: what case files and records are compared in.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace thalweg::conformance {

struct JsonMember;

struct Json {
  enum class Kind { kNull, kBool, kInteger, kDecimal, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::string text;  // kInteger, kDecimal: digits as written; kString: the string; kBytes as base64
  std::vector<Json> items;
  std::vector<JsonMember> members;

  const Json* find(std::string_view name) const;
  std::string string_or(std::string_view name, std::string fallback) const;
  std::int64_t integer_or(std::string_view name, std::int64_t fallback) const;
  bool is_null() const { return kind == Kind::kNull; }
};

struct JsonMember {
  std::string name;
  Json value;
};

Result<Json> parse_json(std::string_view text);
std::string dump(const Json& json);  // numbers in plain notation, as records are written

}  // namespace thalweg::conformance
