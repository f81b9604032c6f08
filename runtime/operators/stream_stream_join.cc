#include "runtime/operators/stream_stream_join.h"

#include <algorithm>

#include "runtime/operators/gather.h"
#include "runtime/operators/join_columns.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kBucketMinMs = 10'000;

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
    THALWEG_TRY(auto store, made->open_store(is_right ? join.right_store : join.left_store, true));
    side.rows = std::make_unique<TimedRows>(std::move(store), width, join.retention_ms);
    THALWEG_CHECK(side.rows->find_newest());
  }
  if (join.grace_ms && (made->sides_[0].preserved || made->sides_[1].preserved)) {
    THALWEG_TRY(made->pending_, made->open_store(join.pending_store, false));
    THALWEG_CHECK(made->load_pending());
  }
  return std::unique_ptr<Operator>(std::move(made));
}

// Keys of all rows, and where their partners may lie: the other side does not change meanwhile.
Result<void> StreamStreamJoinOperator::take_in(const Side& own, const Side& other, const Batch& batch) {
  const Rows rows = rows_of(batch);
  const std::span<const Column> key_columns(batch.columns.data(), own.schema.key_count);
  key_bytes_.clear();
  arrivals_.clear();
  other.rows->forget_ranges();
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    Arrival arrival{row, key_bytes_.size(), key_bytes_.size(), 0};
    if (batch.is_new(row) && !batch.is_key_null(row) && own.key_codec->encode(key_columns, row, key_bytes_)) {
      if (batch.window_start != nullptr)
        append_u64_be(key_bytes_, static_cast<std::uint64_t>(batch.window_start[row]));
      if (sessions_) append_u64_be(key_bytes_, static_cast<std::uint64_t>(batch.window_end[row]));
      arrival.key_end = key_bytes_.size();
      const std::int64_t time = batch.timestamps[row];
      const std::string_view key = between(key_bytes_, arrival.key_begin, arrival.key_end);
      arrival.range =
          other.rows->want(key, std::max<std::int64_t>(0, time - own.before_ms), time + own.after_ms) + 1;
    }
    arrivals_.push_back(arrival);
  }
  return other.rows->look_up();
}

Result<void> StreamStreamJoinOperator::join_row(int port, Batch& batch, const Arrival& arrival) {
  Side& own = sides_[static_cast<std::size_t>(port)];
  Side& other = sides_[static_cast<std::size_t>(1 - port)];
  const std::uint32_t row = arrival.row;
  const std::int64_t time = batch.timestamps[row];
  progress_.observed = std::max(progress_.observed, time);
  const bool has_key = arrival.range != 0;
  if (!batch.is_new(row) || (!has_key && !own.preserved)) {
    bump(context_.counters->filtered, 1);
    return {};
  }
  if (!has_key) {
    matches_.push_back({row, time, true, {}});
    return {};
  }
  if (pending_ && time == progress_.observed) THALWEG_CHECK(sweep(port, batch, row));
  const std::string_view key = between(key_bytes_, arrival.key_begin, arrival.key_end);
  bool matched = false;
  Result<void> outcome;
  other.rows->each(arrival.range - 1, [&](std::int64_t other_time, std::string_view bytes) {
    matched = true;
    matches_.push_back({row, std::max(time, other_time), false, bytes});
    if (!pending_keys_.empty()) outcome = remove_pending(pending_key(other_time, port == 1, key));
    if (outcome && matches_.size() >= context_.batch_rows_max) outcome = emit_matches(port, batch);
    return outcome.has_value();
  });
  THALWEG_CHECK(std::move(outcome));
  row_bytes_.clear();
  const std::size_t key_count = own.schema.key_count;
  own.value_codec->encode({batch.columns.data() + key_count, own.schema.size() - key_count}, row, row_bytes_);
  if (!matched && own.preserved) {
    if (!pending_ || time + own.after_ms < progress_.observed) {
      matches_.push_back({row, time, true, {}});
    } else {
      THALWEG_CHECK(add_pending(pending_key(time, port == 0, key), row_bytes_));
      if (!progress_.visited || time < progress_.visited->time) progress_.visited = Visit{time, port == 0};
    }
  }
  own.rows->insert(key, time, row_bytes_);
  return {};
}

Result<void> StreamStreamJoinOperator::process(int port, Batch& batch) {
  Side& own = sides_[static_cast<std::size_t>(port)];
  const Side& other = sides_[static_cast<std::size_t>(1 - port)];
  matches_.clear();
  THALWEG_CHECK(take_in(own, other, batch));
  for (const Arrival& arrival : arrivals_) THALWEG_CHECK(join_row(port, batch, arrival));
  THALWEG_CHECK(emit_matches(port, batch));
  return own.rows->apply();
}

void StreamStreamJoinOperator::set_windows(Batch& out) const {
  if (!window_ || sessions_ || !window_->size_ms) return;
  out.window_end = out.arena->array<std::int64_t>(out.rows);
  for (std::size_t i = 0; i < out.rows; ++i) out.window_end[i] = out.window_start[i] + *window_->size_ms;
}

Result<void> StreamStreamJoinOperator::emit_matches(int port, const Batch& batch) {
  if (matches_.empty()) return {};
  const Side& other = sides_[static_cast<std::size_t>(1 - port)];
  // An arena of their own, so that many matches of one batch can go piece by piece.
  Batch from = batch;
  from.arena = std::make_shared<Arena>();
  from.arena->keep(batch.arena);
  Arena& arena = *from.arena;
  std::vector<std::uint32_t> positions;
  positions.reserve(matches_.size());
  for (const Match& match : matches_) positions.push_back(match.row);
  Batch out = gather_rows(from, positions);
  out.has_new = out.has_old = nullptr;
  std::vector<Column> own = std::move(out.columns);
  std::vector<Column> found = make_columns(arena, other.schema, out.rows);
  const std::size_t key_count = other.schema.key_count;
  const std::span<Column> values(found.data() + key_count, found.size() - key_count);
  auto* matched = arena.array<std::uint8_t>(out.rows);
  for (std::uint32_t i = 0; i < out.rows; ++i) {
    matched[i] = !matches_[i].padded;
    out.timestamps[i] = matches_[i].time;
    if (matched[i]) THALWEG_CHECK(other.value_codec->decode(matches_[i].other, values, i, arena, true));
  }
  // Both sides' keys are the join key.
  for (std::size_t k = 0; k < key_count; ++k) {
    found[k] = masked(arena, own[k], other.schema.columns[k].type, {nullptr, out.rows}, out.rows, matched);
  }
  const std::vector<Column> key(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(key_count));
  out.columns = port == 0 ? joined_columns(key, std::move(own), std::move(found))
                          : joined_columns(key, std::move(found), std::move(own));
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
  THALWEG_CHECK(Operator::roll_back());
  for (Side& side : sides_) THALWEG_CHECK(side.rows->find_newest());
  return pending_ ? load_pending() : Result<void>{};
}

}  // namespace thalweg::runtime
