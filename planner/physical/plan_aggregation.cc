// Grouping and aggregation of PlanBuilder.
#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;
constexpr std::int64_t kDayMs = 86'400'000;

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

// Which arguments of a call are its literal parameters: everything from this position on.
std::size_t literal_start(const Signature& signature, std::size_t argument_count) {
  const auto literals = static_cast<std::size_t>(signature.literal_count);
  const auto columns = signature.parameters.size() - literals;
  const bool variadic_columns =
      signature.variadic >= 0 && static_cast<std::size_t>(signature.variadic) < columns;
  return variadic_columns ? argument_count - std::min(literals, argument_count)
                          : std::min(columns, argument_count);
}

}  // namespace

std::string PlanBuilder::group_key_name(const ExpressionPtr& expression, std::size_t index) const {
  for (const auto& item : query_.items) {
    if (ast::equal(*item.expression, *expression)) return item.name;
  }
  if (const auto* ref = node_as<ast::ColumnRef>(expression)) {
    return query_.joined() && ref->qualifier ? *ref->qualifier + "_" + ref->name : ref->name;
  }
  return "KSQL_COL_" + std::to_string(index);
}

Result<AggregateCall> PlanBuilder::aggregate_call(const Relation& relation, const ExpressionPtr& expression,
                                                  std::vector<TypedPtr>& arguments,
                                                  std::vector<ExpressionPtr>& argument_asts) {
  const auto& node = std::get<ast::FunctionCall>(expression->node);
  const auto* function = context_.functions.find(node.name);
  auto expressions = analyzer(relation, "", false);
  std::vector<TypedPtr> typed_arguments;
  std::vector<ArgumentType> types;
  for (const auto& argument : node.arguments) {
    THALWEG_TRY(auto value, expressions.analyze_nullable(argument));
    ArgumentType type;
    if (value) {
      type.type = value->type;
    } else {
      type.kind = ArgumentType::Kind::kNull;
    }
    types.push_back(std::move(type));
    typed_arguments.push_back(std::move(value));
  }
  auto resolved = resolve_call(*function, types);
  if (!resolved) {
    auto error = std::move(resolved).error();
    if (!error.at) error.at = expression->at;
    return error;
  }
  AggregateCall call;
  call.function = function->name;
  call.overload = resolved->overload;
  call.result = resolved->result;
  const auto& signature = function->overloads[static_cast<std::size_t>(resolved->overload)];
  const auto literals_from = literal_start(signature, types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto& argument = node.arguments[i];
    if (i >= literals_from) {
      const bool null = node_as<ast::NullLiteral>(argument) != nullptr;
      const auto constant = null ? null_of(resolved->argument_types[i]) : literal_value(*argument, {});
      if (!constant) {
        return statement_error("Parameter " + std::to_string(i + 1) + " passed to function " +
                                   function->name + " must be a literal constant, but was expression: '" +
                                   display(query_, *argument) + "'",
                               argument->at);
      }
      call.constants.push_back(std::get<Constant>(constant->node).value);
      call.constant_types.push_back(constant->type);
      continue;
    }
    const auto known = std::find_if(argument_asts.begin(), argument_asts.end(),
                                    [&](const ExpressionPtr& e) { return ast::equal(*e, *argument); });
    const auto position = static_cast<std::size_t>(known - argument_asts.begin());
    if (known == argument_asts.end()) {
      argument_asts.push_back(argument);
      auto value = typed_arguments[i] ? typed_arguments[i] : null_of(resolved->argument_types[i]);
      arguments.push_back(std::move(value));
    }
    call.arguments.push_back(static_cast<std::int32_t>(position));
  }
  return call;
}

Result<void> PlanBuilder::check_undoable(const std::vector<AggregateCall>& calls) const {
  std::vector<std::string> names;
  SourcePosition at;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto& call = calls[i];
    const auto* function = context_.functions.find(call.function);
    const auto overload = static_cast<std::size_t>(call.overload);
    if (overload < function->undoable.size() && function->undoable[overload]) continue;
    if (names.empty()) at = query_.aggregates[i]->at;
    if (std::find(names.begin(), names.end(), function->name) == names.end()) names.push_back(function->name);
  }
  if (names.empty()) return {};
  return statement_error(std::string("The aggregation function") + (names.size() > 1 ? "s " : " ") +
                             list_names(names) +
                             " cannot be applied to a table source, only to a stream source.",
                         at);
}

// Internal topics take the source's value format; structured states do not fit into DELIMITED.
Result<void> PlanBuilder::check_intermediate_types(const std::vector<AggregateCall>& calls) const {
  if (query_.sources[0].source->value.format.name != "DELIMITED") return {};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto* function = context_.functions.find(calls[i].function);
    const auto overload = static_cast<std::size_t>(calls[i].overload);
    if (overload >= function->structured_state.size() || !function->structured_state[overload]) continue;
    return statement_error(
        "One of the functions used in the statement has an intermediate type that the value format can not "
        "handle. "
        "Please remove the function or change the format.",
        query_.aggregates[i]->at);
  }
  return {};
}

WindowSpec PlanBuilder::window_spec() const {
  const auto& window = *query_.window;
  WindowSpec spec{};
  spec.type = window.type;
  if (window.size) spec.size_ms = window.size->ms;
  spec.advance_ms = window.advance ? window.advance->ms : spec.size_ms;
  const bool final = query_.emit == ast::Emit::kFinal;
  spec.grace_ms = window.grace ? window.grace->ms
                  : final      ? 0
                               : std::max<std::int64_t>(kDayMs - spec.size_ms, 0);
  spec.retention_ms = window.retention ? window.retention->ms : spec.size_ms + spec.grace_ms;
  if (window.rows) {
    spec.size_rows = window.rows;
    spec.advance_rows = window.advance_rows.value_or(*window.rows);
    spec.size_ms = *spec.size_rows;
    spec.advance_ms = *spec.advance_rows;
    spec.grace_ms = spec.retention_ms = 0;
  }
  return spec;
}

Result<void> PlanBuilder::check_window_spec(const WindowSpec& spec) const {
  const auto at = query_.window->at;
  const auto& window = *query_.window;
  if (window.rows && (window.grace || window.retention)) {
    return statement_error(
        "GRACE PERIOD and RETENTION cannot be given for windows over a number of rows: no row is late for "
        "them.",
        at);
  }
  if (spec.size_ms <= 0) return statement_error("Window size must be greater than zero.", at);
  if (spec.advance_ms <= 0 || spec.advance_ms > spec.size_ms) {
    return statement_error("Window advance must be greater than zero and not exceed the window size.", at);
  }
  constexpr std::int64_t kRowsMax = 1'000'000'000, kOverlapMax = 10'000;
  if (window.rows && (spec.size_ms > kRowsMax || spec.size_ms / spec.advance_ms > kOverlapMax)) {
    return statement_error("A window may span at most " + std::to_string(kRowsMax) +
                               " rows, and a row be in at most " + std::to_string(kOverlapMax) + " windows.",
                           at);
  }
  if (window.retention && spec.retention_ms < spec.size_ms + spec.grace_ms) {
    return statement_error(
        "The retention period of the window store must be no smaller than its window size plus the "
        "grace period.",
        at);
  }
  return {};
}

namespace {

// Whether the rows already stand under the grouping expression.
bool grouped_by_key(const LogicalQuery& query) {
  if (!query.group_by || query.group_by->size() != 1) return false;
  const auto& expression = query.group_by->front();
  if (query.partition_by_null) return false;
  if (!query.partition_by.empty()) {
    return query.partition_by.size() == 1 && ast::equal(*query.partition_by[0], *expression);
  }
  if (query.joined()) return contains(key_expressions(query, query.joins.size() - 1), expression);
  const auto keys = source_keys(query.sources[0]);
  return keys.size() == 1 && ast::equal(*keys[0], *expression);
}

}  // namespace

Result<void> PlanBuilder::aggregate(Relation& relation) {
  const bool over_table = relation.table;
  if (over_table && relation.old_unknown) materialize(relation, "Aggregate-Prepare-Last");
  GroupByStep group;
  Schema grouped;
  std::vector<std::pair<ExpressionPtr, std::int32_t>> ready;
  std::vector<ExpressionPtr> columns;
  if (query_.group_by) {
    for (const auto& expression : *query_.group_by) {
      THALWEG_TRY(auto key, typed(relation, expression, ""));
      ready.emplace_back(expression, static_cast<std::int32_t>(columns.size()));
      grouped.columns.push_back({group_key_name(expression, columns.size()), key->type});
      columns.push_back(expression);
      group.columns.push_back(std::move(key));
    }
  } else {
    // One group for all rows.
    auto key = ast::make_expression(ast::IntegerLiteral{1});
    THALWEG_TRY(auto constant, typed(relation, key, ""));
    grouped.columns.push_back({"KSQL_GROUP", constant->type});
    columns.push_back(std::move(key));
    group.columns.push_back(std::move(constant));
  }
  grouped.key_count = columns.size();
  AggregateStep step;
  step.table_input = over_table;
  for (const auto& aggregate : query_.aggregates) {
    THALWEG_TRY(auto call, aggregate_call(relation, aggregate, group.columns, columns));
    step.calls.push_back(std::move(call));
  }
  THALWEG_CHECK(check_intermediate_types(step.calls));
  if (over_table) THALWEG_CHECK(check_undoable(step.calls));
  for (auto i = grouped.key_count; i < columns.size(); ++i) {
    grouped.columns.push_back(
        {"KSQL_INTERNAL_COL_" + std::to_string(i - grouped.key_count), group.columns[i]->type});
  }
  const bool in_place = !over_table && grouped_by_key(query_);
  if (relation.window && !in_place) {
    return statement_error(
        "Implicit repartitioning of windowed sources is not supported. See "
        "https://github.com/confluentinc/ksql/issues/4385.",
        query_.canonical.group_by_at);
  }
  relation.step = add(over(relation, "Aggregate-GroupBy", std::move(group), grouped));
  if (!in_place) {
    auto format = relation.key;
    if (format.format.name == "NONE") {
      const auto found = context_.properties.find("ksql.persistence.default.format.key");
      format.format = Format{found == context_.properties.end() ? "KAFKA" : found->second, {}};
    }
    const auto keys = std::span<const SchemaColumn>(grouped.columns).subspan(0, grouped.key_count);
    if (!holds_internal_key(format.format, keys)) format.format = Format{"JSON", {}};
    format.wrapping = key_wrapping(format.format, grouped.key_count);
    const auto where = [&](const std::string& name) {
      for (std::size_t i = 0; i < grouped.key_count; ++i) {
        if (grouped.columns[i].name == name && query_.group_by) return (*query_.group_by)[i]->at;
      }
      return query_.canonical.group_by_at;
    };
    THALWEG_CHECK(check_format_schema(Side::kKey, format, keys, where));
    RepartitionStep repartition{"Aggregate-GroupBy-repartition", format, true};
    relation.step = add(over(relation, "Aggregate-GroupBy-repartition", std::move(repartition), grouped));
    relation.key = format;
  }
  Schema result;
  result.key_count = grouped.key_count;
  result.columns.assign(grouped.columns.begin(),
                        grouped.columns.begin() + static_cast<std::ptrdiff_t>(grouped.key_count));
  for (std::size_t i = 0; i < step.calls.size(); ++i) {
    ready.emplace_back(query_.aggregates[i], static_cast<std::int32_t>(result.columns.size()));
    result.columns.push_back({"KSQL_AGG_VARIABLE_" + std::to_string(i), step.calls[i].result});
  }
  Relation after;
  after.table = true;
  after.aggregated = true;
  after.key = relation.key;
  if (query_.window) {
    step.window = window_spec();
    THALWEG_CHECK(check_window_spec(*step.window));
    const bool sized = query_.window->type != ast::WindowType::kSession;
    after.window = WindowInfo{query_.window->type, sized ? std::optional(step.window->size_ms) : std::nullopt,
                              step.window->size_rows.has_value()};
  } else if (relation.window) {
    // The key of a windowed source is the column and the window.
    const auto size_ms = relation.window->size_ms.value_or(0);
    step.window = WindowSpec{.type = relation.window->type,
                             .size_ms = size_ms,
                             .advance_ms = size_ms,
                             .size_rows = {},
                             .advance_rows = {},
                             .of_source = true};
    after.window = relation.window;
  }
  if (after.window) {
    for (const auto* bound : {"WINDOWSTART", "WINDOWEND"}) {
      after.columns[{query_.sources[0].alias, bound}] = static_cast<std::int32_t>(result.columns.size());
      result.columns.push_back({bound, SqlKind::kBigint});
    }
  }
  step.emit_final = query_.emit == ast::Emit::kFinal;
  step.store = after.store = "Aggregate-Aggregate-Materialize";
  after.ready = std::move(ready);
  auto whole = over(relation, "Aggregate-Aggregate", std::move(step), std::move(result));
  whole.table = true;
  whole.windowed = after.window.has_value();
  after.step = add(std::move(whole));
  relation = std::move(after);
  return {};
}

}  // namespace thalweg::planner
