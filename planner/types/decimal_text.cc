// Decimals as text and as doubles.
#include <charconv>
#include <cmath>

#include "planner/types/decimal.h"
#include "planner/types/decimal_digits.h"
#include "planner/types/text.h"

namespace thalweg::planner {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Collects digits with a decimal point somewhere; scale counts those behind it.
struct DigitReader {
  UInt128 magnitude = 0;
  std::int64_t scale = 0;
  bool any = false;
  bool too_long = false;

  void run(std::string_view text, std::size_t& at, bool behind_point) {
    for (; at < text.size() && is_digit(text[at]); ++at) {
      any = true;
      too_long = too_long || magnitude >= kPowersOfTen[kDecimalDigitsMax - 1];
      if (!too_long) magnitude = magnitude * 10 + static_cast<UInt128>(text[at] - '0');
      if (behind_point) ++scale;
    }
  }
};

// "E+3" up to the end; nullopt if malformed or out of any sensible range.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  std::int32_t exponent = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return exponent;
}

struct Digits {
  char text[40];
  std::size_t size = 0;
};

Digits digits_of(UInt128 magnitude) {
  Digits out;
  char* at = out.text + sizeof(out.text);
  do {
    *--at = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  out.size = static_cast<std::size_t>(out.text + sizeof(out.text) - at);
  std::copy(at, at + out.size, out.text);
  return out;
}

// Every digit of a finite double: the mantissa of its exact expansion, without trailing zeros.
Decimal double_digits(double value, std::int32_t digits_max) {
  char buffer[800];  // the longest expansion has 767 digits
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), std::fabs(value), std::chars_format::scientific, 767)
          .ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  const std::int64_t exponent = parse_exponent(text.substr(e + 1)).value_or(0);
  UInt128 magnitude = static_cast<UInt128>(text[0] - '0');
  std::int32_t kept = 1;
  std::size_t at = 2;
  for (; kept < digits_max && at < e; ++at, ++kept) {
    magnitude = magnitude * 10 + static_cast<UInt128>(text[at] - '0');
  }
  if (at < e && text[at] >= '5') magnitude += 1;  // HALF_UP needs no more than the next digit
  Decimal out{with_sign(magnitude, std::signbit(value)), static_cast<std::int32_t>(kept - 1 - exponent)};
  return out;
}

Decimal strip_fraction_zeros(Decimal value) {
  while (value.scale > 0 && value.unscaled % 10 == 0) {
    value.unscaled /= 10;
    --value.scale;
  }
  return value;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) ++at;
  DigitReader digits;
  digits.run(text, at, false);
  if (at < text.size() && text[at] == '.') digits.run(text, ++at, true);
  if (!digits.any || digits.too_long) return std::nullopt;
  std::int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const auto parsed = parse_exponent(text.substr(at + 1));
    if (!parsed) return std::nullopt;
    exponent = *parsed;
    at = text.size();
  }
  const std::int64_t scale = digits.scale - exponent;
  if (at != text.size() || scale > kScaleMagnitudeMax || scale < -kScaleMagnitudeMax) return std::nullopt;
  return Decimal{with_sign(digits.magnitude, negative), static_cast<std::int32_t>(scale)};
}

std::string to_plain_string(const Decimal& value) {
  const Digits digits = digits_of(magnitude_of(value.unscaled));
  std::string out = value.unscaled < 0 ? "-" : "";
  if (value.scale <= 0) {
    out.append(digits.text, digits.size);
    if (value.unscaled != 0) out.append(static_cast<std::size_t>(-value.scale), '0');
    return out;
  }
  const auto scale = static_cast<std::size_t>(value.scale);
  if (digits.size > scale) {
    out.append(digits.text, digits.size - scale);
    out += '.';
    return out.append(digits.text + digits.size - scale, scale);
  }
  out += "0.";
  out.append(scale - digits.size, '0');
  return out.append(digits.text, digits.size);
}

std::string to_scientific_string(const Decimal& value) {
  const Digits digits = digits_of(magnitude_of(value.unscaled));
  const std::int64_t exponent = static_cast<std::int64_t>(digits.size) - 1 - value.scale;
  if (value.scale >= 0 && exponent >= -6) return to_plain_string(value);
  std::string out = value.unscaled < 0 ? "-" : "";
  out += digits.text[0];
  if (digits.size > 1) out.append(1, '.').append(digits.text + 1, digits.size - 1);
  if (exponent != 0) {
    out += exponent > 0 ? "E+" : "E";
    out += std::to_string(exponent);
  }
  return out;
}

std::optional<Decimal> from_double_exact(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  if (value == 0) return Decimal{};
  return strip_fraction_zeros(double_digits(value, kDecimalDigitsMax));
}

std::optional<Decimal> from_double_printed(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return parse_decimal(double_to_string(value));
}

double to_double(const Decimal& value) {
  constexpr Int128 kExactMax = Int128{1} << 53;
  if (value.unscaled >= -kExactMax && value.unscaled <= kExactMax && value.scale >= 0 && value.scale <= 22) {
    const auto power = static_cast<double>(kPowersOfTen[static_cast<std::size_t>(value.scale)]);
    return static_cast<double>(static_cast<std::int64_t>(value.unscaled)) / power;  // one correct rounding
  }
  const Digits digits = digits_of(magnitude_of(value.unscaled));
  char text[64];
  std::copy(digits.text, digits.text + digits.size, text);
  text[digits.size] = 'e';
  const auto end =
      std::to_chars(text + digits.size + 1, text + sizeof(text), -static_cast<std::int64_t>(value.scale)).ptr;
  double magnitude = 0;
  const auto [unused, failure] = std::from_chars(text, end, magnitude);
  if (failure == std::errc::result_out_of_range) magnitude = value.scale > 0 ? 0 : HUGE_VAL;
  return value.unscaled < 0 ? -magnitude : magnitude;
}

}  // namespace thalweg::planner
