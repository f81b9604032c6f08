#include "runtime/operators/session_aggregate.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "runtime/operators/gather.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kBucketMinMs = 10'000;

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
  THALWEG_TRY(auto store, made->open_store(aggregate.store, StoreKind::kWindowed));
  const std::int64_t width = std::max(kBucketMinMs, made->window().size_ms);
  made->sessions_ = std::make_unique<TimedRows>(std::move(store), width, made->window().retention_ms);
  THALWEG_CHECK(made->sessions_->find_newest());
  made->changes_kept_ = context.coalesce && !aggregate.emit_final;
  made->open_ = std::make_unique<OpenSessions>(*made->sessions_, made->changes_kept_ && step.needs_old);
  made->key_codec_ = std::make_unique<KeyCodec>(key_types(step.schema));
  made->calls_->initialize(made->initial_row_);
  if (aggregate.emit_final) {
    THALWEG_TRY(const std::string stored, context.restore(step.id + ".emitted"));
    if (stored.size() == 8) std::memcpy(&made->progress_.emitted_until, stored.data(), 8);
  }
  THALWEG_TRY(const std::string numbered, context.restore(step.id + ".numbered"));
  if (numbered.size() == sizeof made->numbered_) {
    std::memcpy(&made->numbered_, numbered.data(), numbered.size());
    made->calls_->continue_at(made->numbered_);
  }
  made->committed_ = made->progress_;
  return std::unique_ptr<Operator>(std::move(made));
}

bool SessionAggregateOperator::encode_key(const Batch& batch, std::uint32_t row) {
  if (batch.is_key_null(row) || !batch.is_new(row)) return false;
  key_.clear();
  return key_codec_->encode({batch.columns.data(), step_.schema.key_count}, row, key_);
}

Result<void> SessionAggregateOperator::add(const Batch& batch, std::uint32_t row) {
  const std::int64_t time = batch.timestamps[row];
  progress_.observed = std::max(progress_.observed, time);
  OpenSessions::Group& group = open_->group(key_);
  THALWEG_TRY(const auto touched, open_->touched(group, time, window().size_ms));
  const bool any = touched.first < touched.last;
  const std::int64_t end = any ? std::max(time, group.sessions[touched.last - 1].end) : time;
  if (end < progress_.observed - window().grace_ms - window().size_ms) {
    bump(context_.counters->late, 1);
    return {};
  }
  const bool leaves_now = !changes_kept_ && !aggregate().emit_final;
  std::string_view old_state;
  if (leaves_now && any) {
    const Session& first = group.sessions[touched.first];
    if (first.start == time && end == time)
      old_state = step_.needs_old ? batch.arena->copy(first.state) : std::string_view{};
    else
      note_replaced(*batch.arena, group, touched, row);
  }
  if (!any) {
    Session made;
    made.start = made.end = time;
    made.state = initial_row_;
    group.sessions.insert(group.sessions.begin() + static_cast<std::ptrdiff_t>(touched.first),
                          std::move(made));
  }
  Session& session = group.sessions[touched.first];
  open_->change(session);
  for (std::size_t i = touched.first + 1; i < touched.last; ++i) {
    const Session& next = group.sessions[touched.first + 1];
    THALWEG_CHECK(calls_->merge(next.state, session.state));
    OpenSessions::swallow(group, touched.first + 1);
  }
  session.start = std::min(session.start, time);
  session.end = end;
  const AggregateCalls::Change change{row, false, true};
  THALWEG_CHECK(calls_->apply(batch, {&change, 1}, session.state));
  session.fleeting = !sessions_->announce(end);
  if (leaves_now) note_session(*batch.arena, group, session, old_state, row);
  return {};
}

void SessionAggregateOperator::note_replaced(Arena& arena, const OpenSessions::Group& group,
                                             OpenSessions::Touched touched, std::uint32_t row) {
  for (std::size_t i = touched.first; i < touched.last; ++i) {
    const Session& session = group.sessions[i];
    const std::string_view old = step_.needs_old ? arena.copy(session.state) : std::string_view{};
    changes_.push_back({row, session.start, session.end, arena.copy(group.key), {}, old});
  }
}

void SessionAggregateOperator::note_session(Arena& arena, const OpenSessions::Group& group,
                                            const Session& session, std::string_view old_state,
                                            std::uint32_t row) {
  changes_.push_back(
      {row, session.start, session.end, arena.copy(group.key), arena.copy(session.state), old_state});
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
  return emit_changes(batch.arena, &batch);
}

Result<void> SessionAggregateOperator::emit_open() {
  auto arena = std::make_shared<Arena>();
  changes_.clear();
  const auto gone = [&](const OpenSessions::Group& group, const Session& session,
                        std::string_view stored_state) {
    const std::string_view old = step_.needs_old ? arena->copy(stored_state) : std::string_view{};
    changes_.push_back({0, session.stored_start, session.stored_end, arena->copy(group.key), {}, old});
  };
  for (const OpenSessions::Group& group : open_->groups()) {
    for (const Session& session : group.gone)
      gone(group, session, session.changed ? session.stored_state : session.state);
    for (const Session& session : group.sessions) {
      if (!session.changed) continue;
      if (session.moved()) gone(group, session, session.stored_state);
      const bool updated = session.stored && !session.moved() && step_.needs_old;
      note_session(*arena, group, session, updated ? arena->copy(session.stored_state) : std::string_view{},
                   0);
    }
    if (changes_.size() < context_.batch_rows_max) continue;
    THALWEG_CHECK(emit_changes(arena, nullptr));
    arena = std::make_shared<Arena>();
  }
  return emit_changes(arena, nullptr);
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

Result<void> SessionAggregateOperator::emit_changes(const std::shared_ptr<Arena>& shared,
                                                    const Batch* cause) {
  if (changes_.empty()) return {};
  Arena& arena = *shared;
  Batch out;
  if (cause != nullptr) {
    std::vector<std::uint32_t> positions;
    for (const Change& change : changes_) positions.push_back(change.row);
    out = gather_attributes(*cause, positions);
    out.headers = nullptr;
    out.key_null = nullptr;
  } else {
    out.arena = shared;
    out.rows = out.selected = changes_.size();
    out.timestamps = arena.array<std::int64_t>(out.rows);
  }
  out.has_new = arena.array<std::uint8_t>(out.rows);
  out.has_old = step_.needs_old ? arena.array<std::uint8_t>(out.rows) : nullptr;
  out.window_start = arena.array<std::int64_t>(out.rows);
  out.window_end = arena.array<std::int64_t>(out.rows);
  for (const auto& column : step_.schema.columns)
    out.columns.push_back(make_column(arena, column.type, out.rows));
  if (step_.needs_old) {
    for (const auto& column : step_.schema.columns)
      out.old_columns.push_back(make_column(arena, column.type, out.rows));
  }
  const std::size_t key_count = step_.schema.key_count, results = calls_->result_types().size();
  for (std::uint32_t i = 0; i < out.rows; ++i) {
    const Change& change = changes_[i];
    out.timestamps[i] = change.end;
    out.window_start[i] = change.start;
    out.window_end[i] = change.end;
    out.has_new[i] = !change.state.empty();
    THALWEG_CHECK(key_codec_->decode(change.key, {out.columns.data(), key_count}, i, arena));
    if (out.has_new[i])
      THALWEG_CHECK(calls_->results(change.state, arena, {&out.columns[key_count], results}, i));
    if (!step_.needs_old) continue;
    out.has_old[i] = !change.old_state.empty();
    if (out.has_old[i])
      THALWEG_CHECK(calls_->results(change.old_state, arena, {&out.old_columns[key_count], results}, i));
  }
  for (std::size_t k = 0; step_.needs_old && k < key_count; ++k) out.old_columns[k] = out.columns[k];
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
  THALWEG_CHECK(open_->write_back());
  std::string from, to;
  append_u64_be(from, static_cast<std::uint64_t>(sessions_->bucket_of(low)));
  append_u64_be(to, static_cast<std::uint64_t>(sessions_->bucket_of(high) + 1));
  std::vector<KeyedSession> closed;
  THALWEG_CHECK(sessions_->store().scan(from, to, [&](std::string_view key, std::string_view row) {
    TimedRows::walk(row, [&](std::int64_t end, std::string_view entry) {
      if (end >= low && end <= high)
        closed.push_back({std::string(key.substr(8)), Session::from_entry(end, entry)});
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
  if (step_.needs_old) {
    out.has_old = out.arena->array<std::uint8_t>(out.rows);
    std::fill_n(out.has_old, out.rows, std::uint8_t{0});
    for (const auto& column : step_.schema.columns)
      out.old_columns.push_back(make_column(*out.arena, column.type, out.rows));
  }
  return emit(out);
}

Result<Batch> SessionAggregateOperator::read(const ReadRequest& request) {
  ReadRequest all = request;
  all.start_min = all.end_min = 0;
  all.start_max = all.end_max = ReadRequest{}.start_max;
  // Bounds are about sessions, not about the buckets they lie in.
  THALWEG_TRY(const StoredRows rows, collect_rows(sessions_->store(), all, {KeyWindow::Bytes::kStart, 0}));
  std::vector<KeyedSession> found;
  for (const auto& [key, row] : rows) {
    const std::string_view group = std::string_view(key).substr(8);
    TimedRows::walk(row, [&](std::int64_t end, std::string_view entry) {
      Session session = Session::from_entry(end, entry);
      const bool wanted = end >= sessions_->visible_from() && session.start >= request.start_min &&
                          session.start <= request.start_max && end >= request.end_min &&
                          end <= request.end_max;
      if (wanted) found.push_back({std::string(group), std::move(session)});
      return true;
    });
  }
  return make_output(found);
}

Result<void> SessionAggregateOperator::flush() {
  if (changes_kept_) THALWEG_CHECK(emit_open());
  THALWEG_CHECK(open_->write_back());
  std::int64_t gone = sessions_->visible_from();
  // What has not left yet stays, however far time jumped.
  if (aggregate().emit_final) gone = std::min(gone, progress_.emitted_until);
  return sessions_->expire(gone);
}

Result<void> SessionAggregateOperator::checkpoint(WriteSet& writes) {
  if (aggregate().emit_final && progress_.emitted_until != committed_.emitted_until) {
    context_.persist(step_.id + ".emitted", std::string(bytes_of(progress_.emitted_until)));
  }
  if (const std::int64_t next = calls_->next_number(); next != numbered_) {
    numbered_ = next;
    context_.persist(step_.id + ".numbered", std::string(bytes_of(numbered_)));
  }
  return Operator::checkpoint(writes);
}

Result<void> SessionAggregateOperator::roll_back() {
  changes_.clear();
  open_->forget();
  progress_ = committed_;
  numbered_ = -1;  // to be stored again
  THALWEG_CHECK(Operator::roll_back());
  return sessions_->find_newest();
}

}  // namespace thalweg::runtime
