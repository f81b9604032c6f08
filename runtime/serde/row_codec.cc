#include "runtime/serde/row_codec.h"

#include "runtime/serde/byte_order.h"

namespace thalweg::runtime {

using planner::SqlType;
using planner::Value;

namespace {

// Width of the fixed part; 0 for strings and nested values.
std::size_t fixed_bytes(Physical physical) {
  switch (physical) {
    case Physical::kBool: return 1;
    case Physical::kInt32: return 4;
    case Physical::kInt64:
    case Physical::kDouble: return 8;
    case Physical::kDecimal: return 16;
    case Physical::kString:
    case Physical::kBoxed: return 0;
  }
  return 0;
}

Error damaged() { return Error{ErrorCode::kCorrupted, "encoded row is truncated"}; }

void encode_text(std::string_view text, std::string& out) {
  append_little(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Reads one non-null element of a column.
Result<void> decode_element(std::string_view& bytes, const SqlType& type, Column& column, std::uint32_t row,
                            Arena& arena, bool copy) {
  const std::size_t width = fixed_bytes(column.physical);
  if (width != 0) {
    if (bytes.size() < width) return damaged();
    std::memcpy(static_cast<char*>(column.data) + row * width, bytes.data(), width);
    bytes.remove_prefix(width);
  } else if (column.physical == Physical::kString) {
    std::uint32_t size = 0;
    if (!take_little(bytes, size) || size > bytes.size()) return damaged();
    const std::string_view text = bytes.substr(0, size);
    column.elements<std::string_view>()[row] = copy ? arena.copy(text) : text;
    bytes.remove_prefix(size);
  } else {
    THALWEG_TRY(auto value, decode_value(bytes, type));
    column.elements<Boxed>()[row] = box(arena, std::move(value));
  }
  if (column.valid != nullptr) column.valid[row] = 1;
  return {};
}

planner::Int128 unscaled_as(const planner::Decimal& decimal, const SqlType& type) {
  if (decimal.scale == type.scale()) return decimal.unscaled;
  const auto fitted = planner::set_scale(decimal, type.scale(), planner::Rounding::kHalfUp);
  return fitted ? fitted->unscaled : decimal.unscaled;
}

void encode_flat(const Value& value, const SqlType& type, Physical physical, std::string& out) {
  switch (physical) {
    case Physical::kBool: out += static_cast<char>(value.as_bool()); break;
    case Physical::kInt32: append_little(out, static_cast<std::int32_t>(value.as_int())); break;
    case Physical::kInt64: append_little(out, value.as_int()); break;
    case Physical::kDouble: append_little(out, value.as_double()); break;
    case Physical::kDecimal: append_little(out, unscaled_as(value.as_decimal(), type)); break;
    case Physical::kString: encode_text(value.as_string(), out); break;
    case Physical::kBoxed: encode_value(value, type, out); break;
  }
}

std::vector<Physical> physical_types(const std::vector<SqlType>& types) {
  std::vector<Physical> physical;
  physical.reserve(types.size());
  for (const auto& type : types) physical.push_back(physical_of(type.kind()));
  return physical;
}

}  // namespace

RowCodec::RowCodec(std::vector<SqlType> types)
    : types_(std::move(types)), physical_(physical_types(types_)) {}

void RowCodec::encode(std::span<const Column> columns, std::uint32_t row, std::string& out) const {
  const std::size_t nulls_at = out.size();
  out.append((types_.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const Column& column = columns[i];
    if (column.is_null(row)) {
      out[nulls_at + i / 8] |= static_cast<char>(1 << (i % 8));
    } else if (const std::size_t width = fixed_bytes(physical_[i]); width != 0) {
      out.append(static_cast<const char*>(column.data) + width * (row * column.stride), width);
    } else if (physical_[i] == Physical::kString) {
      encode_text(column.get<std::string_view>(row), out);
    } else {
      encode_value(*column.get<Boxed>(row), types_[i], out);
    }
  }
}

Result<std::size_t> RowCodec::decode(std::string_view bytes, std::span<Column> columns, std::uint32_t row,
                                     Arena& arena, bool copy) const {
  const std::size_t size_before = bytes.size();
  const char* nulls = bytes.data();
  const std::size_t null_bytes = (types_.size() + 7) / 8;
  if (bytes.size() < null_bytes) return damaged();
  bytes.remove_prefix(null_bytes);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if ((nulls[i / 8] >> (i % 8) & 1) != 0) {
      columns[i].set_null(row);
    } else {
      THALWEG_CHECK(decode_element(bytes, types_[i], columns[i], row, arena, copy));
    }
  }
  return size_before - bytes.size();
}

void RowCodec::encode_values(std::span<const Value> values, std::string& out) const {
  const std::size_t nulls_at = out.size();
  out.append((types_.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (values[i].is_null()) {
      out[nulls_at + i / 8] |= static_cast<char>(1 << (i % 8));
    } else {
      encode_flat(values[i], types_[i], physical_[i], out);
    }
  }
}

Result<planner::ValueList> RowCodec::decode_values(std::string_view bytes) const {
  Arena arena;
  std::vector<Column> columns;
  for (const auto& type : types_) columns.push_back(make_column(arena, type, 1));
  THALWEG_CHECK(decode(bytes, columns, 0, arena));
  planner::ValueList values;
  values.reserve(types_.size());
  for (std::size_t i = 0; i < types_.size(); ++i) values.push_back(value_at(columns[i], types_[i], 0));
  return values;
}

}  // namespace thalweg::runtime
