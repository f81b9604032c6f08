#include "runtime/operators/aggregate.h"
#include "runtime/operators/operator.h"
#include "runtime/operators/row_operators.h"
#include "runtime/operators/sink.h"
#include "runtime/operators/stream_table_join.h"

namespace thalweg::runtime {
namespace {

template <typename... Handlers>
struct Visitor : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Visitor(Handlers...) -> Visitor<Handlers...>;

}  // namespace

Result<std::unique_ptr<Operator>> make_operator(TaskContext& context, const planner::QueryPlan& plan, std::size_t index) {
  using Made = Result<std::unique_ptr<Operator>>;
  const planner::Step& step = plan.steps[index];
  const auto input = [&](std::size_t i) -> const planner::Step& {
    return plan.steps[static_cast<std::size_t>(step.inputs[i])];
  };
  return std::visit(
      Visitor{
          [&](const planner::SourceStep&) -> Made { return Error{ErrorCode::kInternal, "sources are made by their task"}; },
          [&](const planner::FilterStep&) -> Made { return FilterOperator::make(context, step); },
          [&](const planner::ProjectStep& s) -> Made { return ProjectOperator::make(context, step, s.columns, false); },
          [&](const planner::SelectKeyStep& s) -> Made { return ProjectOperator::make(context, step, s.columns, true); },
          [&](const planner::FlatMapStep&) -> Made { return FlatMapOperator::make(context, step); },
          [&](const planner::GroupByStep&) -> Made { return GroupByOperator::make(context, step); },
          [&](const planner::RepartitionStep&) -> Made {
            return std::unique_ptr<Operator>(std::make_unique<PassThrough>(context, step));
          },
          [&](const planner::AggregateStep&) -> Made { return AggregateOperator::make(context, step, input(0).schema); },
          [&](const planner::StreamTableJoinStep&) -> Made {
            return StreamTableJoinOperator::make(context, step, input(0).schema, input(1).schema, input(1).windowed);
          },
          [&](const planner::StreamStreamJoinStep&) -> Made {
            return Error{ErrorCode::kUnsupported, "stream-stream joins are not available yet"};
          },
          [&](const planner::TableTableJoinStep&) -> Made {
            return Error{ErrorCode::kUnsupported, "table-table joins are not available yet"};
          },
          [&](const planner::ForeignKeyJoinStep&) -> Made {
            return Error{ErrorCode::kUnsupported, "foreign-key joins are not available yet"};
          },
          [&](const planner::MaterializeStep&) -> Made { return MaterializeOperator::make(context, step); },
          [&](const planner::SinkStep&) -> Made { return SinkOperator::make(context, step, input(0).schema); },
          [&](const planner::DeliverStep&) -> Made {
            return std::unique_ptr<Operator>(std::make_unique<DeliverOperator>(context, step, input(0).schema));
          },
      },
      step.node);
}

}  // namespace thalweg::runtime
