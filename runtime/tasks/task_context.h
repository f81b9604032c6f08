// What the operators of one task share: its epoch, its clocks and counters, its way to the processing log.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "runtime/expressions/expression.h"
#include "runtime/functions/library.h"
#include "runtime/log/log.h"
#include "runtime/state/state_store.h"
#include "runtime/tasks/processing_log.h"
#include "runtime/tasks/topic_traffic.h"

namespace thalweg::runtime {

// Counters of a query, bumped by its tasks; read by anybody.
struct LiveCounters {
  std::atomic<std::uint64_t> in{0}, out{0}, filtered{0}, late{0}, bad{0}, errors{0};
};
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

class PushQueue;

struct TaskContext {
  std::string query_id;
  PartitionId partition;
  const Clock* clock = nullptr;
  const FunctionLibrary* library = nullptr;
  FunctionEnvironment environment;
  StateBackend* state = nullptr;
  const Storage* storage = nullptr;  // for restore(); null in transient queries
  Log* log = nullptr;
  LiveCounters* counters = nullptr;
  TrafficBook* traffic = nullptr;
  ProcessingLog* processing_log = nullptr;
  std::shared_ptr<PushQueue> push_queue;  // push queries only
  bool durable = true;                    // false: transient, nothing is written
  bool coalesce = true;                   // table changes within an epoch leave as one per key
  bool null_text = true;
  bool throw_on_invalid_timestamp = false;
  bool fail_on_deserialization_error = false;
  bool single_partition = false;  // every key belongs to partition 0
  std::size_t batch_rows_max = 4096;
  std::int64_t emit_interval_ms = 1000;   // EMIT FINAL throttle
  std::int64_t sweep_interval_ms = 1000;  // stream-stream join sweep throttle

  Epoch epoch;                      // of the current run
  std::int64_t stream_time = -1;    // highest timestamp begun to be processed
  bool wants_stream_times = false;  // an operator reads Batch::stream_times

  // Opens a state store of this task, durable or not as the task is.
  Result<std::unique_ptr<StateStore>> open_store(const std::string& name, StoreKind kind) {
    if (!durable) return state->open_transient(kind);
    return state->open({query_id, name, partition}, kind);
  }
  // Small operator state that goes with the epoch (what EMIT FINAL has emitted up to, …).
  void persist(const std::string& name, std::string bytes);
  Result<std::string> restore(const std::string& name) const;  // empty: nothing stored

  // The produced records of `to` in this epoch. One builder per target, looked up once per batch.
  RecordBatchBuilder& produce(const TopicPartition& to);
  void forget_epoch();  // after a commit or a roll-back

  // Reports what evaluation of `batch` collected, one line per row; empties `errors`.
  void report(std::vector<RowError>& errors, std::string_view prefix, const Batch& batch,
              const std::string& step);

 private:
  std::map<TopicPartition, std::size_t> append_of_;
};

}  // namespace thalweg::runtime
