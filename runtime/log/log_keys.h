// How the embedded log lies in its Storage. Integers in keys are big-endian, in values little-endian.
//
//   kLog   [topic id u32][partition u32][base offset u64] → record batch blob
//   kMeta  "Ln"                                           → next topic id u32
//          "Lt" [topic name]                              → topic: id and config
//          "Lx" [topic id u32]                            → (empty) deleted topic whose batches still go
//          "Lb" [topic id][partition][base offset]        → batch index: count, bytes, timestamps
//          "Ls" [topic id][partition]                     → start offset i64
//          "Lo" [owner size u32][owner][topic id][partition] → position: next offset i64, metadata
//
// The index makes search by offset and time, retention and recovery of end offsets independent of blobs.
// Other users of kMeta must not begin their keys with "L".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/log/log.h"

namespace thalweg::runtime {

struct PartitionKey {
  std::uint32_t topic_id;
  std::int32_t partition;
};

std::string log_key(PartitionKey partition, Offset base);  // in kLog
std::string log_prefix(PartitionKey partition);
std::string log_prefix(std::uint32_t topic_id);
Offset base_of(std::string_view key);  // of log_key and index_key

inline constexpr std::string_view kNextTopicIdKey = "Ln";
inline constexpr std::string_view kTopicPrefix = "Lt";
inline constexpr std::string_view kDeletedPrefix = "Lx";
inline constexpr std::string_view kPositionPrefix = "Lo";
std::string topic_key(std::string_view name);
std::string deleted_key(std::uint32_t topic_id);
std::string index_key(PartitionKey partition, Offset base);
std::string index_prefix(PartitionKey partition);
std::string index_prefix(std::uint32_t topic_id);
std::string start_key(PartitionKey partition);
std::string start_prefix(std::uint32_t topic_id);
std::string position_prefix(std::string_view owner);
std::string position_key(std::string_view owner, PartitionKey partition);
PartitionKey partition_of_position(std::string_view key);  // of any position_key

struct IndexEntry {
  std::uint32_t record_count;
  std::uint32_t blob_bytes;
  std::int64_t min_timestamp_ms;
  std::int64_t max_timestamp_ms;
};
std::string encode_index_entry(const IndexEntry& entry);
Result<IndexEntry> decode_index_entry(std::string_view value);

struct StoredTopic {
  std::uint32_t id;
  TopicConfig config;
};
std::string encode_topic(const StoredTopic& topic);
Result<StoredTopic> decode_topic(std::string_view value);

std::string encode_i64(std::int64_t value);
std::int64_t decode_i64(std::string_view value);  // 0 when too short

}  // namespace thalweg::runtime
