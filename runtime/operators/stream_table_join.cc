#include "runtime/operators/stream_table_join.h"

#include <cstring>

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> StreamTableJoinOperator::make(TaskContext& context,
                                                                const planner::Step& step,
                                                                const planner::Schema& left,
                                                                const planner::Schema& right, bool windowed) {
  const auto& join = std::get<planner::StreamTableJoinStep>(step.node);
  std::unique_ptr<StreamTableJoinOperator> made(new StreamTableJoinOperator(context, step));
  made->left_ = left;
  made->right_ = right;
  made->keep_unmatched_ = join.type == ast::JoinType::kLeft;
  THALWEG_TRY(auto store, made->open_store(join.store, kind_of_store(windowed)));
  made->rows_ = std::make_unique<TableRows>(std::move(store), right, windowed);
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> StreamTableJoinOperator::take(int port, Batch& batch) {
  if (port == 0) return join(batch);
  return rows_->exchange(batch, false);
}

Result<void> StreamTableJoinOperator::join(Batch& batch) {
  Arena& arena = *batch.arena;
  Rows rows = rows_of(batch);
  const std::size_t key_count = left_.key_count;
  auto* with_key = arena.array<std::uint32_t>(rows.count);
  auto* taken = arena.array<std::uint32_t>(rows.count);
  std::size_t keyed = 0, taken_count = 0;
  auto* matched = arena.array<std::uint8_t>(batch.rows);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    matched[row] = 0;
    if (!batch.is_new(row)) continue;
    const bool null_key = has_null_key(batch, key_count, row);
    if (!null_key) with_key[keyed++] = row;
    if (!null_key || keep_unmatched_) taken[taken_count++] = row;
  }
  const std::span<const Column> key_columns(batch.columns.data(), key_count);
  THALWEG_TRY(auto found,
              rows_->lookup(arena, key_columns, batch.window_start, {with_key, keyed}, batch.rows));
  for (std::size_t i = 0; i < keyed; ++i) matched[with_key[i]] = found.found[i];
  if (!keep_unmatched_) {
    taken_count = 0;
    for (std::size_t i = 0; i < keyed; ++i) {
      if (found.found[i]) taken[taken_count++] = with_key[i];
    }
  }
  bump(context_.counters->filtered, rows.count - taken_count);

  Batch out = with_columns_of(batch);
  out.columns.assign(batch.columns.begin(), batch.columns.begin() + static_cast<std::ptrdiff_t>(key_count));
  out.columns.insert(out.columns.end(), batch.columns.begin(), batch.columns.end());
  for (std::size_t k = 0; k < right_.key_count; ++k) {
    // The table's own key: the join key where there is a match, NULL elsewhere.
    Column key = batch.columns[k];
    auto* valid = arena.array<std::uint8_t>(batch.rows);
    std::memcpy(valid, matched, batch.rows);
    if (key.stride == 0) {
      Column spread = make_column(arena, right_.columns[k].type, batch.rows);
      for (std::size_t i = 0; i < taken_count; ++i) {
        store_value(arena, spread, right_.columns[k].type, taken[i],
                    value_at(key, right_.columns[k].type, taken[i]));
      }
      key = spread;
    }
    key.valid = valid;
    out.columns.push_back(key);
  }
  out.columns.insert(out.columns.end(), found.values.begin(), found.values.end());
  select(out, taken, taken_count);
  return emit(out);
}

Result<std::unique_ptr<Operator>> MaterializeOperator::make(TaskContext& context, const planner::Step& step) {
  std::unique_ptr<MaterializeOperator> made(new MaterializeOperator(context, step));
  THALWEG_TRY(auto store, made->open_store(std::get<planner::MaterializeStep>(step.node).store,
                                           kind_of_store(step.windowed)));
  made->rows_ = std::make_unique<TableRows>(std::move(store), step.schema, step.windowed);
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> MaterializeOperator::process(int, Batch& batch) {
  THALWEG_CHECK(rows_->exchange(batch, step_.needs_old));
  return emit(batch);
}

}  // namespace thalweg::runtime
