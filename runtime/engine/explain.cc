// What a statement would do, without doing it.
#include "parser/print.h"
#include "planner/catalog/located.h"
#include "runtime/engine/engine_impl.h"

namespace thalweg::runtime {

Result<planner::QueryPlan> EngineImpl::explain(const ast::Statement& statement,
                                               const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  if (const auto* query = std::get_if<ast::Query>(&statement.node)) {
    return planner::plan_push_query(*query, statement.text, context);
  }
  if (const auto* create = std::get_if<ast::CreateAsSelect>(&statement.node)) {
    THALWEG_TRY(auto plan, planner::plan_create_as_select(*create, statement.text, context));
    return std::move(plan.query);
  }
  if (const auto* insert = std::get_if<ast::InsertInto>(&statement.node)) {
    return planner::plan_insert_into(*insert, statement.text, context);
  }
  return Error{ErrorCode::kStatement, "The provided statement does not run a ksql query",
               statement.span.begin};
}

Result<Engine::PullExplanation> EngineImpl::explain_pull(const ast::Query& query,
                                                         const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  THALWEG_TRY(auto plan, planner::plan_pull_query(query, context));
  PullExplanation explanation;
  if (plan.stream) {
    THALWEG_TRY(const auto scan, plan_bounded_scan(query, context));
    explanation.topology = planner::describe_topology(plan, scan);
    explanation.execution_plan = planner::describe_execution_plan(plan, scan);
  } else {
    THALWEG_TRY(const auto read,
                planner::located(prepare_read(plan), query.where ? query.where->at : query.from.at));
    explanation.topology = planner::describe_topology(plan, read.query->plan());
    explanation.execution_plan = planner::describe_execution_plan(plan, read.query->plan());
  }
  explanation.plan = std::move(plan);
  return explanation;
}

}  // namespace thalweg::runtime
