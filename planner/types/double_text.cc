// Doubles as Java (before release 19) prints and reads them.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "planner/types/text.h"

namespace thalweg::planner {

namespace {

// d.ddd · 10^exponent with the digits in `text`.
struct Shortest {
  char text[24];
  int size = 0;
  int exponent = 0;
};

void read_scientific(const char* begin, const char* end, Shortest& out) {
  const char* at = begin;
  for (; *at != 'e'; ++at) {
    if (*at != '.') out.text[out.size++] = *at;
  }
  ++at;
  if (*at == '+') ++at;
  std::from_chars(at, end, out.exponent);
}

// Older Java prints integral doubles in [2^53, 2^63) with all digits but the k lowest, rounded half up.
Shortest large_integral(double magnitude) {
  static constexpr std::uint64_t kPowers[] = {1, 10, 100};
  const auto whole = static_cast<std::uint64_t>(magnitude);
  const int binary_exponent = 63 - std::countl_zero(whole);
  const int dropped = binary_exponent < 58 ? 0 : (binary_exponent - 54) * 30103 / 100000;
  const std::uint64_t power = kPowers[dropped];
  Shortest out;
  const char* end = std::to_chars(out.text, out.text + sizeof(out.text), (whole + power / 2) / power).ptr;
  out.size = static_cast<int>(end - out.text);
  out.exponent = out.size - 1 + dropped;
  while (out.size > 1 && out.text[out.size - 1] == '0') --out.size;
  return out;
}

Shortest shortest_digits(double magnitude) {
  if (magnitude >= 0x1p53 && magnitude < 0x1p63) return large_integral(magnitude);
  char buffer[32];
  const char* end =
      std::to_chars(buffer, buffer + sizeof(buffer), magnitude, std::chars_format::scientific).ptr;
  Shortest out;
  read_scientific(buffer, end, out);
  if (out.size == 1 && magnitude < 1e-300) {  // two digits at least, the nearest: 4.9E-324
    end = std::to_chars(buffer, buffer + sizeof(buffer), magnitude, std::chars_format::scientific, 1).ptr;
    out = Shortest{};
    read_scientific(buffer, end, out);
    if (out.text[1] == '0') out.size = 1;
  }
  return out;
}

char* copy_digits(char* to, const Shortest& digits, int from, int count) {
  for (int i = from; i < from + count; ++i) *to++ = i < digits.size ? digits.text[i] : '0';
  return to;
}

char* lay_out(char* to, const Shortest& digits) {
  if (digits.exponent >= 7 || digits.exponent < -3) {
    *to++ = digits.text[0];
    *to++ = '.';
    to = copy_digits(to, digits, 1, std::max(1, digits.size - 1));
    *to++ = 'E';
    return std::to_chars(to, to + 8, digits.exponent).ptr;
  }
  if (digits.exponent < 0) {
    *to++ = '0';
    *to++ = '.';
    for (int i = -1; i > digits.exponent; --i) *to++ = '0';
    return copy_digits(to, digits, 0, digits.size);
  }
  to = copy_digits(to, digits, 0, digits.exponent + 1);
  *to++ = '.';
  return copy_digits(to, digits, digits.exponent + 1, std::max(1, digits.size - digits.exponent - 1));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

bool drop_type_suffix(std::string_view& text) {
  if (!text.empty() && std::string_view("fFdD").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  return !text.empty();
}

// "0x1.8p1": the exponent is required.
std::optional<double> parse_hex(std::string_view text) {
  const std::size_t p = text.find_first_of("pP");
  if (p == std::string_view::npos || !drop_type_suffix(text) || p + 1 >= text.size()) return std::nullopt;
  double value = 0;
  const auto [end, failure] =
      std::from_chars(text.data() + 2, text.data() + text.size(), value, std::chars_format::hex);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_magnitude(std::string_view text) {
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return HUGE_VAL;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) return parse_hex(text);
  if (!drop_type_suffix(text) || !(is_digit(text.front()) || text.front() == '.')) return std::nullopt;
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (failure == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  if (failure != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "NaN" : (value > 0 ? "Infinity" : "-Infinity");
    return;
  }
  char buffer[40];
  char* at = buffer;
  if (std::signbit(value)) *at++ = '-';
  const double magnitude = std::fabs(value);
  if (magnitude < 1e7 && magnitude == std::floor(magnitude)) {
    at = std::to_chars(at, buffer + sizeof(buffer), static_cast<std::int64_t>(magnitude)).ptr;
    *at++ = '.';
    *at++ = '0';
  } else {
    at = lay_out(at, shortest_digits(magnitude));
  }
  out.append(buffer, static_cast<std::size_t>(at - buffer));
}

std::string double_to_string(double value) {
  std::string out;
  append_double(out, value);
  return out;
}

std::optional<double> parse_java_double(std::string_view text) {
  text = trimmed(text);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  const auto magnitude = parse_magnitude(text);
  if (!magnitude) return std::nullopt;
  return negative ? -*magnitude : *magnitude;
}

}  // namespace thalweg::planner
