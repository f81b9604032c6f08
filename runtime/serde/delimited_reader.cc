#include <algorithm>

#include "planner/types/text.h"
#include "runtime/serde/delimited.h"
#include "runtime/serde/json_number.h"
#include "runtime/serde/time_bounds.h"
#include "runtime/serde/utf8_text.h"

namespace thalweg::runtime {

using planner::SqlKind;
using planner::SqlType;

namespace {

bool ends_line(char c) { return c == '\n' || c == '\r'; }

Error bad(std::string message) { return Error{ErrorCode::kBadRecord, std::move(message)}; }
Error no_number(std::string_view field) { return bad("For input string: \"" + std::string(field) + "\""); }

bool is_true(std::string_view field) {
  constexpr std::string_view kTrue = "true";
  return std::equal(field.begin(), field.end(), kTrue.begin(), kTrue.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

Result<std::int64_t> parse_narrow(std::string_view field) {
  const auto number = planner::parse_int(field);
  if (!number) return no_number(field);
  return std::int64_t{*number};
}

Result<std::int64_t> parse_wide(std::string_view field) {
  const auto number = planner::parse_bigint(field);
  if (!number) return no_number(field);
  return *number;
}

Result<std::int64_t> parse_time_of_day(std::string_view field) {
  THALWEG_TRY(const auto ms, parse_wide(field));
  if (!is_time_of_day(ms)) return bad(kTimeBoundsMessage);
  return ms;
}

Result<planner::Decimal> parse_fitting(std::string_view field, const SqlType& type) {
  if (!is_decimal_text(field)) return bad("Value is not a valid decimal: " + std::string(field));
  return number_to_decimal(field, type.precision(), type.scale());
}

Result<void> store_text(std::string_view field, const SqlType& type, Column& column, std::uint32_t row,
                        Arena& arena) {
  if (!type.is(SqlKind::kBytes)) {
    column.set(row, field);
    return {};
  }
  const auto decoded = planner::base64_decode(field, planner::Base64Padding::kOptional);
  if (!decoded) return bad("Value is not a valid Base64 encoded string: " + std::string(field));
  column.set(row, arena.copy(*decoded));
  return {};
}

Result<void> store_field(std::string_view field, const SqlType& type, Column& column, std::uint32_t row,
                         Arena& arena) {
  switch (column.physical) {
    case Physical::kBool: column.set(row, static_cast<std::uint8_t>(is_true(field))); return {};
    case Physical::kInt32: {
      THALWEG_TRY(const auto number,
                  type.is(SqlKind::kTime) ? parse_time_of_day(field) : parse_narrow(field));
      column.set(row, static_cast<std::int32_t>(number));
      return {};
    }
    case Physical::kInt64: {
      THALWEG_TRY(const auto number, parse_wide(field));
      column.set(row, number);
      return {};
    }
    case Physical::kDouble: {
      const auto number = planner::parse_java_double(field);
      if (!number) return no_number(field);
      column.set(row, *number);
      return {};
    }
    case Physical::kDecimal: {
      THALWEG_TRY(const auto number, parse_fitting(field, type));
      column.set(row, number.unscaled);
      return {};
    }
    case Physical::kString: return store_text(field, type, column, row, arena);
    case Physical::kBoxed: break;
  }
  return bad("DELIMITED cannot hold type " + planner::to_string(type));
}

}  // namespace

std::string delimiter_of(const planner::Format& format) {
  const auto found = format.properties.find("delimiter");
  if (found == format.properties.end() || found->second.empty()) return ",";
  if (found->second == "SPACE") return " ";
  if (found->second == "TAB") return "\t";
  return found->second;
}

DelimitedDeserializer::DelimitedDeserializer(const SideSchema& schema, std::span<const std::int32_t> needed)
    : RowwiseDeserializer(schema, needed), delimiter_(delimiter_of(schema.format.format)) {}

void DelimitedDeserializer::decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out,
                                           Arena& arena, std::vector<DecodeError>& errors) {
  auto done = decode_line(payload, row, out, arena);
  if (!done) errors.push_back({row, "Error deserializing delimited", {std::move(done).error().message}});
}

Result<void> DelimitedDeserializer::decode_line(std::string_view payload, std::uint32_t row,
                                                std::span<Column> out, Arena& arena) {
  THALWEG_CHECK(split(readable_text(payload, arena), arena));
  if (fields_.size() != schema_.fields.size()) {
    return bad("Column count mismatch on deserialization. topic: " + schema_.topic + ", expected: " +
               std::to_string(schema_.fields.size()) + ", got: " + std::to_string(fields_.size()));
  }
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    const std::string_view field = fields_[needed_[i].position];
    if (field.empty()) {
      out[i].set_null(row);
    } else {
      THALWEG_CHECK(store_field(field, needed_[i].type, out[i], row, arena));
    }
  }
  return {};
}

Result<void> DelimitedDeserializer::split(std::string_view payload, Arena& arena) {
  fields_.clear();
  std::size_t at = 0;
  while (at < payload.size() && ends_line(payload[at])) ++at;
  if (at == payload.size()) return bad("No fields in record");
  for (;;) {
    if (at < payload.size() && payload[at] == '"' && !at_delimiter(payload, at)) {
      THALWEG_CHECK(take_quoted(payload, at, arena));
    } else {
      take_plain(payload, at);
    }
    if (at >= payload.size() || !at_delimiter(payload, at)) return {};
    at += delimiter_.size();
  }
}

void DelimitedDeserializer::take_plain(std::string_view payload, std::size_t& at) {
  const std::size_t begin = at;
  while (at < payload.size() && !ends_line(payload[at]) && !at_delimiter(payload, at)) ++at;
  fields_.push_back(payload.substr(begin, at - begin));
}

Result<void> DelimitedDeserializer::take_quoted(std::string_view payload, std::size_t& at, Arena& arena) {
  const std::size_t begin = ++at;
  bool doubled = false;
  while ((at = payload.find('"', at)) != payload.npos && payload.substr(at + 1, 1) == "\"") {
    doubled = true;
    at += 2;
  }
  if (at == payload.npos) return bad("EOF reached before encapsulated token finished");
  std::string_view field = payload.substr(begin, at - begin);
  if (doubled) {
    scratch_.clear();
    for (std::size_t i = 0; i < field.size(); ++i) {
      scratch_ += field[i];
      if (field[i] == '"') ++i;
    }
    field = arena.copy(scratch_);
  }
  fields_.push_back(field);
  // Space behind the closing quote is tolerated, anything else is not.
  for (++at; at < payload.size() && !ends_line(payload[at]) && !at_delimiter(payload, at); ++at) {
    if (payload[at] != ' ' && payload[at] != '\t') {
      return bad("Invalid char between encapsulated token and delimiter");
    }
  }
  return {};
}

}  // namespace thalweg::runtime
