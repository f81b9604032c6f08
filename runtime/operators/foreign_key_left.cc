// The side that keeps the left rows, asks for right ones and joins them with what comes back.
#include <algorithm>

#include "runtime/operators/foreign_key_sides.h"
#include "runtime/operators/join_columns.h"

namespace thalweg::runtime {
namespace {

// The source a table edge begins at: its topic's keys decide where a row lies.
const planner::SourceStep* source_of(const planner::QueryPlan& plan, std::int32_t step) {
  const planner::Step& at = plan.steps[static_cast<std::size_t>(step)];
  if (const auto* source = std::get_if<planner::SourceStep>(&at.node)) return source;
  return at.inputs.empty() ? nullptr : source_of(plan, at.inputs[0]);
}

}  // namespace

ForeignKeyLeftOperator::ForeignKeyLeftOperator(TaskContext& context, const planner::Step& step,
                                               const planner::Schema& left, const planner::Schema& right,
                                               MessageHop requests)
    : MergingOperator(context, step),
      left_(left),
      right_(right),
      requests_(std::move(requests)),
      partitioner_(requests_.partitions, context.single_partition),
      left_codec_(key_types(left)),
      left_row_codec_(all_types(left)),
      right_row_codec_(all_types(right)) {}

Result<std::unique_ptr<Operator>> ForeignKeyLeftOperator::make(TaskContext& context,
                                                               const planner::QueryPlan& plan,
                                                               std::size_t index, MessageHop requests) {
  const planner::Step& step = plan.steps[index];
  const auto& join = std::get<planner::ForeignKeyJoinStep>(step.node);
  const auto& left = plan.steps[static_cast<std::size_t>(step.inputs[0])];
  const auto& right = plan.steps[static_cast<std::size_t>(step.inputs[1])];
  const auto* right_source = source_of(plan, step.inputs[1]);
  if (left.windowed || right.windowed || right_source == nullptr)
    return Error{ErrorCode::kUnsupported, "foreign-key joins are not supported on windowed tables"};
  std::unique_ptr<ForeignKeyLeftOperator> made(
      new ForeignKeyLeftOperator(context, step, left.schema, right.schema, std::move(requests)));
  made->keep_unmatched_ = join.type == ast::JoinType::kLeft;
  const SideSchema key{Side::kKey, right_source->topic, right_source->key, right_source->key_fields};
  THALWEG_TRY(made->key_writer_, make_serializer(key));
  THALWEG_TRY(auto foreign_key, ForeignKeyExpression::make(context, *join.foreign_key, right.schema));
  made->foreign_key_ = std::make_unique<ForeignKeyExpression>(std::move(foreign_key));
  THALWEG_TRY(auto left_store, made->open_store(join.left_store, StoreKind::kPlain));
  made->left_rows_ = std::make_unique<TableRows>(std::move(left_store), left.schema, std::nullopt);
  if (!made->keep_unmatched_) {
    THALWEG_TRY(made->joined_, made->open_store(join.left_store + "-joined", StoreKind::kPlain));
  }
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> ForeignKeyLeftOperator::take(int port, Batch& batch) {
  return port == kAnswers ? answer(batch) : change(batch);
}

// ---- changes -------------------------------------------------------------------------------------------

ForeignKeyLeftOperator::Outcome ForeignKeyLeftOperator::outcome(const Batch& batch, std::uint32_t row,
                                                                bool names_one, bool named_one) const {
  const bool is_new = batch.is_new(row), is_old = batch.is_old(row);
  if (!is_new) {
    if (!is_old) return Outcome::kNothing;
    if (named_one) return Outcome::kAsk;  // an answer tells the time of the deletion
    return keep_unmatched_ ? Outcome::kDeletion : Outcome::kNothing;
  }
  if (names_one) return Outcome::kAsk;
  if (keep_unmatched_) return Outcome::kRow;
  return is_old && named_one ? Outcome::kDeletion : Outcome::kNothing;
}

Result<void> ForeignKeyLeftOperator::change(Batch& batch) {
  THALWEG_CHECK(left_rows_->exchange(batch, true));
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  const ForeignKeys now = foreign_key_->evaluate(context_, batch, false, step_.name);
  const ForeignKeys before = foreign_key_->evaluate(context_, batch, true, step_.name);
  const std::span<const Column> key(batch.columns.data(), left_.key_count);
  Batch out = with_columns_of(batch);
  out.has_old = nullptr;
  out.has_new = arena.array<std::uint8_t>(batch.rows);
  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0, silent = 0;
  std::string left_key;
  using Action = ForeignKeyRequest::Action;
  using Answer = ForeignKeyRequest::Answer;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const std::string& foreign = now.bytes[row];
    const std::string& former = before.bytes[row];
    left_key.clear();
    left_codec_.encode(key, row, left_key, true);
    ForeignKeyRequest request{Action::kSubscribe,       Answer::kAlways, 0,
                              context_.partition.value, foreign,         left_key};
    const Outcome result = outcome(batch, row, !foreign.empty(), !former.empty());
    if (!former.empty() && former != foreign) {
      ForeignKeyRequest leave = request;
      leave.action = Action::kUnsubscribe;
      leave.answer = batch.is_new(row) ? Answer::kNone : Answer::kAlways;
      leave.foreign_key = former;
      THALWEG_CHECK(ask(before, batch, row, leave));
    }
    if (!foreign.empty()) {
      request.version = version_of(batch.columns, row);
      const bool was_elsewhere = batch.is_old(row) && former != foreign;
      if (!keep_unmatched_ && !was_elsewhere) request.answer = Answer::kQuiet;
      THALWEG_CHECK(ask(now, batch, row, request));
    }
    if (result == Outcome::kNothing) ++silent;
    if (result == Outcome::kNothing || result == Outcome::kAsk) continue;
    if (!keep_unmatched_) THALWEG_CHECK(set_joined(left_key, false));
    out.has_new[row] = result == Outcome::kRow;
    kept[count++] = row;
  }
  bump(context_.counters->filtered, silent);
  out.columns = joined_columns(key, batch.columns, make_columns(arena, right_, batch.rows));
  select(out, kept, count);
  return emit(out);
}

Result<void> ForeignKeyLeftOperator::ask(const ForeignKeys& keys, const Batch& batch, std::uint32_t row,
                                         ForeignKeyRequest request) {
  key_bytes_.clear();
  THALWEG_TRY(const bool has_key, key_writer_->append({&keys.column, 1}, row, key_bytes_));
  RecordBatchBuilder& builder = context_.produce({requests_.topic, partitioner_.of(key_bytes_, !has_key)});
  builder.key_bytes().append(key_bytes_);
  append(builder.value_bytes(), request);
  builder.finish_record(batch.timestamps[row], !has_key, false);
  return {};
}

// ---- answers -------------------------------------------------------------------------------------------

Result<void> ForeignKeyLeftOperator::answer(Batch& batch) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  std::vector<Column> key;
  for (std::size_t k = 0; k < left_.key_count; ++k)
    key.push_back(make_column(arena, left_.columns[k].type, batch.rows));
  std::vector<Column> right = make_columns(arena, right_, batch.rows);
  std::vector<ForeignKeyResponse> responses;
  responses.reserve(rows.count);
  for (std::size_t i = 0; i < rows.count; ++i) {
    THALWEG_TRY(responses.emplace_back(),
                read_response_message(batch.columns[0].get<std::string_view>(rows[i])));
    THALWEG_CHECK(left_codec_.decode(responses[i].left_key, key, rows[i], arena));
    if (!responses[i].found) continue;
    THALWEG_TRY(const auto used, right_row_codec_.decode(responses[i].right_row, right, rows[i], arena));
    static_cast<void>(used);
  }
  THALWEG_TRY(auto found, left_rows_->lookup(arena, key, rows, batch.rows));
  std::vector<Column> left = key;
  left.insert(left.end(), found.values.begin(), found.values.end());

  Batch out = with_columns_of(batch);
  out.has_new = arena.array<std::uint8_t>(batch.rows);
  auto* kept = arena.array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const ForeignKeyResponse& response = responses[i];
    const bool exists = found.found[i] != 0;
    if (response.version != (exists ? version_of(left, row) : 0)) continue;  // of a former row
    const bool joins = exists && (response.found || keep_unmatched_);
    if (!keep_unmatched_) {
      THALWEG_TRY(const bool was_joined, is_joined(response.left_key));
      if (!joins && response.quiet && !was_joined) continue;
      THALWEG_CHECK(set_joined(response.left_key, joins));
    }
    out.has_new[row] = joins;
    kept[count++] = row;
  }
  bump(context_.counters->filtered, rows.count - count);
  out.columns = joined_columns(key, std::move(left), std::move(right));
  select(out, kept, count);
  return emit(out);
}

std::uint64_t ForeignKeyLeftOperator::version_of(std::span<const Column> columns, std::uint32_t row) {
  row_bytes_.clear();
  left_row_codec_.encode(columns, row, row_bytes_);
  return hash_key(row_bytes_) | 1;  // 0 says that there is no row
}

Result<bool> ForeignKeyLeftOperator::is_joined(std::string_view left_key) {
  const StateKey wanted{left_key, hash_key(left_key)};
  Slot slot = kNoSlot;
  THALWEG_CHECK(joined_->lookup({&wanted, 1}, {&slot, 1}));
  return slot != kNoSlot;
}

Result<void> ForeignKeyLeftOperator::set_joined(std::string_view left_key, bool joined) {
  const StateKey wanted{left_key, hash_key(left_key)};
  Slot slot = kNoSlot;
  if (joined) {
    std::uint8_t inserted = 0;
    THALWEG_CHECK(joined_->upsert({&wanted, 1}, {&slot, 1}, {&inserted, 1}));
    if (inserted) joined_->set_row(slot, "+");
    return {};
  }
  THALWEG_CHECK(joined_->lookup({&wanted, 1}, {&slot, 1}));
  if (slot != kNoSlot) joined_->erase(slot);
  return {};
}

}  // namespace thalweg::runtime
