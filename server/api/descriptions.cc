#include <algorithm>
#include <nlohmann/json.hpp>

#include "planner/types/text.h"
#include "server/api/entities.h"
#include "server/api/masking.h"
#include "server/api/source_statistics.h"
#include "server/config/property_table.h"

namespace thalweg::server {
namespace {

std::string_view window_name(ast::WindowType type) {
  switch (type) {
    case ast::WindowType::kTumbling: return "TUMBLING";
    case ast::WindowType::kHopping: return "HOPPING";
    case ast::WindowType::kSession: return "SESSION";
  }
  return "";
}

std::string with_semicolon(std::string text) {
  if (!text.empty() && !text.ends_with(';')) text += ';';
  return text;
}

std::string group_of(const ApiContext& context, const std::string& query_id) {
  return "_confluent-ksql-" + context.configuration.text("ksql.service.id") + "query_" + query_id;
}

Json offsets_of(ApiContext& context, const runtime::QueryDescription& query, const std::string& topic) {
  auto offsets = Json::array();
  const auto& log = context.engine_ref().log();
  for (const auto& position : query.positions) {
    if (position.from.topic != topic) continue;
    Json item;
    item["partition"] = position.from.partition.value;
    item["logStartOffset"] = log.start_offset(position.from).value_or(Offset{0}).value;
    item["logEndOffset"] = position.end.value;
    item["consumerOffset"] = position.next.value;
    offsets.push_back(std::move(item));
  }
  return offsets;
}

void add_extended(ApiContext& context, const planner::DataSource& source,
                  const std::vector<runtime::QueryDescription>& queries, Json& json) {
  auto summaries = Json::array();
  for (const auto& query : queries) {
    const auto& sources = query.plan->sources;
    if (std::find(sources.begin(), sources.end(), source.name) == sources.end()) continue;
    Json topic;
    topic["kafkaTopic"] = source.topic;
    topic["offsets"] = offsets_of(context, query, source.topic);
    Json summary;
    summary["groupId"] = group_of(context, query.plan->id);
    summary["topicSummaries"] = Json::array({std::move(topic)});
    summaries.push_back(std::move(summary));
  }
  json["queryOffsetSummaries"] = std::move(summaries);
}

// Of the last window aggregation, if there is one.
Json window_type_of(const planner::QueryPlan& plan) {
  Json type = nullptr;
  for (const auto& step : plan.steps) {
    const auto* aggregate = std::get_if<planner::AggregateStep>(&step.node);
    if (aggregate != nullptr && aggregate->window) type = window_name(aggregate->window->type);
  }
  return type;
}

Json plan_fields(const ApiContext& context, const planner::QueryPlan& plan) {
  const auto sink = plan.sink.empty() ? nullptr : context.engine_ref().catalog()->find(plan.sink);
  if (sink) return source_fields_json(*sink);
  if (plan.steps.empty()) return Json::array();
  const auto& schema = plan.steps.back().schema;
  const bool push = plan.kind == planner::QueryKind::kPush;
  return schema_fields_json(schema, std::vector<std::string>(push ? 0 : schema.key_count, "KEY"));
}

Json tasks_metadata(const runtime::QueryDescription& query) {
  auto tasks = Json::array();
  for (const auto& position : query.positions) {
    Json offsets;
    offsets["topicPartitionEntity"] = {{"topic", position.from.topic},
                                       {"partition", position.from.partition.value}};
    offsets["endOffset"] = position.end.value;
    offsets["committedOffset"] = position.next.value;
    Json task;
    task["taskId"] = "0_" + std::to_string(position.from.partition.value);
    task["topicOffsets"] = Json::array({std::move(offsets)});
    task["timeCurrentIdlingStarted"] = nullptr;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

// A push query's plan carries the server's own properties too.
Json overridden_properties(const ApiContext& context, const planner::QueryPlan& plan) {
  auto json = Json::object();
  const auto& configured = context.engine_ref().properties();
  for (const auto& [name, value] : plan.properties) {
    const auto same = configured.find(name);
    if (same != configured.end() && same->second == value) continue;
    json[name] = is_secret_name(name) ? "[hidden]" : value;
  }
  return json;
}

Json query_errors(const runtime::QueryDescription& query) {
  auto errors = Json::array();
  for (const auto& error : query.errors) {
    Json item;
    item["timestamp"] = error.at.value;
    item["errorMessage"] = error.message;
    item["type"] = error.type;
    errors.push_back(std::move(item));
  }
  return errors;
}

Json function_variant(const planner::Signature& signature) {
  auto arguments = Json::array(), types = Json::array();
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const auto& parameter = signature.parameters[i];
    const auto type = planner::to_string(parameter.type);
    Json argument;
    argument["name"] = parameter.name;
    argument["type"] = type;
    argument["description"] = parameter.doc;
    argument["isVariadic"] = signature.variadic == static_cast<std::int32_t>(i);
    arguments.push_back(std::move(argument));
    types.push_back(type);
  }
  Json json;
  json["arguments"] = std::move(arguments);
  json["returnType"] = planner::to_string(signature.result);
  json["description"] = signature.doc;
  json["argumentTypes"] = std::move(types);
  return json;
}

}  // namespace

Json source_description(ApiContext& context, const planner::DataSource& source, bool extended) {
  const auto queries = context.engine_ref().queries();
  Json json;
  json["name"] = source.name;
  json["windowType"] = source.window ? Json(window_name(source.window->type)) : Json(nullptr);
  auto readers = Json::array(), writers = Json::array();
  for (const auto& query : queries) {
    const auto& sources = query.plan->sources;
    if (std::find(sources.begin(), sources.end(), source.name) != sources.end())
      readers.push_back(query_entry(query));
    if (query.plan->sink == source.name) writers.push_back(query_entry(query));
  }
  json["readQueries"] = std::move(readers);
  json["writeQueries"] = std::move(writers);
  json["fields"] = source_fields_json(source);
  json["type"] = source.kind == ast::SourceKind::kStream ? "STREAM" : "TABLE";
  json["timestamp"] = source.timestamp ? source.timestamp->column : "";
  SourceStatistics statistics;
  if (extended)
    statistics = source_statistics(context.engine_ref().traffic(source.topic), context.host_and_port);
  json["statistics"] = std::move(statistics.statistics);
  json["errorStats"] = std::move(statistics.error_stats);
  json["extended"] = extended;
  json["keyFormat"] = source.key.format.name;
  json["valueFormat"] = source.value.format.name;
  json["topic"] = source.topic;
  const auto topic = context.engine_ref().log().topic(source.topic);
  json["partitions"] = topic ? topic->partitions : 0;
  json["replication"] = topic ? topic->replicas : 0;
  json["statement"] = mask_statement(with_semicolon(source.statement));
  json["queryOffsetSummaries"] = Json::array();
  if (extended) add_extended(context, source, queries, json);
  json["sourceConstraints"] = Json::array();
  json["clusterStatistics"] = extended ? std::move(statistics.cluster_statistics) : Json::array();
  json["clusterErrorStats"] = extended ? std::move(statistics.cluster_error_stats) : Json::array();
  return json;
}

Json describe_source(ApiContext& context, const planner::DataSource& source, bool extended,
                     const std::string& statement_text) {
  auto json = entity("sourceDescription", statement_text);
  json["sourceDescription"] = source_description(context, source, extended);
  return with_warnings(std::move(json));
}

Json describe_sources(ApiContext& context, ast::SourceKind kind, bool extended,
                      const std::string& statement_text) {
  auto json = entity("source_descriptions", statement_text);
  auto list = Json::array();
  const auto catalog = context.engine_ref().catalog();
  for (const auto& [name, source] : catalog->sources()) {
    if (source->kind == kind) list.push_back(source_description(context, *source, extended));
  }
  json["sourceDescriptions"] = std::move(list);
  return with_warnings(std::move(json));
}

Json query_description(const ApiContext& context, const runtime::QueryDescription& query, bool planned_only) {
  const auto& plan = *query.plan;
  const bool push = plan.kind == planner::QueryKind::kPush;
  const auto entry = query_entry(query);
  Json json;
  json["id"] = planned_only ? "" : plan.id;
  json["statementText"] = entry["queryString"];
  json["windowType"] = window_type_of(plan);
  json["fields"] = plan_fields(context, plan);
  json["sources"] = plan.sources;
  json["sinks"] = entry["sinks"];
  json["topology"] = planner::describe_topology(plan);
  json["executionPlan"] = planner::describe_execution_plan(plan);
  json["overriddenProperties"] = overridden_properties(context, plan);
  json["ksqlHostQueryStatus"] = Json::object();
  if (!planned_only) json["ksqlHostQueryStatus"][context.host_and_port] = entry["state"];
  json["queryType"] = push ? "PUSH" : "PERSISTENT";
  json["queryErrors"] = query_errors(query);
  json["tasksMetadata"] = tasks_metadata(query);
  json["consumerGroupId"] = planned_only ? "" : group_of(context, plan.id);
  json["state"] = planned_only ? Json(nullptr) : entry["state"];
  return json;
}

// Clients know two types of queries, and a pull query is not persistent.
Json pull_query_description(const ApiContext& context, const runtime::Engine::PullExplanation& explained,
                            const std::string& statement_text) {
  const auto source = context.engine_ref().catalog()->find(explained.plan.source);
  const bool windowed = source && source->window;
  Json json;
  json["id"] = "";
  json["statementText"] = statement_text;
  json["windowType"] = windowed ? Json(window_name(source->window->type)) : Json(nullptr);
  json["fields"] = schema_fields_json(explained.plan.output, explained.plan.output_marks);
  json["sources"] = {explained.plan.source};
  json["sinks"] = Json::array();
  json["topology"] = explained.topology;
  json["executionPlan"] = explained.execution_plan;
  json["overriddenProperties"] = Json::object();
  json["ksqlHostQueryStatus"] = Json::object();
  json["queryType"] = "PUSH";
  json["queryErrors"] = Json::array();
  json["tasksMetadata"] = Json::array();
  json["consumerGroupId"] = "";
  json["state"] = nullptr;
  return json;
}

std::optional<Json> describe_function(const ApiContext& context, const std::string& name,
                                      const std::string& statement_text) {
  const auto* function = context.engine_ref().functions().catalog().find(name);
  if (function == nullptr) return std::nullopt;
  auto json = entity("describe_function", statement_text);
  auto upper = function->name;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  json["name"] = upper;
  json["description"] = function->doc;
  json["author"] = function->author;
  json["version"] = "";
  json["path"] = "internal";
  auto variants = Json::array();
  for (const auto& signature : function->overloads) variants.push_back(function_variant(signature));
  json["functions"] = std::move(variants);
  json["type"] = function->kind == planner::FunctionKind::kScalar  ? "SCALAR"
                 : function->kind == planner::FunctionKind::kTable ? "TABLE"
                                                                   : "AGGREGATE";
  return with_warnings(std::move(json));
}

}  // namespace thalweg::server
