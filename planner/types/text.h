// Text forms of values, as Java writes and reads them, because clients and data depend on the digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "planner/types/sql_type.h"
#include "planner/types/value.h"

namespace thalweg::planner {

// Java's Double.toString, with the pre-19 quirk for 2^53 ≤ |d| < 2^63 (reference, formats §8).
// Appends at most 32 bytes. NaN, Infinity, -Infinity in words.
void append_double(std::string& out, double value);
std::string double_to_string(double value);
std::optional<double> parse_java_double(std::string_view text);  // surrounding spaces, NaN, Infinity, 1f, 1d
// Optional sign and digits only, range-checked.
std::optional<std::int32_t> parse_int(std::string_view text);
std::optional<std::int64_t> parse_bigint(std::string_view text);

// Days / ms of day / ms since epoch ↔ ISO text, UTC.
std::string date_to_string(std::int32_t days);                       // 2024-02-29
std::string time_to_string(std::int32_t ms_of_day);                  // 17:22 or 17:22:05; ms dropped
std::string timestamp_to_string(std::int64_t epoch_ms);              // 2024-02-29T17:22:05.123
std::optional<std::int32_t> parse_date(std::string_view text);       // yyyy[-MM[-dd]]
std::optional<std::int32_t> parse_time(std::string_view text);       // HH:mm[:ss[.SSS]]
std::optional<std::int64_t> parse_timestamp(std::string_view text);  // see the reference, sql §3.3

std::string base64_encode(std::string_view bytes);  // padded
enum class Base64Padding : std::uint8_t { kRequired, kOptional };
std::optional<std::string> base64_decode(std::string_view text,
                                         Base64Padding padding = Base64Padding::kRequired);

// CAST(… AS STRING) of any value: arrays "[1, 3]", maps "{a=1}", structs "Struct{F0=1,F1=3}".
std::string cast_to_string(const Value& value, const SqlType& type);
// JSON text of a value inside a record or a response body: BYTES base64, DATE/TIME/TIMESTAMP integers.
void append_json(std::string& out, const Value& value, const SqlType& type);
void append_json_string(std::string& out, std::string_view text);  // quotes and escapes

// UTF-16 length of UTF-8 text (an emoji counts 2).
std::int64_t utf16_length(std::string_view utf8);
// Strings order by UTF-16 code unit.
int compare_utf16(std::string_view a, std::string_view b);

}  // namespace thalweg::planner
