#include "server/api/entities.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace thalweg::server {

Json entity(std::string_view type, const std::string& statement_text) {
  Json json;
  json["@type"] = type;
  json["statementText"] = statement_text;
  return json;
}

Json with_warnings(Json json) {
  json["warnings"] = Json::array();
  return json;
}

Json schema_json(const planner::SqlType& type) {
  using planner::SqlKind;
  Json json;
  json["type"] = planner::base_name(type.kind());
  json["fields"] = nullptr;
  json["memberSchema"] = nullptr;
  if (type.is(SqlKind::kStruct)) {
    auto fields = Json::array();
    for (const auto& field : type.fields())
      fields.push_back({{"name", field.name}, {"schema", schema_json(field.type)}});
    json["fields"] = std::move(fields);
  } else if (type.is(SqlKind::kArray)) {
    json["memberSchema"] = schema_json(type.element());
  } else if (type.is(SqlKind::kMap)) {
    json["memberSchema"] = schema_json(type.value());
  } else if (type.is(SqlKind::kDecimal)) {
    json["parameters"] = {{"precision", type.precision()}, {"scale", type.scale()}};
  }
  return json;
}

Json schema_fields_json(const planner::Schema& schema, const std::vector<std::string>& marks) {
  auto fields = Json::array();
  for (std::size_t i = 0; i < schema.size(); ++i) {
    Json field;
    field["name"] = schema.columns[i].name;
    field["schema"] = schema_json(schema.columns[i].type);
    if (i < marks.size() && marks[i] == "KEY") field["type"] = "KEY";
    fields.push_back(std::move(field));
  }
  return fields;
}

Json source_fields_json(const planner::DataSource& source) {
  const std::vector<std::string> marks(source.schema.key_count, "KEY");
  auto fields = schema_fields_json(source.schema, marks);
  for (auto& field : fields) {
    const auto name = field["name"].get<std::string>();
    const auto header =
        std::find_if(source.headers.begin(), source.headers.end(),
                     [&](const planner::HeaderColumn& column) { return column.name == name; });
    if (header == source.headers.end()) continue;
    field["type"] = "HEADER";
    if (header->key) field["headerKey"] = *header->key;
  }
  return fields;
}

Json current_status(const runtime::CommandOutcome& outcome, const std::string& statement_text) {
  auto json = entity("currentStatus", statement_text);
  json["commandId"] = outcome.command_id;
  Json status;
  status["status"] = "SUCCESS";
  status["message"] = outcome.message;
  status["queryId"] = outcome.query_id.empty() ? Json(nullptr) : Json(outcome.query_id);
  json["commandStatus"] = std::move(status);
  json["commandSequenceNumber"] = outcome.sequence;
  return with_warnings(std::move(json));
}

Json warning_entity(const std::string& message, const std::string& statement_text) {
  auto json = entity("warning_entity", statement_text);
  json["message"] = message;
  return with_warnings(std::move(json));
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace thalweg::server
