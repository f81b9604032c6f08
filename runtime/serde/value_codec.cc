// The recursive encoding of one value:
//
//   [u8 0] for NULL, else [u8 1] and
//   BOOLEAN u8 · INTEGER DATE TIME i32 · BIGINT TIMESTAMP i64 · DOUBLE f64 · DECIMAL i128, i32 scale
//   STRING BYTES u32 length, bytes · ARRAY u32 count, values · STRUCT values · MAP u32 count, (key, value)*
//
// Maps keep their iteration order.
#include "runtime/serde/byte_order.h"
#include "runtime/serde/row_codec.h"

namespace thalweg::runtime {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

namespace {

Error truncated() { return Error{ErrorCode::kCorrupted, "encoded value is truncated"}; }

template <typename T>
Result<T> take(std::string_view& bytes) {
  T value;
  if (!take_little(bytes, value)) return truncated();
  return value;
}

void encode_text(const std::string& text, std::string& out) {
  append_little(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

Result<Value> decode_text(std::string_view& bytes) {
  THALWEG_TRY(const auto size, take<std::uint32_t>(bytes));
  if (size > bytes.size()) return truncated();
  Value text = std::string(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return text;
}

// Every element takes a byte at least, which bounds the memory a damaged count can ask for.
Result<std::uint32_t> decode_count(std::string_view& bytes) {
  THALWEG_TRY(const auto count, take<std::uint32_t>(bytes));
  if (count > bytes.size()) return truncated();
  return count;
}

Result<Value> decode_array(std::string_view& bytes, const SqlType& type) {
  THALWEG_TRY(const auto count, decode_count(bytes));
  planner::ValueList items;
  items.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    THALWEG_TRY(auto item, decode_value(bytes, type.element()));
    items.push_back(std::move(item));
  }
  return planner::make_list(std::move(items));
}

Result<Value> decode_struct(std::string_view& bytes, const SqlType& type) {
  planner::ValueList items;
  items.reserve(type.fields().size());
  for (const auto& field : type.fields()) {
    THALWEG_TRY(auto item, decode_value(bytes, field.type));
    items.push_back(std::move(item));
  }
  return planner::make_list(std::move(items));
}

Result<Value> decode_map(std::string_view& bytes, const SqlType& type) {
  THALWEG_TRY(const auto count, decode_count(bytes));
  planner::MapEntries entries;
  entries.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    THALWEG_TRY(auto key, decode_value(bytes, type.key()));
    THALWEG_TRY(auto item, decode_value(bytes, type.value()));
    entries.emplace_back(std::move(key), std::move(item));
  }
  return Value{planner::MapPtr(std::make_shared<const planner::MapEntries>(std::move(entries)))};
}

Result<Value> decode_decimal(std::string_view& bytes) {
  planner::Decimal decimal;
  if (!take_little(bytes, decimal.unscaled) || !take_little(bytes, decimal.scale)) return truncated();
  return Value{decimal};
}

void encode_list(const Value& value, const SqlType& type, std::string& out) {
  const auto& items = value.as_list();
  if (type.is(SqlKind::kArray)) append_little(out, static_cast<std::uint32_t>(items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    encode_value(items[i], type.is(SqlKind::kArray) ? type.element() : type.fields()[i].type, out);
  }
}

void encode_map(const Value& value, const SqlType& type, std::string& out) {
  append_little(out, static_cast<std::uint32_t>(value.as_map().size()));
  for (const auto& [key, item] : value.as_map()) {
    encode_value(key, type.key(), out);
    encode_value(item, type.value(), out);
  }
}

}  // namespace

void encode_value(const Value& value, const SqlType& type, std::string& out) {
  out += static_cast<char>(!value.is_null());
  if (value.is_null()) return;
  switch (type.kind()) {
    case SqlKind::kBoolean: out += static_cast<char>(value.as_bool()); break;
    case SqlKind::kInteger:
    case SqlKind::kDate:
    case SqlKind::kTime: append_little(out, static_cast<std::int32_t>(value.as_int())); break;
    case SqlKind::kBigint:
    case SqlKind::kTimestamp: append_little(out, value.as_int()); break;
    case SqlKind::kDouble: append_little(out, value.as_double()); break;
    case SqlKind::kDecimal:
      append_little(out, value.as_decimal().unscaled);
      append_little(out, value.as_decimal().scale);
      break;
    case SqlKind::kString:
    case SqlKind::kBytes: encode_text(value.as_string(), out); break;
    case SqlKind::kArray:
    case SqlKind::kStruct: encode_list(value, type, out); break;
    case SqlKind::kMap: encode_map(value, type, out); break;
  }
}

Result<Value> decode_value(std::string_view& bytes, const SqlType& type) {
  THALWEG_TRY(const auto present, take<std::uint8_t>(bytes));
  if (present > 1) return Error{ErrorCode::kCorrupted, "encoded value begins with an unknown tag"};
  if (present == 0) return Value{};
  switch (type.kind()) {
    case SqlKind::kBoolean: {
      THALWEG_TRY(const auto truth, take<std::uint8_t>(bytes));
      return Value{truth != 0};
    }
    case SqlKind::kInteger:
    case SqlKind::kDate:
    case SqlKind::kTime: {
      THALWEG_TRY(const auto number, take<std::int32_t>(bytes));
      return Value{std::int64_t{number}};
    }
    case SqlKind::kBigint:
    case SqlKind::kTimestamp: {
      THALWEG_TRY(const auto number, take<std::int64_t>(bytes));
      return Value{number};
    }
    case SqlKind::kDouble: {
      THALWEG_TRY(const auto number, take<double>(bytes));
      return Value{number};
    }
    case SqlKind::kDecimal: return decode_decimal(bytes);
    case SqlKind::kString:
    case SqlKind::kBytes: return decode_text(bytes);
    case SqlKind::kArray: return decode_array(bytes, type);
    case SqlKind::kStruct: return decode_struct(bytes, type);
    case SqlKind::kMap: return decode_map(bytes, type);
  }
  return Error{ErrorCode::kInternal, "unknown type"};
}

}  // namespace thalweg::runtime
