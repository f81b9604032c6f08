// Integers, base64, JSON and UTF-16 order. Doubles: double_text.cc; dates: iso_datetime.cc.
#include "planner/types/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "planner/types/utf8.h"

namespace thalweg::planner {

namespace {

template <typename T>
std::optional<T> parse_integer(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  T value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto kBase64Values = [] {
  std::array<signed char, 256> values{};
  for (auto& value : values) value = -1;
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<signed char>(i);
  }
  return values;
}();

void append_escape(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00";
  out += kHex[(c >> 4) & 0xF];
  out += kHex[c & 0xF];
}

void append_integer(std::string& out, std::int64_t value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

void append_json_double(std::string& out, double value) {
  const bool quoted = !std::isfinite(value);
  if (quoted) out += '"';
  append_double(out, value);
  if (quoted) out += '"';
}

void append_json_map(std::string& out, const MapEntries& entries, const SqlType& type) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : entries) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, key.is_null() ? "null" : cast_to_string(key, type.key()));
    out += ':';
    append_json(out, value, type.value());
  }
  out += '}';
}

void append_json_struct(std::string& out, const ValueList& values, const SqlType& type) {
  out += '{';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, type.fields()[i].name);
    out += ':';
    append_json(out, values[i], type.fields()[i].type);
  }
  out += '}';
}

void append_json_array(std::string& out, const ValueList& values, const SqlType& type) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, values[i], type.element());
  }
  out += ']';
}

std::string list_to_string(const Value& value, const SqlType& type) {
  std::string out = "[";
  for (const Value& item : value.as_list()) {
    if (out.size() > 1) out += ", ";
    out += item.is_null() ? "null" : cast_to_string(item, type.element());
  }
  return out + "]";
}

std::string map_to_string(const Value& value, const SqlType& type) {
  std::string out = "{";
  for (const auto& [key, item] : value.as_map()) {
    if (out.size() > 1) out += ", ";
    out += key.is_null() ? "null" : cast_to_string(key, type.key());
    out += '=';
    out += item.is_null() ? "null" : cast_to_string(item, type.value());
  }
  return out + "}";
}

// Null fields are left out; decimals follow BigDecimal.toString here.
std::string struct_to_string(const Value& value, const SqlType& type) {
  std::string out = "Struct{";
  bool first = true;
  for (std::size_t i = 0; i < value.as_list().size(); ++i) {
    const Value& item = value.as_list()[i];
    if (item.is_null()) continue;
    if (!std::exchange(first, false)) out += ',';
    const Field& field = type.fields()[i];
    out += field.name + "=";
    out += field.type.is(SqlKind::kDecimal) ? to_scientific_string(item.as_decimal())
                                            : cast_to_string(item, field.type);
  }
  return out + "}";
}

}  // namespace

std::optional<std::int32_t> parse_int(std::string_view text) { return parse_integer<std::int32_t>(text); }
std::optional<std::int64_t> parse_bigint(std::string_view text) { return parse_integer<std::int64_t>(text); }

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kBase64[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text, Base64Padding padding) {
  std::size_t size = text.size();
  while (size > 0 && text.size() - size < 2 && text[size - 1] == '=') --size;
  const bool padded = text.size() % 4 == 0;
  if (size % 4 == 1 || (!padded && (padding == Base64Padding::kRequired || size != text.size()))) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(size / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text.substr(0, size)) {
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out += static_cast<char>((bits >> bit_count) & 0xFF);
    }
  }
  return out;
}

std::string cast_to_string(const Value& value, const SqlType& type) {
  if (value.is_null()) return "null";
  switch (type.kind()) {
    case SqlKind::kBoolean: return value.as_bool() ? "true" : "false";
    case SqlKind::kInteger:
    case SqlKind::kBigint: return std::to_string(value.as_int());
    case SqlKind::kDouble: return double_to_string(value.as_double());
    case SqlKind::kDecimal: return to_plain_string(value.as_decimal());
    case SqlKind::kString: return value.as_string();
    case SqlKind::kBytes: return base64_encode(value.as_string());
    case SqlKind::kDate: return date_to_string(static_cast<std::int32_t>(value.as_int()));
    case SqlKind::kTime: return time_to_string(static_cast<std::int32_t>(value.as_int()));
    case SqlKind::kTimestamp: return timestamp_to_string(value.as_int());
    case SqlKind::kArray: return list_to_string(value, type);
    case SqlKind::kMap: return map_to_string(value, type);
    case SqlKind::kStruct: return struct_to_string(value, type);
  }
  return {};
}

void append_json(std::string& out, const Value& value, const SqlType& type) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  switch (type.kind()) {
    case SqlKind::kBoolean: out += value.as_bool() ? "true" : "false"; return;
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: append_integer(out, value.as_int()); return;
    case SqlKind::kDouble: append_json_double(out, value.as_double()); return;
    case SqlKind::kDecimal: out += to_plain_string(value.as_decimal()); return;
    case SqlKind::kString: append_json_string(out, value.as_string()); return;
    case SqlKind::kBytes: append_json_string(out, base64_encode(value.as_string())); return;
    case SqlKind::kArray: append_json_array(out, value.as_list(), type); return;
    case SqlKind::kMap: append_json_map(out, value.as_map(), type); return;
    case SqlKind::kStruct: append_json_struct(out, value.as_list(), type); return;
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, begin, i - begin);
    append_escape(out, text[i]);
    begin = i + 1;
  }
  out.append(text, begin, text.size() - begin);
  out += '"';
}

std::int64_t utf16_length(std::string_view utf8) {
  std::int64_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0) == 0x80 ? 0 : (byte >= 0xF0 ? 2 : 1);
  }
  return units;
}

int compare_utf16(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  const auto [at_a, at_b] =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
  if (at_a == a.begin() + static_cast<std::ptrdiff_t>(common)) {
    return a.size() < b.size() ? -1 : (a.size() > b.size() ? 1 : 0);
  }
  const auto x = static_cast<unsigned char>(*at_a);
  const auto y = static_cast<unsigned char>(*at_b);
  // Surrogate pairs (lead bytes F0…) sort below U+E000–U+FFFF (lead bytes EE, EF).
  if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0)) return x >= 0xF0 ? -1 : 1;
  return x < y ? -1 : 1;
}

}  // namespace thalweg::planner
