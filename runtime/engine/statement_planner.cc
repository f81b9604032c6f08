#include "runtime/engine/statement_planner.h"

#include <algorithm>
#include <charconv>

#include "parser/print.h"
#include "planner/catalog/located.h"
#include "planner/catalog/similar_names.h"

namespace thalweg::runtime {
namespace {

using planner::PlanningContext;

std::string kind_word(ast::SourceKind kind) { return kind == ast::SourceKind::kStream ? "stream" : "table"; }
std::string kind_title(ast::SourceKind kind) { return kind == ast::SourceKind::kStream ? "Stream" : "Table"; }

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error{ErrorCode::kStatement, std::move(message), at};
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

TopicConfig topic_config(const planner::TopicDescription& wanted, bool table, bool windowed) {
  TopicConfig config;
  config.partitions = wanted.partitions;
  config.replicas = wanted.replicas;
  config.retention_ms = wanted.retention_ms;
  config.cleanup_policy = !table ? "delete" : windowed ? "compact,delete" : "compact";
  return config;
}

class Planning {
 public:
  Planning(const ast::Statement& statement, const PlanningRequest& request)
      : statement_(statement),
        request_(request),
        topics_(request.log, request.metastore),
        context_{request.metastore.catalog, request.functions.catalog(), topics_, request.properties} {}

  Result<PlannedStatement> operator()(const ast::CreateSource& create) {
    THALWEG_TRY(auto exists, check_name(create.kind, create.name, create.if_not_exists, create.or_replace));
    if (exists) return std::move(*exists);
    THALWEG_TRY(auto plan, planner::plan_create_source(create, statement_.text, context_));
    Command command =
        make(Command::Kind::kCreateSource, kind_word(create.kind) + "/`" + create.name + "`/create");
    set_topic(command, plan.source.topic, plan.create_topic, create.kind == ast::SourceKind::kTable,
              plan.source.window.has_value());
    command.source = std::move(plan.source);
    PlannedStatement planned{std::nullopt, kind_title(create.kind) + " created", {}, {}};
    if (plan.materializing_query) {
      command.query = std::move(plan.materializing_query);
      command.query->id = planned.query_id = "CST_" + create.name + "_" + std::to_string(request_.sequence);
      command.query->properties = request_.session;
    }
    planned.command = std::move(command);
    return planned;
  }

  Result<PlannedStatement> operator()(const ast::CreateAsSelect& create) {
    THALWEG_TRY(auto exists, check_name(create.kind, create.name, create.if_not_exists, create.or_replace));
    if (exists) return std::move(*exists);
    THALWEG_TRY(auto plan, planner::plan_create_as_select(create, statement_.text, context_));
    const bool table = create.kind == ast::SourceKind::kTable;
    std::string id = (table ? "CTAS_" : "CSAS_") + create.name + "_" + std::to_string(request_.sequence);
    const auto running = request_.metastore.catalog.find(create.name);
    if (running != nullptr) {
      THALWEG_TRY(id, check_replacement(*running, plan));
    } else {
      THALWEG_CHECK(check_query_limit());
    }
    Command command =
        make(Command::Kind::kCreateAs, kind_word(create.kind) + "/`" + create.name + "`/create");
    set_topic(command, plan.sink.topic, plan.create_topic, table, plan.sink.window.has_value());
    plan.query.id = id;
    plan.query.properties = request_.session;
    plan.sink.created_by = id;
    command.source = std::move(plan.sink);
    command.query = std::move(plan.query);
    return PlannedStatement{std::move(command), "Created query with ID " + id, {}, id};
  }

  Result<PlannedStatement> operator()(const ast::InsertInto& insert) {
    THALWEG_TRY(auto plan, planner::plan_insert_into(insert, statement_.text, context_));
    THALWEG_TRY(std::string id, insert_query_id(insert));
    THALWEG_CHECK(check_query_limit());
    Command command = make(Command::Kind::kInsertInto, "stream/`" + insert.target + "`/create");
    plan.id = id;
    plan.properties = request_.session;
    command.query = std::move(plan);
    return PlannedStatement{std::move(command), "Created query with ID " + id, {}, id};
  }

  Result<PlannedStatement> operator()(const ast::DropSource& drop) {
    const auto source = request_.metastore.catalog.find(drop.name);
    if (source == nullptr) {
      if (drop.if_exists)
        return PlannedStatement{std::nullopt, {}, "Source `" + drop.name + "` does not exist.", {}};
      return statement_error(kind_title(drop.kind) + " " + drop.name + " does not exist.", drop.name_at)
          .with_hint(planner::did_you_mean(drop.name, request_.metastore.catalog.similar_names(drop.name)));
    }
    if (source->kind != drop.kind) {
      return statement_error("Incompatible data source type is " + kind_word(source->kind) +
                                 ", but statement was DROP " + kind_word(drop.kind),
                             drop.name_at);
    }
    if (drop.delete_topic && source->read_only) {
      return statement_error("Cannot delete topic for read-only source: " + drop.name, drop.name_at);
    }
    Command command = make(Command::Kind::kDropSource, kind_word(drop.kind) + "/" + drop.name + "/drop");
    THALWEG_TRY(command.query_ids, check_dependents(*source));
    if (drop.delete_topic) THALWEG_CHECK(check_topic_unused(*source));
    command.name = drop.name;
    command.delete_topic = drop.delete_topic;
    return PlannedStatement{
        std::move(command), "Source `" + drop.name + "` (topic: " + source->topic + ") was dropped.", {}, {}};
  }

  Result<PlannedStatement> operator()(const ast::AlterSource& alter) {
    THALWEG_TRY(auto changed, planner::plan_alter(alter, context_));
    Command command = make(Command::Kind::kAlterSource, kind_word(alter.kind) + "/" + alter.name + "/alter");
    command.source = std::move(changed);
    return PlannedStatement{std::move(command), kind_title(alter.kind) + " altered", {}, {}};
  }

  Result<PlannedStatement> operator()(const ast::CreateType& create) {
    THALWEG_TRY(const auto type, planner::resolve_type(create.type, request_.metastore.catalog));
    const auto existing = request_.metastore.catalog.types().find(create.name);
    if (existing != request_.metastore.catalog.types().end()) {
      if (create.if_not_exists) {
        return PlannedStatement{
            std::nullopt,
            {},
            create.name + " is already registered with type " + to_string(existing->second),
            {}};
      }
      return statement_error("Cannot register custom type '" + create.name +
                             "' since it is already registered with type: " + to_string(existing->second));
    }
    Command command = make(Command::Kind::kCreateType, "type/" + create.name + "/create");
    command.name = create.name;
    command.type_text = to_string(type);
    return PlannedStatement{
        std::move(command),
        "Registered custom type with name '" + create.name + "' and SQL type " + to_string(type),
        {},
        {}};
  }

  Result<PlannedStatement> operator()(const ast::DropType& drop) {
    if (!request_.metastore.catalog.types().contains(drop.name)) {
      if (drop.if_exists)
        return PlannedStatement{std::nullopt, {}, "Type '" + drop.name + "' does not exist", {}};
      std::vector<std::string> known;
      for (const auto& [name, type] : request_.metastore.catalog.types()) known.push_back(name);
      return statement_error("Type " + drop.name + " does not exist.", drop.name_at)
          .with_hint(planner::did_you_mean(drop.name, known));
    }
    Command command = make(Command::Kind::kDropType, "type/" + drop.name + "/drop");
    command.name = drop.name;
    return PlannedStatement{std::move(command), "Dropped type '" + drop.name + "'", {}, {}};
  }

  Result<PlannedStatement> operator()(const ast::Lifecycle& lifecycle) {
    static constexpr struct {
      const char* verb;
      const char* done;
      Command::Kind kind;
    } kActions[] = {{"terminate", "terminated", Command::Kind::kTerminate},
                    {"pause", "paused", Command::Kind::kPause},
                    {"resume", "resumed", Command::Kind::kResume}};
    const auto& action = kActions[static_cast<std::size_t>(lifecycle.action)];
    Command command =
        make(action.kind, std::string(action.verb) + "/" + lifecycle.query_id.value_or("ALL") + "/execute");
    for (const auto& [id, query] : request_.metastore.queries) {
      const bool source_table = query.plan->kind == planner::QueryKind::kSourceTable;
      if (lifecycle.query_id && id != *lifecycle.query_id) continue;
      if (source_table && lifecycle.query_id) {
        return statement_error("Cannot " + std::string(action.verb) + " query '" + id +
                                   "' because it is linked to a source table.",
                               lifecycle.at);
      }
      if (!source_table) command.query_ids.push_back(id);
    }
    if (lifecycle.query_id && command.query_ids.empty()) {
      std::vector<std::string> known;
      for (const auto& [id, query] : request_.metastore.queries) known.push_back(id);
      return statement_error("Unknown queryId: " + *lifecycle.query_id, lifecycle.at)
          .with_hint(planner::did_you_mean(*lifecycle.query_id, known));
    }
    return PlannedStatement{std::move(command), std::string("Query ") + action.done + ".", {}, {}};
  }

  template <typename Other>
  Result<PlannedStatement> operator()(const Other&) {
    return Error{ErrorCode::kInternal, "the statement changes nothing"};
  }

 private:
  Command make(Command::Kind kind, std::string id) const {
    Command command;
    command.kind = kind;
    command.id = std::move(id);
    command.statement = statement_.text;
    command.properties = request_.session;
    return command;
  }

  static void set_topic(Command& command, const std::string& topic,
                        const std::optional<planner::TopicDescription>& wanted, bool table, bool windowed) {
    if (!wanted) return;
    command.topic = topic;
    command.topic_config = topic_config(*wanted, table, windowed);
  }

  // A held name: an error, or the outcome of IF NOT EXISTS; nothing when the name is free or will be
  // replaced.
  Result<std::optional<PlannedStatement>> check_name(ast::SourceKind kind, const std::string& name,
                                                     bool if_not_exists, bool or_replace) const {
    const auto existing = request_.metastore.catalog.find(name);
    if (existing == nullptr || (or_replace && existing->kind == kind))
      return std::optional<PlannedStatement>{};
    const std::string same = ": A " + kind_word(existing->kind) + " with the same name already exists";
    if (if_not_exists) {
      return std::optional(PlannedStatement{
          std::nullopt, {}, "Cannot add " + kind_word(kind) + " `" + name + "`" + same + ".", {}});
    }
    return statement_error("Cannot add " + kind_word(kind) + " '" + name + "'" + same);
  }

  Result<void> check_query_limit() const {
    const std::int64_t limit =
        property_int(request_.properties, "ksql.query.persistent.active.limit", INT64_MAX);
    if (static_cast<std::int64_t>(request_.metastore.queries.size()) < limit) return {};
    return Error{
        ErrorCode::kLimit,
        "Not executing statement(s) '" + statement_.text +
            "' as it would cause the number of active, persistent queries to exceed the configured limit. "
            "Current persistent query count: " +
            std::to_string(request_.metastore.queries.size()) +
            ". Configured limit: " + std::to_string(limit) + "."};
  }

  Result<std::string> check_replacement(const planner::DataSource& running,
                                        const planner::SinkPlan& plan) const {
    const auto writers = request_.metastore.queries_writing(running.name);
    if (writers.size() > 1) {
      return statement_error("REPLACE for sink `" + running.name +
                             "` is not supported because there are multiple queries writing into it: [" +
                             joined(writers) + "]");
    }
    const auto query = request_.metastore.queries.find(running.created_by);
    if (query == request_.metastore.queries.end()) {
      THALWEG_CHECK(planner::check_source_upgrade(running, plan.sink));
      return (running.kind == ast::SourceKind::kTable ? "CTAS_" : "CSAS_") + running.name + "_" +
             std::to_string(request_.sequence);
    }
    THALWEG_CHECK(planner::check_query_upgrade(*query->second.plan, plan.query, running, plan.sink));
    return query->first;
  }

  Result<std::string> insert_query_id(const ast::InsertInto& insert) const {
    for (const auto& property : insert.properties) {
      if (property.name != "QUERY_ID") continue;
      std::string id = planner::literal_text(*property.value);
      std::transform(id.begin(), id.end(), id.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      for (const char* reserved : {"INSERTQUERY_", "CTAS_", "CSAS_", "CST_"}) {
        if (id.starts_with(reserved)) {
          return statement_error(
              "Query IDs must not start with a reserved query ID prefix (INSERTQUERY_, CTAS_, CSAS_, CST_). "
              "Got '" +
                  id + "'.",
              property.at);
        }
      }
      const bool legal = !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '_';
      });
      if (!legal)
        return statement_error(
            "Query IDs may contain only alphanumeric characters and '_'. Got: '" + id + "'", property.at);
      if (request_.metastore.queries.contains(id))
        return statement_error("Query ID '" + id + "' already exists.", property.at);
      return id;
    }
    return "INSERTQUERY_" + std::to_string(request_.sequence);
  }

  // Ids of the queries that go with the source; an error while something else needs it.
  Result<std::vector<std::string>> check_dependents(const planner::DataSource& source) const {
    std::vector<std::string> derived;
    for (const auto& [sink, sources] : request_.metastore.lineage) {
      if (sink != source.name && std::find(sources.begin(), sources.end(), source.name) != sources.end())
        derived.push_back(sink);
    }
    if (!derived.empty()) {
      return statement_error(
          "Cannot drop " + source.name + ".\nThe following streams and/or tables read from this source: [" +
          joined(derived) + "].\nYou need to drop them before dropping " + source.name + ".");
    }
    std::vector<std::string> own, readers, writers;
    for (const std::string& id : request_.metastore.queries_reading(source.name)) {
      const bool linked = request_.metastore.queries.at(id).plan->kind == planner::QueryKind::kSourceTable;
      (linked ? own : readers).push_back(id);
    }
    for (const std::string& id : request_.metastore.queries_writing(source.name)) {
      (id == source.created_by || std::find(own.begin(), own.end(), id) != own.end() ? own : writers)
          .push_back(id);
    }
    if (!readers.empty() || !writers.empty()) {
      return statement_error("Cannot drop " + source.name +
                             ".\nThe following queries read from this source: [" + joined(readers) +
                             "].\nThe following queries write into this source: [" + joined(writers) +
                             "].\nYou need to terminate them before dropping " + source.name + ".");
    }
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    return own;
  }

  Result<void> check_topic_unused(const planner::DataSource& source) const {
    std::vector<std::string> others;
    for (const auto& [name, other] : request_.metastore.catalog.sources()) {
      if (name != source.name && other->topic == source.topic) others.push_back(name);
    }
    if (others.empty()) return {};
    return statement_error("Refusing to delete topic. Found other data sources (" + joined(others) +
                           ") using topic " + source.topic);
  }

  const ast::Statement& statement_;
  const PlanningRequest& request_;
  EngineTopics topics_;
  PlanningContext context_;
};

}  // namespace

Result<PlannedStatement> plan_statement(const ast::Statement& statement, const PlanningRequest& request) {
  // What no smaller piece of the text is to blame for points at the name the statement is about.
  const auto about = std::visit(
      [](const auto& node) {
        if constexpr (requires { node.name_at; }) return node.name_at;
        if constexpr (requires { node.target_at; }) return node.target_at;
        return SourcePosition{};
      },
      statement.node);
  return planner::located(std::visit(Planning(statement, request), statement.node), about);
}

std::string property(const planner::PropertyMap& properties, const std::string& name) {
  for (const char* prefix : {"", "ksql.streams.", "ksql."}) {
    const auto at = properties.find(prefix + name);
    if (at != properties.end()) return at->second;
  }
  return {};
}

bool property_is(const planner::PropertyMap& properties, const std::string& name, bool fallback) {
  const std::string value = property(properties, name);
  return value.empty() ? fallback : value == "true" || value == "TRUE" || value == "True";
}

std::int64_t property_int(const planner::PropertyMap& properties, const std::string& name,
                          std::int64_t fallback) {
  const std::string value = property(properties, name);
  std::int64_t number = fallback;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

}  // namespace thalweg::runtime
