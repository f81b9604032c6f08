// CAST, one function per source kind (reference, sql §3.3).
#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/types/calendar.h"
#include "planner/types/text.h"
#include "planner/types/value.h"

namespace thalweg::planner {

namespace {

Error refused(const Value& value, const SqlType& from, const SqlType& to) {
  return {ErrorCode::kBadRecord,
          "cannot cast " + to_string(from) + " '" + cast_to_string(value, from) + "' to " + to_string(to)};
}

Error unsupported(const SqlType& from, const SqlType& to) {
  return {ErrorCode::kBadRecord, "Cast of " + to_string(from) + " to " + to_string(to) + " is not supported"};
}

Result<Value> to_value(Result<Decimal> decimal) {
  THALWEG_TRY(auto number, std::move(decimal));
  return Value(number);
}

std::int64_t low_32_bits(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(value)));
}

// Toward zero, saturating, NaN as zero.
template <typename T>
std::int64_t saturate(double value) {
  if (std::isnan(value)) return 0;
  constexpr auto kLimit = -static_cast<double>(std::numeric_limits<T>::min());  // 2^31 or 2^63
  if (value >= kLimit) return std::numeric_limits<T>::max();
  if (value < -kLimit) return std::numeric_limits<T>::min();
  return static_cast<T>(value);
}

Result<Value> cast_integer(const Value& value, const SqlType& from, const SqlType& to) {
  const std::int64_t number = value.as_int();
  switch (to.kind()) {
    case SqlKind::kInteger: return Value(low_32_bits(number));
    case SqlKind::kBigint: return value;
    case SqlKind::kDouble: return Value(static_cast<double>(number));
    case SqlKind::kDecimal: return to_value(cast_to(from_int(number), to.precision(), to.scale()));
    case SqlKind::kString: return Value(cast_to_string(value, from));
    default: return unsupported(from, to);
  }
}

Result<Value> cast_double(const Value& value, const SqlType& from, const SqlType& to) {
  const double number = value.as_double();
  switch (to.kind()) {
    case SqlKind::kInteger: return Value(saturate<std::int32_t>(number));
    case SqlKind::kBigint: return Value(saturate<std::int64_t>(number));
    case SqlKind::kDecimal: {
      const auto exact = from_double_exact(number);
      if (!exact) return refused(value, from, to);
      const auto rounded = round_to_precision(*exact, to.precision(), Rounding::kHalfUp);
      return to_value(cast_to(rounded.value_or(*exact), to.precision(), to.scale()));
    }
    case SqlKind::kString: return Value(double_to_string(number));
    default: return unsupported(from, to);
  }
}

Result<Value> cast_decimal(const Value& value, const SqlType& from, const SqlType& to) {
  const Decimal& number = value.as_decimal();
  switch (to.kind()) {
    case SqlKind::kInteger: return Value(low_32_bits(to_bigint(number)));
    case SqlKind::kBigint: return Value(to_bigint(number));
    case SqlKind::kDouble: return Value(to_double(number));
    case SqlKind::kDecimal: return to_value(cast_to(number, to.precision(), to.scale()));
    case SqlKind::kString: return Value(to_plain_string(number));
    default: return unsupported(from, to);
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// True for a non-empty prefix of "true" or "yes" in any case.
bool reads_as_true(std::string_view text) {
  const auto is_prefix_of = [text](std::string_view word) {
    return text.size() <= word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; });
  };
  return !text.empty() && (is_prefix_of("true") || is_prefix_of("yes"));
}

template <typename Number, typename Held = std::int64_t>
Result<Value> parsed(const std::optional<Number>& number, const Value& value, const SqlType& to) {
  if (!number) return refused(value, SqlKind::kString, to);
  return Value(Held(*number));
}

Result<Value> string_to_double(const Value& value, std::string_view text, const SqlType& to) {
  const auto number = parse_java_double(text);
  if (!number || !std::isfinite(*number)) return refused(value, SqlKind::kString, to);
  return Value(*number);
}

Result<Value> string_to_decimal(const Value& value, std::string_view text, const SqlType& to) {
  const auto number = parse_decimal(text);
  if (!number) return refused(value, SqlKind::kString, to);
  return to_value(cast_to(*number, to.precision(), to.scale()));
}

Result<Value> cast_string(const Value& value, const SqlType& from, const SqlType& to) {
  const std::string_view text = value.as_string();
  switch (to.kind()) {
    case SqlKind::kBoolean: return Value(reads_as_true(trimmed(text)));
    case SqlKind::kInteger: return parsed(parse_int(trimmed(text)), value, to);
    case SqlKind::kBigint: return parsed(parse_bigint(trimmed(text)), value, to);
    case SqlKind::kDouble: return string_to_double(value, trimmed(text), to);
    case SqlKind::kDecimal: return string_to_decimal(value, trimmed(text), to);
    case SqlKind::kDate: return parsed(parse_date(text), value, to);
    case SqlKind::kTime: return parsed(parse_time(text), value, to);
    case SqlKind::kTimestamp: return parsed(parse_timestamp(text), value, to);
    case SqlKind::kBytes:
      return parsed<std::string, std::string>(base64_decode(text, Base64Padding::kOptional), value, to);
    default: return unsupported(from, to);
  }
}

Result<Value> cast_temporal(const Value& value, const SqlType& from, const SqlType& to) {
  if (to.is(SqlKind::kString)) return Value(cast_to_string(value, from));
  const std::int64_t number = value.as_int();
  if (from.is(SqlKind::kDate) && to.is(SqlKind::kTimestamp)) return Value(number * kDayMs);
  if (from.is(SqlKind::kTimestamp) && to.is(SqlKind::kDate)) return Value(floor_div(number, kDayMs));
  if (from.is(SqlKind::kTimestamp) && to.is(SqlKind::kTime)) return Value(floor_mod(number, kDayMs));
  return unsupported(from, to);
}

Result<Value> cast_array(const Value& value, const SqlType& from, const SqlType& to) {
  ValueList items;
  items.reserve(value.as_list().size());
  for (const Value& item : value.as_list()) {
    THALWEG_TRY(auto converted, cast_value(item, from.element(), to.element()));
    items.push_back(std::move(converted));
  }
  return make_list(std::move(items));
}

Result<Value> cast_map(const Value& value, const SqlType& from, const SqlType& to) {
  MapEntries entries;
  entries.reserve(value.as_map().size());
  for (const auto& [key, item] : value.as_map()) {
    THALWEG_TRY(auto converted_key, cast_value(key, from.key(), to.key()));
    THALWEG_TRY(auto converted_item, cast_value(item, from.value(), to.value()));
    entries.emplace_back(std::move(converted_key), std::move(converted_item));
  }
  return make_map(std::move(entries), to.key());
}

Result<Value> cast_struct(const Value& value, const SqlType& from, const SqlType& to) {
  ValueList fields;
  fields.reserve(to.fields().size());
  for (const Field& wanted : to.fields()) {
    const auto found = std::find_if(from.fields().begin(), from.fields().end(),
                                    [&wanted](const Field& field) { return field.name == wanted.name; });
    if (found == from.fields().end()) {
      fields.emplace_back();
      continue;
    }
    const auto index = static_cast<std::size_t>(found - from.fields().begin());
    THALWEG_TRY(auto converted, cast_value(value.as_list()[index], found->type, wanted.type));
    fields.push_back(std::move(converted));
  }
  return make_list(std::move(fields));
}

Result<Value> cast_nested(const Value& value, const SqlType& from, const SqlType& to) {
  if (to.is(SqlKind::kString)) return Value(cast_to_string(value, from));
  if (to.kind() != from.kind()) return unsupported(from, to);
  if (from.is(SqlKind::kArray)) return cast_array(value, from, to);
  return from.is(SqlKind::kMap) ? cast_map(value, from, to) : cast_struct(value, from, to);
}

}  // namespace

Result<Value> cast_value(const Value& value, const SqlType& from, const SqlType& to) {
  if (value.is_null() || from == to) return value;
  switch (from.kind()) {
    case SqlKind::kBoolean:
      if (to.is(SqlKind::kString)) return Value(cast_to_string(value, from));
      return unsupported(from, to);
    case SqlKind::kInteger:
    case SqlKind::kBigint: return cast_integer(value, from, to);
    case SqlKind::kDouble: return cast_double(value, from, to);
    case SqlKind::kDecimal: return cast_decimal(value, from, to);
    case SqlKind::kString: return cast_string(value, from, to);
    case SqlKind::kBytes: return unsupported(from, to);
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return cast_temporal(value, from, to);
    case SqlKind::kArray:
    case SqlKind::kMap:
    case SqlKind::kStruct: return cast_nested(value, from, to);
  }
  return unsupported(from, to);
}

}  // namespace thalweg::planner
