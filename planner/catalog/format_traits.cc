#include "planner/catalog/format_traits.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "parser/print.h"
#include "planner/catalog/located.h"
#include "planner/catalog/similar_names.h"

namespace thalweg::planner {
namespace {

const std::vector<FormatTraits>& formats() {
  static const std::vector<FormatTraits> table{
      {.name = "NONE", .any_columns = false, .many_columns = false, .wrapped = false, .unwrapped = false},
      {.name = "KAFKA", .many_columns = false, .nested = false, .all_primitives = false, .wrapped = false},
      {.name = "DELIMITED", .nested = false, .wrapped = false, .properties = {"delimiter"}},
      {.name = "JSON"},
      {.name = "JSON_SR",
       .needs_registry = true,
       .infers_schema = true,
       .available = false,
       .properties = {"fullSchemaName", "schemaId"}},
      {.name = "AVRO",
       .needs_registry = true,
       .infers_schema = true,
       .available = false,
       .properties = {"fullSchemaName", "schemaId"}},
      {.name = "PROTOBUF",
       .unwrapped = false,
       .needs_registry = true,
       .infers_schema = true,
       .available = false,
       .properties = {"fullSchemaName", "schemaId", "nullableRepresentation", "unwrapPrimitives"}},
      {.name = "PROTOBUF_NOSR",
       .unwrapped = false,
       .available = false,
       .properties = {"nullableRepresentation"}}};
  return table;
}

bool contains_map(const SqlType& type) {
  if (type.is(SqlKind::kMap)) return true;
  if (type.is(SqlKind::kArray)) return contains_map(type.element());
  if (!type.is(SqlKind::kStruct)) return false;
  return std::any_of(type.fields().begin(), type.fields().end(),
                     [](const Field& f) { return contains_map(f.type); });
}

bool maps_have_string_keys(const SqlType& type) {
  switch (type.kind()) {
    case SqlKind::kMap: return type.key().is(SqlKind::kString) && maps_have_string_keys(type.value());
    case SqlKind::kArray: return maps_have_string_keys(type.element());
    case SqlKind::kStruct:
      return std::all_of(type.fields().begin(), type.fields().end(),
                         [](const Field& f) { return maps_have_string_keys(f.type); });
    default: return true;
  }
}

bool kafka_holds(const SqlType& type) {
  return type.is(SqlKind::kInteger) || type.is(SqlKind::kBigint) || type.is(SqlKind::kDouble) ||
         type.is(SqlKind::kString) || type.is(SqlKind::kBytes);
}

std::string list_columns(Side side, std::span<const SchemaColumn> columns) {
  std::string text;
  for (const auto& column : columns) {
    text += (text.empty() ? "`" : ", `") + column.name + "` " + to_string(column.type);
    if (side == Side::kKey) text += " KEY";
  }
  return text;
}

std::string map_reason(std::string_view format) {
  if (format == "AVRO") return "Avro only supports MAPs with STRING keys";
  if (format.starts_with("PROTOBUF")) return "PROTOBUF format only supports MAP types with STRING keys";
  return "JSON only supports MAP types with STRING keys";
}

// Avro names: a letter or underscore, then letters, digits, underscores.
std::string avro_reason(std::span<const SchemaColumn> columns) {
  for (const auto& column : columns) {
    const auto first = static_cast<unsigned char>(column.name.empty() ? '0' : column.name[0]);
    if (!std::isalpha(first) && first != '_') {
      return "Schema is not compatible with Avro: Illegal initial character: " + column.name;
    }
    for (const unsigned char c : column.name) {
      if (!std::isalnum(c) && c != '_')
        return "Schema is not compatible with Avro: Illegal character in: " + column.name;
    }
  }
  return {};
}

// Why the columns do not fit; empty: they do.
std::string refusal(const FormatTraits& traits, Side side, std::span<const SchemaColumn> columns) {
  const auto name = std::string(traits.name);
  if (columns.empty()) return {};
  const auto got = " Got: [" + list_columns(side, columns) + "]";
  if (!traits.any_columns)
    return "The '" + name + "' format can only be used when no columns are defined." + got;
  for (const auto& column : columns) {
    if ((!traits.nested && column.type.is_nested()) ||
        (!traits.all_primitives && !kafka_holds(column.type))) {
      const auto where = name == "DELIMITED" ? ", column: `" + column.name + "`" : std::string();
      return "The '" + name + "' format does not support type '" + base_name(column.type.kind()) + "'" +
             where;
    }
    if (!maps_have_string_keys(column.type)) return map_reason(traits.name);
  }
  if (!traits.many_columns && columns.size() > 1)
    return "The '" + name + "' format only supports a single field." + got;
  return name == "AVRO" ? avro_reason(columns) : std::string();
}

std::string shown_features(const SideFormat& format) {
  if (format.wrapping == Wrapping::kWrapped) return "WRAP_SINGLES";
  if (format.wrapping == Wrapping::kUnwrapped) return "UNWRAP_SINGLES";
  return {};
}

}  // namespace

const FormatTraits* find_format(std::string_view name) {
  for (const auto& traits : formats()) {
    if (traits.name == name) return &traits;
  }
  return nullptr;
}

Error unknown_format(const std::string& name, SourcePosition at) {
  std::vector<std::string> known;
  for (const auto& traits : formats()) known.emplace_back(traits.name);
  return Error(ErrorCode::kStatement, "Unknown format: " + name, at).with_hint(did_you_mean(name, known));
}

Result<void> check_format_properties(Side side, const Format& format) {
  const auto* traits = find_format(format.name);
  std::string unknown;
  for (const auto& [name, value] : format.properties) {
    const auto& known = traits->properties;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      if (name == "nullableRepresentation") {
        return Error(ErrorCode::kStatement, "Property " + name + " can only be enabled with protobuf format");
      }
      if (name == "schemaId") {
        const std::string word = side == Side::kKey ? "KEY" : "VALUE";
        return Error(ErrorCode::kStatement, word + "_FORMAT should support schema inference when " + word +
                                                "_SCHEMA_ID is provided. Current format is " + format.name +
                                                ".");
      }
      unknown += (unknown.empty() ? "" : ", ") + name;
    }
  }
  if (!unknown.empty()) {
    return Error(ErrorCode::kStatement,
                 format.name + " does not support the following configs: [" + unknown + "]");
  }
  for (const auto& [name, value] : format.properties) {
    if (value.find_first_not_of(" \t") == std::string::npos && name != "delimiter") {
      return Error(ErrorCode::kStatement,
                   name + " cannot be empty. Format configuration: {" + name + "=" + value + "}");
    }
  }
  return {};
}

Result<void> check_format_schema(Side side, const SideFormat& format, std::span<const SchemaColumn> columns) {
  if (side == Side::kKey) {
    for (const auto& column : columns) {
      if (!contains_map(column.type)) continue;
      return Error(
          ErrorCode::kStatement,
          "Map keys, including types that contain maps, are not supported as they may lead to unexpected "
          "behavior due to inconsistent serialization. Key column name: `" +
              column.name + "`. Column type: " + to_string(column.type) +
              ". See https://github.com/confluentinc/ksql/issues/6621 for more.");
    }
  }
  const auto* traits = find_format(format.format.name);
  const auto reason = refusal(*traits, side, columns);
  if (reason.empty()) return {};
  return Error(ErrorCode::kStatement, std::string(side == Side::kKey ? "Key" : "Value") +
                                          " format does not support schema.\nformat: " + format.format.name +
                                          "\nschema: Persistence{columns=[" + list_columns(side, columns) +
                                          "], features=[" + shown_features(format) + "]}\nreason: " + reason);
}

Result<void> check_format_schema(Side side, const SideFormat& format, std::span<const SchemaColumn> columns,
                                 const ColumnPosition& where) {
  auto checked = check_format_schema(side, format, columns);
  if (checked) return checked;
  // Where each column fits alone, there are too many of them: the second is the first that is too much.
  const auto refused = std::find_if(columns.begin(), columns.end(), [&](const SchemaColumn& column) {
    return !check_format_schema(side, format, std::span(&column, 1));
  });
  const auto& column =
      refused != columns.end() ? *refused : columns[std::min<std::size_t>(1, columns.size() - 1)];
  return located(std::move(checked), where(column.name));
}

bool holds_internal_key(const Format& format, std::span<const SchemaColumn> columns) {
  const auto* traits = find_format(format.name);
  if (!traits->any_columns || (!traits->many_columns && columns.size() > 1)) return false;
  if (traits->nested) return true;
  return std::all_of(columns.begin(), columns.end(), [&](const SchemaColumn& column) {
    return kafka_holds(column.type) || (traits->all_primitives && column.type.is(SqlKind::kBoolean));
  });
}

Result<void> check_format_available(const Format& format) {
  if (find_format(format.name)->available) return {};
  return Error(ErrorCode::kStatement,
               format.name + " format is not available in this build: it needs the schema registry");
}

Wrapping key_wrapping(const Format& format, std::size_t column_count) {
  const auto* traits = find_format(format.name);
  return column_count == 1 && traits->wrapped && traits->unwrapped ? Wrapping::kUnwrapped
                                                                   : Wrapping::kDefault;
}

}  // namespace thalweg::planner
