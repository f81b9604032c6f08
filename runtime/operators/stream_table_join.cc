#include "runtime/operators/stream_table_join.h"

#include "runtime/operators/join_columns.h"

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> StreamTableJoinOperator::make(
    TaskContext& context, const planner::Step& step, const planner::Schema& left,
    const planner::Schema& right, const std::optional<planner::WindowInfo>& table_window) {
  const auto& join = std::get<planner::StreamTableJoinStep>(step.node);
  std::unique_ptr<StreamTableJoinOperator> made(new StreamTableJoinOperator(context, step));
  made->left_ = left;
  made->right_ = right;
  made->keep_unmatched_ = join.type == ast::JoinType::kLeft;
  THALWEG_TRY(auto store, made->open_store(join.store, kind_of_store(table_window.has_value())));
  made->rows_ = std::make_unique<TableRows>(std::move(store), right, table_window);
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> StreamTableJoinOperator::take(int port, Batch& batch) {
  if (port == 1) return rows_->exchange(batch, false);
  Arrival alone{port, batch};
  const Run all{0, 0, batch.selected};
  return take_round({&alone, 1}, {&all, 1});
}

Result<void> StreamTableJoinOperator::take_round(std::span<Arrival> arrivals, std::span<const Run> runs) {
  rows_->begin();
  std::vector<Prepared> prepared(arrivals.size());
  THALWEG_CHECK(prepare(arrivals, prepared));
  for (const Run& run : runs) THALWEG_CHECK(take_run(arrivals[run.arrival], prepared[run.arrival], run));
  rows_->drop_removed();
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (arrivals[i].port == 0) THALWEG_CHECK(emit_joined(arrivals[i].batch, prepared[i]));
  }
  return {};
}

// The table's rows get their slots first, so that stream rows find those that come in the same round.
Result<void> StreamTableJoinOperator::prepare(std::span<Arrival> arrivals, std::vector<Prepared>& prepared) {
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (arrivals[i].port == 1) THALWEG_CHECK(rows_->resolve(arrivals[i].batch, prepared[i].slots));
  }
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (arrivals[i].port == 0) THALWEG_CHECK(find_partners(arrivals[i].batch, prepared[i]));
  }
  return {};
}

Result<void> StreamTableJoinOperator::find_partners(Batch& batch, Prepared& prepared) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  const std::size_t key_count = left_.key_count;
  auto* with_key = arena.array<std::uint32_t>(rows.count);
  std::vector<std::size_t> places;
  places.reserve(rows.count);
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (!batch.is_new(rows[i]) || has_null_key(batch, key_count, rows[i])) continue;
    with_key[places.size()] = rows[i];
    places.push_back(i);
  }
  std::vector<Slot> slots;
  THALWEG_CHECK(rows_->find(batch, {with_key, places.size()}, slots));
  prepared.slots.assign(rows.count, kNoSlot);
  for (std::size_t n = 0; n < places.size(); ++n) prepared.slots[places[n]] = slots[n];
  prepared.matched = flags_of(arena, rows, batch.rows, [](std::uint32_t) { return false; });
  for (std::size_t c = right_.key_count; c < right_.size(); ++c)
    prepared.partners.push_back(make_column(arena, right_.columns[c].type, batch.rows));
  return {};
}

Result<void> StreamTableJoinOperator::take_run(const Arrival& arrival, Prepared& prepared, const Run& run) {
  const Batch& batch = arrival.batch;
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    const std::uint32_t row = batch.row_at(i);
    if (arrival.port == 1) {
      rows_->put(prepared.slots[i], batch, row);
    } else if (const auto partner = rows_->stored(prepared.slots[i])) {
      prepared.matched[row] = 1;
      THALWEG_CHECK(rows_->decode(partner->values, prepared.partners, row, *batch.arena, true));
    }
  }
  return {};
}

Result<void> StreamTableJoinOperator::emit_joined(Batch& batch, Prepared& prepared) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  auto* taken = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const bool unmatched = keep_unmatched_ && batch.is_new(rows[i]);
    if (prepared.matched[rows[i]] || unmatched) taken[count++] = rows[i];
  }
  bump(context_.counters->filtered, rows.count - count);
  const std::span<const Column> key(batch.columns.data(), left_.key_count);
  Batch out = with_columns_of(batch);
  // The table's own key: the join key where there is a match, NULL elsewhere.
  std::vector<Column> right =
      masked(arena, key.first(right_.key_count), right_, rows, batch.rows, prepared.matched);
  right.insert(right.end(), prepared.partners.begin(), prepared.partners.end());
  out.columns = joined_columns(key, batch.columns, std::move(right));
  select(out, taken, count);
  return emit(out);
}

Result<std::unique_ptr<Operator>> MaterializeOperator::make(
    TaskContext& context, const planner::Step& step, const std::optional<planner::WindowInfo>& window) {
  std::unique_ptr<MaterializeOperator> made(new MaterializeOperator(context, step));
  THALWEG_TRY(auto store, made->open_store(std::get<planner::MaterializeStep>(step.node).store,
                                           kind_of_store(window.has_value())));
  made->rows_ = std::make_unique<TableRows>(std::move(store), step.schema, window);
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> MaterializeOperator::process(int, Batch& batch) {
  THALWEG_CHECK(rows_->exchange(batch, step_.needs_old));
  return emit(batch);
}

}  // namespace thalweg::runtime
