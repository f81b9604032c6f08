#include "runtime/engine/metastore.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "parser/parser.h"

namespace thalweg::runtime {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kCommandVersion = 1;

struct KindName {
  Command::Kind kind;
  const char* name;
};
constexpr KindName kKindNames[] = {
    {Command::Kind::kCreateSource, "create_source"},
    {Command::Kind::kCreateAs, "create_as"},
    {Command::Kind::kInsertInto, "insert_into"},
    {Command::Kind::kDropSource, "drop_source"},
    {Command::Kind::kAlterSource, "alter_source"},
    {Command::Kind::kCreateType, "create_type"},
    {Command::Kind::kDropType, "drop_type"},
    {Command::Kind::kTerminate, "terminate"},
    {Command::Kind::kPause, "pause"},
    {Command::Kind::kResume, "resume"},
};

}  // namespace

std::string to_json(const Command& command) {
  Json plan;
  for (const auto& [kind, name] : kKindNames) {
    if (kind == command.kind) plan["kind"] = name;
  }
  if (command.source) plan["source"] = Json::parse(planner::to_json(*command.source));
  if (command.topic_config) {
    const TopicConfig& config = *command.topic_config;
    plan["topic"] = {{"name", command.topic},
                     {"partitions", config.partitions},
                     {"replicas", config.replicas},
                     {"retention_ms", config.retention_ms},
                     {"cleanup_policy", config.cleanup_policy}};
  }
  if (command.query) plan["query"] = Json::parse(planner::to_json(*command.query));
  if (!command.name.empty()) plan["name"] = command.name;
  if (!command.type_text.empty()) plan["type"] = command.type_text;
  if (command.delete_topic) plan["delete_topic"] = true;
  if (!command.query_ids.empty()) plan["queries"] = command.query_ids;
  const Json json = {{"commandId", command.id},
                     {"statement", command.statement},
                     {"streamsProperties", command.properties},
                     {"thalwegPlan", plan},
                     {"version", kCommandVersion}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Command> command_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("thalwegPlan")) {
    return Error{ErrorCode::kCorrupted, "the command is not one of this server's"};
  }
  if (json.value("version", 0) > kCommandVersion) {
    return Error{ErrorCode::kUnsupported, "the command was written by a newer version"};
  }
  try {
    Command command;
    command.id = json.at("commandId");
    command.statement = json.at("statement");
    command.properties = json.at("streamsProperties").get<planner::PropertyMap>();
    const Json& plan = json.at("thalwegPlan");
    const std::string kind = plan.at("kind");
    const auto* known = std::find_if(std::begin(kKindNames), std::end(kKindNames),
                                     [&](const KindName& entry) { return kind == entry.name; });
    if (known == std::end(kKindNames))
      return Error{ErrorCode::kUnsupported, "unknown command '" + kind + "'"};
    command.kind = known->kind;
    if (plan.contains("source")) {
      THALWEG_TRY(command.source, planner::source_from_json(plan["source"].dump()));
    }
    if (plan.contains("topic")) {
      const Json& topic = plan["topic"];
      command.topic = topic.at("name");
      TopicConfig config;
      config.partitions = topic.at("partitions");
      config.replicas = topic.at("replicas");
      config.retention_ms = topic.at("retention_ms");
      config.cleanup_policy = topic.at("cleanup_policy");
      command.topic_config = config;
    }
    if (plan.contains("query")) { THALWEG_TRY(command.query, planner::plan_from_json(plan["query"].dump())); }
    command.name = plan.value("name", "");
    command.type_text = plan.value("type", "");
    command.delete_topic = plan.value("delete_topic", false);
    command.query_ids = plan.value("queries", std::vector<std::string>{});
    return command;
  } catch (const nlohmann::json::exception& broken) {
    return Error{ErrorCode::kCorrupted, std::string("the command cannot be read: ") + broken.what()};
  }
}

Result<void> Metastore::apply(const Command& command, std::int64_t sequence) {
  if (command.topic_config) planned_topics[command.topic] = *command.topic_config;
  switch (command.kind) {
    case Command::Kind::kCreateSource:
    case Command::Kind::kCreateAs:
    case Command::Kind::kAlterSource:
      if (command.source) catalog.put(*command.source);
      break;
    case Command::Kind::kDropSource: {
      const auto source = catalog.find(command.name);
      if (source != nullptr && command.delete_topic) planned_topics.erase(source->topic);
      catalog.remove(command.name);
      lineage.erase(command.name);
      break;
    }
    case Command::Kind::kCreateType: {
      THALWEG_TRY(const auto parsed, parser::parse_type(command.type_text));
      THALWEG_TRY(auto type, planner::resolve_type(parsed, catalog));
      catalog.put_type(command.name, std::move(type));
      break;
    }
    case Command::Kind::kDropType: catalog.remove_type(command.name); break;
    case Command::Kind::kInsertInto:
    case Command::Kind::kTerminate:
    case Command::Kind::kPause:
    case Command::Kind::kResume: break;
  }
  if (command.query) {
    // A replaced query keeps its place in the order.
    const auto replaced = queries.find(command.query->id);
    const std::int64_t place = replaced == queries.end() ? sequence : replaced->second.sequence;
    queries[command.query->id] = {std::make_shared<const planner::QueryPlan>(*command.query), false, place};
    if (command.kind == Command::Kind::kCreateAs) lineage[command.query->sink] = command.query->sources;
  }
  for (const std::string& id : command.query_ids) {
    if (command.kind == Command::Kind::kPause || command.kind == Command::Kind::kResume) {
      const auto query = queries.find(id);
      if (query != queries.end()) query->second.paused = command.kind == Command::Kind::kPause;
    } else {
      queries.erase(id);
    }
  }
  return {};
}

std::vector<std::string> Metastore::queries_reading(const std::string& source) const {
  std::vector<std::string> ids;
  for (const auto& [id, query] : queries) {
    const auto& sources = query.plan->sources;
    if (std::find(sources.begin(), sources.end(), source) != sources.end()) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Metastore::queries_writing(const std::string& source) const {
  std::vector<std::string> ids;
  for (const auto& [id, query] : queries) {
    if (query.plan->sink == source) ids.push_back(id);
  }
  return ids;
}

std::optional<planner::TopicDescription> EngineTopics::find(const std::string& name) const {
  auto config = log_.topic(name);
  if (!config) {
    const auto planned = metastore_.planned_topics.find(name);
    if (planned == metastore_.planned_topics.end()) return std::nullopt;
    config = planned->second;
  }
  return planner::TopicDescription{config->partitions, config->replicas, config->retention_ms};
}

}  // namespace thalweg::runtime
