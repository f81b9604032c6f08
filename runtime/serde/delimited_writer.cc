#include <charconv>

#include "planner/types/text.h"
#include "runtime/serde/delimited.h"

namespace thalweg::runtime {

using planner::SqlKind;
using planner::SqlType;

namespace {

void append_number(std::int64_t value, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_cell(const Column& column, const SqlType& type, std::uint32_t row, std::string& out) {
  switch (column.physical) {
    case Physical::kBool: out += column.get<std::uint8_t>(row) != 0 ? "true" : "false"; break;
    case Physical::kInt32: append_number(column.get<std::int32_t>(row), out); break;
    case Physical::kInt64: append_number(column.get<std::int64_t>(row), out); break;
    case Physical::kDouble: planner::append_double(out, column.get<double>(row)); break;
    case Physical::kDecimal:
      out += planner::to_plain_string({column.get<planner::Int128>(row), type.scale()});
      break;
    case Physical::kString: {
      const std::string_view text = column.get<std::string_view>(row);
      if (type.is(SqlKind::kBytes)) {
        out += planner::base64_encode(text);
      } else {
        out += text;
      }
      break;
    }
    case Physical::kBoxed: break;  // refused by make_serializer
  }
}

void append_cell(const planner::Value& value, const SqlType& type, std::string& out) {
  switch (type.kind()) {
    case SqlKind::kBoolean: out += value.as_bool() ? "true" : "false"; break;
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: append_number(value.as_int(), out); break;
    case SqlKind::kDouble: planner::append_double(out, value.as_double()); break;
    case SqlKind::kDecimal: out += planner::to_plain_string(value.as_decimal()); break;
    case SqlKind::kString: out += value.as_string(); break;
    case SqlKind::kBytes: out += planner::base64_encode(value.as_string()); break;
    case SqlKind::kArray:
    case SqlKind::kMap:
    case SqlKind::kStruct: break;  // refused by make_serializer
  }
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

DelimitedSerializer::DelimitedSerializer(const SideSchema& schema)
    : delimiter_(delimiter_of(schema.format.format)) {
  for (const auto& column : schema.fields) types_.push_back(column.type);
}

Result<bool> DelimitedSerializer::append(std::span<const Column> columns, std::uint32_t row,
                                         std::string& out) {
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (i > 0) out += delimiter_;
    if (columns[i].is_null(row)) continue;
    scratch_.clear();
    append_cell(columns[i], types_[i], row, scratch_);
    append_text(scratch_, i == 0, out);
  }
  return true;
}

Result<bool> DelimitedSerializer::append_values(std::span<const planner::Value> values, std::string& out) {
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (i > 0) out += delimiter_;
    if (values[i].is_null()) continue;
    scratch_.clear();
    append_cell(values[i], types_[i], scratch_);
    append_text(scratch_, i == 0, out);
  }
  return true;
}

// The peculiar rules of the original's CSV writer; recorded data depends on them.
bool DelimitedSerializer::needs_quotes(std::string_view text, bool first) const {
  if (text.empty()) return first;
  const auto lead = static_cast<unsigned char>(text.front());
  if (first ? !is_alphanumeric(text.front()) : lead <= '#') return true;
  if (static_cast<unsigned char>(text.back()) <= ' ') return true;
  return text.find_first_of("\"\r\n") != text.npos || text.find(delimiter_) != text.npos;
}

void DelimitedSerializer::append_text(std::string_view text, bool first, std::string& out) const {
  if (!needs_quotes(text, first)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace thalweg::runtime
