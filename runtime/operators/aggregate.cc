#include "runtime/operators/aggregate.h"

#include <algorithm>
#include <cstring>

#include "runtime/operators/gather.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {
constexpr std::size_t kStretchHits = 1024;
}  // namespace

Result<std::unique_ptr<Operator>> AggregateOperator::make(TaskContext& context, const planner::Step& step,
                                                          const planner::Schema& input) {
  std::unique_ptr<AggregateOperator> made(new AggregateOperator(context, step));
  THALWEG_CHECK(made->open(input));
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> AggregateOperator::open(const planner::Schema& input) {
  windowed_ = aggregate().window.has_value();
  if (windowed_) key_window_ = {KeyWindow::Bytes::kStart, aggregate().window->size_ms};
  THALWEG_TRY(calls_, AggregateCalls::make(context_, aggregate(), input));
  THALWEG_TRY(store_, open_store(aggregate().store, kind_of_store(windowed_)));
  key_codec_ = std::make_unique<KeyCodec>(key_types(step_.schema));
  calls_->initialize(initial_row_);
  changes_kept_ = context_.coalesce && !aggregate().emit_final;
  if (aggregate().emit_final) {
    THALWEG_TRY(const std::string stored, context_.restore(step_.id + ".emitted"));
    if (stored.size() == 8) std::memcpy(&progress_.emitted_until, stored.data(), 8);
  }
  if (windowed_) {
    THALWEG_TRY(const auto starts, store_->window_starts());
    if (!starts.empty()) progress_.newest_start = starts.back();
  }
  committed_ = progress_;
  return {};
}

// Late rows are counted and left out.
Result<void> AggregateOperator::find_hits(const Batch& batch) {
  hits_.clear();
  checks_.clear();
  const Rows rows = rows_of(batch);
  const auto& window = aggregate().window;
  std::uint64_t late = 0, dropped = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    if (has_null_key(batch, step_.schema.key_count, row) ||
        (!aggregate().table_input && !batch.is_new(row))) {
      ++dropped;
      continue;
    }
    if (!window) {
      hits_.push_back({row, 0});
      continue;
    }
    const std::int64_t time = batch.timestamps[row];
    progress_.observed = std::max(progress_.observed, time);
    const std::int64_t closed_until = progress_.observed - window->grace_ms;
    std::int64_t start = std::max<std::int64_t>(0, time - window->size_ms + window->advance_ms) /
                         window->advance_ms * window->advance_ms;
    bool taken = false;
    for (; start <= time; start += window->advance_ms) {
      if (start + window->size_ms <= closed_until) continue;
      hits_.push_back({row, start});
      progress_.newest_start = std::max(progress_.newest_start, start);
      taken = true;
    }
    late += taken ? 0 : 1;
    if (aggregate().emit_final) checks_.push_back({progress_.observed, progress_.newest_start});
  }
  bump(context_.counters->filtered, dropped);
  bump(context_.counters->late, late);
  return {};
}

Result<void> AggregateOperator::find_groups(const Batch& batch, Range range) {
  const std::span<const Column> key_columns(batch.columns.data(), step_.schema.key_count);
  key_bytes_.clear();
  key_ends_.clear();
  for (std::size_t i = range.first; i < range.last; ++i) {
    key_window_.append(key_bytes_, hits_[i].start, ends_.empty() ? 0 : ends_[i]);
    key_codec_->encode(key_columns, hits_[i].row, key_bytes_);
    key_ends_.push_back(key_bytes_.size());
  }
  const std::size_t count = range.last - range.first;
  keys_.resize(count);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; ++i) {
    keys_[i].bytes = std::string_view(key_bytes_).substr(begin, key_ends_[i] - begin);
    keys_[i].hash = hash_key(keys_[i].bytes);
    begin = key_ends_[i];
  }
  return store_->upsert(keys_, std::span(slots_).subspan(range.first, count),
                        std::span(inserted_).subspan(range.first, count));
}

// To be called before the row changes.
void AggregateOperator::mark_dirty(Slot slot) {
  const std::size_t word = slot / 64;
  const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
  if (word >= dirty_bits_.size()) dirty_bits_.resize(std::max(word + 1, dirty_bits_.size() * 2), 0);
  if (dirty_bits_[word] & bit) return;
  dirty_bits_[word] |= bit;
  dirty_.push_back({slot, step_.needs_old ? std::string(store_->row(slot)) : std::string()});
}

// States of a fixed size: function by function over all rows.
Result<void> AggregateOperator::update_in_place(const Batch& batch, Range range) {
  const std::size_t count = range.last - range.first;
  hit_rows_.resize(count);
  states_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Slot slot = slots_[range.first + i];
    hit_rows_[i] = hits_[range.first + i].row;
    if (changes_kept_) mark_dirty(slot);
    if (inserted_[range.first + i]) store_->set_row(slot, initial_row_);
  }
  for (std::size_t i = 0; i < count; ++i) states_[i] = store_->mutable_row(slots_[range.first + i]);
  return calls_->add(batch, {hit_rows_.data(), count}, states_.data());
}

// Any state: group by group, so that a group's rows share what it takes to read and write its state.
Result<void> AggregateOperator::update_by_group(const Batch& batch, Range range) {
  by_group_.clear();
  for (std::size_t i = range.first; i < range.last; ++i) {
    if (changes_kept_) mark_dirty(slots_[i]);
    by_group_.push_back(std::uint64_t{slots_[i]} << 32 | i);
  }
  std::sort(by_group_.begin(), by_group_.end());
  for (std::size_t at = 0; at < by_group_.size();) {
    const auto slot = static_cast<Slot>(by_group_[at] >> 32);
    const std::string_view stored = store_->row(slot);
    bool exists = !stored.empty();
    work_row_ = exists ? std::string(stored) : initial_row_;
    group_changes_.clear();
    for (; at < by_group_.size() && by_group_[at] >> 32 == slot; ++at) {
      const std::uint32_t row = hits_[static_cast<std::uint32_t>(by_group_[at])].row;
      const bool undo = aggregate().table_input && batch.is_old(row) && exists;
      const bool add = batch.is_new(row);
      if (!undo && !add) continue;
      group_changes_.push_back({row, undo, add});
      exists = true;
    }
    if (group_changes_.empty()) continue;
    THALWEG_CHECK(calls_->apply(batch, group_changes_, work_row_));
    store_->set_row(slot, work_row_);
  }
  return {};
}

Batch AggregateOperator::make_output(std::size_t rows, bool with_old) const {
  Batch out = make_batch(rows);
  for (const auto& column : step_.schema.columns)
    out.columns.push_back(make_column(*out.arena, column.type, rows));
  if (with_old) {
    for (const auto& column : step_.schema.columns)
      out.old_columns.push_back(make_column(*out.arena, column.type, rows));
    out.has_old = out.arena->array<std::uint8_t>(rows);
    std::fill_n(out.has_old, rows, std::uint8_t{0});
  }
  out.has_new = out.arena->array<std::uint8_t>(rows);
  std::fill_n(out.has_new, rows, std::uint8_t{1});
  if (windowed_) {
    out.window_start = out.arena->array<std::int64_t>(rows);
    out.window_end = out.arena->array<std::int64_t>(rows);
  }
  return out;
}

void AggregateOperator::fill_window(Batch& out, std::uint32_t at, std::int64_t start,
                                    std::int64_t end) const {
  out.window_start[at] = start;
  out.window_end[at] = end;
  const std::size_t columns = step_.schema.size();
  for (auto* set : {&out.columns, &out.old_columns}) {
    if (set->size() < columns) continue;
    (*set)[columns - 2].set<std::int64_t>(at, start);
    (*set)[columns - 1].set<std::int64_t>(at, end);
  }
}

void AggregateOperator::read_window(std::string_view& key, Batch& out, std::uint32_t at) const {
  if (!key_window_) return;
  fill_window(out, at, key_window_.start(key), key_window_.end(key));
  key.remove_prefix(key_window_.size());
}

Result<void> AggregateOperator::read_row(std::string_view key, std::string_view row, Batch& out,
                                         std::uint32_t at) const {
  read_window(key, out, at);
  THALWEG_CHECK(key_codec_->decode(key, {out.columns.data(), step_.schema.key_count}, at, *out.arena));
  const std::span<Column> results(out.columns.data() + step_.schema.key_count, calls_->result_types().size());
  THALWEG_CHECK(calls_->results(row, *out.arena, results, at));
  out.timestamps[at] = AggregateCalls::time_of(row);
  return {};
}

std::int64_t AggregateOperator::first_visible_start() const {
  return progress_.newest_start < 0 ? 0 : progress_.newest_start - aggregate().window->retention_ms + 1;
}

Result<Batch> AggregateOperator::read(const ReadRequest& request) {
  ReadRequest visible = request;
  if (windowed_) visible.start_min = std::max(visible.start_min, first_visible_start());
  THALWEG_TRY(const StoredRows stored, collect_rows(*store_, visible, key_window_));
  Batch out = make_output(stored.size(), false);
  for (std::uint32_t i = 0; i < stored.size(); ++i) {
    THALWEG_CHECK(read_row(out.arena->copy(stored[i].first), out.arena->copy(stored[i].second), out, i));
  }
  return out;
}

// Every input row makes its own output, so states are read back between rows.
Result<void> AggregateOperator::update_one_by_one(Batch& batch) {
  const std::size_t key_count = step_.schema.key_count;
  const std::size_t result_count = calls_->result_types().size();
  Batch out = make_output(hits_.size(), step_.needs_old);
  std::vector<std::uint32_t> positions;
  for (std::uint32_t i = 0; i < hits_.size(); ++i) {
    const std::uint32_t row = hits_[i].row;
    positions.push_back(row);
    const std::string_view stored = store_->row(slots_[i]);
    const bool existed = !stored.empty();
    const bool undo = aggregate().table_input && batch.is_old(row) && existed;
    const bool add = batch.is_new(row);
    if (step_.needs_old) {
      out.has_old[i] = existed;
      if (existed) {
        const std::string_view kept = out.arena->copy(stored);
        THALWEG_CHECK(calls_->results(kept, *out.arena, {&out.old_columns[key_count], result_count}, i));
      }
    }
    if (undo || add) {
      work_row_ = existed ? std::string(stored) : initial_row_;
      const AggregateCalls::Change change{row, undo, add};
      THALWEG_CHECK(calls_->apply(batch, {&change, 1}, work_row_));
      store_->set_row(slots_[i], work_row_);
    }
    if (windowed_) fill_window(out, i, hits_[i].start, end_of_hit(i));
    out.timestamps[i] = batch.timestamps[row];
    out.has_new[i] = undo || add || existed;
    if (out.has_new[i]) {
      const std::string_view kept = out.arena->copy(store_->row(slots_[i]));
      THALWEG_CHECK(calls_->results(kept, *out.arena, {&out.columns[key_count], result_count}, i));
      out.timestamps[i] = AggregateCalls::time_of(kept);
    }
  }
  erase_empty_groups();
  out.arena->keep(batch.arena);
  const Batch attributes = gather_attributes(batch, positions);
  out.headers = attributes.headers;
  out.source_offsets = attributes.source_offsets;
  out.source_partition = batch.source_partition;
  for (std::size_t k = 0; k < key_count; ++k) {
    out.columns[k] = gather(*out.arena, batch.columns[k], positions);
    if (!out.old_columns.empty()) out.old_columns[k] = out.columns[k];
  }
  return emit(out);
}

// A retraction that met no group leaves none behind.
void AggregateOperator::erase_empty_groups() {
  std::vector<Slot> empty;
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    if (inserted_[i] && store_->row(slots_[i]).empty()) empty.push_back(slots_[i]);
  }
  for (const Slot slot : empty) store_->erase(slot);
}

Result<void> AggregateOperator::process(int, Batch& batch) {
  THALWEG_CHECK(find_hits(batch));
  slots_.resize(hits_.size());
  inserted_.resize(hits_.size());
  const bool each_row_leaves = !changes_kept_ && !aggregate().emit_final;
  const bool in_place = calls_->fixed_only() && !aggregate().table_input;
  // A stretch of groups at a time, so that what the lookup brought near is still there for the update.
  const std::size_t stretch = each_row_leaves ? hits_.size() : kStretchHits;
  for (std::size_t first = 0; first < hits_.size(); first += stretch) {
    const Range range{first, std::min(hits_.size(), first + stretch)};
    THALWEG_CHECK(find_groups(batch, range));
    if (each_row_leaves) {
      THALWEG_CHECK(update_one_by_one(batch));
    } else {
      THALWEG_CHECK(in_place ? update_in_place(batch, range) : update_by_group(batch, range));
    }
  }
  if (aggregate().emit_final) return emit_closed();
  return {};
}

Result<void> AggregateOperator::flush() {
  if (!dirty_.empty()) {
    std::vector<Dirty> dirty;
    dirty.swap(dirty_);
    for (const Dirty& change : dirty) dirty_bits_[change.slot / 64] = 0;
    for (std::size_t first = 0; first < dirty.size(); first += context_.batch_rows_max) {
      const std::size_t count = std::min(context_.batch_rows_max, dirty.size() - first);
      Batch out = make_output(count, step_.needs_old);
      for (std::uint32_t i = 0; i < count; ++i) {
        const Dirty& change = dirty[first + i];
        const std::string_view row = store_->row(change.slot);
        if (row.empty()) {  // never came to be
          out.has_new[i] = 0;
          out.timestamps[i] = context_.stream_time;
          std::string_view key = store_->key(change.slot);
          read_window(key, out, i);
          continue;
        }
        THALWEG_CHECK(read_row(store_->key(change.slot), row, out, i));
        if (!step_.needs_old) continue;
        out.has_old[i] = !change.old_row.empty();
        for (std::size_t k = 0; k < step_.schema.key_count; ++k) out.old_columns[k] = out.columns[k];
        if (out.has_old[i]) {
          const std::span<Column> old(out.old_columns.data() + step_.schema.key_count,
                                      calls_->result_types().size());
          THALWEG_CHECK(calls_->results(change.old_row, *out.arena, old, i));
        }
      }
      THALWEG_CHECK(emit(out));
    }
  }
  return expire();
}

Result<void> AggregateOperator::expire() {
  if (!windowed_ || progress_.newest_start < 0) return {};
  return store_->expire_before(first_visible_start());
}

std::int64_t AggregateOperator::last_start_of(std::int64_t time) const {
  const std::int64_t advance = aggregate().window->advance_ms;
  return time < 0 ? -1 : time / advance * advance;
}

// EMIT FINAL: replays, row by row, what stream time allowed to close.
Result<void> AggregateOperator::emit_closed() {
  const auto& window = *aggregate().window;
  const std::int64_t wall = context_.clock->now().value;
  for (const Check& check : checks_) {
    if (wall < progress_.next_check_ms) return {};
    progress_.next_check_ms = wall + context_.emit_interval_ms;
    const std::int64_t close = check.observed - window.grace_ms;
    if (progress_.emitted_until != -1 && progress_.emitted_until >= close) continue;
    const std::int64_t high = close - window.size_ms;
    if (high < 0) continue;
    const std::int64_t low = progress_.emitted_until == -1
                                 ? 0
                                 : std::max<std::int64_t>(0, progress_.emitted_until - window.size_ms) + 1;
    if (progress_.emitted_until != -1 && last_start_of(high) == last_start_of(low - 1)) continue;
    THALWEG_CHECK(emit_windows(std::max(low, check.newest_start - window.retention_ms), high));
    progress_.emitted_until = close;
  }
  return {};
}

Result<void> AggregateOperator::emit_windows(std::int64_t from_start, std::int64_t to_start) {
  if (to_start < from_start) return {};
  std::string from, to;
  append_u64_be(from, static_cast<std::uint64_t>(std::max<std::int64_t>(0, from_start)));
  append_u64_be(to, static_cast<std::uint64_t>(to_start + 1));
  std::vector<std::pair<std::string, std::string>> closed;
  THALWEG_CHECK(store_->scan(from, to, [&](std::string_view key, std::string_view row) {
    closed.emplace_back(key, row);
    return true;
  }));
  if (closed.empty()) return {};
  Batch out = make_output(closed.size(), step_.needs_old);
  for (std::uint32_t i = 0; i < closed.size(); ++i) {
    THALWEG_CHECK(read_row(out.arena->copy(closed[i].first), out.arena->copy(closed[i].second), out, i));
  }
  return emit(out);
}

Result<void> AggregateOperator::checkpoint(WriteSet& writes) {
  if (aggregate().emit_final && progress_.emitted_until != committed_.emitted_until) {
    context_.persist(step_.id + ".emitted",
                     std::string(reinterpret_cast<const char*>(&progress_.emitted_until), 8));
  }
  return Operator::checkpoint(writes);
}

Result<void> AggregateOperator::roll_back() {
  dirty_.clear();
  dirty_bits_.clear();
  progress_ = committed_;
  return Operator::roll_back();
}

}  // namespace thalweg::runtime
