// Dropping what retention allows. Whole batches from the front, never the newest one: its index entry
// holds the partition's end offset.
#include <algorithm>

#include "runtime/log/embedded_log.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kErasuresPerWrite = 1024;

}  // namespace

Result<void> EmbeddedLog::purge_before(const TopicPartition& partition, Offset offset) {
  MutexLock lock(mutex_);
  THALWEG_TRY(Partition * found, find_partition(partition));
  if (!topics_.find(partition.topic)->second.config.internal) {
    return Error{ErrorCode::kUnsupported,
                 "topic \"" + partition.topic + "\" is not internal and cannot be purged"};
  }
  found->purge_before = std::max(found->purge_before, std::min(offset, found->end));
  return {};
}

Result<std::uint64_t> EmbeddedLog::enforce_retention() {
  std::uint64_t dropped_bytes = 0;
  for (const auto& [name, config] : topics()) {
    if (config.retention_ms < 0 && config.retention_bytes < 0 && !config.internal) continue;
    for (std::int32_t p = 0; p < config.partitions; ++p) {
      const Turn turn(*this);
      if (topic(name) != config) break;  // deleted, perhaps created again, meanwhile
      THALWEG_TRY(const std::uint64_t bytes, retain({name, PartitionId{p}}, config));
      dropped_bytes += bytes;
    }
  }
  return dropped_bytes;
}

Result<std::uint64_t> EmbeddedLog::stored_bytes(PartitionKey key) const {
  std::uint64_t bytes = 0;
  const std::string prefix = index_prefix(key);
  const std::unique_ptr<Cursor> index = storage_.cursor(Space::kMeta);
  for (index->seek(prefix); index->valid() && index->key().starts_with(prefix); index->next()) {
    THALWEG_TRY(const IndexEntry entry, decode_index_entry(index->value()));
    bytes += entry.blob_bytes;
  }
  THALWEG_CHECK(index->status());
  return bytes;
}

// Runs with the baton.
Result<std::uint64_t> EmbeddedLog::retain(const TopicPartition& name, const TopicConfig& config) {
  THALWEG_TRY(const PartitionState state, state_of(name));
  const bool unlimited = config.retention_ms < 0 && config.retention_bytes < 0;
  if (unlimited && state.purge_before <= state.start) return std::uint64_t{0};
  const std::int64_t oldest_ms =
      config.retention_ms < 0 ? INT64_MIN : clock_.now().value - config.retention_ms;
  std::uint64_t excess_bytes = 0;
  if (config.retention_bytes >= 0) {
    THALWEG_TRY(const std::uint64_t bytes, stored_bytes(state.key));
    const auto allowed = static_cast<std::uint64_t>(config.retention_bytes);
    excess_bytes = bytes > allowed ? bytes - allowed : 0;
  }
  std::uint64_t dropped_bytes = 0;
  Offset start = std::max(state.start, state.purge_before);
  WriteSet writes;
  const std::string prefix = index_prefix(state.key);
  const std::unique_ptr<Cursor> index = storage_.cursor(Space::kMeta);
  for (index->seek(prefix); index->valid() && index->key().starts_with(prefix); index->next()) {
    const Offset base = base_of(index->key());
    THALWEG_TRY(const IndexEntry entry, decode_index_entry(index->value()));
    const Offset next{base.value + entry.record_count};
    const bool newest = next >= state.end;
    // By size a batch goes only if what stays still reaches the limit.
    const bool too_much = dropped_bytes + entry.blob_bytes <= excess_bytes;
    const bool drop = next <= start || entry.max_timestamp_ms < oldest_ms || too_much;
    if (newest || !drop) break;
    start = std::max(start, next);
    dropped_bytes += entry.blob_bytes;
    writes.erase(Space::kLog, log_key(state.key, base));
    writes.erase(Space::kMeta, std::string(index->key()));
    if (writes.entries().size() >= kErasuresPerWrite)
      THALWEG_CHECK(move_start(name, state.key, start, writes));
  }
  THALWEG_CHECK(index->status());
  if (start != state.start || !writes.empty()) THALWEG_CHECK(move_start(name, state.key, start, writes));
  return dropped_bytes;
}

// Readers move on before the batches go.
Result<void> EmbeddedLog::move_start(const TopicPartition& name, PartitionKey key, Offset start,
                                     WriteSet& writes) {
  {
    MutexLock lock(mutex_);
    THALWEG_TRY(Partition * partition, find_partition(name));
    partition->start = start;
    ring_.forget_before(*partition->tail, start);
  }
  writes.put(Space::kMeta, start_key(key), encode_i64(start.value));
  THALWEG_CHECK(storage_.write(writes, Durability::kAsync));
  writes.clear();
  return {};
}

}  // namespace thalweg::runtime
