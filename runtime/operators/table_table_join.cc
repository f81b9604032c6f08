#include "runtime/operators/table_table_join.h"

#include <algorithm>

#include "runtime/operators/gather.h"
#include "runtime/operators/join_columns.h"

namespace thalweg::runtime {
namespace {

std::vector<Column> value_columns(Arena& arena, const planner::Schema& schema, std::size_t rows) {
  std::vector<Column> columns;
  for (std::size_t c = schema.key_count; c < schema.size(); ++c)
    columns.push_back(make_column(arena, schema.columns[c].type, rows));
  return columns;
}

}  // namespace

Result<std::unique_ptr<Operator>> TableTableJoinOperator::make(
    TaskContext& context, const planner::Step& step, const planner::Schema& left,
    const planner::Schema& right, const std::optional<planner::WindowInfo>& window) {
  const auto& join = std::get<planner::TableTableJoinStep>(step.node);
  std::unique_ptr<TableTableJoinOperator> made(new TableTableJoinOperator(context, step));
  for (const bool is_right : {false, true}) {
    Side& side = made->sides_[is_right ? 1 : 0];
    side.schema = is_right ? right : left;
    side.preserved = join.type == ast::JoinType::kFull ||
                     join.type == (is_right ? ast::JoinType::kRight : ast::JoinType::kLeft);
    THALWEG_TRY(auto store, made->open_store(is_right ? join.right_store : join.left_store,
                                             kind_of_store(window.has_value())));
    side.rows = std::make_unique<TableRows>(std::move(store), side.schema, window);
  }
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> TableTableJoinOperator::take(int port, Batch& batch) {
  Arrival alone{port, batch};
  const Run all{0, 0, batch.selected};
  return take_round({&alone, 1}, {&all, 1});
}

Result<void> TableTableJoinOperator::take_round(std::span<Arrival> arrivals, std::span<const Run> runs) {
  for (const Side& side : sides_) side.rows->begin();
  std::vector<Prepared> prepared(arrivals.size());
  THALWEG_CHECK(prepare(arrivals, prepared));
  for (const Run& run : runs) THALWEG_CHECK(take_run(arrivals[run.arrival], prepared[run.arrival], run));
  for (const Side& side : sides_) side.rows->drop_removed();
  std::vector<Batch> results;
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    results.push_back(results_of(arrivals[i].port, arrivals[i].batch, prepared[i]));
  if (results.size() == 1) return emit(results[0]);
  return emit_in_turn(arrivals, results, runs);
}

// Rows get their slots before partners are sought, so that those of the same round are found.
Result<void> TableTableJoinOperator::prepare(std::span<Arrival> arrivals, std::vector<Prepared>& prepared) {
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    auto& [port, batch] = arrivals[i];
    THALWEG_CHECK(own_side(port).rows->resolve(batch, prepared[i].own));
  }
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    auto& [port, batch] = arrivals[i];
    Prepared& ready = prepared[i];
    const Rows rows = rows_of(batch);
    THALWEG_CHECK(other_side(port).rows->find(batch, rows, ready.other));
    Arena& arena = *batch.arena;
    ready.had_row = flags_of(arena, rows, batch.rows, [](std::uint32_t) { return false; });
    ready.found = flags_of(arena, rows, batch.rows, [](std::uint32_t) { return false; });
    ready.timestamps = arena.array<std::int64_t>(batch.rows);
    if (wants_old(port)) ready.old_values = value_columns(arena, own_side(port).schema, batch.rows);
    ready.partners = value_columns(arena, other_side(port).schema, batch.rows);
  }
  return {};
}

Result<void> TableTableJoinOperator::take_run(const Arrival& arrival, Prepared& prepared, const Run& run) {
  const auto& [port, batch] = arrival;
  TableRows& own = *own_side(port).rows;
  const TableRows& other = *other_side(port).rows;
  Arena& arena = *batch.arena;
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    const std::uint32_t row = batch.row_at(i);
    if (wants_old(port)) {
      if (const auto old = own.stored(prepared.own[i])) {
        prepared.had_row[row] = 1;
        THALWEG_CHECK(own.decode(old->values, prepared.old_values, row, arena, true));
      }
    }
    own.put(prepared.own[i], batch, row);
    prepared.timestamps[row] = batch.timestamps[row];
    if (const auto partner = other.stored(prepared.other[i])) {
      prepared.found[row] = 1;
      prepared.timestamps[row] = std::max(batch.timestamps[row], partner->timestamp);
      THALWEG_CHECK(other.decode(partner->values, prepared.partners, row, arena, true));
    }
  }
  return {};
}

std::vector<Column> TableTableJoinOperator::join_columns(int port, const Batch& batch,
                                                         std::vector<Column> own,
                                                         const Prepared& prepared) const {
  const Side& other = sides_[static_cast<std::size_t>(1 - port)];
  const std::span<const Column> key(batch.columns.data(), step_.schema.key_count);
  std::vector<Column> partner = masked(*batch.arena, std::span(batch.columns).first(other.schema.key_count),
                                       other.schema, rows_of(batch), batch.rows, prepared.found);
  partner.insert(partner.end(), prepared.partners.begin(), prepared.partners.end());
  return port == 0 ? joined_columns(key, std::move(own), std::move(partner))
                   : joined_columns(key, std::move(partner), std::move(own));
}

Batch TableTableJoinOperator::results_of(int port, const Batch& batch, const Prepared& prepared) const {
  const Side& own = sides_[static_cast<std::size_t>(port)];
  const bool other_preserved = sides_[static_cast<std::size_t>(1 - port)].preserved;
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const bool own_half = own.preserved && (batch.is_new(row) || prepared.had_row[row]);
    if (prepared.found[row] || own_half) kept[count++] = row;
  }
  const auto is_result = [&](std::uint32_t row, bool own_half) {
    return own_half || (prepared.found[row] && other_preserved);
  };
  Batch out = with_columns_of(batch);
  out.timestamps = prepared.timestamps;
  out.has_new =
      flags_of(arena, rows, batch.rows, [&](std::uint32_t row) { return is_result(row, batch.is_new(row)); });
  const auto* is_new =
      flags_of(arena, rows, batch.rows, [&](std::uint32_t row) { return batch.is_new(row); });
  out.columns =
      join_columns(port, batch, masked(arena, batch.columns, own.schema, rows, batch.rows, is_new), prepared);
  out.has_old = nullptr;
  if (step_.needs_old) {
    out.has_old = flags_of(arena, rows, batch.rows,
                           [&](std::uint32_t row) { return is_result(row, prepared.had_row[row] != 0); });
    std::vector<Column> old(batch.columns.begin(),
                            batch.columns.begin() + static_cast<std::ptrdiff_t>(own.schema.key_count));
    old.insert(old.end(), prepared.old_values.begin(), prepared.old_values.end());
    out.old_columns = join_columns(
        port, batch, masked(arena, old, own.schema, rows, batch.rows, prepared.had_row), prepared);
  }
  select(out, kept, count);
  return out;
}

// Both sides may have changed one key, whose results have to leave in the order of their turns.
Result<void> TableTableJoinOperator::emit_in_turn(std::span<const Arrival> arrivals,
                                                  std::span<const Batch> results, std::span<const Run> runs) {
  std::vector<RowRef> refs;
  std::vector<std::size_t> next(results.size(), 0);  // of each one's selected rows
  for (const Run& run : runs) {
    const Batch& result = results[run.arrival];
    const std::uint32_t last = arrivals[run.arrival].batch.row_at(run.first + run.count - 1);
    std::size_t& at = next[run.arrival];
    for (; at < result.selected && result.row_at(at) <= last; ++at)
      refs.push_back({&result, result.row_at(at)});
  }
  if (refs.empty()) return {};
  Batch out = gather_attributes(refs);
  for (std::size_t c = 0; c < step_.schema.size(); ++c) {
    const planner::SqlType& type = step_.schema.columns[c].type;
    out.columns.push_back(gather(*out.arena, type, refs, c));
    if (step_.needs_old) out.old_columns.push_back(gather(*out.arena, type, refs, c, &Batch::old_columns));
  }
  return emit(out);
}

}  // namespace thalweg::runtime
