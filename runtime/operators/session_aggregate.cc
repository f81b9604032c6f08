#include "runtime/operators/session_aggregate.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "runtime/operators/gather.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kBucketMinMs = 10'000;
constexpr std::int64_t kBucketsPerLookup = 8;
constexpr std::size_t kStartBytes = 8;

std::int64_t start_of(std::string_view entry) {
  std::int64_t start;
  std::memcpy(&start, entry.data(), sizeof start);
  return start;
}

std::string_view bytes_of(const std::int64_t& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

}  // namespace

Result<std::unique_ptr<Operator>> SessionAggregateOperator::make(TaskContext& context,
                                                                 const planner::Step& step,
                                                                 const planner::Schema& input) {
  std::unique_ptr<SessionAggregateOperator> made(new SessionAggregateOperator(context, step));
  const auto& aggregate = made->aggregate();
  THALWEG_TRY(made->calls_, AggregateCalls::make(context, aggregate, input));
  THALWEG_TRY(auto store, context.open_store(aggregate.store, true));
  const std::int64_t width = std::max(kBucketMinMs, made->window().size_ms);
  made->sessions_ = std::make_unique<TimedRows>(std::move(store), width, made->window().retention_ms);
  THALWEG_CHECK(made->sessions_->find_newest());
  made->key_codec_ = std::make_unique<KeyCodec>(key_types(step.schema));
  made->calls_->initialize(made->initial_row_);
  if (aggregate.emit_final) {
    THALWEG_TRY(const std::string stored, context.restore(step.id + ".emitted"));
    if (stored.size() == 8) std::memcpy(&made->progress_.emitted_until, stored.data(), 8);
  }
  made->committed_ = made->progress_;
  return std::unique_ptr<Operator>(std::move(made));
}

bool SessionAggregateOperator::encode_key(const Batch& batch, std::uint32_t row) {
  if (batch.is_key_null(row) || !batch.is_new(row)) return false;
  key_.clear();
  return key_codec_->encode({batch.columns.data(), step_.schema.key_count}, row, key_);
}

Result<void> SessionAggregateOperator::find_touched(std::int64_t time) {
  touched_.clear();
  const std::int64_t gap = window().size_ms;
  std::int64_t from = std::max(time - gap, sessions_->visible_from());
  bool more = true;
  // Sessions of a group do not overlap, so the first one that begins too late ends the search.
  while (more && from <= sessions_->newest()) {
    const std::int64_t to = sessions_->bucket_of(from) + kBucketsPerLookup * sessions_->width_ms() - 1;
    sessions_->forget_ranges();
    const std::size_t range = sessions_->want(key_, from, to);
    THALWEG_CHECK(sessions_->look_up());
    sessions_->each(range, [&](std::int64_t end, std::string_view entry) {
      const std::int64_t start = start_of(entry);
      more = start <= time + gap;
      if (more) touched_.push_back({start, end, std::string(entry.substr(kStartBytes))});
      return more;
    });
    from = to + 1;
  }
  return {};
}

Result<void> SessionAggregateOperator::put(std::int64_t start, std::int64_t end) {
  entry_.assign(bytes_of(start));
  entry_.append(work_state_);
  sessions_->insert(key_, end, entry_);
  return sessions_->apply();
}

Result<void> SessionAggregateOperator::add(const Batch& batch, std::uint32_t row) {
  const std::int64_t time = batch.timestamps[row];
  progress_.observed = std::max(progress_.observed, time);
  THALWEG_CHECK(find_touched(time));
  std::int64_t start = time, end = time;
  for (const Session& session : touched_) {
    start = std::min(start, session.start);
    end = std::max(end, session.end);
  }
  if (end < progress_.observed - window().grace_ms - window().size_ms) {
    bump(context_.counters->late, 1);
    return {};
  }
  const bool emits = !aggregate().emit_final;
  Arena& arena = *batch.arena;
  const bool in_place = start == time && end == time;
  work_state_ = touched_.empty() ? initial_row_ : touched_.front().state;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const Session& session = touched_[i];
    if (i > 0) THALWEG_CHECK(calls_->merge(session.state, work_state_));
    THALWEG_CHECK(sessions_->erase(key_, session.end, bytes_of(session.start)));
    if (!emits || in_place) continue;
    const std::string_view old = step_.needs_old ? arena.copy(session.state) : std::string_view{};
    changes_.push_back({row, session.start, session.end, {}, old});
  }
  THALWEG_CHECK(calls_->apply(batch, row, false, true, work_state_));
  THALWEG_CHECK(put(start, end));
  if (!emits) return {};
  const bool knows_old = step_.needs_old && in_place && !touched_.empty();
  const std::string_view old = knows_old ? arena.copy(touched_.front().state) : std::string_view{};
  changes_.push_back({row, start, end, arena.copy(work_state_), old});
  return {};
}

Result<void> SessionAggregateOperator::process(int, Batch& batch) {
  const Rows rows = rows_of(batch);
  changes_.clear();
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (!encode_key(batch, rows[i])) {
      bump(context_.counters->filtered, 1);
      continue;
    }
    THALWEG_CHECK(add(batch, rows[i]));
    if (aggregate().emit_final) THALWEG_CHECK(emit_closed());
  }
  return changes_.empty() ? Result<void>{} : emit_changes(batch);
}

// The window bounds are columns, too.
void SessionAggregateOperator::set_windows(Batch& out) const {
  const std::size_t count = step_.schema.size();
  for (auto* columns : {&out.columns, &out.old_columns}) {
    if (columns->size() < count) continue;
    (*columns)[count - 2] = Column{Physical::kInt64, 1, out.window_start, nullptr};
    (*columns)[count - 1] = Column{Physical::kInt64, 1, out.window_end, nullptr};
  }
}

Result<void> SessionAggregateOperator::emit_changes(const Batch& batch) {
  Arena& arena = *batch.arena;
  std::vector<std::uint32_t> positions;
  for (const Change& change : changes_) positions.push_back(change.row);
  Batch out = gather_attributes(batch, positions);
  out.headers = nullptr;
  out.key_null = nullptr;
  out.has_new = arena.array<std::uint8_t>(out.rows);
  out.has_old = step_.needs_old ? arena.array<std::uint8_t>(out.rows) : nullptr;
  out.window_start = arena.array<std::int64_t>(out.rows);
  out.window_end = arena.array<std::int64_t>(out.rows);
  const std::size_t key_count = step_.schema.key_count;
  for (std::size_t c = 0; c < step_.schema.size(); ++c) {
    const auto& type = step_.schema.columns[c].type;
    out.columns.push_back(c < key_count ? gather(arena, batch.columns[c], positions)
                                        : make_column(arena, type, out.rows));
    if (!step_.needs_old) continue;
    out.old_columns.push_back(c < key_count ? out.columns[c] : make_column(arena, type, out.rows));
  }
  const std::size_t results = calls_->result_types().size();
  for (std::uint32_t i = 0; i < out.rows; ++i) {
    const Change& change = changes_[i];
    out.timestamps[i] = change.end;
    out.window_start[i] = change.start;
    out.window_end[i] = change.end;
    out.has_new[i] = !change.state.empty();
    if (out.has_new[i])
      THALWEG_CHECK(calls_->results(change.state, arena, {&out.columns[key_count], results}, i));
    if (!step_.needs_old) continue;
    out.has_old[i] = !change.old_state.empty();
    if (out.has_old[i]) {
      THALWEG_CHECK(calls_->results(change.old_state, arena, {&out.old_columns[key_count], results}, i));
    }
  }
  set_windows(out);
  changes_.clear();
  return emit(out);
}

// Rows of whole sessions, as a reader or EMIT FINAL wants them.
Result<Batch> SessionAggregateOperator::make_output(const std::vector<KeyedSession>& sessions) const {
  Batch out = make_batch(sessions.size());
  Arena& arena = *out.arena;
  for (const auto& column : step_.schema.columns)
    out.columns.push_back(make_column(arena, column.type, out.rows));
  out.window_start = arena.array<std::int64_t>(out.rows);
  out.window_end = arena.array<std::int64_t>(out.rows);
  const std::size_t key_count = step_.schema.key_count;
  const std::span<Column> results(out.columns.data() + key_count, calls_->result_types().size());
  for (std::uint32_t i = 0; i < out.rows; ++i) {
    const KeyedSession& found = sessions[i];
    out.window_start[i] = found.session.start;
    out.window_end[i] = out.timestamps[i] = found.session.end;
    THALWEG_CHECK(key_codec_->decode(arena.copy(found.key), {out.columns.data(), key_count}, i, arena));
    THALWEG_CHECK(calls_->results(arena.copy(found.session.state), arena, results, i));
  }
  set_windows(out);
  return out;
}

Result<void> SessionAggregateOperator::emit_closed() {
  const std::int64_t wall = context_.clock->now().value;
  if (wall < progress_.next_check_ms) return {};
  progress_.next_check_ms = wall + context_.emit_interval_ms;
  const std::int64_t close = progress_.observed - window().grace_ms - window().size_ms;
  if (progress_.emitted_until != -1 && progress_.emitted_until >= close) return {};
  const std::int64_t high = close - 1;
  const std::int64_t low = std::max<std::int64_t>(0, progress_.emitted_until);
  if (high < low) return {};
  std::string from, to;
  append_u64_be(from, static_cast<std::uint64_t>(sessions_->bucket_of(low)));
  append_u64_be(to, static_cast<std::uint64_t>(sessions_->bucket_of(high) + 1));
  std::vector<KeyedSession> closed;
  THALWEG_CHECK(sessions_->store().scan(from, to, [&](std::string_view key, std::string_view row) {
    TimedRows::walk(row, [&](std::int64_t end, std::string_view entry) {
      if (end >= low && end <= high) {
        closed.push_back(
            {std::string(key.substr(8)), {start_of(entry), end, std::string(entry.substr(kStartBytes))}});
      }
      return end <= high;
    });
    return true;
  }));
  progress_.emitted_until = close;
  if (closed.empty()) return {};
  std::sort(closed.begin(), closed.end(), [](const KeyedSession& a, const KeyedSession& b) {
    return std::tie(a.session.end, a.session.start, a.key) < std::tie(b.session.end, b.session.start, b.key);
  });
  THALWEG_TRY(Batch out, make_output(closed));
  return emit(out);
}

Result<Batch> SessionAggregateOperator::read(const ReadRequest& request) {
  ReadRequest all = request;
  all.start_min = all.end_min = 0;
  all.start_max = all.end_max = ReadRequest{}.start_max;
  // Bounds are about sessions, not about the buckets they lie in.
  THALWEG_TRY(const StoredRows rows, collect_rows(sessions_->store(), all, std::optional<std::int64_t>(0)));
  std::vector<KeyedSession> found;
  for (const auto& [key, row] : rows) {
    const std::string_view group = std::string_view(key).substr(8);
    TimedRows::walk(row, [&](std::int64_t end, std::string_view entry) {
      const std::int64_t start = start_of(entry);
      const bool wanted = end >= sessions_->visible_from() && start >= request.start_min &&
                          start <= request.start_max && end >= request.end_min && end <= request.end_max;
      if (wanted) found.push_back({std::string(group), {start, end, std::string(entry.substr(kStartBytes))}});
      return true;
    });
  }
  return make_output(found);
}

Result<void> SessionAggregateOperator::flush() {
  std::int64_t gone = sessions_->visible_from();
  // What has not left yet stays, however far time jumped.
  if (aggregate().emit_final) gone = std::min(gone, progress_.emitted_until);
  return sessions_->expire(gone);
}

Result<void> SessionAggregateOperator::checkpoint(WriteSet& writes) {
  if (aggregate().emit_final && progress_.emitted_until != committed_.emitted_until) {
    context_.persist(step_.id + ".emitted", std::string(bytes_of(progress_.emitted_until)));
  }
  return sessions_->store().checkpoint(writes);
}

Result<void> SessionAggregateOperator::roll_back() {
  changes_.clear();
  progress_ = committed_;
  return sessions_->roll_back();
}

}  // namespace thalweg::runtime
