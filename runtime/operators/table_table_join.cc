#include "runtime/operators/table_table_join.h"

#include <algorithm>

#include "runtime/operators/join_columns.h"

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> TableTableJoinOperator::make(TaskContext& context,
                                                               const planner::Step& step,
                                                               const planner::Schema& left,
                                                               const planner::Schema& right) {
  const auto& join = std::get<planner::TableTableJoinStep>(step.node);
  std::unique_ptr<TableTableJoinOperator> made(new TableTableJoinOperator(context, step));
  for (const bool is_right : {false, true}) {
    Side& side = made->sides_[is_right ? 1 : 0];
    side.schema = is_right ? right : left;
    side.preserved = join.type == ast::JoinType::kFull ||
                     join.type == (is_right ? ast::JoinType::kRight : ast::JoinType::kLeft);
    THALWEG_TRY(auto store, made->open_store(is_right ? join.right_store : join.left_store,
                                             kind_of_store(step.windowed)));
    side.rows = std::make_unique<TableRows>(std::move(store), side.schema, step.windowed);
  }
  return std::unique_ptr<Operator>(std::move(made));
}

// Also lifts the timestamps of `batch` to those of the pairs.
Result<TableTableJoinOperator::Partner> TableTableJoinOperator::find_partners(int port, Batch& batch) {
  Side& other = sides_[static_cast<std::size_t>(1 - port)];
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  const std::size_t key_count = other.schema.key_count;
  const std::span<const Column> key(batch.columns.data(), key_count);
  THALWEG_TRY(auto found, other.rows->lookup(arena, key, batch.window_start, rows, batch.rows));
  Partner partner;
  partner.found = flags_of(arena, rows, batch.rows, [](std::uint32_t) { return false; });
  auto* timestamps = arena.array<std::int64_t>(batch.rows);
  for (std::size_t i = 0; i < rows.count; ++i) {
    partner.found[rows[i]] = found.found[i];
    timestamps[rows[i]] =
        found.found[i] ? std::max(batch.timestamps[rows[i]], found.timestamps[i]) : batch.timestamps[rows[i]];
  }
  batch.timestamps = timestamps;
  partner.columns = masked(arena, key, other.schema, rows, batch.rows, partner.found);
  partner.columns.insert(partner.columns.end(), found.values.begin(), found.values.end());
  return partner;
}

std::vector<Column> TableTableJoinOperator::join_columns(int port, const Batch& batch,
                                                         std::vector<Column> own,
                                                         const Partner& partner) const {
  const std::span<const Column> key(batch.columns.data(), step_.schema.key_count);
  return port == 0 ? joined_columns(key, std::move(own), partner.columns)
                   : joined_columns(key, partner.columns, std::move(own));
}

Result<void> TableTableJoinOperator::take(int port, Batch& batch) {
  Side& own = sides_[static_cast<std::size_t>(port)];
  const bool other_preserved = sides_[static_cast<std::size_t>(1 - port)].preserved;
  const bool wants_old = own.preserved || step_.needs_old;
  THALWEG_CHECK(own.rows->exchange(batch, wants_old));
  Batch out = batch;
  THALWEG_TRY(const Partner partner, find_partners(port, out));
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const bool had_row = wants_old && batch.is_old(row);
    if (partner.found[row] || (own.preserved && (batch.is_new(row) || had_row))) kept[count++] = row;
  }
  const auto is_result = [&](std::uint32_t row, bool own_half) {
    return own_half || (partner.found[row] && other_preserved);
  };
  out.has_new =
      flags_of(arena, rows, batch.rows, [&](std::uint32_t row) { return is_result(row, batch.is_new(row)); });
  const auto* is_new =
      flags_of(arena, rows, batch.rows, [&](std::uint32_t row) { return batch.is_new(row); });
  out.columns =
      join_columns(port, batch, masked(arena, batch.columns, own.schema, rows, batch.rows, is_new), partner);
  out.old_columns.clear();
  out.has_old = nullptr;
  if (step_.needs_old) {
    out.has_old = flags_of(arena, rows, batch.rows,
                           [&](std::uint32_t row) { return is_result(row, batch.is_old(row)); });
    const auto* is_old =
        flags_of(arena, rows, batch.rows, [&](std::uint32_t row) { return batch.is_old(row); });
    out.old_columns = join_columns(
        port, batch, masked(arena, batch.old_columns, own.schema, rows, batch.rows, is_old), partner);
  }
  select(out, kept, count);
  return emit(out);
}

}  // namespace thalweg::runtime
