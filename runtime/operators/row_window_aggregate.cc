#include "runtime/operators/row_window_aggregate.h"

#include <algorithm>
#include <cstring>

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> RowWindowAggregateOperator::make(TaskContext& context,
                                                                   const planner::Step& step,
                                                                   const planner::Schema& input) {
  std::unique_ptr<RowWindowAggregateOperator> made(new RowWindowAggregateOperator(context, step));
  THALWEG_CHECK(made->open(input));
  THALWEG_TRY(made->rows_seen_, made->open_store(made->aggregate().store + "-rows", StoreKind::kPlain));
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> RowWindowAggregateOperator::find_hits(const Batch& batch) {
  hits_.clear();
  closed_.clear();
  const Rows rows = rows_of(batch);
  const std::span<const Column> key_columns(batch.columns.data(), step_.schema.key_count);
  std::vector<std::uint32_t> taken;
  std::string bytes;
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (has_null_key(batch, step_.schema.key_count, rows[i]) || !batch.is_new(rows[i])) continue;
    taken.push_back(rows[i]);
    key_codec_->encode(key_columns, rows[i], bytes);
    ends.push_back(bytes.size());
  }
  bump(context_.counters->filtered, rows.count - taken.size());
  std::vector<StateKey> keys(taken.size());
  std::vector<Slot> slots(taken.size());
  std::vector<std::uint8_t> inserted(taken.size());
  for (std::size_t i = 0, begin = 0; i < taken.size(); begin = ends[i], ++i) {
    keys[i].bytes = std::string_view(bytes).substr(begin, ends[i] - begin);
    keys[i].hash = hash_key(keys[i].bytes);
  }
  THALWEG_CHECK(rows_seen_->upsert(keys, slots, inserted));
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (inserted[i]) rows_seen_->set_row(slots[i], std::string_view("\0\0\0\0\0\0\0\0", 8));
    char* stored = rows_seen_->mutable_row(slots[i]);
    std::int64_t number;
    std::memcpy(&number, stored, sizeof number);
    hit_windows(taken[i], number, keys[i].bytes);
    ++number;
    std::memcpy(stored, &number, sizeof number);
  }
  return {};
}

void RowWindowAggregateOperator::hit_windows(std::uint32_t row, std::int64_t number, std::string_view group) {
  const std::int64_t size = aggregate().window->size_ms, advance = aggregate().window->advance_ms;
  const std::int64_t first = std::max<std::int64_t>(0, number - size + advance) / advance * advance;
  for (std::int64_t start = first; start <= number; start += advance) {
    if (number + 1 == start + size) closed_.push_back(hits_.size());
    hits_.push_back({row, start});
  }
  // Each window that opens pushes out one.
  const std::int64_t kept = (2 * size + advance - 1) / advance * advance;
  if (number % advance != 0 || number < kept) return;
  std::string key;
  append_u64_be(key, static_cast<std::uint64_t>(number - kept));
  expired_.push_back(key.append(group));
}

Result<void> RowWindowAggregateOperator::emit_closed() {
  if (closed_.empty()) return {};
  Batch out = make_output(closed_.size(), step_.needs_old);
  for (std::uint32_t i = 0; i < closed_.size(); ++i) {
    const Slot slot = slots_[closed_[i]];
    THALWEG_CHECK(read_row(out.arena->copy(store_->key(slot)), out.arena->copy(store_->row(slot)), out, i));
  }
  return emit(out);
}

Result<void> RowWindowAggregateOperator::expire() {
  for (const std::string& key : expired_) {
    const StateKey wanted{key, hash_key(key)};
    Slot slot = kNoSlot;
    THALWEG_CHECK(store_->lookup({&wanted, 1}, {&slot, 1}));
    if (slot != kNoSlot) store_->erase(slot);
  }
  expired_.clear();
  return {};
}

Result<void> RowWindowAggregateOperator::roll_back() {
  expired_.clear();
  return AggregateOperator::roll_back();
}

}  // namespace thalweg::runtime
