#include "shell/entity.h"

#include <functional>
#include <map>

#include "shell/entity_parts.h"
#include "shell/table.h"

namespace thalweg::shell {
namespace {

struct ColumnOf {
  const char* header;
  const char* field;
};

// The common form: one row per element of an array, one column per field.
std::string list_text(const Json& rows, const std::vector<ColumnOf>& columns) {
  std::vector<std::string> headers;
  for (const ColumnOf& column : columns) headers.emplace_back(column.header);
  EntityTable table(headers);
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const ColumnOf& column : columns) cells.push_back(field_text(row, column.field));
    table.add(std::move(cells));
  }
  return table.text();
}

std::string message_text(const std::string& message) {
  EntityTable table({"Message"});
  table.add({message});
  return table.text();
}

std::string command_text(const Json& entity) {
  const Json status = entity.value("commandStatus", Json::object());
  return message_text(field_text(status, "message"));
}

std::string topics_text(const Json& entity) {
  const bool extended = entity.value("@type", "") == "kafka_topics_extended";
  std::vector<std::string> headers{"Kafka Topic", "Partitions", "Partition Replicas"};
  if (extended) headers.insert(headers.end(), {"Consumers", "ConsumerGroups"});
  EntityTable table(headers);
  for (const Json& topic : field_array(entity, "topics")) {
    const Json replicas = field_array(topic, "replicaInfo");
    bool same = true;
    for (const Json& count : replicas) same = same && count == replicas.front();
    std::vector<std::string> row{
        field_text(topic, "name"), std::to_string(replicas.size()),
        same && !replicas.empty() ? replicas.front().dump() : joined_texts(replicas)};
    if (extended) {
      row.push_back(field_text(topic, "consumerCount"));
      row.push_back(field_text(topic, "consumerGroupCount"));
    }
    table.add(std::move(row));
  }
  return table.text();
}

std::string queries_text(const Json& entity) {
  EntityTable table({"Query ID", "Query Type", "Status", "Sink Name", "Sink Kafka Topic", "Query String"});
  for (const Json& query : field_array(entity, "queries")) {
    std::string status;
    const Json counts = query.value("statusCount", Json::object());
    for (const auto& [state, count] : counts.items()) {
      status += (status.empty() ? "" : ",") + state + ":" + count.dump();
    }
    table.add({field_text(query, "id"), field_text(query, "queryType"), status,
               joined_texts(field_array(query, "sinks")), joined_texts(field_array(query, "sinkKafkaTopics")),
               field_text(query, "queryString")});
  }
  return table.text() + "For detailed information on a Query run: EXPLAIN <Query ID>;\n";
}

std::string properties_text(const Json& entity) {
  EntityTable table({"Property", "Scope", "Default override", "Effective Value"});
  const auto lists = [&](const char* list, const std::string& name) {
    for (const Json& item : field_array(entity, list)) {
      if (item == name) return true;
    }
    return false;
  };
  for (const Json& property : field_array(entity, "properties")) {
    const std::string name = field_text(property, "name");
    const char* source = lists("overwrittenProperties", name) ? "SESSION"
                         : lists("defaultProperties", name)   ? ""
                                                              : "SERVER";
    table.add({name, field_text(property, "scope"), source, field_text(property, "value")});
  }
  return table.text();
}

std::string types_text(const Json& entity) {
  EntityTable table({"Type Name", "Schema"});
  const Json types = entity.value("types", Json::object());
  for (const auto& [name, schema] : types.items()) {
    table.add({name, schema.is_string() ? schema.get<std::string>() : schema.dump()});
  }
  return table.text();
}

std::string each_described(const Json& list, std::string (*describe)(const Json&)) {
  std::string out;
  for (const Json& item : list) out += (out.empty() ? "" : "\n") + describe(item);
  return out;
}

using Printer = std::function<std::string(const Json&)>;

const std::map<std::string, Printer>& printers() {
  const auto list = [](const char* array, std::vector<ColumnOf> columns) {
    return [array, columns](const Json& entity) { return list_text(field_array(entity, array), columns); };
  };
  const auto message = [](const char* field) {
    return [field](const Json& entity) { return message_text(field_text(entity, field)); };
  };
  static const std::map<std::string, Printer> table{
      {"currentStatus", command_text},
      {"warning_entity", message("message")},
      {"streams", list("streams", {{"Stream Name", "name"},
                                   {"Kafka Topic", "topic"},
                                   {"Key Format", "keyFormat"},
                                   {"Value Format", "valueFormat"},
                                   {"Windowed", "isWindowed"}})},
      {"tables", list("tables", {{"Table Name", "name"},
                                 {"Kafka Topic", "topic"},
                                 {"Key Format", "keyFormat"},
                                 {"Value Format", "valueFormat"},
                                 {"Windowed", "isWindowed"}})},
      {"kafka_topics", topics_text},
      {"kafka_topics_extended", topics_text},
      {"queries", queries_text},
      {"properties", properties_text},
      {"function_names", list("functions", {{"Function Name", "name"}, {"Category", "category"}})},
      {"type_list", types_text},
      {"variables", list("variables", {{"Variable Name", "name"}, {"Value", "value"}})},
      {"connector_list",
       list("connectors",
            {{"Connector Name", "name"}, {"Type", "type"}, {"Class", "className"}, {"Status", "state"}})},
      {"connector_plugins_list",
       list("connectorsPlugins", {{"Class", "className"}, {"Type", "type"}, {"Version", "version"}})},
      {"sourceDescription",
       [](const Json& e) { return describe_source(e.value("sourceDescription", Json::object())); }},
      {"source_descriptions",
       [](const Json& e) { return each_described(field_array(e, "sourceDescriptions"), describe_source); }},
      {"queryDescription",
       [](const Json& e) { return describe_query(e.value("queryDescription", Json::object())); }},
      {"query_descriptions",
       [](const Json& e) { return each_described(field_array(e, "queryDescriptions"), describe_query); }},
      {"describe_function", describe_function},
      {"terminate_query",
       [](const Json& e) {
         return message_text(e.value("wasTerminated", false) ? "Query terminated."
                                                             : "Query could not be terminated.");
       }},
  };
  return table;
}

}  // namespace

std::string entity_text(const Json& entity) {
  const std::string type = entity.value("@type", "");
  const auto found = printers().find(type);
  std::string out = found == printers().end() ? entity.dump(2) + "\n" : found->second(entity);
  for (const Json& warning : field_array(entity, "warnings")) {
    out += "WARNING: " +
           (warning.is_object() ? field_text(warning, "message") : joined_texts(Json::array({warning}))) +
           "\n";
  }
  return out;
}

bool is_failed_command(const Json& entity) {
  if (entity.value("@type", "") != "currentStatus") return false;
  return field_text(entity.value("commandStatus", Json::object()), "status") == "ERROR";
}

}  // namespace thalweg::shell
