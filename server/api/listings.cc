#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "server/api/entities.h"
#include "server/api/masking.h"
#include "server/api/topic_patterns.h"
#include "server/config/property_table.h"

namespace thalweg::server {
namespace {

std::string_view state_text(runtime::QueryState state) {
  switch (state) {
    case runtime::QueryState::kRunning: return "RUNNING";
    case runtime::QueryState::kPaused: return "PAUSED";
    case runtime::QueryState::kError: return "ERROR";
  }
  return "UNRESPONSIVE";
}

// A persistent query has exactly one sink; the hidden query of a source table names that table.
std::string sink_of(const planner::QueryPlan& plan) {
  return plan.sink.empty() && !plan.sources.empty() ? plan.sources.front() : plan.sink;
}

std::string_view function_kind(planner::FunctionKind kind) {
  switch (kind) {
    case planner::FunctionKind::kScalar: return "SCALAR";
    case planner::FunctionKind::kTable: return "TABLE";
    case planner::FunctionKind::kAggregate: return "AGGREGATE";
  }
  return "SCALAR";
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

// Queries that read a topic: what a Kafka cluster would show as consumer groups.
std::size_t readers_of(const std::vector<runtime::QueryDescription>& queries, const std::string& topic) {
  return static_cast<std::size_t>(std::count_if(queries.begin(), queries.end(), [&](const auto& query) {
    return std::any_of(query.positions.begin(), query.positions.end(),
                       [&](const auto& position) { return position.from.topic == topic; });
  }));
}

}  // namespace

Json list_sources(const ApiContext& context, ast::SourceKind kind, const std::string& statement_text) {
  const bool streams = kind == ast::SourceKind::kStream;
  auto json = entity(streams ? "streams" : "tables", statement_text);
  auto list = Json::array();
  const auto catalog = context.engine_ref().catalog();
  for (const auto& [name, source] : catalog->sources()) {
    if (source->kind != kind) continue;
    Json item;
    item["type"] = streams ? "STREAM" : "TABLE";
    item["name"] = name;
    item["topic"] = source->topic;
    item["keyFormat"] = source->key.format.name;
    item["valueFormat"] = source->value.format.name;
    item["isWindowed"] = source->window.has_value();
    list.push_back(std::move(item));
  }
  json[streams ? "streams" : "tables"] = std::move(list);
  return with_warnings(std::move(json));
}

Json list_topics(ApiContext& context, bool all, bool extended, const std::string& statement_text) {
  auto json = entity(extended ? "kafka_topics_extended" : "kafka_topics", statement_text);
  auto list = Json::array();
  const TopicPatterns hidden(context.configuration.text("ksql.hidden.topics"));
  const auto queries = extended ? context.engine_ref().queries() : std::vector<runtime::QueryDescription>();
  for (const auto& [name, config] : context.engine_ref().log().topics()) {
    if (!all && (config.internal || hidden.match(name))) continue;
    Json item;
    item["name"] = name;
    auto replicas = Json::array();
    for (std::int32_t i = 0; i < config.partitions; ++i) replicas.push_back(config.replicas);
    item["replicaInfo"] = std::move(replicas);
    if (extended) {
      const auto readers = readers_of(queries, name);
      item["consumerCount"] = readers * static_cast<std::size_t>(config.partitions);
      item["consumerGroupCount"] = readers;
    }
    list.push_back(std::move(item));
  }
  json["topics"] = std::move(list);
  return with_warnings(std::move(json));
}

Json query_entry(const runtime::QueryDescription& query) {
  const bool push = query.plan->kind == planner::QueryKind::kPush;
  Json json;
  json["queryString"] =
      mask_statement(query.plan->statement) + (query.plan->statement.ends_with(';') ? "" : ";");
  json["sinks"] = Json::array();
  json["sinkKafkaTopics"] = Json::array();
  if (!push) {
    json["sinks"].push_back(sink_of(*query.plan));
    json["sinkKafkaTopics"].push_back(query.sink_topic);
  }
  json["id"] = query.plan->id;
  json["statusCount"] = Json::object();
  json["statusCount"][std::string(state_text(query.state))] = 1;
  json["queryType"] = push ? "PUSH" : "PERSISTENT";
  json["state"] = query.state == runtime::QueryState::kError ? "ERROR" : "RUNNING";
  return json;
}

Json list_queries(const ApiContext& context, bool extended, const std::string& statement_text) {
  auto json = entity(extended ? "query_descriptions" : "queries", statement_text);
  auto list = Json::array();
  const auto& engine = context.engine_ref();
  for (const auto& queries : {engine.queries(), engine.push_queries()}) {
    for (const auto& query : queries)
      list.push_back(extended ? query_description(context, query, false) : query_entry(query));
  }
  json[extended ? "queryDescriptions" : "queries"] = std::move(list);
  return with_warnings(std::move(json));
}

Json list_properties(const ApiContext& context, const planner::PropertyMap& session,
                     const std::string& statement_text) {
  auto json = entity("properties", statement_text);
  auto list = Json::array(), overwritten = Json::array(), defaults = Json::array();
  const auto add = [&](const std::string& canonical, bool streams, bool editable) {
    const auto name = streams ? "ksql.streams." + canonical : canonical;
    const auto server_value = context.configuration.text(canonical);
    const auto own = session.find(canonical);
    const auto value = own == session.end() ? server_value : own->second;
    Json item;
    item["name"] = name;
    item["scope"] = "KSQL";
    item["value"] = is_secret_name(canonical) && !value.empty() ? "[hidden]" : value;
    item["editable"] = editable;
    item["level"] = editable ? "QUERY" : "SERVER";
    list.push_back(std::move(item));
    if (value != server_value) overwritten.push_back(name);
    if (own == session.end() && !context.configuration.is_given(canonical)) defaults.push_back(name);
  };
  std::set<std::string> seen;
  for (const auto& info : known_properties()) {
    seen.emplace(info.name);
    add(std::string(info.name), info.streams, info.scope == PropertyScope::kRequest);
  }
  for (const auto& properties : {context.configuration.given(), session}) {
    for (const auto& [name, value] : properties) {
      const bool streams = is_client_property(name);
      if (seen.insert(name).second)
        add(name, streams, context.configuration.check_override_name(name).has_value());
    }
  }
  json["properties"] = std::move(list);
  json["overwrittenProperties"] = std::move(overwritten);
  json["defaultProperties"] = std::move(defaults);
  return with_warnings(std::move(json));
}

Json list_functions(const ApiContext& context, const std::string& statement_text) {
  auto json = entity("function_names", statement_text);
  auto list = Json::array();
  for (const auto* function : context.engine_ref().functions().catalog().all()) {
    Json item;
    item["name"] = upper_case(function->name);
    item["type"] = function_kind(function->kind);
    item["category"] = function->category;
    list.push_back(std::move(item));
  }
  json["functions"] = std::move(list);
  return with_warnings(std::move(json));
}

Json list_types(const ApiContext& context, const std::string& statement_text) {
  auto json = entity("type_list", statement_text);
  auto types = Json::object();
  const auto catalog = context.engine_ref().catalog();
  for (const auto& [name, type] : catalog->types()) types[name] = schema_json(type);
  json["types"] = std::move(types);
  return with_warnings(std::move(json));
}

Json list_variables(const std::map<std::string, std::string>& variables, const std::string& statement_text) {
  auto json = entity("variables", statement_text);
  auto list = Json::array();
  for (const auto& [name, value] : variables) list.push_back({{"name", name}, {"value", value}});
  json["variables"] = std::move(list);
  return with_warnings(std::move(json));
}

}  // namespace thalweg::server
