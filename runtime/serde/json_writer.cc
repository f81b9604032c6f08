#include "runtime/serde/json_writer.h"

#include "runtime/serde/rowwise.h"

namespace thalweg::runtime {

JsonSerializer::JsonSerializer(const SideSchema& schema) : bare_(is_bare(schema, schema.side == Side::kKey)) {
  for (const auto& column : schema.fields) {
    JsonBuffer name;
    name.reserve(2);
    name.put(fields_.empty() ? '{' : ',');
    name.append_string(column.name);
    name.reserve(1);
    name.put(':');
    fields_.push_back({std::string(name.view()), column.type});
  }
}

Result<bool> JsonSerializer::append(std::span<const Column> columns, std::uint32_t row, std::string& out) {
  buffer_.clear();
  if (bare_) {
    if (columns[0].is_null(row)) return false;
    append_flat(columns[0], fields_[0].type, row);
  } else {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      buffer_.reserve(fields_[i].prefix.size() + 32);
      buffer_.append(fields_[i].prefix);
      append_cell(columns[i], fields_[i].type, row);
    }
    buffer_.reserve(2);
    if (fields_.empty()) buffer_.put('{');
    buffer_.put('}');
  }
  out += buffer_.view();
  return true;
}

Result<bool> JsonSerializer::append_values(std::span<const planner::Value> values, std::string& out) {
  buffer_.clear();
  if (bare_) {
    if (values[0].is_null()) return false;
    buffer_.append_value(values[0], fields_[0].type);
  } else {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      buffer_.reserve(fields_[i].prefix.size());
      buffer_.append(fields_[i].prefix);
      buffer_.append_value(values[i], fields_[i].type);
    }
    buffer_.reserve(2);
    if (fields_.empty()) buffer_.put('{');
    buffer_.put('}');
  }
  out += buffer_.view();
  return true;
}

void JsonSerializer::append_cell(const Column& column, const planner::SqlType& type, std::uint32_t row) {
  if (column.is_null(row)) {
    buffer_.append("null");  // within what append reserved
  } else {
    append_flat(column, type, row);
  }
}

void JsonSerializer::append_flat(const Column& column, const planner::SqlType& type, std::uint32_t row) {
  switch (column.physical) {
    case Physical::kBool: return buffer_.append_boolean(column.get<std::uint8_t>(row) != 0);
    case Physical::kInt32: return buffer_.append_integer(column.get<std::int32_t>(row));
    case Physical::kInt64: return buffer_.append_integer(column.get<std::int64_t>(row));
    case Physical::kDouble: return buffer_.append_double(column.get<double>(row));
    case Physical::kDecimal: return buffer_.append_decimal(column.get<planner::Int128>(row), type.scale());
    case Physical::kString: {
      const std::string_view text = column.get<std::string_view>(row);
      return type.is(planner::SqlKind::kBytes) ? buffer_.append_base64(text) : buffer_.append_string(text);
    }
    case Physical::kBoxed: return buffer_.append_value(*column.get<Boxed>(row), type);
  }
}

}  // namespace thalweg::runtime
