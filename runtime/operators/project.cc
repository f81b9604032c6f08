#include "runtime/operators/row_operators.h"

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> ProjectOperator::make(TaskContext& context, const planner::Step& step,
                                                        const std::vector<planner::TypedPtr>& columns,
                                                        bool new_key, std::size_t input_key_count) {
  THALWEG_TRY(auto expressions, compile_all(columns, context));
  std::unique_ptr<ProjectOperator> made(new ProjectOperator(context, step, std::move(expressions), new_key));
  for (std::size_t i = 0; new_key && i < step.schema.key_count; ++i) {
    const auto read = planner::input_columns(*columns[i]);
    made->reads_values_.push_back(!read.empty() && static_cast<std::size_t>(read.back()) >= input_key_count);
  }
  return std::unique_ptr<Operator>(std::move(made));
}

Column ProjectOperator::evaluate_key(std::size_t index, EvaluationContext& evaluation, Rows all,
                                     Rows with_new, std::size_t capacity) {
  const bool values_only = index < reads_values_.size() && reads_values_[index] && with_new.count < all.count;
  if (!values_only) return expressions_[index]->evaluate(evaluation, all, capacity);
  const Column computed = expressions_[index]->evaluate(evaluation, with_new, capacity);
  const planner::SqlType& type = expressions_[index]->type();
  Column key = make_column(evaluation.arena, type, capacity);
  for (std::size_t i = 0; i < with_new.count; ++i) {
    store_value(evaluation.arena, key, type, with_new[i], value_at(computed, type, with_new[i]));
  }
  return key;
}

Result<void> ProjectOperator::process(int, Batch& batch) {
  Arena& arena = *batch.arena;
  const Rows all = rows_of(batch);
  // Value expressions see only rows that have a value; key columns exist for every row.
  Rows with_new = all, with_old{nullptr, 0};
  if (batch.has_new != nullptr) {
    auto* positions = arena.array<std::uint32_t>(all.count);
    std::size_t count = 0;
    for (std::size_t i = 0; i < all.count; ++i) {
      if (batch.has_new[all[i]] != 0) positions[count++] = all[i];
    }
    with_new = {positions, count};
  }
  Batch out = with_columns_of(batch);
  EvaluationContext now{arena, batch.columns, errors_};
  const std::size_t key_count = step_.schema.key_count;
  out.columns.reserve(expressions_.size());
  for (std::size_t i = 0; i < expressions_.size(); ++i) {
    out.columns.push_back(i < key_count ? evaluate_key(i, now, all, with_new, batch.rows)
                                        : expressions_[i]->evaluate(now, with_new, batch.rows));
  }
  if (!batch.old_columns.empty()) {
    auto* positions = arena.array<std::uint32_t>(all.count);
    std::size_t count = 0;
    for (std::size_t i = 0; i < all.count; ++i) {
      if (batch.is_old(all[i])) positions[count++] = all[i];
    }
    with_old = {positions, count};
    EvaluationContext before{arena, batch.old_columns, errors_};
    for (std::size_t i = 0; i < expressions_.size(); ++i) {
      out.old_columns.push_back(
          expressions_[i]->evaluate(before, i < key_count ? all : with_old, batch.rows));
    }
  }
  context_.report(errors_, "Error computing expression ", batch, step_.name);
  if (new_key_) {
    auto* key_null = arena.array<std::uint8_t>(batch.rows);
    for (std::size_t i = 0; i < all.count; ++i) {
      key_null[all[i]] = key_count == 0 || (key_count == 1 && out.columns[0].is_null(all[i]));
    }
    out.key_null = key_null;
  }
  return emit(out);
}

}  // namespace thalweg::runtime
