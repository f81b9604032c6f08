// Numbers as JSON spells them. A token is the raw text of one number, without surrounding space; what
// follows it must be readable for kJsonPadding bytes (fast paths load whole words).
#pragma once

#include <emmintrin.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "planner/types/decimal.h"

namespace thalweg::runtime {

inline constexpr std::size_t kJsonPadding = 32;

// The grammar of JSON: no leading zeros, no '+', digits on both sides of the point.
bool is_json_number_slow(std::string_view token);

// True if all of up to 16 bytes are digits.
inline bool is_digit_run(const char* text, std::size_t size) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i wrong = _mm_subs_epu8(digits, _mm_set1_epi8(9));  // 0 for '0'…'9'
  const int right = _mm_movemask_epi8(_mm_cmpeq_epi8(wrong, _mm_setzero_si128()));
  const int wanted = (1 << size) - 1;
  return (right & wanted) == wanted;
}

inline bool is_json_number(std::string_view token) {
  if (token.size() - 1 < 16 && is_digit_run(token.data(), token.size())) [[likely]] {
    return token.size() == 1 || token[0] != '0';
  }
  return is_json_number_slow(token);
}

// Up to seven digits and their padding as one eight-digit number.
inline std::uint64_t load_digits(const char* text, std::size_t count) {
  std::uint64_t word;
  std::memcpy(&word, text, 8);
  if (count >= 8) return word;
  if (count == 0) return 0x3030303030303030;
  return (word << (64 - 8 * count)) | (0x3030303030303030 >> (8 * count));
}
inline bool eight_digits(std::uint64_t word) {
  return ((word & 0xF0F0F0F0F0F0F0F0) | (((word + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4)) ==
         0x3333333333333333;
}
inline std::uint64_t eight_digit_value(std::uint64_t word) {
  word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
  word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
  return (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
}

// An integer of at most 16 digits; nullopt: look closer.
inline std::optional<std::int64_t> short_integer(std::string_view token) {
  constexpr std::uint64_t kPowers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  const bool negative = !token.empty() && token[0] == '-';
  const char* text = token.data() + negative;
  const std::size_t count = token.size() - negative;
  if (count - 1 >= 16) return std::nullopt;
  const std::size_t first = count < 8 ? count : 8;
  std::uint64_t word = load_digits(text, first);
  if (!eight_digits(word)) return std::nullopt;
  std::uint64_t value = eight_digit_value(word);
  if (count > 8) {
    word = load_digits(text + 8, count - 8);
    if (!eight_digits(word)) return std::nullopt;
    value = value * kPowers[count - 8] + eight_digit_value(word);
  }
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

// What the original's tree would hold for a number.
enum class NumberNode : std::uint8_t { kInt, kLong, kBigInteger, kDecimal };
NumberNode number_node(std::string_view token);

// Truncated toward zero, low 64 bits.
std::int64_t number_to_int64_slow(std::string_view token);
inline std::int64_t number_to_int64(std::string_view token) {
  if (const auto fast = short_integer(token)) [[likely]]
    return *fast;
  return number_to_int64_slow(token);
}
// Correctly rounded; infinite when too large.
double number_to_double(std::string_view token);
// As the original holds it: integers as they are, others as BigDecimal prints them ("1e3" is "1E+3").
std::string number_text(std::string_view token);
// The wider grammar of java.math.BigDecimal: "+1", ".5", "5.".
bool is_decimal_text(std::string_view text);
// Fits a number of either grammar, of any length, into DECIMAL(precision, scale) without rounding.
Result<planner::Decimal> number_to_decimal(std::string_view token, std::int32_t precision,
                                           std::int32_t scale);

}  // namespace thalweg::runtime
