#include "planner/analyze/query_analyzer.h"

#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/analyze/scope.h"
#include "planner/catalog/switches.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

Result<void> check_duplicates(const std::vector<ast::ExpressionPtr>& list, const char* clause,
                              SourcePosition at) {
  if (list.empty()) return statement_error(std::string(clause) + " requires at least one expression", at);
  for (std::size_t i = 1; i < list.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!ast::equal(*list[i], *list[j])) continue;
      return statement_error(std::string("Duplicate ") + clause + " expression: " + parser::print(*list[i]),
                             list[i]->at);
    }
  }
  return {};
}

Result<void> resolve_partition_by(LogicalQuery& logical, const ast::Query& query, const Scope& scope) {
  if (!query.partition_by) return {};
  std::vector<ast::ExpressionPtr> list;
  std::size_t nulls = 0;
  for (const auto& expression : *query.partition_by) {
    THALWEG_TRY(auto qualified, scope.qualify(expression, Clause::kPartitionBy));
    if (node_as<ast::NullLiteral>(qualified)) ++nulls;
    list.push_back(std::move(qualified));
  }
  logical.canonical.partition_by = list;
  THALWEG_CHECK(check_duplicates(list, "PARTITION BY", query.partition_by_at));
  if (nulls > 0 && list.size() > 1) {
    return statement_error("Cannot PARTITION BY multiple columns including NULL", query.partition_by_at);
  }
  if (logical.table_result() && !logical.group_by) {
    return statement_error("PARTITION BY clause is not supported on tables.", query.partition_by_at);
  }
  if (nulls == 1) {
    logical.partition_by_null = true;
    return {};
  }
  // By the key the rows already have: nothing to do.
  const auto keys = logical.joined() ? std::vector<ast::ExpressionPtr>{} : source_keys(logical.sources[0]);
  if (list.size() == 1 && keys.size() == 1 && ast::equal(*keys[0], *list[0])) return {};
  logical.partition_by = std::move(list);
  return {};
}

Result<void> resolve_group_by(LogicalQuery& logical, const ast::Query& query, const Scope& scope) {
  if (!query.group_by) return {};
  std::vector<ast::ExpressionPtr> list;
  for (const auto& expression : *query.group_by) {
    THALWEG_TRY(auto qualified, scope.qualify(expression, Clause::kGroupBy));
    list.push_back(std::move(qualified));
  }
  THALWEG_CHECK(check_duplicates(list, "GROUP BY", query.group_by_at));
  logical.canonical.group_by = list;
  logical.group_by = std::move(list);
  return {};
}

Result<void> check_window(const LogicalQuery& logical) {
  if (!logical.window || logical.group_by) return {};
  return statement_error("WINDOW clause requires a GROUP BY clause.", logical.window->at);
}

Result<void> check_sources(const LogicalQuery& logical) {
  if (logical.use != QueryUse::kPersistent) return {};
  for (const auto& source : logical.sources) {
    if (source.source->kind == ast::SourceKind::kTable && source.source->window) {
      return statement_error("KSQL does not support persistent queries on windowed tables.", source.at);
    }
  }
  return {};
}

// The KAFKA value format cannot feed stateful clauses.
Result<void> check_value_formats(const LogicalQuery& logical) {
  if (!logical.joined() && !logical.group_by) return {};
  std::string names;
  SourcePosition at;
  for (const auto& source : logical.sources) {
    if (source.source->value.format.name != "KAFKA") continue;
    if (names.empty()) at = source.at;
    names += (names.empty() ? "" : ", ") + source.source->name;
  }
  if (names.empty()) return {};
  return statement_error("Source(s) " + names +
                             " are using the 'KAFKA' value format. This format does not yet support " +
                             (logical.joined() ? "JOIN." : "GROUP BY."),
                         at);
}

// A qualifier that names no source is met before any column is looked up.
Result<void> check_qualifiers(const LogicalQuery& logical, const ast::Query& query) {
  std::vector<ast::ExpressionPtr> all{query.where, query.having};
  for (const auto& join : query.joins) all.push_back(join.on);
  for (const auto& item : query.items) {
    if (const auto* single = std::get_if<ast::ExpressionItem>(&item.node)) all.push_back(single->expression);
  }
  for (const auto* list : {&query.group_by, &query.partition_by}) {
    if (*list) all.insert(all.end(), (*list)->begin(), (*list)->end());
  }
  std::optional<Error> failure;
  for (const auto& expression : all) {
    visit(expression, [&](const ast::ExpressionPtr& e) {
      const auto* ref = node_as<ast::ColumnRef>(e);
      if (failure || !ref || !ref->qualifier) return !failure;
      auto found = Scope(logical).find_source(*ref->qualifier);
      if (found) return true;
      failure = std::move(found).error();
      failure->at = e->at;
      return false;
    });
  }
  if (failure) return *failure;
  return {};
}

// Pseudo columns keep their names to themselves.
Result<void> check_reserved_names(const LogicalQuery& logical) {
  for (const auto& item : logical.items) {
    if (!is_pseudo_column(item.name) || item.from_star) continue;
    const auto* ref = node_as<ast::ColumnRef>(item.expression);
    const bool itself = ref && ref->name == item.name;
    if (!itself) {
      return statement_error(
          "`" + item.name + "` is a reserved column name. You cannot use it as an alias for a column.",
          item.at);
    }
    if (logical.use == QueryUse::kPersistent) {
      return statement_error(
          "Reserved column name in select: `" + item.name + "`. Please remove or alias the column.", item.at);
    }
  }
  return {};
}

}  // namespace

std::string list_names(const std::vector<std::string>& names, const char* last_separator) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? last_separator : ", ";
    text += names[i];
  }
  return text;
}

Result<void> resolve_sources(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context) {
  std::vector<const ast::SourceRef*> refs{&query.from};
  for (const auto& join : query.joins) refs.push_back(&join.source);
  for (const auto* ref : refs) {
    auto source = context.catalog.find(ref->name);
    if (!source) {
      return Error(ErrorCode::kStatement,
                   "Exception while preparing statement: " + location(ref->at) + "Source `" + ref->name +
                       "` does not exist.",
                   ref->at)
          .with_hint(unknown_source_hint(ref->name, context.catalog));
    }
    logical.sources.push_back({std::move(source), ref->alias.value_or(ref->name), ref->at});
  }
  const auto& sources = logical.sources;
  for (std::size_t i = 1; i < sources.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto& name = sources[i].source->name;
      if (sources[j].source->name == name) {
        return statement_error(
            sources.size() > 2
                ? "N-way joins do not support multiple occurrences of the same source. Source: '" + name + "'"
                : "Can not join '" + name + "' to '" + name + "': self joins are not yet supported.",
            sources[i].at);
      }
      if (sources[j].alias == sources[i].alias) {
        return statement_error(
            "Each source of a join needs its own alias. Got '" + sources[i].alias + "' twice.",
            sources[i].at);
      }
    }
  }
  logical.canonical.from.alias = sources[0].alias;
  for (std::size_t i = 0; i < query.joins.size(); ++i)
    logical.canonical.joins[i].source.alias = sources[i + 1].alias;
  return {};
}

Result<LogicalQuery> analyze_query(const ast::Query& query, QueryUse use, const std::string& sink,
                                   const PlanningContext& context) {
  LogicalQuery logical;
  logical.use = use;
  logical.sink = sink;
  logical.canonical = query;
  if (use == QueryUse::kPersistent && query.emit == ast::Emit::kNone)
    logical.canonical.emit = ast::Emit::kChanges;
  logical.emit = query.emit;
  logical.window = query.window;
  logical.limit = query.limit;
  THALWEG_CHECK(resolve_sources(logical, query, context));
  THALWEG_CHECK(check_qualifiers(logical, query));
  THALWEG_CHECK(resolve_joins(logical, query, context));
  const Scope scope(logical);
  THALWEG_TRY(logical.where, scope.qualify(query.where, Clause::kWhere));
  logical.canonical.where = logical.where;
  THALWEG_CHECK(resolve_group_by(logical, query, scope));
  THALWEG_CHECK(resolve_partition_by(logical, query, scope));
  THALWEG_CHECK(resolve_items(logical, query, context));
  THALWEG_TRY(logical.having, scope.qualify(query.having, Clause::kHaving));
  logical.canonical.having = logical.having;
  THALWEG_CHECK(check_sources(logical));
  THALWEG_CHECK(check_join_rules(logical, context));
  THALWEG_CHECK(check_value_formats(logical));
  THALWEG_CHECK(check_table_functions(logical, context));
  THALWEG_CHECK(check_aggregation(logical, context, use == QueryUse::kPersistent));
  THALWEG_CHECK(check_window(logical));
  if (logical.emit == ast::Emit::kFinal && !logical.window) {
    return statement_error("EMIT FINAL is only supported for windowed aggregations.", query.emit_at);
  }
  if (logical.emit == ast::Emit::kFinal)
    THALWEG_CHECK(check_suppress_enabled(context.properties, query.emit_at));
  THALWEG_CHECK(check_reserved_names(logical));
  return logical;
}

}  // namespace thalweg::planner
