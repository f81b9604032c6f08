#include <algorithm>

#include "runtime/serde/byte_order.h"
#include "runtime/serde/row_codec.h"

namespace thalweg::runtime {

using planner::SqlType;
using planner::Value;

namespace {

constexpr std::uint32_t kNullLength = 0xffffffff;

Error damaged() { return Error{ErrorCode::kCorrupted, "encoded key does not fit its columns"}; }

void encode_column(const Column& column, const SqlType& type, std::uint32_t row, std::string& out) {
  switch (column.physical) {
    case Physical::kBool: out += static_cast<char>(column.get<std::uint8_t>(row)); break;
    case Physical::kInt32: append_big(out, column.get<std::int32_t>(row)); break;
    case Physical::kInt64: append_big(out, column.get<std::int64_t>(row)); break;
    case Physical::kDouble: append_big(out, canonical(column.get<double>(row))); break;
    case Physical::kDecimal: append_big(out, column.get<planner::Int128>(row)); break;
    case Physical::kString: out += column.get<std::string_view>(row); break;
    case Physical::kBoxed: encode_value(*column.get<Boxed>(row), type, out); break;
  }
}

void encode_single(const Value& value, const SqlType& type, Physical physical, std::string& out) {
  switch (physical) {
    case Physical::kBool: out += static_cast<char>(value.as_bool()); break;
    case Physical::kInt32: append_big(out, static_cast<std::int32_t>(value.as_int())); break;
    case Physical::kInt64: append_big(out, value.as_int()); break;
    case Physical::kDouble: append_big(out, canonical(value.as_double())); break;
    case Physical::kDecimal: append_big(out, value.as_decimal().unscaled); break;
    case Physical::kString: out += value.as_string(); break;
    case Physical::kBoxed: encode_value(value, type, out); break;
  }
}

template <typename T>
Result<void> decode_number(std::string_view bytes, Column& column, std::uint32_t row) {
  if (bytes.size() != sizeof(T)) return damaged();
  column.set(row, load_big<T>(bytes.data()));
  return {};
}

Result<void> decode_single(std::string_view bytes, const SqlType& type, Column& column, std::uint32_t row,
                           Arena& arena) {
  switch (column.physical) {
    case Physical::kBool: return decode_number<std::uint8_t>(bytes, column, row);
    case Physical::kInt32: return decode_number<std::int32_t>(bytes, column, row);
    case Physical::kInt64: return decode_number<std::int64_t>(bytes, column, row);
    case Physical::kDouble: return decode_number<double>(bytes, column, row);
    case Physical::kDecimal: return decode_number<planner::Int128>(bytes, column, row);
    case Physical::kString: column.set(row, bytes); return {};
    case Physical::kBoxed: break;
  }
  THALWEG_TRY(auto value, decode_value(bytes, type));
  if (!bytes.empty()) return damaged();
  column.set(row, box(arena, std::move(value)));
  return {};
}

// Writes one part of a composite key: its length, then its bytes.
template <typename Body>
void append_part(std::string& out, Body&& body) {
  const std::size_t length_at = out.size();
  out.append(4, '\0');
  body();
  const std::uint32_t length = swap_bytes(static_cast<std::uint32_t>(out.size() - length_at - 4));
  std::memcpy(out.data() + length_at, &length, 4);
}

std::vector<Physical> physical_types(const std::vector<SqlType>& types) {
  std::vector<Physical> physical;
  physical.reserve(types.size());
  for (const auto& type : types) physical.push_back(physical_of(type.kind()));
  return physical;
}

}  // namespace

KeyCodec::KeyCodec(std::vector<SqlType> types)
    : types_(std::move(types)), physical_(physical_types(types_)) {}

bool KeyCodec::encode(std::span<const Column> columns, std::uint32_t row, std::string& out,
                      bool nulls_allowed) const {
  if (types_.size() == 1) {
    if (columns[0].is_null(row)) return false;
    encode_column(columns[0], types_[0], row, out);
    return true;
  }
  const auto is_null = [row](const Column& column) { return column.is_null(row); };
  if (!nulls_allowed && std::any_of(columns.begin(), columns.begin() + types_.size(), is_null)) return false;
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (columns[i].is_null(row)) {
      append_big(out, kNullLength);
    } else {
      append_part(out, [&] { encode_column(columns[i], types_[i], row, out); });
    }
  }
  return true;
}

bool KeyCodec::encode_values(std::span<const Value> values, std::string& out, bool nulls_allowed) const {
  if (types_.size() == 1) {
    if (values[0].is_null()) return false;
    encode_single(values[0], types_[0], physical_[0], out);
    return true;
  }
  const auto is_null = [](const Value& value) { return value.is_null(); };
  if (!nulls_allowed && std::any_of(values.begin(), values.begin() + types_.size(), is_null)) return false;
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (values[i].is_null()) {
      append_big(out, kNullLength);
    } else {
      append_part(out, [&] { encode_single(values[i], types_[i], physical_[i], out); });
    }
  }
  return true;
}

Result<void> KeyCodec::decode(std::string_view bytes, std::span<Column> columns, std::uint32_t row,
                              Arena& arena) const {
  if (types_.size() == 1) return decode_single(bytes, types_[0], columns[0], row, arena);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (bytes.size() < 4) return damaged();
    const auto length = load_big<std::uint32_t>(bytes.data());
    bytes.remove_prefix(4);
    if (length == kNullLength) {
      columns[i].set_null(row);
      continue;
    }
    if (length > bytes.size()) return damaged();
    THALWEG_CHECK(decode_single(bytes.substr(0, length), types_[i], columns[i], row, arena));
    bytes.remove_prefix(length);
  }
  if (!bytes.empty()) return damaged();
  return {};
}

Result<planner::ValueList> KeyCodec::decode_values(std::string_view bytes) const {
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
