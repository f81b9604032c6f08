#include "runtime/serde/json_number.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace thalweg::runtime {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t from) {
  while (from < text.size() && is_digit(text[from])) ++from;
  return from;
}

bool is_integral(std::string_view token) { return token.find_first_of(".eE") == token.npos; }

// A number taken apart: ±digits · 10^-scale, without leading zeros ("0" for zero).
struct Parts {
  bool negative = false;
  std::string digits;
  std::int64_t scale = 0;
};

// Exponents beyond any use saturate.
std::int64_t parse_exponent(std::string_view text) {
  constexpr std::int64_t kMax = 2'000'000'000;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kMax);
  return negative ? -value : value;
}

Parts take_apart(std::string_view token) {
  Parts parts;
  parts.negative = token[0] == '-';
  if (parts.negative || token[0] == '+') token.remove_prefix(1);
  const std::size_t exponent_at = std::min(token.find_first_of("eE"), token.size());
  const std::string_view mantissa = token.substr(0, exponent_at);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  parts.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) {
    parts.digits += mantissa.substr(point + 1);
    parts.scale = static_cast<std::int64_t>(mantissa.size() - point - 1);
  }
  if (exponent_at < token.size()) parts.scale -= parse_exponent(token.substr(exponent_at + 1));
  const std::size_t zeros = std::min(parts.digits.find_first_not_of('0'), parts.digits.size() - 1);
  parts.digits.erase(0, zeros);
  if (parts.digits == "0") parts.negative = false;
  return parts;
}

// The layout of BigDecimal.toString.
std::string scientific_text(const Parts& parts) {
  std::string text = parts.negative ? "-" : "";
  const auto count = static_cast<std::int64_t>(parts.digits.size());
  const std::int64_t exponent = count - 1 - parts.scale;
  if (parts.scale == 0) return text + parts.digits;
  if (parts.scale > 0 && exponent >= -6) {
    if (parts.scale < count) {
      const auto point = static_cast<std::size_t>(count - parts.scale);
      return text + parts.digits.substr(0, point) + "." + parts.digits.substr(point);
    }
    return text + "0." + std::string(static_cast<std::size_t>(parts.scale - count), '0') + parts.digits;
  }
  text += parts.digits[0];
  if (count > 1) text.append(".").append(parts.digits, 1);
  if (exponent != 0) text.append(exponent < 0 ? "E" : "E+").append(std::to_string(exponent));
  return text;
}

// Drops zeros at the end of the fraction, which is what makes long but harmless numbers fit.
void drop_trailing_zeros(Parts& parts) {
  while (parts.scale > 0 && parts.digits.size() > 1 && parts.digits.back() == '0') {
    parts.digits.pop_back();
    --parts.scale;
  }
  if (parts.digits == "0") parts.scale = 0;
}

Error overflow(const Parts& parts, std::int32_t precision, std::int32_t scale) {
  return Error{ErrorCode::kBadRecord,
               "Numeric field overflow: A field with precision " + std::to_string(precision) + " and scale " +
                   std::to_string(scale) + " must round to an absolute value less than 10^" +
                   std::to_string(precision - scale) + ". Got " + scientific_text(parts)};
}

Error inexact(const Parts& parts, std::int32_t precision, std::int32_t scale) {
  const auto digits = std::max<std::int64_t>(static_cast<std::int64_t>(parts.digits.size()), parts.scale);
  return Error{ErrorCode::kBadRecord, "Cannot fit decimal '" + scientific_text(parts) + "' into DECIMAL(" +
                                          std::to_string(precision) + ", " + std::to_string(scale) +
                                          ") without rounding. (Requires " + std::to_string(digits) + "," +
                                          std::to_string(parts.scale) + ")"};
}

}  // namespace

bool is_json_number_slow(std::string_view token) {
  std::size_t at = !token.empty() && token[0] == '-' ? 1 : 0;
  if (at >= token.size() || !is_digit(token[at])) return false;
  at = token[at] == '0' ? at + 1 : skip_digits(token, at);
  if (at < token.size() && token[at] == '.') {
    const std::size_t end = skip_digits(token, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    const std::size_t end = skip_digits(token, at);
    if (end == at) return false;
    at = end;
  }
  return at == token.size();
}

bool is_decimal_text(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  std::size_t end = skip_digits(text, at);
  std::size_t digits = end - at;
  if (end < text.size() && text[end] == '.') {
    at = end + 1;
    end = skip_digits(text, at);
    digits += end - at;
  }
  if (digits == 0) return false;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    at = end + 1;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    end = skip_digits(text, at);
    if (end == at) return false;
  }
  return end == text.size();
}

NumberNode number_node(std::string_view token) {
  if (!is_integral(token)) return NumberNode::kDecimal;
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (code != std::errc{}) return NumberNode::kBigInteger;
  return value == static_cast<std::int32_t>(value) ? NumberNode::kInt : NumberNode::kLong;
}

std::int64_t number_to_int64_slow(std::string_view token) {
  Parts parts = take_apart(token);
  if (parts.scale > 0) {
    const auto whole = static_cast<std::int64_t>(parts.digits.size()) - parts.scale;
    parts.digits.resize(static_cast<std::size_t>(std::max<std::int64_t>(whole, 0)));
  }
  std::uint64_t value = 0;
  for (const char c : parts.digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  // 10^64 is a multiple of 2^64: further zeros change nothing.
  for (std::int64_t i = 0; i < std::min<std::int64_t>(-parts.scale, 64); ++i) value *= 10;
  return static_cast<std::int64_t>(parts.negative ? 0 - value : value);
}

double number_to_double(std::string_view token) {
  double value = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (code != std::errc::result_out_of_range) return value;
  const Parts parts = take_apart(token);
  const bool tiny = parts.digits == "0" || static_cast<std::int64_t>(parts.digits.size()) - parts.scale < 0;
  const double magnitude = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return token[0] == '-' ? -magnitude : magnitude;
}

std::string number_text(std::string_view token) {
  if (token == "-0") return "0";
  if (is_integral(token)) return std::string(token);
  return scientific_text(take_apart(token));
}

Result<planner::Decimal> number_to_decimal(std::string_view token, std::int32_t precision,
                                           std::int32_t scale) {
  if (const auto decimal = planner::parse_decimal(token))
    return planner::fit_exactly(*decimal, precision, scale);
  Parts parts = take_apart(token);
  const Parts given = parts;
  drop_trailing_zeros(parts);
  const auto whole_digits = static_cast<std::int64_t>(parts.digits.size()) - parts.scale;
  if (parts.digits != "0" && whole_digits > precision - scale) return overflow(given, precision, scale);
  if (const auto decimal = planner::parse_decimal(scientific_text(parts))) {
    return planner::fit_exactly(*decimal, precision, scale);
  }
  return inexact(given, precision, scale);
}

}  // namespace thalweg::runtime
