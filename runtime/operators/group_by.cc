#include "runtime/operators/gather.h"
#include "runtime/operators/row_operators.h"

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> GroupByOperator::make(TaskContext& context, const planner::Step& step) {
  THALWEG_TRY(auto expressions, compile_all(std::get<planner::GroupByStep>(step.node).columns, context));
  return std::unique_ptr<Operator>(new GroupByOperator(context, step, std::move(expressions)));
}

Result<void> GroupByOperator::process(int, Batch& batch) {
  return step_.table ? process_changes(batch) : process_stream(batch);
}

std::vector<Column> GroupByOperator::evaluate(Batch& batch, const std::vector<Column>& columns, Rows rows) {
  EvaluationContext evaluation{*batch.arena, columns, errors_};
  std::vector<Column> out;
  out.reserve(expressions_.size());
  for (auto& expression : expressions_) out.push_back(expression->evaluate(evaluation, rows, batch.rows));
  failed_.assign(errors_.empty() ? 0 : batch.rows, 0);
  for (const RowError& error : errors_) failed_[error.row] = 1;
  context_.report(errors_, "Error computing expression ", batch, step_.name);
  return out;
}

bool GroupByOperator::key_is_complete(const std::vector<Column>& columns, std::uint32_t row) const {
  for (std::size_t i = 0; i < step_.schema.key_count; ++i) {
    if (columns[i].is_null(row)) return false;
  }
  return true;
}

// A row without a group costs a line, unless what made its key NULL has written one.
void GroupByOperator::note_excluded(const std::vector<Column>& columns, std::uint32_t row) {
  if (!failed_.empty() && failed_[row]) return;
  std::size_t at = 0;
  while (!columns[at].is_null(row)) ++at;
  errors_.push_back({row, "Group-by column with index " + std::to_string(at) +
                              " resolved to null: the row belongs to no group"});
}

bool GroupByOperator::same_group(const std::vector<Column>& a, const std::vector<Column>& b,
                                 std::uint32_t row) const {
  for (std::size_t i = 0; i < step_.schema.key_count; ++i) {
    const auto& type = step_.schema.columns[i].type;
    if (!planner::equal(value_at(a[i], type, row), value_at(b[i], type, row))) return false;
  }
  return true;
}

Result<void> GroupByOperator::process_stream(Batch& batch) {
  Arena& arena = *batch.arena;
  Rows rows = rows_of(batch);
  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (batch.is_new(rows[i])) kept[count++] = rows[i];
  }
  std::vector<Column> columns = evaluate(batch, batch.columns, {kept, count});
  std::size_t complete = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (key_is_complete(columns, kept[i])) {
      kept[complete++] = kept[i];
    } else {
      note_excluded(columns, kept[i]);
    }
  }
  context_.report(errors_, "", batch, step_.name);
  bump(context_.counters->filtered, batch.selected - complete);
  Batch out = with_columns_of(batch);
  out.columns = std::move(columns);
  out.key_null = nullptr;
  select(out, kept, complete);
  return emit(out);
}

Result<void> GroupByOperator::process_changes(Batch& batch) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  std::vector<std::uint32_t> with_new, with_old;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (batch.is_new(rows[i])) with_new.push_back(rows[i]);
    if (batch.is_old(rows[i])) with_old.push_back(rows[i]);
  }
  const std::vector<Column> now = evaluate(batch, batch.columns, {with_new.data(), with_new.size()});
  for (const std::uint32_t row : with_new) {
    if (!key_is_complete(now, row)) note_excluded(now, row);
  }
  context_.report(errors_, "", batch, step_.name);
  const std::vector<Column> before = evaluate(batch, batch.old_columns, {with_old.data(), with_old.size()});

  // Each output row is an input row's new half, old half, or both when the group is the same.
  std::vector<std::uint32_t> positions;
  std::vector<std::uint8_t> new_half, old_half;
  const auto add = [&](std::uint32_t row, bool is_new, bool is_old) {
    positions.push_back(row);
    new_half.push_back(is_new);
    old_half.push_back(is_old);
  };
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const bool has_new = batch.is_new(row) && key_is_complete(now, row);
    const bool has_old = batch.is_old(row) && key_is_complete(before, row);
    if (has_new && has_old && same_group(now, before, row)) {
      add(row, true, true);
      continue;
    }
    if (has_old) add(row, false, true);
    if (has_new) add(row, true, false);
    if (!has_new && !has_old) bump(context_.counters->filtered, 1);
  }
  if (positions.empty()) return {};

  Batch out = gather_attributes(batch, positions);
  out.key_null = nullptr;
  out.has_new = arena.array<std::uint8_t>(positions.size());
  out.has_old = arena.array<std::uint8_t>(positions.size());
  std::copy(new_half.begin(), new_half.end(), out.has_new);
  std::copy(old_half.begin(), old_half.end(), out.has_old);
  for (std::size_t c = 0; c < now.size(); ++c) {
    out.columns.push_back(gather(arena, now[c], positions));
    out.old_columns.push_back(gather(arena, before[c], positions));
  }
  // The key of a retraction is the old group's.
  for (std::size_t c = 0; c < step_.schema.key_count; ++c) {
    const auto& type = step_.schema.columns[c].type;
    Column key = make_column(arena, type, positions.size());
    for (std::uint32_t i = 0; i < positions.size(); ++i) {
      store_value(arena, key, type, i, value_at(new_half[i] ? out.columns[c] : out.old_columns[c], type, i));
    }
    out.columns[c] = out.old_columns[c] = key;
  }
  return emit(out);
}

}  // namespace thalweg::runtime
