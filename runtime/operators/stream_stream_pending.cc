// Unmatched rows of StreamStreamJoinOperator that wait for their window to close.
#include <algorithm>
#include <cstring>

#include "runtime/operators/join_columns.h"
#include "runtime/operators/stream_stream_join.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kPrefixBytes = 9;  // time, side

std::int64_t time_of(std::string_view pending_key) {
  return static_cast<std::int64_t>(read_u64_be(pending_key));
}
// An attribute of the row that makes others leave, for each of these.
template <typename T>
const T* repeat(Arena& arena, const T* attribute, std::uint32_t row, std::size_t count) {
  if (attribute == nullptr) return nullptr;
  T* repeated = arena.array<T>(count);
  std::fill_n(repeated, count, attribute[row]);
  return repeated;
}

bool is_left(std::string_view pending_key) { return pending_key[8] != 0; }

}  // namespace

bool StreamStreamJoinOperator::is_open(std::int64_t time, bool left) const {
  return time + sides_[left ? 0 : 1].after_ms + *join().grace_ms >= progress_.observed;
}

std::string StreamStreamJoinOperator::pending_key(std::int64_t time, bool left, std::string_view key) const {
  std::string bytes;
  bytes.reserve(kPrefixBytes + key.size());
  append_u64_be(bytes, static_cast<std::uint64_t>(time));
  bytes.push_back(left ? 1 : 0);
  bytes.append(key);
  return bytes;
}

Result<Slot> StreamStreamJoinOperator::find_pending(const std::string& key) {
  const StateKey wanted{key, hash_key(key)};
  Slot slot = kNoSlot;
  THALWEG_CHECK(pending_->lookup({&wanted, 1}, {&slot, 1}));
  return slot;
}

Result<void> StreamStreamJoinOperator::add_pending(std::string key, std::string_view bytes) {
  const StateKey wanted{key, hash_key(key)};
  Slot slot = kNoSlot;
  std::uint8_t inserted = 0;
  THALWEG_CHECK(pending_->upsert({&wanted, 1}, {&slot, 1}, {&inserted, 1}));
  std::string row(pending_->row(slot));
  const auto size = static_cast<std::uint32_t>(bytes.size());
  row.append(reinterpret_cast<const char*>(&size), sizeof size);
  row.append(bytes);
  pending_->set_row(slot, row);
  pending_keys_.insert(std::move(key));
  return {};
}

Result<void> StreamStreamJoinOperator::remove_pending(const std::string& key) {
  if (pending_keys_.erase(key) == 0) return {};
  THALWEG_TRY(const Slot slot, find_pending(key));
  if (slot != kNoSlot) pending_->erase(slot);
  return {};
}

Result<void> StreamStreamJoinOperator::load_pending() {
  pending_keys_.clear();
  return pending_->scan({}, {}, [&](std::string_view key, std::string_view) {
    pending_keys_.emplace(key);
    return true;
  });
}

Result<void> StreamStreamJoinOperator::sweep(const RowRef& cause) {
  if (progress_.visited && is_open(progress_.visited->time, progress_.visited->left)) return {};
  const std::int64_t wall = context_.clock->now().value;
  if (wall < progress_.next_sweep_ms) return {};
  progress_.next_sweep_ms = wall + context_.sweep_interval_ms;
  progress_.visited.reset();
  std::vector<std::string> closed;
  // A side that is not preserved has nothing waiting.
  const bool both = sides_[0].preserved && sides_[1].preserved;
  bool left_open = false, right_open = false;
  for (const std::string& key : pending_keys_) {
    const bool left = is_left(key);
    progress_.visited = Visit{time_of(key), left};
    if (!is_open(time_of(key), left)) {
      closed.push_back(key);
      continue;
    }
    (left ? left_open : right_open) = true;
    if (left_open && right_open) break;
    if (both) continue;
    // All that follow are open as well; the reference looks at each of them.
    progress_.visited = Visit{time_of(*pending_keys_.rbegin()), left};
    break;
  }
  if (closed.empty()) return {};
  THALWEG_CHECK(emit_matches());
  for (std::size_t first = 0; first < closed.size(); first += context_.batch_rows_max) {
    const std::size_t count = std::min(context_.batch_rows_max, closed.size() - first);
    THALWEG_CHECK(emit_pending(std::span(closed).subspan(first, count), cause));
  }
  return {};
}

std::string_view StreamStreamJoinOperator::take_window(std::string_view key, std::int64_t& start,
                                                       std::int64_t& end) const {
  if (sessions_) {
    end = static_cast<std::int64_t>(read_u64_be(key.substr(key.size() - 8)));
    key.remove_suffix(8);
  }
  start = static_cast<std::int64_t>(read_u64_be(key.substr(key.size() - 8)));
  key.remove_suffix(8);
  return key;
}

Result<void> StreamStreamJoinOperator::emit_pending(std::span<const std::string> keys, const RowRef& cause) {
  const Batch& batch = *cause.batch;
  struct Waiting {
    std::string_view key, bytes;
  };
  Arena holding;
  std::vector<Waiting> waiting;
  for (const std::string& key : keys) {
    THALWEG_TRY(const Slot slot, find_pending(key));
    if (slot == kNoSlot) continue;
    for (std::string_view rest = holding.copy(pending_->row(slot)); !rest.empty();) {
      std::uint32_t size;
      std::memcpy(&size, rest.data(), sizeof size);
      waiting.push_back({key, rest.substr(sizeof size, size)});
      rest.remove_prefix(sizeof size + size);
    }
    pending_->erase(slot);
    pending_keys_.erase(key);
  }
  Batch out = make_batch(waiting.size());
  Arena& arena = *out.arena;
  arena.keep(batch.arena);
  out.headers = repeat(arena, batch.headers, cause.row, out.rows);
  out.source_offsets = repeat(arena, batch.source_offsets, cause.row, out.rows);
  out.turns = repeat(arena, batch.turns, cause.row, out.rows);
  out.stream_times = repeat(arena, batch.stream_times, cause.row, out.rows);
  out.source_partition = batch.source_partition;
  if (step_.windowed) {
    out.window_start = arena.array<std::int64_t>(out.rows);
    out.window_end = arena.array<std::int64_t>(out.rows);
  }
  out.columns = make_columns(arena, step_.schema, out.rows);
  const std::size_t key_count = step_.schema.key_count;
  for (std::uint32_t i = 0; i < out.rows; ++i) {
    const bool left = is_left(waiting[i].key);
    const Side& side = sides_[left ? 0 : 1];
    out.timestamps[i] = time_of(waiting[i].key);
    std::string_view key = arena.copy(waiting[i].key.substr(kPrefixBytes));
    if (step_.windowed) key = take_window(key, out.window_start[i], out.window_end[i]);
    const std::span<Column> own(out.columns.data() + key_count + (left ? 0 : sides_[0].schema.size()),
                                side.schema.size());
    const std::size_t own_keys = side.schema.key_count;
    THALWEG_CHECK(side.key_codec->decode(key, {out.columns.data(), key_count}, i, arena));
    THALWEG_CHECK(side.key_codec->decode(key, own.first(own_keys), i, arena));
    THALWEG_CHECK(side.value_codec->decode(waiting[i].bytes, own.subspan(own_keys), i, arena, true));
  }
  set_windows(out);
  return emit(out);
}

}  // namespace thalweg::runtime
