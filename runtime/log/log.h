// Topics and partitions of records, and the epoch that makes processing exactly-once: consumed
// positions, produced records and state changes become durable and visible together or not at all.
//
// Thread: every call from any thread. Listeners are called on the committing thread, after the commit
// is durable, without locks held; they must only wake somebody up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "runtime/log/record_batch.h"
#include "runtime/storage/storage.h"

namespace thalweg::runtime {

struct TopicConfig {
  std::int32_t partitions = 1;
  std::int32_t replicas = 1;          // remembered, not acted upon by the embedded log
  std::int64_t retention_ms = -1;     // -1: for ever
  std::int64_t retention_bytes = -1;  // per partition
  bool internal = false;              // repartition topics: purged as they are consumed
  std::string cleanup_policy =
      "delete";  // delete, compact, "compact,delete": as listed; the log keeps history
  bool operator==(const TopicConfig&) const = default;
};

struct Epoch {
  struct Append {
    TopicPartition to;
    RecordBatchBuilder records;
  };
  struct Position {
    std::string owner;  // who consumes: "<query id>"
    TopicPartition from;
    Offset next;           // next offset to process
    std::string metadata;  // small, owner-defined
  };
  std::vector<Append> appends;
  std::vector<Position> positions;
  WriteSet state;
  bool empty() const { return appends.empty() && positions.empty() && state.empty(); }
};

class Log {
 public:
  virtual ~Log() = default;

  virtual Result<void> create_topic(const std::string& name, const TopicConfig& config) = 0;  // kExists
  virtual Result<void> delete_topic(const std::string& name) = 0;                             // kNotFound
  virtual std::optional<TopicConfig> topic(const std::string& name) const = 0;
  virtual std::map<std::string, TopicConfig> topics() const = 0;

  // Whole batches from the one that holds `from`, up to about max_bytes, at least one if there is any.
  // The first batch may begin before `from`: skip its leading records. Empty: nothing at or after `from` yet.
  // Below start_offset: starts there. kNotFound: no such topic. kCorrupted: a damaged batch (message names
  // topic, partition, offsets); reading from its batch_end() goes on behind it.
  virtual Result<std::vector<RecordBatchPtr>> read(const TopicPartition& from_partition, Offset from,
                                                   std::size_t max_bytes) const = 0;
  // First offset behind the batch that holds `offset`, damaged or not.
  virtual Result<Offset> batch_end(const TopicPartition& partition, Offset offset) const = 0;
  virtual Result<Offset> start_offset(const TopicPartition& partition) const = 0;
  virtual Result<Offset> end_offset(const TopicPartition& partition) const = 0;  // of the next record
  // First offset whose record has timestamp ≥ time, nullopt: none.
  virtual Result<std::optional<Offset>> offset_for_time(const TopicPartition& partition,
                                                        EventTime time) const = 0;

  // Makes all epochs durable and visible in one atomic write (concurrent callers share one write and one
  // sync). Returns, per epoch and append, the base offset given. Nothing is visible before it is durable.
  // On failure nothing of any epoch happened.
  virtual Result<std::vector<std::vector<Offset>>> commit(std::span<Epoch> epochs) = 0;

  struct StoredPosition {
    TopicPartition from;
    Offset next;
    std::string metadata;
  };
  virtual Result<std::vector<StoredPosition>> positions(const std::string& owner) const = 0;
  virtual Result<void> forget_positions(const std::string& owner) = 0;

  using Listener = std::function<void(const TopicPartition&)>;
  virtual std::uint64_t add_listener(Listener listener) = 0;
  virtual void remove_listener(std::uint64_t id) = 0;

  // Drops what retention allows: whole batches, by time and size; of internal topics what lies below
  // `purge_before`, when given. Called now and then by the owner of the log; returns bytes dropped.
  virtual Result<std::uint64_t> enforce_retention() = 0;
  virtual Result<void> purge_before(const TopicPartition& partition, Offset offset) = 0;
};

struct EmbeddedLogOptions {
  Durability durability = Durability::kSync;
  RecordBatchBuilder::Codec codec = RecordBatchBuilder::Codec::kLz4;
  std::size_t ring_bytes = 64ull << 20;        // recent batches kept in memory, over all partitions
  std::size_t batch_bytes_max = 512ull << 10;  // larger appends are cut
};
// The log inside a Storage. `storage` and `clock` are borrowed.
Result<std::unique_ptr<Log>> open_embedded_log(Storage& storage, const Clock& clock,
                                               const EmbeddedLogOptions& options);

// Kafka's partition of a key: (murmur2(key) & 0x7fffffff) mod count.
PartitionId partition_of(std::string_view key_bytes, std::int32_t partition_count);
std::uint32_t murmur2(std::string_view bytes);

}  // namespace thalweg::runtime
