// C*AS, INSERT … SELECT and push queries: from the logical query to the whole plan.
#include <algorithm>
#include <cctype>

#include "parser/print.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/catalog/located.h"
#include "planner/catalog/switches.h"
#include "planner/physical/plan_builder.h"
#include "planner/types/text.h"

namespace thalweg::planner {
namespace {

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

Result<void> check_result_kind(const LogicalQuery& logical, ast::SourceKind wanted) {
  const bool table = logical.table_result();
  if (table == (wanted == ast::SourceKind::kTable)) return {};
  const std::string got = table ? "TABLE" : "STREAM";
  return statement_error("Invalid result type. Your SELECT query produces a " + got + ". Please use CREATE " +
                         got + " AS SELECT statement instead.");
}

// Format properties travel only to the same format.
std::map<std::string, std::string> inherited_properties(const Format& from, const std::string& to) {
  if (from.name != to) return {};
  std::map<std::string, std::string> kept;
  for (const auto& [name, value] : from.properties) {
    const bool stays =
        to == "DELIMITED" || to == "PROTOBUF_NOSR" || (to == "PROTOBUF" && name == "fullSchemaName");
    if (stays) kept[name] = value;
  }
  return kept;
}

// Where the select item of an output column is written.
SourcePosition item_at(const LogicalQuery& logical, const std::string& name) {
  const auto found = std::find_if(logical.items.begin(), logical.items.end(),
                                  [&](const OutputItem& item) { return item.name == name; });
  return found == logical.items.end() ? SourcePosition{} : found->at;
}

class SinkChooser {
 public:
  SinkChooser(const LogicalQuery& logical, const WithClause& with, const PlanningContext& context)
      : logical_(logical),
        with_(with),
        properties_(context.properties),
        topics_(context.topics),
        left_(*logical.sources[0].source) {}

  Result<DataSource> choose(const std::string& name, ast::SourceKind kind, const Schema& schema,
                            const std::optional<WindowInfo>& window) {
    DataSource sink;
    sink.name = name;
    sink.kind = kind;
    sink.schema = schema;
    sink.window = window;
    sink.topic = with_.topic.value_or(property_of(properties_, "ksql.output.topic.name.prefix") + name);
    THALWEG_CHECK(choose_key_format(sink));
    choose_value_format(sink);
    THALWEG_CHECK(located(check_format_properties(Side::kKey, sink.key.format), with_.side_at(Side::kKey)));
    THALWEG_CHECK(
        located(check_format_properties(Side::kValue, sink.value.format), with_.side_at(Side::kValue)));
    const auto keys = schema.key_count;
    const std::span<const SchemaColumn> columns(schema.columns);
    sink.key.wrapping = key_wrapping(sink.key.format, keys);
    THALWEG_TRY(sink.value.wrapping,
                resolve_wrapping(with_, property_of(properties_, "ksql.persistence.wrap.single.values"),
                                 sink.value.format, schema.size() - keys));
    THALWEG_TRY(sink.timestamp, resolve_timestamp(with_, schema));
    const auto where = [this](const std::string& column) { return item_at(logical_, column); };
    THALWEG_CHECK(check_format_schema(Side::kKey, sink.key, columns.subspan(0, keys), where));
    THALWEG_CHECK(check_format_schema(Side::kValue, sink.value, columns.subspan(keys), where));
    THALWEG_CHECK(located(check_format_available(sink.key.format), with_.side_at(Side::kKey)));
    THALWEG_CHECK(located(check_format_available(sink.value.format), with_.side_at(Side::kValue)));
    return sink;
  }

  // How the sink's topic has to be made; nullopt when it is there.
  Result<std::optional<TopicDescription>> topic(const DataSource& sink) {
    if (with_.retention_ms && sink.kind == ast::SourceKind::kTable && !sink.window) {
      return Error(ErrorCode::kParse,
                   "Failed to prepare statement: Invalid config variable in the WITH clause: "
                   "RETENTION_MS. Non-windowed tables do not support retention.",
                   with_.at({"RETENTION_MS"}));
    }
    if (const auto existing = topics_.find(sink.topic)) {
      const bool differs = (with_.partitions && *with_.partitions != existing->partitions) ||
                           (with_.replicas && *with_.replicas != existing->replicas);
      if (differs) {
        return located(topic_differs(sink.topic, with_.partitions, with_.replicas, *existing),
                       with_.at({"PARTITIONS", "REPLICAS"}));
      }
      return std::optional<TopicDescription>();
    }
    const auto source = topics_.find(left_.topic).value_or(TopicDescription{});
    TopicDescription made;
    made.partitions = with_.partitions.value_or(legacy("ksql.sink.partitions").value_or(source.partitions));
    made.replicas = with_.replicas.value_or(legacy("ksql.sink.replicas").value_or(source.replicas));
    made.retention_ms =
        with_.retention_ms.value_or(sink.kind == ast::SourceKind::kStream ? source.retention_ms : -1);
    return std::optional(made);
  }

 private:
  std::optional<std::int32_t> legacy(const std::string& name) const {
    return parse_int(property_of(properties_, name));
  }

  Result<void> choose_key_format(DataSource& sink) {
    const bool keyless = sink.schema.key_count == 0;
    auto name = with_.key.format.value_or(left_.key.format.name);
    if (keyless) {
      if (with_.key.format && *with_.key.format != "NONE" && !with_.format_for_both) {
        return statement_error("Key format specified for stream without key columns.",
                               with_.at({"KEY_FORMAT"}));
      }
      name = "NONE";
    } else if (!with_.key.format && name == "NONE") {
      name = upper(property_of(properties_, "ksql.persistence.default.format.key"));
      if (name.empty()) name = "KAFKA";
    }
    if (!find_format(name)) return unknown_format(name, with_.side_at(Side::kKey));
    sink.key.format.name = name;
    sink.key.format.properties = inherited_properties(left_.key.format, name);
    for (const auto& [property, value] : with_.key.properties) sink.key.format.properties[property] = value;
    return {};
  }

  void choose_value_format(DataSource& sink) {
    sink.value.format.name = with_.value.format.value_or(left_.value.format.name);
    sink.value.format.properties = inherited_properties(left_.value.format, sink.value.format.name);
    for (const auto& [property, value] : with_.value.properties)
      sink.value.format.properties[property] = value;
  }

  const LogicalQuery& logical_;
  const WithClause& with_;
  const PropertyMap& properties_;
  const TopicDirectory& topics_;
  const DataSource& left_;
};

// The sink's name is free or may be taken.
Result<void> check_sink_name(const ast::CreateAsSelect& statement, const Catalog& catalog) {
  const auto existing = catalog.find(statement.name);
  const std::string kind = statement.kind == ast::SourceKind::kStream ? "stream" : "table";
  if (existing && existing->read_only && statement.or_replace) {
    return statement_error("Cannot add " + kind + " '" + statement.name +
                           "': CREATE OR REPLACE is not supported on source " + kind + "s.");
  }
  if (!existing || statement.or_replace || statement.if_not_exists) return {};
  return statement_error("Cannot add " + kind + " '" + statement.name + "': A " +
                         (existing->kind == ast::SourceKind::kStream ? "stream" : "table") +
                         " with the same name already exists");
}

// Errors of planning show the statement with its names resolved.
template <typename T>
Result<T> with_statement(Result<T> result, const ast::Statement& canonical) {
  if (result || result.error().code == ErrorCode::kParse || !result.error().statement.empty()) return result;
  auto error = std::move(result).error();
  error.statement = parser::print(canonical);
  return error;
}

Result<SinkPlan> plan_sink(const ast::CreateAsSelect& statement, const std::string& text,
                           const WithClause& with, const LogicalQuery& logical,
                           const PlanningContext& context, const std::string& canonical_text) {
  PlanBuilder builder(logical, context);
  THALWEG_CHECK(check_result_kind(logical, statement.kind));
  THALWEG_TRY(const auto relation, builder.build_input());
  const bool timestamp_known =
      !with.timestamp || std::any_of(logical.items.begin(), logical.items.end(),
                                     [&](const auto& i) { return i.name == *with.timestamp; });
  if (!timestamp_known) {
    auto missing = resolve_timestamp(with, {});
    return std::move(missing).error();
  }
  THALWEG_TRY(const auto projection, builder.project_sink(relation));
  SinkChooser chooser(logical, with, context);
  SinkPlan plan;
  THALWEG_TRY(plan.sink, chooser.choose(statement.name, statement.kind, projection.schema, relation.window));
  plan.sink.statement = text;
  THALWEG_TRY(plan.create_topic, chooser.topic(plan.sink));
  if (statement.kind == ast::SourceKind::kTable) builder.choose_materialization(projection.step);
  builder.add_sink(relation, projection, plan.sink);
  plan.query = builder.finish(statement.kind == ast::SourceKind::kTable ? QueryKind::kCreateTableAs
                                                                        : QueryKind::kCreateStreamAs);
  plan.query.statement = canonical_text;
  return plan;
}

Result<DataSourcePtr> insert_target(const ast::InsertInto& statement, const Catalog& catalog) {
  auto target = catalog.find(statement.target);
  const auto at = statement.target_at;
  if (!target) {
    return statement_error(location(at) + "Source `" + statement.target + "` does not exist.", at)
        .with_hint(unknown_source_hint(statement.target, catalog));
  }
  if (target->kind == ast::SourceKind::kTable) {
    return statement_error(
        "INSERT INTO can only be used to insert into a stream. " + statement.target + " is a table.", at);
  }
  if (target->read_only)
    return statement_error("Cannot insert into read-only stream: " + statement.target, at);
  if (!target->headers.empty()) {
    return statement_error("Cannot insert into " + statement.target + " because it has header columns", at);
  }
  return target;
}

// Between whole numbers and DECIMAL the kinds decide: a value that is too large fails when it is met.
bool insertable(const SqlType& from, const SqlType& to) {
  const bool whole = from.is(SqlKind::kInteger) || from.is(SqlKind::kBigint);
  return (whole && to.is(SqlKind::kDecimal)) || converts_implicitly(from, to);
}

Result<void> check_insert_schema(const LogicalQuery& logical, const Schema& result, const Schema& target) {
  const auto shared = std::min(result.size(), target.size());
  std::size_t fitting = 0;
  while (fitting < shared && result.columns[fitting].name == target.columns[fitting].name &&
         insertable(result.columns[fitting].type, target.columns[fitting].type)) {
    ++fitting;
  }
  if (fitting == result.size() && fitting == target.size() && result.key_count == target.key_count) return {};
  const auto at = fitting < result.size() ? item_at(logical, result.columns[fitting].name) : SourcePosition{};
  return statement_error("Incompatible schema between results and sink.\nResult schema is " +
                             to_string(result) + "\nSink schema is " + to_string(target),
                         at);
}

Result<void> check_query_id(const std::optional<std::string>& id) {
  if (!id) return {};
  for (const auto* prefix : {"INSERTQUERY_", "CTAS_", "CSAS_", "CST_"}) {
    if (!id->starts_with(prefix)) continue;
    return statement_error(
        "Query IDs must not start with a reserved query ID prefix (INSERTQUERY_, CTAS_, CSAS_, "
        "CST_). Got '" +
        *id + "'.");
  }
  const bool plain = !id->empty() && std::all_of(id->begin(), id->end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
  if (plain) return {};
  return statement_error("Query IDs may contain only alphanumeric characters and '_'. Got: '" + *id + "'");
}

std::string describe_window(const std::optional<WindowInfo>& window) {
  if (!window) return "not windowed";
  const std::string unit = window->counts_rows ? " rows" : " ms";
  const auto size = window->size_ms ? " of " + std::to_string(*window->size_ms) + unit : std::string();
  switch (window->type) {
    case ast::WindowType::kTumbling: return "windowed TUMBLING" + size;
    case ast::WindowType::kHopping: return "windowed HOPPING" + size;
    case ast::WindowType::kSession: break;
  }
  return "windowed SESSION";
}

// The target's keys say which windows they have, so the inserted ones must have the same.
Result<void> check_insert_window(const Relation& result, const DataSource& target, SourcePosition at) {
  if (result.window == target.window) return {};
  return statement_error("Can't change windowing. The results are " + describe_window(result.window) + ", " +
                             target.name + " is " + describe_window(target.window) + ".",
                         at);
}

Result<QueryPlan> plan_insert(const LogicalQuery& logical, const DataSource& target,
                              const PlanningContext& context) {
  if (logical.table_result()) {
    return statement_error(
        "INSERT INTO can only be used to insert the result of a stream. Your SELECT query produces a "
        "TABLE.");
  }
  PlanBuilder builder(logical, context);
  THALWEG_TRY(const auto relation, builder.build_input());
  THALWEG_TRY(auto projection, builder.project_sink(relation));
  THALWEG_CHECK(check_insert_schema(logical, projection.schema, target.schema));
  THALWEG_CHECK(check_insert_window(relation, target, logical.sources[0].at));
  builder.convert_columns(projection, target.schema);
  builder.add_sink(relation, projection, target);
  return builder.finish(QueryKind::kInsertInto);
}

}  // namespace

namespace {

Result<SinkPlan> plan_named_sink(const ast::CreateAsSelect& statement, const std::string& text,
                                 const PlanningContext& context) {
  if (statement.or_replace) THALWEG_CHECK(check_replace_enabled(context.properties, statement.name_at));
  THALWEG_TRY(const auto with, read_with_clause(statement.properties, WithOn::kCreateAs));
  const std::string kind = statement.kind == ast::SourceKind::kStream ? "STREAM" : "TABLE";
  if (statement.query.limit) {
    return statement_error("CREATE " + kind + " AS SELECT statements don't support LIMIT clause.",
                           statement.query.limit_at);
  }
  THALWEG_TRY(const auto logical,
              analyze_query(statement.query, QueryUse::kPersistent, statement.name, context));
  ast::Statement canonical;
  auto node = statement;
  node.query = logical.canonical;
  canonical.node = std::move(node);
  auto named = check_sink_name(statement, context.catalog);
  if (!named) return std::move(named).error();
  return with_statement(plan_sink(statement, text, with, logical, context, parser::print(canonical)),
                        canonical);
}

Result<QueryPlan> plan_named_insert(const ast::InsertInto& statement, const PlanningContext& context) {
  THALWEG_TRY(const auto with, read_with_clause(statement.properties, WithOn::kInsertInto));
  THALWEG_CHECK(located(check_query_id(with.query_id), with.at({"QUERY_ID"})));
  THALWEG_TRY(const auto target, insert_target(statement, context.catalog));
  THALWEG_TRY(const auto logical,
              analyze_query(statement.query, QueryUse::kPersistent, statement.target, context));
  ast::Statement canonical;
  auto node = statement;
  node.query = logical.canonical;
  canonical.node = std::move(node);
  THALWEG_TRY(auto plan, with_statement(plan_insert(logical, *target, context), canonical));
  plan.statement = parser::print(canonical);
  if (with.query_id) plan.id = *with.query_id;
  return plan;
}

Result<QueryPlan> plan_push(const ast::Query& query, const std::string& text,
                            const PlanningContext& context) {
  THALWEG_TRY(const auto logical, analyze_query(query, QueryUse::kPush, "", context));
  if (query.limit && *query.limit < 0) {
    return Error(ErrorCode::kStatement, "LIMIT must not be negative.", query.limit_at);
  }
  PlanBuilder builder(logical, context);
  THALWEG_TRY(const auto relation, builder.build_input());
  THALWEG_CHECK(builder.deliver(relation));
  auto plan = builder.finish(QueryKind::kPush);
  plan.statement = text;
  return plan;
}

// Errors that concern the query as a whole point at its select list.
SourcePosition select_list(const ast::Query& query) {
  return query.items.empty() ? query.at : query.items[0].at;
}

}  // namespace

Result<SinkPlan> plan_create_as_select(const ast::CreateAsSelect& statement, const std::string& text,
                                       const PlanningContext& context) {
  return located(plan_named_sink(statement, text, context), statement.name_at);
}

Result<QueryPlan> plan_insert_into(const ast::InsertInto& statement, const std::string& /*text*/,
                                   const PlanningContext& context) {
  return located(plan_named_insert(statement, context), select_list(statement.query));
}

Result<QueryPlan> plan_push_query(const ast::Query& query, const std::string& text,
                                  const PlanningContext& context) {
  return located(plan_push(query, text, context), select_list(query));
}

}  // namespace thalweg::planner
