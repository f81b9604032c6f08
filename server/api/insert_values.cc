#include "server/api/insert_values.h"

#include <algorithm>
#include <limits>

#include "planner/types/text.h"

namespace thalweg::server {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

// As the JVM calls what its JSON parser delivers; clients print it.
std::string_view java_class(const JsonValue& json) {
  switch (json.kind) {
    case JsonValue::Kind::kNull: return "null";
    case JsonValue::Kind::kBoolean: return "class java.lang.Boolean";
    case JsonValue::Kind::kString: return "class java.lang.String";
    case JsonValue::Kind::kArray: return "class io.vertx.core.json.JsonArray";
    case JsonValue::Kind::kObject: return "class io.vertx.core.json.JsonObject";
    case JsonValue::Kind::kNumber: break;
  }
  if (!json.is_integer()) return "class java.lang.Double";
  return planner::parse_int(json.text) ? "class java.lang.Integer" : "class java.lang.Long";
}

std::string shown(const JsonValue& json) {
  switch (json.kind) {
    case JsonValue::Kind::kBoolean: return json.boolean ? "true" : "false";
    case JsonValue::Kind::kNumber:
    case JsonValue::Kind::kString: return json.text;
    default: return std::string(kind_name(json.kind));
  }
}

Error refuse(const JsonValue& json, const SqlType& type) {
  return {ErrorCode::kBadRecord, "Can't coerce a field of type " + std::string(java_class(json)) + " (" +
                                     shown(json) + ") into type " + planner::to_string(type)};
}

Result<Value> number_value(const JsonValue& json, const SqlType& type) {
  if (type.is(SqlKind::kDouble)) {
    if (!json.is(JsonValue::Kind::kNumber)) return refuse(json, type);
    const auto value = planner::parse_java_double(json.text);
    if (!value) return refuse(json, type);
    return Value(*value);
  }
  if (!json.is(JsonValue::Kind::kNumber) || !json.is_integer()) return refuse(json, type);
  const auto value = planner::parse_bigint(json.text);
  const bool narrow = type.is(SqlKind::kInteger);
  if (!value || (narrow && (*value < std::numeric_limits<std::int32_t>::min() ||
                            *value > std::numeric_limits<std::int32_t>::max()))) {
    return refuse(json, type);
  }
  return Value(*value);
}

Result<Value> decimal_value(const JsonValue& json, const SqlType& type) {
  if (!json.is(JsonValue::Kind::kNumber) && !json.is(JsonValue::Kind::kString)) return refuse(json, type);
  const auto parsed = planner::parse_decimal(json.text);
  if (!parsed) return refuse(json, type);
  auto fitted = planner::cast_to(*parsed, type.precision(), type.scale());
  if (!fitted) return Error{ErrorCode::kBadRecord, fitted.error().message};
  return Value(*fitted);
}

Result<Value> text_value(const JsonValue& json, const SqlType& type) {
  if (!json.is(JsonValue::Kind::kString)) return refuse(json, type);
  const auto as_value = [&](const auto& parsed) -> Result<Value> {
    if (!parsed) return refuse(json, type);
    return Value(static_cast<std::int64_t>(*parsed));
  };
  switch (type.kind()) {
    case SqlKind::kDate: return as_value(planner::parse_date(json.text));
    case SqlKind::kTime: return as_value(planner::parse_time(json.text));
    case SqlKind::kTimestamp: return as_value(planner::parse_timestamp(json.text));
    case SqlKind::kBytes: {
      auto bytes = planner::base64_decode(json.text);
      if (!bytes) return refuse(json, type);
      return Value(std::move(*bytes));
    }
    default: return Value(json.text);
  }
}

Result<Value> array_value(const JsonValue& json, const SqlType& type) {
  if (!json.is(JsonValue::Kind::kArray)) return refuse(json, type);
  planner::ValueList items;
  for (const auto& item : json.items) {
    THALWEG_TRY(auto value, value_of_json(item, type.element()));
    items.push_back(std::move(value));
  }
  return planner::make_list(std::move(items));
}

Result<Value> map_value(const JsonValue& json, const SqlType& type) {
  if (!json.is(JsonValue::Kind::kObject)) return refuse(json, type);
  planner::MapEntries entries;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    THALWEG_TRY(auto key, planner::cast_value(Value(json.names[i]), SqlKind::kString, type.key()));
    THALWEG_TRY(auto value, value_of_json(json.items[i], type.value()));
    entries.emplace_back(std::move(key), std::move(value));
  }
  return planner::make_map(std::move(entries), type.key());
}

const JsonValue* find_folded(const JsonValue& object, const std::string& name) {
  for (std::size_t i = object.names.size(); i-- > 0;) {
    if (object.names[i] == name || fold_identifier(object.names[i]) == name) return &object.items[i];
  }
  return nullptr;
}

Result<Value> struct_value(const JsonValue& json, const SqlType& type) {
  if (!json.is(JsonValue::Kind::kObject)) return refuse(json, type);
  planner::ValueList fields;
  for (const auto& field : type.fields()) {
    const auto* member = find_folded(json, field.name);
    if (member == nullptr) {
      fields.emplace_back();
    } else {
      THALWEG_TRY(auto value, value_of_json(*member, field.type));
      fields.push_back(std::move(value));
    }
  }
  return planner::make_list(std::move(fields));
}

}  // namespace

std::string fold_identifier(std::string_view name) {
  const bool quoted =
      name.size() >= 2 && (name.front() == '`' || name.front() == '"') && name.back() == name.front();
  if (quoted) return std::string(name.substr(1, name.size() - 2));
  std::string folded(name);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return folded;
}

Result<Value> value_of_json(const JsonValue& json, const SqlType& type) {
  if (json.is(JsonValue::Kind::kNull)) return Value();
  switch (type.kind()) {
    case SqlKind::kBoolean:
      if (!json.is(JsonValue::Kind::kBoolean)) return refuse(json, type);
      return Value(json.boolean);
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDouble: return number_value(json, type);
    case SqlKind::kDecimal: return decimal_value(json, type);
    case SqlKind::kString:
    case SqlKind::kBytes:
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return text_value(json, type);
    case SqlKind::kArray: return array_value(json, type);
    case SqlKind::kMap: return map_value(json, type);
    case SqlKind::kStruct: return struct_value(json, type);
  }
  return refuse(json, type);
}

Result<std::map<std::string, Value>> row_of_json(const JsonValue& object, const planner::DataSource& target) {
  std::map<std::string, Value> row;
  for (std::size_t i = 0; i < target.schema.size(); ++i) {
    const auto& column = target.schema.columns[i];
    const auto* member = find_folded(object, column.name);
    const bool absent = member == nullptr || member->is(JsonValue::Kind::kNull);
    if (i < target.schema.key_count && absent) {
      return Error{ErrorCode::kBadRecord, "Key field must be specified: " + column.name};
    }
    if (absent) continue;
    THALWEG_TRY(row[column.name], value_of_json(*member, column.type));
  }
  return row;
}

}  // namespace thalweg::server
