// Aggregates, grouping and table functions: what may stand where.
#include <algorithm>

#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/analyze/scope.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

const ast::FunctionCall* call_of(const ExpressionPtr& e, FunctionKind kind,
                                 const FunctionCatalog& functions) {
  const auto* call = node_as<ast::FunctionCall>(e);
  if (!call) return nullptr;
  const auto* function = functions.find(call->name);
  return function && function->kind == kind ? call : nullptr;
}

// The first call of the kind strictly inside `e`, or null.
ExpressionPtr find_inside(const ExpressionPtr& e, FunctionKind kind, const FunctionCatalog& functions) {
  ExpressionPtr found;
  visit(e, [&](const ExpressionPtr& part) {
    if (!found && part != e && call_of(part, kind, functions)) found = part;
    return found == nullptr;
  });
  return found;
}

// "SUM(COUNT())": the names without their arguments.
std::string nested_names(const ExpressionPtr& outer, const ExpressionPtr& inner) {
  return std::get<ast::FunctionCall>(outer->node).name + "(" + std::get<ast::FunctionCall>(inner->node).name +
         "())";
}

class AggregationChecker {
 public:
  AggregationChecker(LogicalQuery& logical, const PlanningContext& context)
      : logical_(logical), functions_(context.functions) {}

  Result<void> check(bool persistent);

 private:
  Result<ExpressionPtr> normalised(const ExpressionPtr& e);
  Result<void> collect(ExpressionPtr& expression);
  // Of the WINDOW clause, or of the source's windows, which are then part of the key.
  bool is_own_window_bound(const ast::ColumnRef& ref) const {
    const bool windowed = logical_.window || logical_.sources[0].source->window;
    return windowed && !logical_.joined() && (ref.name == "WINDOWSTART" || ref.name == "WINDOWEND");
  }
  // The first column that is neither grouped nor aggregated, or null.
  ExpressionPtr uncovered(const ExpressionPtr& e) const;
  Result<void> check_functions_exist() const;
  Result<void> check_group_by() const;
  Result<void> check_select() const;

  LogicalQuery& logical_;
  const FunctionCatalog& functions_;
};

// COUNT(*) and COUNT() count rows: COUNT(ROWTIME). In a join, where padding may hide ROWTIME, they count a
// constant.
Result<ExpressionPtr> AggregationChecker::normalised(const ExpressionPtr& e) {
  return rewrite(e, [&](const ExpressionPtr& part) -> Result<ExpressionPtr> {
    const auto* call = call_of(part, FunctionKind::kAggregate, functions_);
    if (!call || !call->arguments.empty()) return ExpressionPtr{};
    if (call->name != "COUNT" && call->name != "AVG") return ExpressionPtr{};
    auto argument = logical_.joined() ? ast::make_expression(ast::BigintLiteral{1}, part->at)
                                      : ast::make_expression(
                                            ast::ColumnRef{logical_.sources[0].alias, "ROWTIME"}, part->at);
    return ast::make_expression(ast::FunctionCall{call->name, {std::move(argument)}, false}, part->at);
  });
}

Result<void> AggregationChecker::collect(ExpressionPtr& expression) {
  Error failure;
  bool failed = false;
  visit(expression, [&](const ExpressionPtr& e) {
    if (failed || !call_of(e, FunctionKind::kAggregate, functions_)) return !failed;
    if (const auto inner = find_inside(e, FunctionKind::kAggregate, functions_)) {
      failure = statement_error("Aggregate functions can not be nested: " + nested_names(e, inner), e->at);
      failed = true;
    }
    visit(e, [&](const ExpressionPtr& part) {
      const auto* ref = node_as<ast::ColumnRef>(part);
      if (!failed && ref && is_own_window_bound(*ref) && !Scope::has_column(logical_.sources[0], ref->name)) {
        failure = statement_error("Window bounds column " + ref->name +
                                      " can only be used in the SELECT clause of windowed aggregations",
                                  part->at);
        failed = true;
      }
      return !failed;
    });
    return false;
  });
  if (failed) return failure;
  THALWEG_TRY(expression, normalised(expression));
  visit(expression, [&](const ExpressionPtr& e) {
    if (!call_of(e, FunctionKind::kAggregate, functions_)) return true;
    if (!contains(logical_.aggregates, e)) logical_.aggregates.push_back(e);
    return false;
  });
  return {};
}

ExpressionPtr AggregationChecker::uncovered(const ExpressionPtr& e) const {
  ExpressionPtr found;
  visit(e, [&](const ExpressionPtr& part) {
    if (found) return false;
    if (logical_.group_by && contains(*logical_.group_by, part)) return false;
    if (call_of(part, FunctionKind::kAggregate, functions_)) return false;
    const auto* ref = node_as<ast::ColumnRef>(part);
    if (ref && (ref->qualifier || ref->name == logical_.synthetic_key) && !is_own_window_bound(*ref))
      found = part;
    return found == nullptr;
  });
  return found;
}

Result<void> AggregationChecker::check_functions_exist() const {
  for (const auto& item : logical_.items) {
    ExpressionPtr unknown;
    visit(item.expression, [&](const ExpressionPtr& e) {
      const auto* call = node_as<ast::FunctionCall>(e);
      if (!unknown && call && !functions_.find(call->name)) unknown = e;
      return unknown == nullptr;
    });
    if (unknown)
      return unknown_function(functions_, std::get<ast::FunctionCall>(unknown->node).name, unknown->at);
  }
  return {};
}

Result<void> AggregationChecker::check_group_by() const {
  if (!logical_.group_by) return {};
  for (const auto& expression : *logical_.group_by) {
    auto call = call_of(expression, FunctionKind::kAggregate, functions_)
                    ? expression
                    : find_inside(expression, FunctionKind::kAggregate, functions_);
    if (!call) continue;
    return statement_error("GROUP BY does not support aggregate functions: " +
                               functions_.find(std::get<ast::FunctionCall>(call->node).name)->name +
                               " is an aggregate function.",
                           call->at);
  }
  return {};
}

Result<void> AggregationChecker::check_select() const {
  std::vector<std::string> wrong;
  SourcePosition at;
  for (const auto& item : logical_.items) {
    const auto column = uncovered(item.expression);
    if (!column) continue;
    if (wrong.empty()) at = column->at;
    wrong.push_back(display(logical_, *item.expression));
  }
  if (wrong.empty()) return {};
  return statement_error(
      "Non-aggregate SELECT expression(s) not part of GROUP BY: " + list_names(wrong, ", ") +
          "\nEither add the column(s) to the GROUP BY or remove them from the SELECT.",
      at);
}

Result<void> AggregationChecker::check(bool persistent) {
  THALWEG_CHECK(check_functions_exist());
  THALWEG_CHECK(check_group_by());
  for (auto& item : logical_.items) THALWEG_CHECK(collect(item.expression));
  if (logical_.having) THALWEG_CHECK(collect(logical_.having));
  if (!logical_.group_by && logical_.aggregates.empty()) {
    if (logical_.having) return statement_error("HAVING requires a GROUP BY clause.", logical_.having->at);
    return {};
  }
  if (logical_.aggregates.empty()) {
    return statement_error("GROUP BY requires aggregate functions in either the SELECT or HAVING clause.",
                           logical_.canonical.group_by_at);
  }
  THALWEG_CHECK(check_select());
  if (!logical_.group_by && persistent) {
    std::vector<std::string> names;
    for (const auto& aggregate : logical_.aggregates) names.push_back(display(logical_, *aggregate));
    return statement_error("CREATE TABLE AS SELECT statement does not support aggregate function [" +
                               list_names(names, ", ") + "] without a GROUP BY clause.",
                           logical_.aggregates[0]->at);
  }
  const auto column = logical_.having ? uncovered(logical_.having) : nullptr;
  if (column) {
    return statement_error(
        "Non-aggregate HAVING expression not part of GROUP BY: " + display(logical_, *column), column->at);
  }
  const bool over_table = logical_.sources[0].source->kind == ast::SourceKind::kTable;
  if (over_table && logical_.window) {
    return statement_error("Windowing not supported for table aggregations.", logical_.window->at);
  }
  return {};
}

}  // namespace

Result<void> check_aggregation(LogicalQuery& logical, const PlanningContext& context, bool persistent) {
  return AggregationChecker(logical, context).check(persistent);
}

Result<void> check_table_functions(LogicalQuery& logical, const PlanningContext& context) {
  const auto& functions = context.functions;
  bool aggregates = logical.group_by.has_value();
  for (const auto& item : logical.items) {
    Error failure;
    bool failed = false;
    visit(item.expression, [&](const ExpressionPtr& e) {
      if (failed) return false;
      if (call_of(e, FunctionKind::kAggregate, functions)) aggregates = true;
      if (node_as<ast::Case>(e) && find_inside(e, FunctionKind::kTable, functions)) {
        failure = statement_error("Table functions cannot be used in CASE: " + display(logical, *e), e->at);
        failed = true;
      }
      if (failed || !call_of(e, FunctionKind::kTable, functions)) return !failed;
      if (const auto inner = find_inside(e, FunctionKind::kTable, functions)) {
        failure = statement_error("Table functions cannot be nested: " + nested_names(e, inner), e->at);
        failed = true;
      }
      if (!contains(logical.table_functions, e)) logical.table_functions.push_back(e);
      return false;
    });
    if (failed) return failure;
  }
  if (logical.table_functions.empty()) return {};
  const auto at = logical.table_functions[0]->at;
  if (aggregates) return statement_error("Table functions cannot be used with aggregations.", at);
  if (logical.sources[0].source->kind == ast::SourceKind::kTable) {
    return statement_error("Table source is not supported with table functions", at);
  }
  return {};
}

}  // namespace thalweg::planner
