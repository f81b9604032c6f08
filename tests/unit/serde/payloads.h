// Schemas, payloads and their rows, written short.
#pragma once

#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/types/text.h"
#include "runtime/serde/serde.h"

namespace thalweg::runtime {

inline SideSchema side(std::string format, std::vector<planner::SchemaColumn> fields,
                       Side which = Side::kValue) {
  SideSchema schema;
  schema.side = which;
  schema.topic = "t";
  schema.format.format.name = std::move(format);
  schema.fields = std::move(fields);
  return schema;
}

inline SideSchema with_wrapping(SideSchema schema, planner::Wrapping wrapping) {
  schema.format.wrapping = wrapping;
  return schema;
}

inline std::vector<std::int32_t> all_fields(const SideSchema& schema) {
  std::vector<std::int32_t> needed(schema.fields.size());
  std::iota(needed.begin(), needed.end(), 0);
  return needed;
}

inline std::string json_of(const planner::Value& value, const planner::SqlType& type) {
  std::string text;
  planner::append_json(text, value, type);
  return text;
}

// The row a payload reads as, as JSON texts joined by '|'; or "error: " and the outer message.
inline std::string read(const SideSchema& schema, std::string_view payload, bool null_payload = false) {
  auto reader = make_deserializer(schema, all_fields(schema));
  if (!reader) return "refused: " + reader.error().message;
  auto row = (*reader)->decode_one(payload, null_payload);
  if (!row) return "error: " + row.error().message;
  std::string text;
  for (std::size_t i = 0; i < row->size(); ++i) {
    if (i > 0) text += '|';
    text += json_of((*row)[i], schema.fields[i].type);
  }
  return text;
}

// The innermost message of a payload that cannot be read.
inline std::string read_cause(const SideSchema& schema, std::string_view payload) {
  auto reader = make_deserializer(schema, all_fields(schema));
  if (!reader) return "refused: " + reader.error().message;
  auto row = (*reader)->decode_one(payload, false);
  return row ? "read" : row.error().cause;
}

// The payload of a row; nullopt for a null one.
inline std::optional<std::string> write(const SideSchema& schema, const planner::ValueList& row) {
  auto writer = make_serializer(schema);
  if (!writer) return "refused: " + writer.error().message;
  std::string bytes;
  const auto written = (*writer)->append_values(row, bytes);
  if (!written) return "error: " + written.error().message;
  if (!*written) return std::nullopt;
  return bytes;
}

// The same through columns.
inline std::optional<std::string> write_columns(const SideSchema& schema, const planner::ValueList& row) {
  Arena arena;
  std::vector<Column> columns;
  for (std::size_t i = 0; i < row.size(); ++i) {
    columns.push_back(make_column(arena, schema.fields[i].type, 3));
    store_value(arena, columns.back(), schema.fields[i].type, 1, row[i]);
  }
  auto writer = make_serializer(schema);
  if (!writer) return "refused: " + writer.error().message;
  std::string bytes;
  const auto written = (*writer)->append(columns, 1, bytes);
  if (!written) return "error: " + written.error().message;
  if (!*written) return std::nullopt;
  return bytes;
}

}  // namespace thalweg::runtime
