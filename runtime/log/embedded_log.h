// The Log inside a Storage; log_keys.h says how it lies there.
//
// Two locks. `turn_` is a baton: its holder alone changes the log (a leader committing for everyone who
// waits, or create, delete, retention). `mutex_` guards what readers look at and is never held during I/O.
// Readers see offsets below the published end only.
#pragma once

#include <condition_variable>
#include <map>
#include <shared_mutex>

#include "base/mutex.h"
#include "runtime/log/log.h"
#include "runtime/log/log_keys.h"
#include "runtime/log/tail_ring.h"

namespace thalweg::runtime {

class EmbeddedLog final : public Log {
 public:
  EmbeddedLog(Storage& storage, const Clock& clock, const EmbeddedLogOptions& options)
      : storage_(storage), clock_(clock), options_(options), ring_(options.ring_bytes) {}

  // Reads topics, start and end offsets, and finishes deletions a crash interrupted.
  Result<void> recover();

  Result<void> create_topic(const std::string& name, const TopicConfig& config) override;
  Result<void> delete_topic(const std::string& name) override;
  std::optional<TopicConfig> topic(const std::string& name) const override;
  std::map<std::string, TopicConfig> topics() const override;
  Result<std::vector<RecordBatchPtr>> read(const TopicPartition& from_partition, Offset from,
                                           std::size_t max_bytes) const override;
  Result<Offset> batch_end(const TopicPartition& partition, Offset offset) const override;
  Result<Offset> start_offset(const TopicPartition& partition) const override;
  Result<Offset> end_offset(const TopicPartition& partition) const override;
  Result<std::optional<Offset>> offset_for_time(const TopicPartition& partition,
                                                EventTime time) const override;
  Result<std::vector<std::vector<Offset>>> commit(std::span<Epoch> epochs) override;
  Result<std::vector<StoredPosition>> positions(const std::string& owner) const override;
  Result<void> forget_positions(const std::string& owner) override;
  std::uint64_t add_listener(Listener listener) override;
  void remove_listener(std::uint64_t id) override;
  Result<std::uint64_t> enforce_retention() override;
  Result<void> purge_before(const TopicPartition& partition, Offset offset) override;

 private:
  struct Partition {
    Offset start;
    Offset end;
    Offset purge_before;
    std::shared_ptr<PartitionTail> tail = std::make_shared<PartitionTail>();
  };
  struct Topic {
    std::uint32_t id = 0;
    TopicConfig config;
    std::vector<Partition> partitions;
  };
  struct PartitionState {  // a copy for use outside the lock
    PartitionKey key;
    Offset start;
    Offset end;
    Offset purge_before;
  };
  // One caller of commit(): its batches are encoded before it queues, and placed by the leader.
  struct PreparedBatch {
    std::shared_ptr<RecordBatch> batch;
    std::string blob;
    IndexEntry index;
  };
  struct PreparedAppend {
    const TopicPartition* to;
    std::vector<PreparedBatch> batches;
  };
  struct Request {
    std::span<Epoch> epochs;
    std::vector<std::vector<PreparedAppend>> appends;  // per epoch
    std::size_t size_bytes = 0;
    std::vector<std::vector<Offset>> bases;
    std::optional<Error> error;
    bool done = false;
  };
  struct PlacedBatch {
    TopicPartition to;
    RecordBatchPtr batch;
  };
  // What one storage write will contain.
  struct Group {
    WriteSet writes;
    std::map<TopicPartition, Offset> ends;
    std::vector<PlacedBatch> placed;
  };
  class Turn;

  Topic* find_topic(const std::string& name) THALWEG_REQUIRES(mutex_);
  Result<Partition*> find_partition(const TopicPartition& partition, std::uint32_t* topic_id = nullptr) const
      THALWEG_REQUIRES(mutex_);
  Result<PartitionState> state_of(const TopicPartition& partition) const;

  Result<void> recover_partition(PartitionKey key, Cursor& index, Partition& partition);
  Result<void> erase_batches(std::uint32_t topic_id);

  Result<void> prepare(Request& request) const;
  void lead(std::vector<Request*> requests);
  Result<void> place(Request& request, Group& group);
  void publish(const Group& group);
  void notify(const std::vector<TopicPartition>& changed) const;

  Result<std::vector<RecordBatchPtr>> read_stored(const TopicPartition& name, const PartitionState& state,
                                                  Offset from, std::size_t max_bytes) const;
  Error damaged_batch(const TopicPartition& name, const PartitionState& state, Offset base,
                      const Error& cause) const;
  Offset end_of_batch(const PartitionState& state, Offset offset) const;
  bool start_moved_past(const TopicPartition& name, Offset offset) const;
  Result<std::uint64_t> retain(const TopicPartition& name, const TopicConfig& config);
  Result<void> move_start(const TopicPartition& name, PartitionKey key, Offset start, WriteSet& writes);
  Result<std::uint64_t> stored_bytes(PartitionKey key) const;

  Storage& storage_;
  const Clock& clock_;
  const EmbeddedLogOptions options_;

  mutable Mutex mutex_;
  std::map<std::string, Topic, std::less<>> topics_ THALWEG_GUARDED_BY(mutex_);
  TailRing ring_ THALWEG_GUARDED_BY(mutex_);

  Mutex turn_mutex_;
  std::condition_variable_any turn_free_;
  bool turn_taken_ THALWEG_GUARDED_BY(turn_mutex_) = false;
  std::vector<Request*> waiting_ THALWEG_GUARDED_BY(turn_mutex_);

  // Held shared while listeners run, so that remove_listener returns only after the last call.
  mutable std::shared_mutex listeners_mutex_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_listener_ = 1;
};

// Takes the baton, waits for it if need be, and gives it back.
class EmbeddedLog::Turn {
 public:
  explicit Turn(EmbeddedLog& log) : log_(log) {
    MutexLock lock(log_.turn_mutex_);
    while (log_.turn_taken_) log_.turn_free_.wait(log_.turn_mutex_);
    log_.turn_taken_ = true;
  }
  ~Turn() {
    MutexLock lock(log_.turn_mutex_);
    log_.turn_taken_ = false;
    log_.turn_free_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  EmbeddedLog& log_;
};

}  // namespace thalweg::runtime
