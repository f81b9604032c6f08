#include <cstring>

#include "runtime/operators/row_operators.h"

namespace thalweg::runtime {

Result<Expressions> compile_all(const std::vector<planner::TypedPtr>& expressions, TaskContext& context) {
  Expressions compiled;
  compiled.reserve(expressions.size());
  for (const auto& expression : expressions) {
    THALWEG_TRY(auto one, compile(*expression, *context.library, context.environment));
    compiled.push_back(std::move(one));
  }
  return compiled;
}

Result<std::unique_ptr<Operator>> FilterOperator::make(TaskContext& context, const planner::Step& step) {
  const auto& filter = std::get<planner::FilterStep>(step.node);
  THALWEG_TRY(auto predicate, compile(*filter.predicate, *context.library, context.environment));
  return std::unique_ptr<Operator>(new FilterOperator(context, step, std::move(predicate)));
}

std::uint8_t* FilterOperator::matches(Batch& batch, const std::vector<Column>& columns, Rows rows) {
  Arena& arena = *batch.arena;
  auto* flags = arena.array<std::uint8_t>(batch.rows);
  std::memset(flags, 0, batch.rows);
  auto* passed = arena.array<std::uint32_t>(rows.count);
  EvaluationContext evaluation{arena, columns, errors_};
  const std::size_t count = select_true(*predicate_, evaluation, rows, batch.rows, passed);
  for (std::size_t i = 0; i < count; ++i) flags[passed[i]] = 1;
  context_.report(errors_, "Error evaluating predicate ", batch, step_.name);
  return flags;
}

Result<void> FilterOperator::process(int, Batch& batch) {
  if (step_.table) return process_changes(batch);
  Arena& arena = *batch.arena;
  Rows rows = rows_of(batch);
  if (batch.has_new != nullptr) {
    auto* with_value = arena.array<std::uint32_t>(rows.count);
    std::size_t count = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (batch.has_new[rows[i]] != 0) with_value[count++] = rows[i];
    }
    rows = {with_value, count};
  }
  auto* passed = arena.array<std::uint32_t>(rows.count);
  EvaluationContext evaluation{arena, batch.columns, errors_};
  const std::size_t count = select_true(*predicate_, evaluation, rows, batch.rows, passed);
  context_.report(errors_, "Error evaluating predicate ", batch, step_.name);
  bump(context_.counters->filtered, batch.selected - count);
  select(batch, passed, count);
  return emit(batch);
}

Result<void> FilterOperator::process_changes(Batch& batch) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  auto* with_new = arena.array<std::uint32_t>(rows.count);
  auto* with_old = arena.array<std::uint32_t>(rows.count);
  std::size_t new_count = 0, old_count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (batch.is_new(rows[i])) with_new[new_count++] = rows[i];
    if (batch.is_old(rows[i])) with_old[old_count++] = rows[i];
  }
  std::uint8_t* new_matches = matches(batch, batch.columns, {with_new, new_count});
  const bool knows_old = !batch.old_columns.empty();
  std::uint8_t* old_matches = nullptr;
  if (knows_old) old_matches = matches(batch, batch.old_columns, {with_old, old_count});

  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const bool drop = knows_old && new_matches[row] == 0 && old_matches[row] == 0;
    if (!drop) kept[count++] = row;
  }
  batch.has_new = new_matches;
  batch.has_old = old_matches;
  bump(context_.counters->filtered, batch.selected - count);
  select(batch, kept, count);
  return emit(batch);
}

}  // namespace thalweg::runtime
