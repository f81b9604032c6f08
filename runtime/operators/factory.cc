#include <algorithm>

#include "runtime/operators/aggregate.h"
#include "runtime/operators/deliver.h"
#include "runtime/operators/foreign_key_join.h"
#include "runtime/operators/operator.h"
#include "runtime/operators/row_operators.h"
#include "runtime/operators/row_window_aggregate.h"
#include "runtime/operators/session_aggregate.h"
#include "runtime/operators/sink.h"
#include "runtime/operators/source_window_aggregate.h"
#include "runtime/operators/stream_stream_join.h"
#include "runtime/operators/stream_table_join.h"
#include "runtime/operators/table_table_join.h"

namespace thalweg::runtime {
namespace {

template <typename... Handlers>
struct Visitor : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Visitor(Handlers...) -> Visitor<Handlers...>;

// Stands for a step whose work its consumer does.
class Relay final : public Operator {
 public:
  using Operator::Operator;
  Result<void> process(int, Batch& batch) override { return emit(batch); }
};

// Joins keep the rows of the tables they join themselves, in the store that the step in front names.
bool feeds_join(const planner::QueryPlan& plan, std::size_t index) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const planner::Step& step) {
    const bool join = std::holds_alternative<planner::StreamTableJoinStep>(step.node) ||
                      std::holds_alternative<planner::TableTableJoinStep>(step.node) ||
                      std::holds_alternative<planner::ForeignKeyJoinStep>(step.node);
    return join && std::count(step.inputs.begin(), step.inputs.end(), static_cast<std::int32_t>(index)) > 0;
  });
}

// The window of a step's keys: that of the aggregation, or else of the source, that it begins at.
std::optional<planner::WindowInfo> window_of(const planner::QueryPlan& plan, const planner::Step& step) {
  if (const auto* source = std::get_if<planner::SourceStep>(&step.node)) return source->window;
  const auto* aggregate = std::get_if<planner::AggregateStep>(&step.node);
  if (aggregate != nullptr && aggregate->window) {
    const bool sized = aggregate->window->type != ast::WindowType::kSession;
    return planner::WindowInfo{aggregate->window->type,
                               sized ? std::optional(aggregate->window->size_ms) : std::nullopt};
  }
  if (!step.windowed || step.inputs.empty()) return std::nullopt;
  return window_of(plan, plan.steps[static_cast<std::size_t>(step.inputs[0])]);
}

}  // namespace

Result<std::unique_ptr<Operator>> make_operator(TaskContext& context, const planner::QueryPlan& plan,
                                                std::size_t index) {
  using Made = Result<std::unique_ptr<Operator>>;
  const planner::Step& step = plan.steps[index];
  const auto input = [&](std::size_t i) -> const planner::Step& {
    return plan.steps[static_cast<std::size_t>(step.inputs[i])];
  };
  return std::visit(
      Visitor{
          [&](const planner::SourceStep&) -> Made {
            return Error{ErrorCode::kInternal, "sources are made by their task"};
          },
          [&](const planner::FilterStep&) -> Made { return FilterOperator::make(context, step); },
          [&](const planner::ProjectStep& s) -> Made {
            return ProjectOperator::make(context, step, s.columns, false, 0);
          },
          [&](const planner::SelectKeyStep& s) -> Made {
            return ProjectOperator::make(context, step, s.columns, true, input(0).schema.key_count);
          },
          [&](const planner::FlatMapStep&) -> Made { return FlatMapOperator::make(context, step); },
          [&](const planner::GroupByStep&) -> Made { return GroupByOperator::make(context, step); },
          [&](const planner::RepartitionStep&) -> Made {
            return std::unique_ptr<Operator>(std::make_unique<PassThrough>(context, step));
          },
          [&](const planner::AggregateStep& s) -> Made {
            if (s.window && s.window->of_source)
              return SourceWindowAggregateOperator::make(context, step, input(0).schema);
            if (s.window && s.window->size_rows)
              return RowWindowAggregateOperator::make(context, step, input(0).schema);
            const bool sessions = s.window && s.window->type == ast::WindowType::kSession;
            return sessions ? SessionAggregateOperator::make(context, step, input(0).schema)
                            : AggregateOperator::make(context, step, input(0).schema);
          },
          [&](const planner::StreamTableJoinStep&) -> Made {
            return StreamTableJoinOperator::make(context, step, input(0).schema, input(1).schema,
                                                 window_of(plan, input(1)));
          },
          [&](const planner::StreamStreamJoinStep&) -> Made {
            return StreamStreamJoinOperator::make(context, step, input(0).schema, input(1).schema,
                                                  window_of(plan, input(0)));
          },
          [&](const planner::TableTableJoinStep&) -> Made {
            return TableTableJoinOperator::make(context, step, input(0).schema, input(1).schema,
                                                window_of(plan, input(0)));
          },
          [&](const planner::ForeignKeyJoinStep&) -> Made {
            return ForeignKeyJoinOperator::make(context, plan, index);
          },
          [&](const planner::MaterializeStep&) -> Made {
            if (feeds_join(plan, index))
              return std::unique_ptr<Operator>(std::make_unique<Relay>(context, step));
            return MaterializeOperator::make(context, step, window_of(plan, step));
          },
          [&](const planner::SinkStep&) -> Made {
            return SinkOperator::make(context, step, input(0).schema);
          },
          [&](const planner::DeliverStep&) -> Made {
            return std::unique_ptr<Operator>(
                std::make_unique<DeliverOperator>(context, step, input(0).schema));
          },
      },
      step.node);
}

}  // namespace thalweg::runtime
