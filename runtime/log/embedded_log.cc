// Topics, recovery, positions, listeners of the embedded log.
#include "runtime/log/embedded_log.h"

#include <algorithm>

namespace thalweg::runtime {
namespace {

constexpr std::int32_t kPartitionsMax = 100'000;

Error unknown_topic(const std::string& name) {
  return {ErrorCode::kNotFound, "topic \"" + name + "\" does not exist"};
}

}  // namespace

Result<std::unique_ptr<Log>> open_embedded_log(Storage& storage, const Clock& clock,
                                               const EmbeddedLogOptions& options) {
  auto log = std::make_unique<EmbeddedLog>(storage, clock, options);
  THALWEG_CHECK(log->recover());
  return std::unique_ptr<Log>(std::move(log));
}

Result<void> EmbeddedLog::recover() {
  const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kMeta);
  std::vector<std::uint32_t> deleted;
  for (cursor->seek(kDeletedPrefix); cursor->valid() && cursor->key().starts_with(kDeletedPrefix);
       cursor->next()) {
    deleted.push_back(read_u32_be(cursor->key().substr(kDeletedPrefix.size())));
  }
  MutexLock lock(mutex_);
  for (cursor->seek(kTopicPrefix); cursor->valid() && cursor->key().starts_with(kTopicPrefix);
       cursor->next()) {
    const std::string name(cursor->key().substr(kTopicPrefix.size()));
    auto stored = decode_topic(cursor->value());
    if (!stored) return Error{ErrorCode::kCorrupted, "topic \"" + name + "\": " + stored.error().message};
    Topic topic{stored->id, std::move(stored->config), {}};
    topic.partitions.resize(static_cast<std::size_t>(topic.config.partitions));
    topics_.emplace(name, std::move(topic));
  }
  THALWEG_CHECK(cursor->status());
  for (auto& [name, topic] : topics_) {
    for (std::int32_t p = 0; p < topic.config.partitions; ++p) {
      THALWEG_CHECK(recover_partition({topic.id, p}, *cursor, topic.partitions[static_cast<std::size_t>(p)]));
    }
  }
  for (const std::uint32_t id : deleted) THALWEG_CHECK(erase_batches(id));
  return {};
}

Result<void> EmbeddedLog::recover_partition(PartitionKey key, Cursor& index, Partition& partition) {
  const std::string prefix = index_prefix(key);
  index.seek_for_prev(index_key(key, Offset{-1}));  // the greatest possible offset
  if (index.valid() && index.key().starts_with(prefix)) {
    THALWEG_TRY(const IndexEntry newest, decode_index_entry(index.value()));
    partition.end = Offset{base_of(index.key()).value + newest.record_count};
  }
  THALWEG_CHECK(index.status());
  THALWEG_TRY(const auto start, storage_.get(Space::kMeta, start_key(key)));
  if (start) partition.start = std::min(Offset{decode_i64(*start)}, partition.end);
  return {};
}

Result<void> EmbeddedLog::create_topic(const std::string& name, const TopicConfig& config) {
  if (name.empty()) return Error{ErrorCode::kStatement, "a topic needs a name"};
  if (config.partitions < 1 || config.partitions > kPartitionsMax) {
    return Error{ErrorCode::kStatement,
                 "topic \"" + name + "\" cannot have " + std::to_string(config.partitions) + " partitions"};
  }
  const Turn turn(*this);
  if (topic(name)) return Error{ErrorCode::kExists, "topic \"" + name + "\" already exists"};
  THALWEG_TRY(const auto next, storage_.get(Space::kMeta, kNextTopicIdKey));
  const std::uint32_t id = next ? read_u32_be(*next) : 1;
  std::string next_id;
  append_u32_be(next_id, id + 1);
  WriteSet writes;
  writes.put(Space::kMeta, std::string(kNextTopicIdKey), std::move(next_id));
  writes.put(Space::kMeta, topic_key(name), encode_topic({id, config}));
  THALWEG_CHECK(storage_.write(writes, options_.durability));
  MutexLock lock(mutex_);
  Topic created{id, config, {}};
  created.partitions.resize(static_cast<std::size_t>(config.partitions));
  topics_.emplace(name, std::move(created));
  return {};
}

// First the name goes, with a mark that the batches are to follow; then the batches; then the mark.
Result<void> EmbeddedLog::delete_topic(const std::string& name) {
  const Turn turn(*this);
  std::uint32_t id = 0;
  {
    MutexLock lock(mutex_);
    const Topic* found = find_topic(name);
    if (found == nullptr) return unknown_topic(name);
    id = found->id;
  }
  WriteSet writes;
  writes.erase(Space::kMeta, topic_key(name));
  writes.put(Space::kMeta, deleted_key(id), {});
  THALWEG_CHECK(storage_.write(writes, options_.durability));
  {
    MutexLock lock(mutex_);
    const auto found = topics_.find(name);
    for (Partition& partition : found->second.partitions) ring_.forget_before(*partition.tail, partition.end);
    topics_.erase(found);
  }
  // The topic is gone for everybody; if cleaning fails now, the next start finishes it.
  if (!erase_batches(id)) return {};
  return {};
}

Result<void> EmbeddedLog::erase_batches(std::uint32_t topic_id) {
  for (const auto& [space, prefix] :
       {std::pair(Space::kLog, log_prefix(topic_id)), std::pair(Space::kMeta, index_prefix(topic_id)),
        std::pair(Space::kMeta, start_prefix(topic_id))}) {
    THALWEG_CHECK(storage_.erase_range(space, prefix, prefix_end(prefix)));
  }
  WriteSet writes;
  const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kMeta);
  for (cursor->seek(kPositionPrefix); cursor->valid() && cursor->key().starts_with(kPositionPrefix);
       cursor->next()) {
    if (partition_of_position(cursor->key()).topic_id == topic_id) {
      writes.erase(Space::kMeta, std::string(cursor->key()));
    }
  }
  THALWEG_CHECK(cursor->status());
  writes.erase(Space::kMeta, deleted_key(topic_id));
  return storage_.write(writes, Durability::kAsync);
}

std::optional<TopicConfig> EmbeddedLog::topic(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? std::nullopt : std::optional(found->second.config);
}

std::map<std::string, TopicConfig> EmbeddedLog::topics() const {
  MutexLock lock(mutex_);
  std::map<std::string, TopicConfig> configs;
  for (const auto& [name, topic] : topics_) configs.emplace(name, topic.config);
  return configs;
}

EmbeddedLog::Topic* EmbeddedLog::find_topic(const std::string& name) {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

Result<EmbeddedLog::Partition*> EmbeddedLog::find_partition(const TopicPartition& partition,
                                                            std::uint32_t* topic_id) const {
  const auto found = topics_.find(partition.topic);
  if (found == topics_.end()) return unknown_topic(partition.topic);
  const Topic& topic = found->second;
  if (partition.partition.value < 0 || partition.partition.value >= topic.config.partitions) {
    return Error{ErrorCode::kNotFound, "topic \"" + partition.topic + "\" has no partition " +
                                           std::to_string(partition.partition.value)};
  }
  if (topic_id != nullptr) *topic_id = topic.id;
  return const_cast<Partition*>(&topic.partitions[static_cast<std::size_t>(partition.partition.value)]);
}

Result<EmbeddedLog::PartitionState> EmbeddedLog::state_of(const TopicPartition& partition) const {
  MutexLock lock(mutex_);
  std::uint32_t topic_id = 0;
  THALWEG_TRY(const Partition* found, find_partition(partition, &topic_id));
  return PartitionState{{topic_id, partition.partition.value}, found->start, found->end, found->purge_before};
}

Result<Offset> EmbeddedLog::start_offset(const TopicPartition& partition) const {
  THALWEG_TRY(const PartitionState state, state_of(partition));
  return state.start;
}

Result<Offset> EmbeddedLog::end_offset(const TopicPartition& partition) const {
  THALWEG_TRY(const PartitionState state, state_of(partition));
  return state.end;
}

Result<std::vector<Log::StoredPosition>> EmbeddedLog::positions(const std::string& owner) const {
  std::map<std::uint32_t, std::string> names;
  {
    MutexLock lock(mutex_);
    for (const auto& [name, topic] : topics_) names.emplace(topic.id, name);
  }
  std::vector<StoredPosition> positions;
  const std::string prefix = position_prefix(owner);
  const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kMeta);
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    const PartitionKey key = partition_of_position(cursor->key());
    const auto name = names.find(key.topic_id);
    if (name == names.end() || cursor->value().size() < sizeof(std::int64_t)) continue;
    positions.push_back({{name->second, PartitionId{key.partition}},
                         Offset{decode_i64(cursor->value())},
                         std::string(cursor->value().substr(sizeof(std::int64_t)))});
  }
  THALWEG_CHECK(cursor->status());
  return positions;
}

Result<void> EmbeddedLog::forget_positions(const std::string& owner) {
  const Turn turn(*this);
  WriteSet writes;
  const std::string prefix = position_prefix(owner);
  const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kMeta);
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    writes.erase(Space::kMeta, std::string(cursor->key()));
  }
  THALWEG_CHECK(cursor->status());
  if (writes.empty()) return {};
  return storage_.write(writes, options_.durability);
}

std::uint64_t EmbeddedLog::add_listener(Listener listener) {
  const std::unique_lock lock(listeners_mutex_);
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

void EmbeddedLog::remove_listener(std::uint64_t id) {
  const std::unique_lock lock(listeners_mutex_);
  listeners_.erase(id);
}

void EmbeddedLog::notify(const std::vector<TopicPartition>& changed) const {
  const std::shared_lock lock(listeners_mutex_);
  for (const TopicPartition& partition : changed) {
    for (const auto& [id, listener] : listeners_) listener(partition);
  }
}

}  // namespace thalweg::runtime
