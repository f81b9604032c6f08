#include "runtime/serde/serde.h"

#include <algorithm>

#include "runtime/serde/delimited.h"
#include "runtime/serde/json_reader.h"
#include "runtime/serde/json_writer.h"
#include "runtime/serde/kafka.h"

namespace thalweg::runtime {

using planner::SqlKind;

namespace {

constexpr std::string_view kKnownElsewhere[] = {"JSON_SR", "AVRO", "PROTOBUF", "PROTOBUF_NOSR"};

Error refuse(std::string message) { return Error{ErrorCode::kStatement, std::move(message)}; }

std::string list_fields(const SideSchema& schema) {
  std::string text = "[";
  for (const auto& field : schema.fields) {
    if (text.size() > 1) text += ", ";
    text += "`" + field.name + "` " + planner::to_string(field.type);
    if (schema.side == Side::kKey) text += " KEY";
  }
  return text + "]";
}

bool kafka_holds(SqlKind kind) {
  return kind == SqlKind::kInteger || kind == SqlKind::kBigint || kind == SqlKind::kDouble ||
         kind == SqlKind::kString || kind == SqlKind::kBytes;
}

// What the format cannot hold; planned statements have been checked before, so this guards other callers.
Result<void> check_schema(const SideSchema& schema) {
  const std::string& name = schema.format.format.name;
  if (name == "NONE" && !schema.fields.empty()) {
    return refuse("The 'NONE' format can only be used when no columns are defined. Got: " +
                  list_fields(schema));
  }
  if (name == "KAFKA" && schema.fields.size() > 1) {
    return refuse("The 'KAFKA' format only supports a single field. Got: " + list_fields(schema));
  }
  for (const auto& field : schema.fields) {
    const std::string base = planner::base_name(field.type.kind());
    if (name == "KAFKA" && !kafka_holds(field.type.kind())) {
      return refuse("The 'KAFKA' format does not support type '" + base + "'");
    }
    if (name == "DELIMITED" && field.type.is_nested()) {
      return refuse("The 'DELIMITED' format does not support type '" + base + "', column: `" + field.name +
                    "`");
    }
  }
  return {};
}

Error unknown(const std::string& name) {
  if (std::find(std::begin(kKnownElsewhere), std::end(kKnownElsewhere), name) != std::end(kKnownElsewhere)) {
    return Error{ErrorCode::kUnsupported, "format " + name + " is not available in this server"};
  }
  return refuse("Unknown format: " + name);
}

// A side without columns reads anything and writes null; a value of JSON is then an empty object.
bool reads_nothing(const SideSchema& schema) {
  return schema.fields.empty() && (schema.side == Side::kKey || schema.format.format.name != "JSON");
}

bool is_known(const std::string& name) {
  return name == "NONE" || name == "KAFKA" || name == "DELIMITED" || name == "JSON";
}

}  // namespace

Result<std::unique_ptr<Deserializer>> make_deserializer(const SideSchema& schema,
                                                        std::span<const std::int32_t> needed) {
  using Made = std::unique_ptr<Deserializer>;
  const std::string& name = schema.format.format.name;
  if (!is_known(name)) return unknown(name);
  THALWEG_CHECK(check_schema(schema));
  if (reads_nothing(schema)) return Made(std::make_unique<NoneDeserializer>(schema, needed));
  if (name == "KAFKA") return Made(std::make_unique<KafkaDeserializer>(schema, needed));
  if (name == "DELIMITED") return Made(std::make_unique<DelimitedDeserializer>(schema, needed));
  return Made(std::make_unique<JsonDeserializer>(schema, needed));
}

Result<std::unique_ptr<Serializer>> make_serializer(const SideSchema& schema) {
  using Made = std::unique_ptr<Serializer>;
  const std::string& name = schema.format.format.name;
  if (!is_known(name)) return unknown(name);
  THALWEG_CHECK(check_schema(schema));
  if (reads_nothing(schema)) return Made(std::make_unique<NoneSerializer>());
  if (name == "KAFKA") return Made(std::make_unique<KafkaSerializer>(schema));
  if (name == "DELIMITED") return Made(std::make_unique<DelimitedSerializer>(schema));
  return Made(std::make_unique<JsonSerializer>(schema));
}

}  // namespace thalweg::runtime
