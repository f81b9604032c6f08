#include "server/api/row_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "planner/types/text.h"
#include "server/api/error_body.h"

namespace thalweg::server {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_quoted(std::string& out, std::string_view plain) {
  out += '"';
  out += plain;
  out += '"';
}

void append(std::string& out, const Value& value, const SqlType& type, bool in_struct);

void append_time(std::string& out, const Value& value, SqlKind kind, bool in_struct) {
  const auto number = value.as_int();
  if (in_struct) return append_integer(out, number);
  if (kind == SqlKind::kDate)
    return append_quoted(out, planner::date_to_string(static_cast<std::int32_t>(number)));
  if (kind == SqlKind::kTime)
    return append_quoted(out, planner::time_to_string(static_cast<std::int32_t>(number)));
  append_quoted(out, planner::timestamp_to_string(number));
}

void append_map(std::string& out, const Value& value, const SqlType& type, bool in_struct) {
  const bool pairs = in_struct && !type.key().is(SqlKind::kString);
  out += pairs ? '[' : '{';
  bool first = true;
  for (const auto& [key, element] : value.as_map()) {
    if (!first) out += ',';
    first = false;
    if (pairs) {
      out += '[';
      append(out, key, type.key(), in_struct);
      out += ',';
    } else {
      planner::append_json_string(out, key.is_null() ? "null" : planner::cast_to_string(key, type.key()));
      out += ':';
    }
    append(out, element, type.value(), in_struct);
    if (pairs) out += ']';
  }
  out += pairs ? ']' : '}';
}

void append_struct(std::string& out, const Value& value, const SqlType& type) {
  out += '{';
  const auto& fields = type.fields();
  const auto& values = value.as_list();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    planner::append_json_string(out, fields[i].name);
    out += ':';
    append(out, values[i], fields[i].type, true);
  }
  out += '}';
}

void append_array(std::string& out, const Value& value, const SqlType& type, bool in_struct) {
  out += '[';
  bool first = true;
  for (const auto& element : value.as_list()) {
    if (!first) out += ',';
    first = false;
    append(out, element, type.element(), in_struct);
  }
  out += ']';
}

void append(std::string& out, const Value& value, const SqlType& type, bool in_struct) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  switch (type.kind()) {
    case SqlKind::kBoolean: out += value.as_bool() ? "true" : "false"; return;
    case SqlKind::kInteger:
    case SqlKind::kBigint: return append_integer(out, value.as_int());
    case SqlKind::kDouble:
      if (!std::isfinite(value.as_double()))
        return append_quoted(out, planner::double_to_string(value.as_double()));
      return planner::append_double(out, value.as_double());
    case SqlKind::kDecimal: out += planner::to_plain_string(value.as_decimal()); return;
    case SqlKind::kString: return planner::append_json_string(out, value.as_string());
    case SqlKind::kBytes: return append_quoted(out, planner::base64_encode(value.as_string()));
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return append_time(out, value, type.kind(), in_struct);
    case SqlKind::kArray: return append_array(out, value, type, in_struct);
    case SqlKind::kMap: return append_map(out, value, type, in_struct);
    case SqlKind::kStruct: return append_struct(out, value, type);
  }
}

void append_metadata(std::string& out, const ResultHead& head) {
  out += "{\"queryId\":";
  planner::append_json_string(out, head.query_id);
  out += ",\"columnNames\":[";
  for (std::size_t i = 0; i < head.schema.size(); ++i) {
    if (i > 0) out += ',';
    planner::append_json_string(out, head.schema.columns[i].name);
  }
  out += "],\"columnTypes\":[";
  for (std::size_t i = 0; i < head.schema.size(); ++i) {
    if (i > 0) out += ',';
    planner::append_json_string(out, planner::to_string(head.schema.columns[i].type));
  }
  out += "]}";
}

}  // namespace

std::string_view media_type(RowFormat format) {
  switch (format) {
    case RowFormat::kDelimited: return "application/vnd.ksqlapi.delimited.v1";
    case RowFormat::kJsonArray: return "application/json";
    case RowFormat::kStreamed: return "application/vnd.ksql.v1+json";
  }
  return {};
}

void append_value(std::string& out, const Value& value, const SqlType& type) {
  append(out, value, type, false);
}

void append_columns(std::string& out, const planner::ValueList& values, const planner::Schema& schema) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append(out, values[i], schema.columns[i].type, false);
  }
  out += ']';
}

std::string header_schema(const ResultHead& head) {
  const auto mark = [&](std::size_t i) { return i < head.marks.size() ? head.marks[i] : std::string(); };
  const auto is_header = [&](std::size_t i) { return mark(i).starts_with("HEADER"); };
  std::vector<std::size_t> order(head.schema.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto values =
      std::find_if(order.begin(), order.end(), [&](std::size_t i) { return mark(i) != "KEY"; });
  std::stable_partition(values, order.end(), is_header);
  std::string text;
  for (const std::size_t i : order) {
    const auto& column = head.schema.columns[i];
    if (!text.empty()) text += ", ";
    text += '`';
    for (const char c : column.name) text.append(c == '`' ? 2 : 1, c);
    text += "` " + planner::to_string(column.type);
    if (!mark(i).empty()) text += " " + mark(i);
  }
  return text;
}

void RowWriter::head(std::string& out, bool last) const {
  switch (format_) {
    case RowFormat::kDelimited:
      append_metadata(out, head_);
      out += '\n';
      return;
    case RowFormat::kJsonArray:
      out += '[';
      append_metadata(out, head_);
      return;
    case RowFormat::kStreamed:
      out += "[{\"header\":{\"queryId\":";
      planner::append_json_string(out, head_.query_id);
      out += ",\"schema\":";
      planner::append_json_string(out, header_schema(head_));
      out += "}}";
      if (!last || push_) out += ",\n";
      return;
  }
}

void RowWriter::row(std::string& out, const planner::ValueList& values, bool tombstone, bool last) const {
  switch (format_) {
    case RowFormat::kDelimited:
      if (tombstone) return;
      append_columns(out, values, head_.schema);
      out += '\n';
      return;
    case RowFormat::kJsonArray:
      if (tombstone) return;
      out += ',';
      append_columns(out, values, head_.schema);
      return;
    case RowFormat::kStreamed:
      out += "{\"row\":{\"columns\":";
      append_columns(out, values, head_.schema);
      out += tombstone ? ",\"tombstone\":true}}" : "}}";
      if (!last || push_) out += ",\n";
      return;
  }
}

void RowWriter::end(std::string& out, std::string_view final_message) const {
  if (format_ == RowFormat::kDelimited) return;
  if (format_ == RowFormat::kStreamed && (push_ || !final_message.empty())) {
    out += "{\"finalMessage\":";
    planner::append_json_string(out, final_message.empty() ? "Query Completed" : final_message);
    out += '}';
  }
  out += ']';
}

void RowWriter::error(std::string& out, int code, std::string_view message) const {
  const auto body = error_json(code, message);
  switch (format_) {
    case RowFormat::kDelimited: out += body + "\n"; return;
    case RowFormat::kJsonArray: out += "," + body + "]"; return;
    case RowFormat::kStreamed: out += "{\"errorMessage\":" + body + "}]"; return;
  }
}

}  // namespace thalweg::server
