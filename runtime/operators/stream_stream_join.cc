#include "runtime/operators/stream_stream_join.h"

#include <algorithm>
#include <utility>

#include "runtime/operators/gather.h"
#include "runtime/operators/join_columns.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kBucketMinMs = 10'000;
constexpr std::size_t kPrefetchRows = 6;

std::string_view between(const std::string& bytes, std::size_t begin, std::size_t end) {
  return std::string_view(bytes).substr(begin, end - begin);
}

}  // namespace

Result<std::unique_ptr<Operator>> StreamStreamJoinOperator::make(TaskContext& context,
                                                                 const planner::Step& step,
                                                                 const planner::Schema& left,
                                                                 const planner::Schema& right,
                                                                 std::optional<planner::WindowInfo> window) {
  std::unique_ptr<StreamStreamJoinOperator> made(new StreamStreamJoinOperator(context, step));
  const auto& join = made->join();
  made->window_ = window;
  made->sessions_ = window && window->type == ast::WindowType::kSession;
  // A range of before + after then touches at most three buckets.
  const std::int64_t width = std::max(kBucketMinMs, (join.before_ms + join.after_ms) / 2 + 1);
  for (const bool is_right : {false, true}) {
    Side& side = made->sides_[is_right ? 1 : 0];
    side.schema = is_right ? right : left;
    side.before_ms = is_right ? join.after_ms : join.before_ms;
    side.after_ms = is_right ? join.before_ms : join.after_ms;
    side.preserved = join.type == ast::JoinType::kFull ||
                     join.type == (is_right ? ast::JoinType::kRight : ast::JoinType::kLeft);
    side.key_codec = std::make_unique<KeyCodec>(key_types(side.schema));
    side.value_codec = std::make_unique<RowCodec>(value_types(side.schema));
    THALWEG_TRY(auto store,
                made->open_store(is_right ? join.right_store : join.left_store, StoreKind::kWindowed));
    side.rows = std::make_unique<TimedRows>(std::move(store), width, join.retention_ms);
    THALWEG_CHECK(side.rows->find_newest());
  }
  if (join.grace_ms && (made->sides_[0].preserved || made->sides_[1].preserved)) {
    THALWEG_TRY(made->pending_, made->open_store(join.pending_store, StoreKind::kPlain));
    THALWEG_CHECK(made->load_pending());
  }
  return std::unique_ptr<Operator>(std::move(made));
}

void StreamStreamJoinOperator::read_keys(const Arrival& arrival, const Run& run) {
  const auto& [port, batch] = arrival;
  const Side& own = sides_[static_cast<std::size_t>(port)];
  const std::span<const Column> key_columns(batch.columns.data(), own.schema.key_count);
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    const std::uint32_t row = batch.row_at(i);
    const std::size_t begin = key_bytes_.size();
    const bool has_key =
        batch.is_new(row) && !batch.is_key_null(row) && own.key_codec->encode(key_columns, row, key_bytes_);
    if (has_key) {
      if (batch.window_start != nullptr)
        append_u64_be(key_bytes_, static_cast<std::uint64_t>(batch.window_start[row]));
      if (sessions_) append_u64_be(key_bytes_, static_cast<std::uint64_t>(batch.window_end[row]));
    }
    arrived_.push_back({{&batch, row}, port, has_key, begin, key_bytes_.size()});
  }
}

// Makes room for all rows of the round, and finds where their partners are or will be.
Result<void> StreamStreamJoinOperator::look_ahead() {
  const auto key_of = [&](const Row& row) { return between(key_bytes_, row.key_begin, row.key_end); };
  const auto time_of = [](const Row& row) { return row.ref.batch->timestamps[row.ref.row]; };
  for (Row& row : arrived_) {
    if (row.has_key) row.place = own_side(row).rows->reserve(key_of(row), time_of(row));
  }
  for (const Side& side : sides_) {
    THALWEG_CHECK(side.rows->make_room());
    side.rows->forget_ranges();
  }
  for (Row& row : arrived_) {
    if (!row.has_key) continue;
    const Side& own = own_side(row);
    const std::int64_t time = time_of(row);
    row.range = other_side(row).rows->want(key_of(row), std::max<std::int64_t>(0, time - own.before_ms),
                                           time + own.after_ms);
  }
  for (const Side& side : sides_) THALWEG_CHECK(side.rows->look_up());
  return {};
}

void StreamStreamJoinOperator::prefetch(const Row& row) {
  if (!row.has_key) return;
  own_side(row).rows->prefetch_reserved(row.place);
  other_side(row).rows->prefetch(row.range);
}

Result<void> StreamStreamJoinOperator::find_matches(const Row& row, bool& matched) {
  const TimedRows& others = *other_side(row).rows;
  const std::int64_t time = row.ref.batch->timestamps[row.ref.row];
  const std::int64_t visible_from = others.visible_from();
  Result<void> outcome;
  others.each(row.range, [&](std::int64_t other_time, std::string_view bytes) {
    if (other_time < visible_from) return true;
    matched = true;
    matches_.push_back({row.ref, row.port, std::max(time, other_time), false, match_bytes_->copy(bytes)});
    if (!pending_keys_.empty()) {
      const std::string_view key = between(key_bytes_, row.key_begin, row.key_end);
      outcome = remove_pending(pending_key(other_time, row.port == 1, key));
    }
    if (outcome && matches_.size() >= context_.batch_rows_max) outcome = emit_matches();
    return outcome.has_value();
  });
  return outcome;
}

Result<void> StreamStreamJoinOperator::join_row(const Row& row) {
  const auto& [batch, position] = row.ref;
  Side& own = own_side(row);
  const std::int64_t time = batch->timestamps[position];
  progress_.observed = std::max(progress_.observed, time);
  if (!batch->is_new(position) || (!row.has_key && !own.preserved)) {
    bump(context_.counters->filtered, 1);
    return {};
  }
  if (!row.has_key) {
    matches_.push_back({row.ref, row.port, time, true, {}});
    return {};
  }
  if (pending_ && time == progress_.observed) THALWEG_CHECK(sweep(row.ref));
  bool matched = false;
  THALWEG_CHECK(find_matches(row, matched));
  row_bytes_.clear();
  const std::size_t key_count = own.schema.key_count;
  own.value_codec->encode({batch->columns.data() + key_count, own.schema.size() - key_count}, position,
                          row_bytes_);
  if (!matched && own.preserved) {
    if (!pending_ || time + own.after_ms < progress_.observed) {
      matches_.push_back({row.ref, row.port, time, true, {}});
    } else {
      const std::string_view key = between(key_bytes_, row.key_begin, row.key_end);
      THALWEG_CHECK(add_pending(pending_key(time, row.port == 0, key), row_bytes_));
      if (!progress_.visited || time < progress_.visited->time)
        progress_.visited = Visit{time, row.port == 0};
    }
  }
  own.rows->fill(row.place, time, row_bytes_);
  return {};
}

Result<void> StreamStreamJoinOperator::take(int port, Batch& batch) {
  Arrival alone{port, batch};
  const Run all{0, 0, batch.selected};
  return take_round({&alone, 1}, {&all, 1});
}

Result<void> StreamStreamJoinOperator::take_round(std::span<Arrival> arrivals, std::span<const Run> runs) {
  arrived_.clear();
  key_bytes_.clear();
  matches_.clear();
  match_bytes_ = std::make_shared<Arena>();
  for (const Run& run : runs) read_keys(arrivals[run.arrival], run);
  THALWEG_CHECK(look_ahead());
  for (std::size_t i = 0; i < arrived_.size(); ++i) {
    if (i + kPrefetchRows < arrived_.size()) prefetch(arrived_[i + kPrefetchRows]);
    THALWEG_CHECK(join_row(arrived_[i]));
  }
  THALWEG_CHECK(emit_matches());
  for (const Side& side : sides_) side.rows->drop_unfilled();
  return {};
}

void StreamStreamJoinOperator::set_windows(Batch& out) const {
  if (!window_ || sessions_ || !window_->size_ms) return;
  out.window_end = out.arena->array<std::int64_t>(out.rows);
  for (std::size_t i = 0; i < out.rows; ++i) out.window_end[i] = out.window_start[i] + *window_->size_ms;
}

Result<std::vector<Column>> StreamStreamJoinOperator::side_columns(Arena& arena, int port,
                                                                   std::span<const Column> key) const {
  const Side& side = sides_[static_cast<std::size_t>(port)];
  const std::size_t key_count = side.schema.key_count;
  const std::size_t count = matches_.size();
  std::vector<RowRef> refs(count);
  auto* present = arena.array<std::uint8_t>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Match& match = matches_[i];
    if (match.port == port) refs[i] = match.own;
    present[i] = match.port == port || !match.padded;
  }
  std::vector<Column> columns;
  for (std::size_t c = 0; c < side.schema.size(); ++c) {
    const planner::SqlType& type = side.schema.columns[c].type;
    // Both sides' keys are the join key.
    columns.push_back(c < key_count ? masked(arena, key[c], type, {nullptr, count}, count, present)
                                    : gather(arena, type, refs, c));
  }
  const std::span<Column> values(columns.data() + key_count, columns.size() - key_count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (matches_[i].port == port || matches_[i].padded) continue;
    THALWEG_CHECK(side.value_codec->decode(matches_[i].other, values, i, arena));
  }
  return columns;
}

Result<void> StreamStreamJoinOperator::emit_matches() {
  if (matches_.empty()) return {};
  std::vector<RowRef> refs;
  refs.reserve(matches_.size());
  for (const Match& match : matches_) refs.push_back(match.own);
  Batch out = gather_attributes(refs);
  Arena& arena = *out.arena;
  arena.keep(std::exchange(match_bytes_, std::make_shared<Arena>()));
  out.has_new = out.has_old = nullptr;
  for (std::size_t i = 0; i < out.rows; ++i) out.timestamps[i] = matches_[i].time;
  std::vector<Column> key;
  for (std::size_t k = 0; k < step_.schema.key_count; ++k)
    key.push_back(gather(arena, step_.schema.columns[k].type, refs, k));
  THALWEG_TRY(auto left, side_columns(arena, 0, key));
  THALWEG_TRY(auto right, side_columns(arena, 1, key));
  out.columns = joined_columns(key, std::move(left), std::move(right));
  set_windows(out);
  matches_.clear();
  return emit(out);
}

Result<void> StreamStreamJoinOperator::flush() {
  for (Side& side : sides_) THALWEG_CHECK(side.rows->expire(side.rows->visible_from()));
  return {};
}

Result<void> StreamStreamJoinOperator::roll_back() {
  progress_ = committed_;
  THALWEG_CHECK(MergingOperator::roll_back());
  for (Side& side : sides_) THALWEG_CHECK(side.rows->find_newest());
  return pending_ ? load_pending() : Result<void>{};
}

}  // namespace thalweg::runtime
