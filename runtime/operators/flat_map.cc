#include <algorithm>

#include "runtime/operators/gather.h"
#include "runtime/operators/row_operators.h"

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> FlatMapOperator::make(TaskContext& context, const planner::Step& step) {
  std::vector<Call> calls;
  for (const auto& function : std::get<planner::FlatMapStep>(step.node).functions) {
    const auto& typed = std::get<planner::TypedCall>(function->node);
    const Overload* overload = context.library->find(typed.function, typed.overload);
    if (overload == nullptr || !overload->table) {
      return Error{ErrorCode::kInternal, "table function " + typed.function + " is not in the library"};
    }
    std::vector<planner::SqlType> types;
    for (const auto& argument : typed.arguments) types.push_back(argument->type);
    Call call{
        typed.function, overload->table(types, function->type, context.environment), {}, function->type};
    THALWEG_TRY(call.arguments, compile_all(typed.arguments, context));
    calls.push_back(std::move(call));
  }
  return std::unique_ptr<Operator>(new FlatMapOperator(context, step, std::move(calls)));
}

Result<void> FlatMapOperator::process(int, Batch& batch) {
  Arena& arena = *batch.arena;
  std::vector<std::uint32_t> kept;
  for (std::size_t i = 0; i < batch.selected; ++i) {
    if (batch.is_new(batch.row_at(i))) kept.push_back(batch.row_at(i));
  }
  const Rows rows{kept.data(), kept.size()};
  EvaluationContext evaluation{arena, batch.columns, errors_};
  std::vector<std::vector<Column>> arguments(calls_.size());
  for (std::size_t c = 0; c < calls_.size(); ++c) {
    for (auto& argument : calls_[c].arguments)
      arguments[c].push_back(argument->evaluate(evaluation, rows, batch.rows));
  }
  context_.report(errors_, "Error processing ", batch, step_.name);

  std::vector<std::uint32_t> positions;                     // input row of each output row
  std::vector<planner::ValueList> produced(calls_.size());  // per function, one value per output row
  planner::ValueList values;
  for (const std::uint32_t row : kept) {
    std::size_t longest = 0;
    std::vector<planner::ValueList> lists(calls_.size());
    for (std::size_t c = 0; c < calls_.size(); ++c) {
      values.clear();
      for (std::size_t a = 0; a < arguments[c].size(); ++a) {
        values.push_back(value_at(arguments[c][a], calls_[c].arguments[a]->type(), row));
      }
      auto list = calls_[c].kernel->rows(values);
      if (!list) {
        errors_.push_back(
            {row, "Table function " + calls_[c].name + " threw an exception: " + list.error().message});
        continue;
      }
      lists[c] = std::move(*list);
      longest = std::max(longest, lists[c].size());
    }
    if (longest == 0) bump(context_.counters->filtered, 1);
    for (std::size_t i = 0; i < longest; ++i) {
      positions.push_back(row);
      for (std::size_t c = 0; c < calls_.size(); ++c) {
        produced[c].push_back(i < lists[c].size() ? lists[c][i] : planner::Value{});
      }
    }
  }
  context_.report(errors_, "", batch, step_.name);
  if (positions.empty()) return {};

  Batch out = gather_rows(batch, positions);
  for (std::size_t c = 0; c < calls_.size(); ++c) {
    Column column = make_column(arena, calls_[c].result, positions.size());
    for (std::uint32_t i = 0; i < positions.size(); ++i) {
      store_value(arena, column, calls_[c].result, i, produced[c][i]);
    }
    out.columns.push_back(column);
  }
  return emit(out);
}

}  // namespace thalweg::runtime
