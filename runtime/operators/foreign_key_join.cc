#include "runtime/operators/foreign_key_join.h"

#include <algorithm>

#include "runtime/operators/gather.h"
#include "runtime/operators/join_columns.h"
#include "runtime/operators/table_table_join.h"

namespace thalweg::runtime {
Result<std::unique_ptr<Operator>> ForeignKeyJoinOperator::make(TaskContext& context,
                                                               const planner::QueryPlan& plan,
                                                               std::size_t index) {
  const planner::Step& step = plan.steps[index];
  const auto& join = std::get<planner::ForeignKeyJoinStep>(step.node);
  const auto& left = plan.steps[static_cast<std::size_t>(step.inputs[0])];
  const auto& right = plan.steps[static_cast<std::size_t>(step.inputs[1])];
  if (left.windowed || right.windowed) {
    return Error{ErrorCode::kUnsupported, "foreign-key joins are not supported on windowed tables"};
  }
  std::unique_ptr<ForeignKeyJoinOperator> made(new ForeignKeyJoinOperator(context, step));
  made->left_ = left.schema;
  made->right_ = right.schema;
  made->keep_unmatched_ = join.type == ast::JoinType::kLeft;
  THALWEG_TRY(auto foreign_key, ForeignKeyExpression::make(context, *join.foreign_key, right.schema));
  made->foreign_key_ = std::make_unique<ForeignKeyExpression>(std::move(foreign_key));
  THALWEG_TRY(auto left_store, made->open_store(join.left_store, false));
  made->left_rows_ = std::make_unique<TableRows>(std::move(left_store), left.schema, false);
  THALWEG_TRY(auto right_store, made->open_store(join.right_store, false));
  made->right_rows_ = std::make_unique<TableRows>(std::move(right_store), right.schema, false);
  THALWEG_TRY(auto subscriptions, made->open_store(join.subscription_store, false));
  made->subscriptions_ = std::make_unique<Subscriptions>(std::move(subscriptions));
  made->left_codec_ = std::make_unique<KeyCodec>(key_types(left.schema));
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> ForeignKeyJoinOperator::take(int port, Batch& batch) {
  drop_null_keys(batch, port == 0 ? left_.key_count : right_.key_count, context_);
  if (batch.selected == 0) return {};
  return port == 0 ? join_left(batch) : join_right(batch);
}

// The right rows that the changes name: the new rows' keys, for deletions the old rows'.
Result<ForeignKeyJoinOperator::RightRows> ForeignKeyJoinOperator::find_right(Batch& batch,
                                                                             const ForeignKeys& now,
                                                                             const ForeignKeys& before) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  RightRows right;
  right.found = flags_of(arena, rows, batch.rows, [](std::uint32_t) { return false; });
  right.timestamps = arena.array<std::int64_t>(batch.rows);
  for (const bool deletions : {true, false}) {
    const ForeignKeys& keys = deletions ? before : now;
    auto* positions = arena.array<std::uint32_t>(rows.count);
    std::size_t count = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (batch.is_new(rows[i]) != deletions && !keys.bytes[rows[i]].empty()) positions[count++] = rows[i];
    }
    THALWEG_TRY(auto found,
                right_rows_->lookup(arena, {&keys.column, 1}, nullptr, {positions, count}, batch.rows));
    for (std::size_t i = 0; i < count; ++i) {
      right.found[positions[i]] = found.found[i];
      right.timestamps[positions[i]] = found.timestamps[i];
    }
    if (deletions) continue;
    const auto* matched = flags_of(arena, {positions, count}, batch.rows,
                                   [&](std::uint32_t row) { return right.found[row] != 0; });
    right.columns = {
        masked(arena, keys.column, right_.columns[0].type, {positions, count}, batch.rows, matched)};
    right.columns.insert(right.columns.end(), found.values.begin(), found.values.end());
  }
  return right;
}

ForeignKeyJoinOperator::Outcome ForeignKeyJoinOperator::outcome(const Batch& batch, std::uint32_t row,
                                                                const std::string& now,
                                                                const std::string& before, bool found) const {
  const bool is_new = batch.is_new(row), is_old = batch.is_old(row);
  if (keep_unmatched_) {
    if (is_new) return Outcome::kRow;
    return is_old ? Outcome::kDeletion : Outcome::kNothing;
  }
  if (!is_new) return is_old && !before.empty() ? Outcome::kDeletion : Outcome::kNothing;
  if (found) return Outcome::kRow;
  // Only a row that may have been in the result has to leave it.
  return is_old && now != before ? Outcome::kDeletion : Outcome::kNothing;
}

Result<void> ForeignKeyJoinOperator::join_left(Batch& batch) {
  THALWEG_CHECK(left_rows_->exchange(batch, true));
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  const ForeignKeys now = foreign_key_->evaluate(context_, batch, false, step_.name);
  const ForeignKeys before = foreign_key_->evaluate(context_, batch, true, step_.name);
  THALWEG_TRY(RightRows right, find_right(batch, now, before));
  Batch out = with_columns_of(batch);
  out.has_old = nullptr;
  out.has_new = arena.array<std::uint8_t>(batch.rows);
  out.timestamps = arena.array<std::int64_t>(batch.rows);
  const std::span<const Column> key(batch.columns.data(), left_.key_count);
  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  std::string left_key;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const std::string& foreign = now.bytes[row];
    const std::string& former = before.bytes[row];
    if (foreign != former) {
      left_key.clear();
      left_codec_->encode(key, row, left_key, true);
      if (!former.empty()) THALWEG_CHECK(subscriptions_->remove(former, left_key));
      if (!foreign.empty()) THALWEG_CHECK(subscriptions_->put(foreign, left_key, "+"));
    }
    const Outcome result = outcome(batch, row, foreign, former, right.found[row] != 0);
    if (result == Outcome::kNothing) continue;
    out.has_new[row] = result == Outcome::kRow;
    out.timestamps[row] = batch.timestamps[row];
    if (right.found[row]) out.timestamps[row] = std::max(batch.timestamps[row], right.timestamps[row]);
    kept[count++] = row;
  }
  bump(context_.counters->filtered, rows.count - count);
  out.columns = joined_columns(key, batch.columns, std::move(right.columns));
  select(out, kept, count);
  return emit(out);
}

Result<void> ForeignKeyJoinOperator::join_right(Batch& batch) {
  THALWEG_CHECK(right_rows_->exchange(batch, false));
  const Rows rows = rows_of(batch);
  std::vector<std::uint32_t> right_rows;
  std::vector<std::string> left_keys;
  const auto emit_pairs = [&]() -> Result<void> {
    for (std::size_t first = 0; first < left_keys.size(); first += context_.batch_rows_max) {
      const std::size_t count = std::min(context_.batch_rows_max, left_keys.size() - first);
      THALWEG_CHECK(emit_subscribers(batch, std::span(right_rows).subspan(first, count),
                                     std::span(left_keys).subspan(first, count)));
    }
    right_rows.clear();
    left_keys.clear();
    return {};
  };
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const std::string right_key = foreign_key_->of_right(batch, row);
    if (right_key.empty()) continue;
    THALWEG_CHECK(subscriptions_->each(right_key, [&](std::string_view left_key, std::string_view) {
      right_rows.push_back(row);
      left_keys.emplace_back(left_key);
    }));
    if (left_keys.size() >= context_.batch_rows_max) THALWEG_CHECK(emit_pairs());
  }
  return emit_pairs();
}

Result<void> ForeignKeyJoinOperator::emit_subscribers(const Batch& batch,
                                                      std::span<const std::uint32_t> right_rows,
                                                      std::span<const std::string> left_keys) {
  // An arena of their own: one right row may have many subscribers.
  Batch from = batch;
  from.arena = std::make_shared<Arena>();
  from.arena->keep(batch.arena);
  Arena& arena = *from.arena;
  from.old_columns.clear();
  Batch out = gather_rows(from, right_rows);
  const Rows all{nullptr, out.rows};
  std::vector<Column> left;
  for (std::size_t k = 0; k < left_.key_count; ++k)
    left.push_back(make_column(arena, left_.columns[k].type, out.rows));
  for (std::uint32_t i = 0; i < out.rows; ++i)
    THALWEG_CHECK(left_codec_->decode(arena.copy(left_keys[i]), left, i, arena));
  const std::vector<Column> key = left;
  THALWEG_TRY(auto found, left_rows_->lookup(arena, key, nullptr, all, out.rows));
  left.insert(left.end(), found.values.begin(), found.values.end());
  const auto* is_new =
      flags_of(arena, all, out.rows, [&](std::uint32_t row) { return batch.is_new(right_rows[row]); });
  out.columns =
      joined_columns(key, std::move(left), masked(arena, out.columns, right_, all, out.rows, is_new));
  out.has_new =
      flags_of(arena, all, out.rows, [&](std::uint32_t row) { return keep_unmatched_ || is_new[row]; });
  out.has_old = nullptr;
  out.key_null = nullptr;
  auto* kept = arena.array<std::uint32_t>(out.rows);
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < out.rows; ++i) {
    if (found.found[i]) kept[count++] = i;
  }
  select(out, kept, count);
  return emit(out);
}

}  // namespace thalweg::runtime
