#include "planner/physical/plan_builder.h"

#include <algorithm>
#include <set>

#include "planner/analyze/rewrite.h"
#include "planner/catalog/similar_names.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;

// Columns of one source that the query mentions anywhere behind star expansion.
std::set<std::string> mentioned_columns(const LogicalQuery& query, const std::string& alias) {
  std::set<std::string> names;
  const auto collect = [&](const ExpressionPtr& expression) {
    visit(expression, [&](const ExpressionPtr& e) {
      const auto* ref = node_as<ast::ColumnRef>(e);
      if (ref && ref->qualifier == alias) names.insert(ref->name);
      return true;
    });
  };
  for (const auto& item : query.items) collect(item.expression);
  for (const auto& join : query.joins) {
    collect(join.left);
    collect(join.right);
  }
  for (const auto& expression : query.partition_by) collect(expression);
  if (query.group_by) {
    for (const auto& expression : *query.group_by) collect(expression);
  }
  collect(query.where);
  collect(query.having);
  return names;
}

std::optional<SourceColumn> pseudo_origin(const std::string& name) {
  using Origin = SourceColumn::Origin;
  if (name == "ROWTIME") return SourceColumn{Origin::kRowTime, 0, {}};
  if (name == "ROWPARTITION") return SourceColumn{Origin::kRowPartition, 0, {}};
  if (name == "ROWOFFSET") return SourceColumn{Origin::kRowOffset, 0, {}};
  if (name == "WINDOWSTART") return SourceColumn{Origin::kWindowStart, 0, {}};
  if (name == "WINDOWEND") return SourceColumn{Origin::kWindowEnd, 0, {}};
  return std::nullopt;
}

SourceColumn declared_origin(const DataSource& source, std::size_t index) {
  using Origin = SourceColumn::Origin;
  const auto keys = source.schema.key_count;
  if (index < keys) return {Origin::kKey, static_cast<std::int32_t>(index), {}};
  const auto values_end = source.schema.size() - source.headers.size();
  if (index < values_end) return {Origin::kValue, static_cast<std::int32_t>(index - keys), {}};
  const auto& header = source.headers[index - values_end];
  if (header.key) return {Origin::kHeader, 0, *header.key};
  return {Origin::kHeaders, 0, {}};
}

}  // namespace

std::string unknown_source_hint(const std::string& name, const Catalog& catalog) {
  std::string text;
  for (const auto& near : catalog.similar_names(name)) text += (text.empty() ? "\"" : ", \"") + near + "\"";
  return text.empty() ? text : "did you mean " + text + "?";
}

SourceStep source_step(const DataSource& source) {
  SourceStep step;
  step.table = source.kind == ast::SourceKind::kTable;
  step.source = source.name;
  step.topic = source.topic;
  step.key = source.key;
  step.value = source.value;
  step.window = source.window;
  const auto& columns = source.schema.columns;
  const auto keys = static_cast<std::ptrdiff_t>(source.schema.key_count);
  step.key_fields.assign(columns.begin(), columns.begin() + keys);
  step.value_fields.assign(columns.begin() + keys,
                           columns.end() - static_cast<std::ptrdiff_t>(source.headers.size()));
  if (source.timestamp) {
    const auto index = *source.schema.index_of(source.timestamp->column);
    step.timestamp = SourceStep::Timestamp{declared_origin(source, index), source.timestamp->format};
  }
  return step;
}

QueryPlan materializing_query(const DataSource& table, const std::string& statement) {
  QueryPlan plan;
  plan.kind = QueryKind::kSourceTable;
  plan.statement = statement;
  plan.sources = {table.name};
  auto node = source_step(table);
  for (std::size_t i = 0; i < table.schema.size(); ++i) node.columns.push_back(declared_origin(table, i));
  node.store = "KsqlTopic-Reduce";
  Step step;
  step.name = "KsqlTopic";
  step.schema = table.schema;
  step.table = true;
  step.windowed = table.window.has_value();
  plan.materialization = Materialization{0, node.store, {}};
  step.node = std::move(node);
  plan.steps.push_back(std::move(step));
  assign_step_ids(plan);
  return plan;
}

std::int32_t PlanBuilder::add(Step step) {
  plan_.steps.push_back(std::move(step));
  return static_cast<std::int32_t>(plan_.steps.size()) - 1;
}

Step PlanBuilder::over(const Relation& relation, std::string name, StepNode node, Schema schema) const {
  Step step;
  step.name = std::move(name);
  step.inputs = {relation.step};
  step.schema = std::move(schema);
  step.table = relation.table;
  step.windowed = relation.window.has_value();
  step.node = std::move(node);
  return step;
}

Relation PlanBuilder::source(std::size_t index, const std::string& step_name) {
  const auto& query_source = query_.sources[index];
  const auto& source = *query_source.source;
  const auto prefix = query_.joined() ? query_source.alias + "_" : std::string();
  auto node = source_step(source);
  Relation relation;
  relation.table = node.table;
  relation.window = source.window;
  relation.key = source.key;
  Schema schema;
  const auto include = [&](const std::string& name, const SqlType& type, SourceColumn origin) {
    relation.columns[{query_source.alias, name}] = static_cast<std::int32_t>(schema.columns.size());
    schema.columns.push_back({prefix + name, type});
    node.columns.push_back(std::move(origin));
  };
  auto mentioned = mentioned_columns(query_, query_source.alias);
  for (std::size_t i = 0; i < source.schema.size(); ++i) {
    const auto& column = source.schema.columns[i];
    if (i < source.schema.key_count || mentioned.contains(column.name)) {
      include(column.name, column.type, declared_origin(source, i));
    }
    mentioned.erase(column.name);
  }
  schema.key_count = source.schema.key_count;
  for (const auto& name : mentioned) {
    const auto type = Scope::column_type(query_source, name);
    if (const auto origin = pseudo_origin(name); origin && type) include(name, *type, *origin);
  }
  if (node.table) node.store = relation.store = step_name + "-Reduce";
  Step step;
  step.name = step_name;
  step.table = node.table;
  step.windowed = source.window.has_value();
  step.schema = std::move(schema);
  step.node = std::move(node);
  relation.step = add(std::move(step));
  plan_.sources.push_back(source.name);
  return relation;
}

void PlanBuilder::materialize(Relation& relation, const std::string& name) {
  relation.step = add(over(relation, name, MaterializeStep{name}, schema(relation)));
  relation.store = name;
  relation.old_unknown = false;
}

ExpressionAnalyzer PlanBuilder::analyzer(const Relation& relation, std::string cast_prefix,
                                         bool time_literals) const {
  const auto* columns = &schema(relation);
  auto options = analyzer_options(
      context_, [&relation, columns, this](const ast::ColumnRef& ref, SourcePosition at) -> Result<TypedPtr> {
        const auto found = relation.columns.find({ref.qualifier.value_or(""), ref.name});
        if (found == relation.columns.end()) {
          return Error(ErrorCode::kStatement, location(at) + "column '" + ref.name + "' cannot be resolved.",
                       at);
        }
        const auto& column = columns->columns[static_cast<std::size_t>(found->second)];
        return make_typed(InputColumn{found->second}, column.type,
                          display(query_, *ast::make_expression(ref)));
      });
  options.replace = [&relation, columns, this](const ExpressionPtr& e) -> Result<TypedPtr> {
    for (const auto& [expression, index] : relation.ready) {
      if (!ast::equal(*expression, *e)) continue;
      return make_typed(InputColumn{index}, columns->columns[static_cast<std::size_t>(index)].type,
                        display(query_, *e));
    }
    return TypedPtr{};
  };
  options.print = [this](const ast::Expression& e) { return display(query_, e); };
  options.is_column = [this](const std::string& name) { return Scope(query_).count_sources(name) > 0; };
  options.cast_prefix = std::move(cast_prefix);
  options.time_literals = time_literals;
  options.window_times = std::none_of(query_.sources.begin(), query_.sources.end(), [](const QuerySource& s) {
    return s.source->window && s.source->window->counts_rows;
  });
  return ExpressionAnalyzer(std::move(options));
}

Result<TypedPtr> PlanBuilder::typed(const Relation& relation, const ExpressionPtr& expression,
                                    std::string cast_prefix) const {
  return analyzer(relation, std::move(cast_prefix), false).analyze(expression);
}

Result<void> PlanBuilder::filter(Relation& relation, const ExpressionPtr& predicate, Clause clause,
                                 const std::string& name) {
  if (!predicate) return {};
  const auto word = std::string(clause_name(clause));
  auto condition =
      analyzer(relation, "Invalid Predicate: ", clause == Clause::kWhere).analyze_nullable(predicate);
  if (!condition) {
    auto error = std::move(condition).error();
    if (!error.message.starts_with("Error in "))
      error.message = "Error in " + word + " expression: " + error.message;
    return error;
  }
  const bool boolean = *condition && (*condition)->type.is(SqlKind::kBoolean);
  if (!boolean) {
    return Error(ErrorCode::kStatement,
                 "Type error in " + word + " expression: Should evaluate to boolean but is " +
                     display(query_, *predicate) + " (" +
                     (*condition ? to_string((*condition)->type) : "NULL") + ") instead.",
                 predicate->at);
  }
  relation.step = add(over(relation, name, FilterStep{*condition}, schema(relation)));
  return {};
}

Result<Relation> PlanBuilder::build_input() {
  Relation relation;
  if (!query_.joined()) {
    relation = source(0, "KsqlTopic");
  } else {
    const auto count = query_.joins.size();
    const auto prefix = [&](std::size_t join) {
      std::string text;
      for (auto i = join + 1; i < count; ++i) text += "L_";
      return text;
    };
    relation = source(0, "KafkaTopic_" + prefix(0) + "Left");
    for (std::size_t i = 0; i < count; ++i) {
      THALWEG_TRY(relation, join(std::move(relation), i, prefix(i)));
    }
  }
  THALWEG_CHECK(filter(relation, query_.where, Clause::kWhere, "WhereFilter"));
  THALWEG_CHECK(partition(relation));
  THALWEG_CHECK(flat_map(relation));
  if (query_.aggregated()) {
    THALWEG_CHECK(aggregate(relation));
    THALWEG_CHECK(filter(relation, query_.having, Clause::kHaving, "Aggregate-HavingFilter"));
  }
  return relation;
}

Result<void> PlanBuilder::partition(Relation& relation) {
  if (query_.partition_by.empty() && !query_.partition_by_null) return {};
  if (relation.window) {
    return Error(ErrorCode::kStatement,
                 "Implicit repartitioning of windowed sources is not supported. See "
                 "https://github.com/confluentinc/ksql/issues/4385.",
                 query_.canonical.partition_by_at);
  }
  const auto before = schema(relation);
  SelectKeyStep step;
  Schema after;
  std::vector<std::pair<ExpressionPtr, std::int32_t>> keys;
  for (const auto& expression : query_.partition_by) {
    THALWEG_TRY(auto key, typed(relation, expression, ""));
    keys.emplace_back(expression, static_cast<std::int32_t>(after.columns.size()));
    after.columns.push_back({group_key_name(expression, after.columns.size()), key->type});
    step.columns.push_back(std::move(key));
  }
  after.key_count = after.columns.size();
  const auto shift = static_cast<std::int32_t>(after.key_count);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto& column = before.columns[i];
    step.columns.push_back(make_typed(InputColumn{static_cast<std::int32_t>(i)}, column.type, column.name));
    after.columns.push_back(column);
  }
  for (auto& [name, index] : relation.columns) index += shift;
  for (auto& [expression, index] : relation.ready) index += shift;
  relation.ready.insert(relation.ready.begin(), keys.begin(), keys.end());
  if (query_.partition_by_null) relation.key = SideFormat{Format{"NONE", {}}, Wrapping::kDefault};
  relation.step = add(over(relation, "PartitionBy", std::move(step), std::move(after)));
  return {};
}

Result<void> PlanBuilder::flat_map(Relation& relation) {
  if (query_.table_functions.empty()) return {};
  auto after = schema(relation);
  FlatMapStep step;
  std::vector<std::pair<ExpressionPtr, std::int32_t>> ready;
  for (const auto& call : query_.table_functions) {
    THALWEG_TRY(auto function, analyzer(relation, "", false).analyze_table_call(call));
    ready.emplace_back(call, static_cast<std::int32_t>(after.columns.size()));
    after.columns.push_back({"KSQL_SYNTH_" + std::to_string(ready.size() - 1), function->type});
    step.functions.push_back(std::move(function));
  }
  relation.ready.insert(relation.ready.end(), ready.begin(), ready.end());
  relation.step = add(over(relation, "FlatMap", std::move(step), std::move(after)));
  return {};
}

namespace {

// Whether the step wants former values from its inputs.
bool wants_old(const QueryPlan& plan, const Step& step) {
  const auto input_is_table = [&] {
    return !step.inputs.empty() && plan.steps[static_cast<std::size_t>(step.inputs[0])].table;
  };
  struct Visitor {
    const Step& step;
    bool over_table;
    bool operator()(const SourceStep&) const { return false; }
    bool operator()(const FilterStep&) const { return over_table; }
    bool operator()(const ProjectStep&) const { return step.needs_old; }
    bool operator()(const SelectKeyStep&) const { return step.needs_old; }
    bool operator()(const FlatMapStep&) const { return false; }
    bool operator()(const GroupByStep&) const { return over_table; }
    bool operator()(const RepartitionStep&) const { return step.needs_old; }
    bool operator()(const AggregateStep& node) const { return node.table_input; }
    bool operator()(const StreamTableJoinStep&) const { return false; }
    bool operator()(const StreamStreamJoinStep&) const { return false; }
    bool operator()(const TableTableJoinStep& node) const {
      return step.needs_old || node.type != ast::JoinType::kInner;
    }
    bool operator()(const ForeignKeyJoinStep&) const { return true; }
    bool operator()(const MaterializeStep&) const { return false; }
    bool operator()(const SinkStep&) const { return false; }
    bool operator()(const DeliverStep&) const { return false; }
  };
  return std::visit(Visitor{step, input_is_table()}, step.node);
}

}  // namespace

void mark_old_values(QueryPlan& plan) {
  for (auto i = plan.steps.size(); i-- > 0;) {
    if (!wants_old(plan, plan.steps[i])) continue;
    for (const auto input : plan.steps[i].inputs) {
      auto& below = plan.steps[static_cast<std::size_t>(input)];
      // A foreign-key join does not know its former results.
      if (below.table && !std::holds_alternative<ForeignKeyJoinStep>(below.node)) below.needs_old = true;
    }
  }
}

QueryPlan PlanBuilder::finish(QueryKind kind) {
  plan_.kind = kind;
  for (const auto& [name, value] : context_.properties) plan_.properties.emplace(name, value);
  mark_old_values(plan_);
  assign_step_ids(plan_);
  return std::move(plan_);
}

}  // namespace thalweg::planner
