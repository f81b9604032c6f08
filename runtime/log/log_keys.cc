#include "runtime/log/log_keys.h"

#include <cstring>

#include "runtime/storage/checksum.h"

namespace thalweg::runtime {
namespace {

constexpr std::uint8_t kTopicVersion = 1;

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Takes integers from the front of `bytes`; reading past the end gives zeros and clears `ok`.
struct Taker {
  std::string_view bytes;
  bool ok = true;

  template <typename T>
  T take() {
    T value{};
    if (bytes.size() < sizeof(value)) {
      ok = false;
      return value;
    }
    std::memcpy(&value, bytes.data(), sizeof(value));
    bytes.remove_prefix(sizeof(value));
    return value;
  }
};

std::string with_partition(std::string key, PartitionKey partition) {
  append_u32_be(key, partition.topic_id);
  append_u32_be(key, static_cast<std::uint32_t>(partition.partition));
  return key;
}

std::string with_topic(std::string key, std::uint32_t topic_id) {
  append_u32_be(key, topic_id);
  return key;
}

std::string with_offset(std::string key, Offset base) {
  append_u64_be(key, static_cast<std::uint64_t>(base.value));
  return key;
}

// [checksum of the rest u32][rest]
std::string seal(std::string rest) {
  std::string sealed;
  put(sealed, crc32c(rest));
  return sealed + rest;
}

Result<std::string_view> unseal(std::string_view sealed, const char* what) {
  Taker taker{sealed};
  const auto checksum = taker.take<std::uint32_t>();
  if (!taker.ok || crc32c(taker.bytes) != checksum) {
    return Error{ErrorCode::kCorrupted, std::string(what) + " is damaged: checksum mismatch"};
  }
  return taker.bytes;
}

}  // namespace

std::string log_key(PartitionKey partition, Offset base) { return with_offset(log_prefix(partition), base); }
std::string log_prefix(PartitionKey partition) { return with_partition({}, partition); }
std::string log_prefix(std::uint32_t topic_id) { return with_topic({}, topic_id); }

Offset base_of(std::string_view key) {
  THALWEG_ASSERT(key.size() >= 16);
  return Offset{static_cast<std::int64_t>(read_u64_be(key.substr(key.size() - 8)))};
}

std::string topic_key(std::string_view name) { return std::string(kTopicPrefix).append(name); }
std::string deleted_key(std::uint32_t topic_id) { return with_topic(std::string(kDeletedPrefix), topic_id); }
std::string index_key(PartitionKey partition, Offset base) {
  return with_offset(index_prefix(partition), base);
}
std::string index_prefix(PartitionKey partition) { return with_partition("Lb", partition); }
std::string index_prefix(std::uint32_t topic_id) { return with_topic("Lb", topic_id); }
std::string start_key(PartitionKey partition) { return with_partition("Ls", partition); }
std::string start_prefix(std::uint32_t topic_id) { return with_topic("Ls", topic_id); }

std::string position_prefix(std::string_view owner) {
  std::string key(kPositionPrefix);
  append_u32_be(key, static_cast<std::uint32_t>(owner.size()));
  return key.append(owner);
}

std::string position_key(std::string_view owner, PartitionKey partition) {
  return with_partition(position_prefix(owner), partition);
}

PartitionKey partition_of_position(std::string_view key) {
  THALWEG_ASSERT(key.size() >= 8);
  const std::string_view tail = key.substr(key.size() - 8);
  return {read_u32_be(tail), static_cast<std::int32_t>(read_u32_be(tail.substr(4)))};
}

std::string encode_index_entry(const IndexEntry& entry) {
  std::string rest;
  put(rest, entry.record_count);
  put(rest, entry.blob_bytes);
  put(rest, entry.min_timestamp_ms);
  put(rest, entry.max_timestamp_ms);
  return seal(std::move(rest));
}

Result<IndexEntry> decode_index_entry(std::string_view value) {
  THALWEG_TRY(const std::string_view rest, unseal(value, "batch index entry"));
  Taker taker{rest};
  IndexEntry entry{};
  entry.record_count = taker.take<std::uint32_t>();
  entry.blob_bytes = taker.take<std::uint32_t>();
  entry.min_timestamp_ms = taker.take<std::int64_t>();
  entry.max_timestamp_ms = taker.take<std::int64_t>();
  if (!taker.ok) return Error{ErrorCode::kCorrupted, "batch index entry is too short"};
  return entry;
}

std::string encode_topic(const StoredTopic& topic) {
  std::string rest;
  put(rest, kTopicVersion);
  put(rest, topic.id);
  put(rest, topic.config.partitions);
  put(rest, topic.config.replicas);
  put(rest, topic.config.retention_ms);
  put(rest, topic.config.retention_bytes);
  put(rest, static_cast<std::uint8_t>(topic.config.internal));
  rest += topic.config.cleanup_policy;
  return seal(std::move(rest));
}

Result<StoredTopic> decode_topic(std::string_view value) {
  THALWEG_TRY(const std::string_view rest, unseal(value, "topic description"));
  Taker taker{rest};
  if (taker.take<std::uint8_t>() != kTopicVersion) {
    return Error{ErrorCode::kCorrupted, "topic description has an unknown version"};
  }
  StoredTopic topic{};
  topic.id = taker.take<std::uint32_t>();
  topic.config.partitions = taker.take<std::int32_t>();
  topic.config.replicas = taker.take<std::int32_t>();
  topic.config.retention_ms = taker.take<std::int64_t>();
  topic.config.retention_bytes = taker.take<std::int64_t>();
  topic.config.internal = taker.take<std::uint8_t>() != 0;
  topic.config.cleanup_policy = std::string(taker.bytes);
  if (!taker.ok || topic.config.partitions < 1) {
    return Error{ErrorCode::kCorrupted, "topic description cannot be understood"};
  }
  return topic;
}

std::string encode_i64(std::int64_t value) {
  std::string out;
  put(out, value);
  return out;
}

std::int64_t decode_i64(std::string_view value) {
  Taker taker{value};
  return taker.take<std::int64_t>();
}

}  // namespace thalweg::runtime
