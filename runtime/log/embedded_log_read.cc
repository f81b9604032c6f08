// Reading by offset and by time.
#include <algorithm>

#include "runtime/log/embedded_log.h"

namespace thalweg::runtime {

Result<std::vector<RecordBatchPtr>> EmbeddedLog::read(const TopicPartition& from_partition, Offset from,
                                                      std::size_t max_bytes) const {
  PartitionState state;
  {
    MutexLock lock(mutex_);
    THALWEG_TRY(const Partition* found, find_partition(from_partition, &state.key.topic_id));
    if (from >= found->end) return std::vector<RecordBatchPtr>();
    from = std::max(from, found->start);
    const std::deque<RecordBatchPtr>& tail = found->tail->batches;
    if (!tail.empty() && tail.front()->base_offset() <= from) {
      std::vector<RecordBatchPtr> batches;
      auto at = std::upper_bound(
          tail.begin(), tail.end(), from,
          [](Offset offset, const RecordBatchPtr& batch) { return offset < batch->next_offset(); });
      for (std::size_t bytes = 0; at != tail.end() && (batches.empty() || bytes < max_bytes); ++at) {
        bytes += (*at)->size_bytes();
        batches.push_back(*at);
      }
      return batches;
    }
    state = {{state.key.topic_id, from_partition.partition.value}, found->start, found->end, {}};
  }
  return read_stored(from_partition, state, from, max_bytes);
}

Result<std::vector<RecordBatchPtr>> EmbeddedLog::read_stored(const TopicPartition& name,
                                                             const PartitionState& state, Offset from,
                                                             std::size_t max_bytes) const {
  const std::unique_ptr<Cursor> index = storage_.cursor(Space::kMeta);
  const std::string prefix = index_prefix(state.key);
  index->seek_for_prev(index_key(state.key, from));
  if (!index->valid() || !index->key().starts_with(prefix)) index->seek(prefix);
  THALWEG_CHECK(index->status());
  std::vector<RecordBatchPtr> batches;
  if (!index->valid() || !index->key().starts_with(prefix)) return batches;

  const Offset first = base_of(index->key());
  const std::unique_ptr<Cursor> blobs = storage_.cursor(Space::kLog);
  const std::string blob_prefix = log_prefix(state.key);
  blobs->seek(log_key(state.key, first));
  for (std::size_t bytes = 0;
       blobs->valid() && blobs->key().starts_with(blob_prefix) && (batches.empty() || bytes < max_bytes);
       blobs->next()) {
    const Offset base = base_of(blobs->key());
    if (base >= state.end) break;
    if (batches.empty() && base != first) break;
    auto batch = RecordBatch::decode(blobs->value(), base);
    if (!batch) {
      if (batches.empty()) return damaged_batch(name, state, base, batch.error());
      break;  // reported when it is the first to be read
    }
    bytes += (*batch)->size_bytes();
    batches.push_back(std::move(batch).value());
  }
  if (auto status = blobs->status(); !status && batches.empty()) {
    if (status.error().code != ErrorCode::kCorrupted) return status.error();
    return damaged_batch(name, state, first, status.error());
  }
  if (batches.empty()) {
    // Retention may have come between the two cursors.
    if (start_moved_past(name, state.start)) return read(name, from, max_bytes);
    return damaged_batch(name, state, first, {ErrorCode::kCorrupted, "record batch is missing"});
  }
  return batches;
}

Error EmbeddedLog::damaged_batch(const TopicPartition& name, const PartitionState& state, Offset base,
                                 const Error& cause) const {
  const std::int64_t last = end_of_batch(state, base).value - 1;
  std::string where = "topic \"" + name.topic + "\" partition " + std::to_string(name.partition.value);
  where += last > base.value ? " offsets " : " offset ";
  where += std::to_string(base.value);
  if (last > base.value) where += " to " + std::to_string(last);
  return {ErrorCode::kCorrupted, where + ": " + cause.message};
}

Offset EmbeddedLog::end_of_batch(const PartitionState& state, Offset offset) const {
  const std::unique_ptr<Cursor> index = storage_.cursor(Space::kMeta);
  index->seek(index_key(state.key, Offset{offset.value + 1}));
  if (!index->valid() || !index->key().starts_with(index_prefix(state.key))) return state.end;
  return std::min(state.end, base_of(index->key()));
}

Result<Offset> EmbeddedLog::batch_end(const TopicPartition& partition, Offset offset) const {
  THALWEG_TRY(const PartitionState state, state_of(partition));
  return end_of_batch(state, offset);
}

bool EmbeddedLog::start_moved_past(const TopicPartition& name, Offset offset) const {
  const auto state = state_of(name);
  return !state || state->start > offset;
}

Result<std::optional<Offset>> EmbeddedLog::offset_for_time(const TopicPartition& partition,
                                                           EventTime time) const {
  THALWEG_TRY(const PartitionState state, state_of(partition));
  const std::unique_ptr<Cursor> index = storage_.cursor(Space::kMeta);
  const std::string prefix = index_prefix(state.key);
  index->seek_for_prev(index_key(state.key, state.start));
  if (!index->valid() || !index->key().starts_with(prefix)) index->seek(prefix);
  for (; index->valid() && index->key().starts_with(prefix); index->next()) {
    const Offset base = base_of(index->key());
    if (base >= state.end) break;
    THALWEG_TRY(const IndexEntry entry, decode_index_entry(index->value()));
    if (entry.max_timestamp_ms < time.value) continue;
    THALWEG_TRY(const auto batches, read(partition, base, 1));
    if (batches.empty()) continue;
    const RecordBatch& batch = *batches.front();
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const Offset offset{batch.base_offset().value + i};
      if (offset >= state.start && batch.timestamp_ms(i) >= time.value) return std::optional(offset);
    }
  }
  THALWEG_CHECK(index->status());
  return std::optional<Offset>();
}

}  // namespace thalweg::runtime
