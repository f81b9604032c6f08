// AST → LogicalQuery: names resolved, stars expanded, clauses checked against each other.
#pragma once

#include "base/result.h"
#include "planner/logical/query.h"
#include "planner/planner.h"

namespace thalweg::planner {

Result<LogicalQuery> analyze_query(const ast::Query& query, QueryUse use, const std::string& sink,
                                   const PlanningContext& context);

// The steps of analyze_query, in order.
Result<void> resolve_sources(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context);
Result<void> resolve_joins(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context);
Result<void> resolve_items(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context);
Result<void> check_join_rules(const LogicalQuery& logical, const PlanningContext& context);
Result<void> check_aggregation(LogicalQuery& logical, const PlanningContext& context, bool creates_table);
Result<void> check_table_functions(LogicalQuery& logical, const PlanningContext& context);

// "A", "A and B", "A, B and C".
std::string list_names(const std::vector<std::string>& names, const char* last_separator = " and ");

}  // namespace thalweg::planner
