#include "runtime/operators/foreign_key_join.h"

#include <algorithm>
#include <utility>

#include "runtime/operators/gather.h"
#include "runtime/operators/join_columns.h"

namespace thalweg::runtime {
namespace {
constexpr std::size_t kLengthBytes = 4;  // in front of the key in ForeignKeys::bytes
constexpr std::size_t kPrefetchRuns = 6;
}  // namespace

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
  THALWEG_TRY(auto left_store, made->open_store(join.left_store, StoreKind::kPlain));
  made->left_rows_ = std::make_unique<TableRows>(std::move(left_store), left.schema, std::nullopt);
  THALWEG_TRY(auto right_store, made->open_store(join.right_store, StoreKind::kPlain));
  made->right_rows_ = std::make_unique<TableRows>(std::move(right_store), right.schema, std::nullopt);
  THALWEG_TRY(auto subscriptions, made->open_store(join.subscription_store, StoreKind::kGrouped));
  made->subscriptions_ = std::make_unique<Subscriptions>(std::move(subscriptions));
  made->left_codec_ = std::make_unique<KeyCodec>(key_types(left.schema));
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> ForeignKeyJoinOperator::take(int port, Batch& batch) {
  Arrival alone{port, batch};
  const Run all{0, 0, batch.selected};
  return take_round({&alone, 1}, {&all, 1});
}

Result<void> ForeignKeyJoinOperator::take_round(std::span<Arrival> arrivals, std::span<const Run> runs) {
  pairs_.clear();
  pair_bytes_ = std::make_shared<Arena>();
  left_rows_->begin();
  right_rows_->begin();
  subscriptions_->begin();
  THALWEG_TRY(const auto prepared, prepare(arrivals));
  for (std::size_t r = 0; r < runs.size(); ++r) {
    if (r + kPrefetchRuns < runs.size())
      prefetch(prepared[runs[r + kPrefetchRuns].arrival], runs[r + kPrefetchRuns]);
    const Run& run = runs[r];
    auto& [port, batch] = arrivals[run.arrival];
    THALWEG_CHECK(port == 0 ? join_left(batch, prepared[run.arrival], run)
                            : join_right(batch, prepared[run.arrival], run));
  }
  THALWEG_CHECK(emit_pairs());
  left_rows_->drop_removed();
  right_rows_->drop_removed();
  subscriptions_->drop_removed();
  return {};
}

// ---- before the first turn -----------------------------------------------------------------------------

Result<std::vector<ForeignKeyJoinOperator::Prepared>> ForeignKeyJoinOperator::prepare(
    std::span<Arrival> arrivals) {
  std::vector<Prepared> prepared(arrivals.size());
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    auto& [port, batch] = arrivals[i];
    if (port == 0) {
      THALWEG_CHECK(prepare_left(batch, prepared[i]));
      continue;
    }
    THALWEG_CHECK(right_rows_->resolve(batch, prepared[i].own));
    prepared[i].subscribed.reserve(batch.selected);
    for (std::size_t r = 0; r < batch.selected; ++r)
      prepared[i].subscribed.push_back(foreign_key_->of_right(batch, batch.row_at(r)));
  }
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    if (arrivals[i].port == 0) THALWEG_CHECK(find_named(arrivals[i].batch, prepared[i]));
  }
  return prepared;
}

// The runs that matter are short.
void ForeignKeyJoinOperator::prefetch(const Prepared& prepared, const Run& run) const {
  left_rows_->prefetch(prepared.right.empty() ? kNoSlot : prepared.own[run.first]);
  right_rows_->prefetch(prepared.right.empty() ? prepared.own[run.first] : prepared.right[run.first]);
}

Result<void> ForeignKeyJoinOperator::prepare_left(Batch& batch, Prepared& prepared) {
  const Rows rows = rows_of(batch);
  batch.old_columns.clear();
  batch.has_old = flags_of(*batch.arena, rows, batch.rows, [](std::uint32_t) { return false; });
  prepared.named = foreign_key_->evaluate(context_, batch, false, step_.name);
  prepared.foreign = with_columns_of(batch);
  prepared.foreign.columns = {prepared.named.column};
  THALWEG_CHECK(left_rows_->resolve(batch, prepared.own));
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::string& named = prepared.named.bytes[rows[i]];
    if (!named.empty()) subscriptions_->want(named, left_rows_->resolved_keys()[i]);
  }
  THALWEG_CHECK(subscriptions_->make_room());
  prepared.subscription.assign(rows.count, kNoSlot);
  auto room = subscriptions_->room().begin();
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (!prepared.named.bytes[rows[i]].empty()) prepared.subscription[i] = *room++;
  }
  return {};
}

Result<void> ForeignKeyJoinOperator::find_named(const Batch& batch, Prepared& prepared) {
  const Rows rows = rows_of(batch);
  KeyList keys;
  std::vector<std::size_t> naming;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::string& named = prepared.named.bytes[rows[i]];
    if (named.empty()) continue;
    keys.add(std::string_view(named).substr(kLengthBytes));
    naming.push_back(i);
  }
  slots_.resize(keys.size());
  THALWEG_CHECK(right_rows_->find(keys.keys(), slots_));
  prepared.right.assign(rows.count, kNoSlot);
  for (std::size_t n = 0; n < naming.size(); ++n) prepared.right[naming[n]] = slots_[n];
  return {};
}

// ---- left changes --------------------------------------------------------------------------------------

// Applies the changes of a run; gives the foreign keys of the rows they replace, by position from the first
// one's.
Result<ForeignKeys> ForeignKeyJoinOperator::exchange_left(Batch& batch, const Prepared& prepared,
                                                          const Run& run) {
  bool any_old = false;
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    const std::uint32_t row = batch.row_at(i);
    if (const auto old = left_rows_->stored(prepared.own[i])) {
      if (batch.old_columns.empty()) {
        batch.old_columns = make_columns(*batch.arena, left_, batch.rows);
        std::copy_n(batch.columns.begin(), left_.key_count, batch.old_columns.begin());
      }
      const std::span<Column> values(batch.old_columns.data() + left_.key_count,
                                     left_.size() - left_.key_count);
      THALWEG_CHECK(left_rows_->decode(old->values, values, row, *batch.arena, true));
      batch.has_old[row] = 1;
      any_old = true;
    }
    left_rows_->put(prepared.own[i], batch, row);
  }
  if (!any_old) return ForeignKeys{};
  return foreign_key_->evaluate(context_, cut(batch, run.first, run.count), true, step_.name);
}

Result<Slot> ForeignKeyJoinOperator::find_right(std::string_view foreign_key) {
  if (foreign_key.empty()) return kNoSlot;
  const std::string_view bytes = foreign_key.substr(kLengthBytes);
  const StateKey key{bytes, hash_key(bytes)};
  Slot slot = kNoSlot;
  THALWEG_CHECK(right_rows_->find({&key, 1}, {&slot, 1}));
  return slot;
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

Result<void> ForeignKeyJoinOperator::resubscribe(const Batch& batch, std::uint32_t row,
                                                 const std::string& former, const std::string& named,
                                                 Slot subscription) {
  if (named == former) return {};
  if (!former.empty()) {
    key_bytes_.clear();
    left_codec_->encode({batch.columns.data(), left_.key_count}, row, key_bytes_, true);
    THALWEG_CHECK(subscriptions_->remove(former, key_bytes_));
  }
  if (!named.empty()) subscriptions_->fill(subscription, "+");
  return {};
}

Result<void> ForeignKeyJoinOperator::join_left(Batch& batch, const Prepared& prepared, const Run& run) {
  static const std::string kNone;
  THALWEG_TRY(const ForeignKeys before, exchange_left(batch, prepared, run));
  const std::uint32_t begin = batch.row_at(run.first);
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    const std::uint32_t row = batch.row_at(i);
    const std::string& named = prepared.named.bytes[row];
    const std::string& former = before.bytes.empty() ? kNone : before.bytes[row - begin];
    THALWEG_CHECK(resubscribe(batch, row, former, named, prepared.subscription[i]));
    const bool is_new = batch.is_new(row);
    Slot slot = prepared.right[i];
    if (!is_new) { THALWEG_TRY(slot, find_right(former)); }
    const auto right = right_rows_->stored(slot);
    const Outcome result = outcome(batch, row, named, former, right.has_value());
    if (result == Outcome::kNothing) {
      bump(context_.counters->filtered, 1);
      continue;
    }
    Pair pair{{&batch, row}, true, result == Outcome::kRow, batch.timestamps[row], {}, {}, {}};
    if (right) pair.time = std::max(pair.time, right->timestamp);
    if (right && is_new) {
      pair.right_key = {&prepared.foreign, row};
      pair.other = pair_bytes_->copy(right->values);
    }
    pairs_.push_back(pair);
    if (pairs_.size() >= context_.batch_rows_max) THALWEG_CHECK(emit_pairs());
  }
  return {};
}

// ---- right changes -------------------------------------------------------------------------------------

Result<void> ForeignKeyJoinOperator::join_right(Batch& batch, const Prepared& prepared, const Run& run) {
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    const std::uint32_t row = batch.row_at(i);
    right_rows_->put(prepared.own[i], batch, row);
    if (prepared.subscribed[i].empty()) continue;
    subscribers_.clear();
    THALWEG_CHECK(subscriptions_->each(
        prepared.subscribed[i],
        [&](std::string_view left_key, std::string_view) { subscribers_.add(left_key); }));
    if (subscribers_.size() > 0) THALWEG_CHECK(pair_subscribers({&batch, row}));
  }
  return {};
}

Result<void> ForeignKeyJoinOperator::pair_subscribers(const RowRef& right) {
  const bool is_new = right.batch->is_new(right.row);
  slots_.resize(subscribers_.size());
  THALWEG_CHECK(left_rows_->find(subscribers_.keys(), slots_));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto left = left_rows_->stored(slots_[i]);
    if (!left) continue;
    pairs_.push_back({right, false, keep_unmatched_ || is_new, right.batch->timestamps[right.row],
                      is_new ? right : RowRef{}, pair_bytes_->copy(subscribers_[i]),
                      pair_bytes_->copy(left->values)});
    if (pairs_.size() >= context_.batch_rows_max) THALWEG_CHECK(emit_pairs());
  }
  return {};
}

// ---- results -------------------------------------------------------------------------------------------

Result<std::vector<Column>> ForeignKeyJoinOperator::left_columns(Arena& arena) const {
  std::vector<RowRef> refs(pairs_.size());
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (pairs_[i].of_left) refs[i] = pairs_[i].cause;
  }
  std::vector<Column> columns;
  for (std::size_t c = 0; c < left_.size(); ++c)
    columns.push_back(gather(arena, left_.columns[c].type, refs, c));
  const std::span<Column> all(columns);
  for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
    if (pairs_[i].of_left) continue;
    THALWEG_CHECK(left_codec_->decode(pairs_[i].left_key, all.first(left_.key_count), i, arena));
    THALWEG_CHECK(left_rows_->decode(pairs_[i].other, all.subspan(left_.key_count), i, arena, false));
  }
  return columns;
}

Result<std::vector<Column>> ForeignKeyJoinOperator::right_columns(Arena& arena) const {
  std::vector<RowRef> keys(pairs_.size()), refs(pairs_.size());
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    keys[i] = pairs_[i].right_key;
    if (!pairs_[i].of_left) refs[i] = pairs_[i].right_key;
  }
  std::vector<Column> columns;
  for (std::size_t c = 0; c < right_.size(); ++c)
    columns.push_back(gather(arena, right_.columns[c].type, c == 0 ? keys : refs, c));
  const std::span<Column> values = std::span(columns).subspan(right_.key_count);
  for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
    const bool paired = pairs_[i].of_left && pairs_[i].right_key.batch != nullptr;
    if (paired) THALWEG_CHECK(right_rows_->decode(pairs_[i].other, values, i, arena, false));
  }
  return columns;
}

Result<void> ForeignKeyJoinOperator::emit_pairs() {
  if (pairs_.empty()) return {};
  std::vector<RowRef> causes;
  causes.reserve(pairs_.size());
  for (const Pair& pair : pairs_) causes.push_back(pair.cause);
  Batch out = gather_attributes(causes);
  Arena& arena = *out.arena;
  arena.keep(std::exchange(pair_bytes_, std::make_shared<Arena>()));
  out.has_old = out.key_null = nullptr;
  out.has_new = arena.array<std::uint8_t>(out.rows);
  for (std::size_t i = 0; i < out.rows; ++i) {
    out.has_new[i] = pairs_[i].is_row;
    out.timestamps[i] = pairs_[i].time;
  }
  THALWEG_TRY(auto left, left_columns(arena));
  THALWEG_TRY(auto right, right_columns(arena));
  const std::vector<Column> key(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(left_.key_count));
  out.columns = joined_columns(key, std::move(left), std::move(right));
  pairs_.clear();
  return emit(out);
}

}  // namespace thalweg::runtime
