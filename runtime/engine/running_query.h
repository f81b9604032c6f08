// A query at work: its tasks on every partition, what they count, how they fail, how their rows are read.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/engine.h"
#include "runtime/tasks/processing_log.h"
#include "runtime/tasks/push_queue.h"
#include "runtime/tasks/scheduler.h"
#include "runtime/tasks/task.h"

namespace thalweg::runtime {

// What every query of an engine shares.
struct QueryEnvironment {
  Log& log;
  Storage& storage;
  StateBackend& state;
  const Clock& clock;
  const FunctionLibrary& functions;
  ProcessingLog& processing_log;
  Scheduler& scheduler;
  TrafficBook& traffic;
  const planner::PropertyMap& server_properties;
  std::string service_id;
  std::uint64_t seed;
  std::size_t batch_rows_max;
  bool single_partition;
};

class RunningQuery {
 public:
  // Builds all tasks; nothing runs before start(). Persistent queries create their internal topics and take
  // up their committed positions.
  static Result<std::shared_ptr<RunningQuery>> make(const QueryEnvironment& environment,
                                                    std::shared_ptr<const planner::QueryPlan> plan,
                                                    std::shared_ptr<PushQueue> push_queue,
                                                    std::optional<StartAt> start = std::nullopt);
  // One that could not be made at a start: in state ERROR with the reason, it does nothing but be listed,
  // refuse to be read, and be wiped.
  static std::shared_ptr<RunningQuery> broken(const QueryEnvironment& environment,
                                              std::shared_ptr<const planner::QueryPlan> plan,
                                              const Error& error);
  ~RunningQuery();

  void start();
  void stop();          // tasks run no more; state and positions stay
  void close();         // after stop: stores are given up, and can be opened by another query
  Result<void> wipe();  // after stop: closes, and erases state, positions, internal topics
  void pause(bool paused);
  void failed(const Error& error, bool gave_up);
  Result<void> limit_input(const std::optional<Engine::InputLimits>& limits);
  // Runs the tasks on the calling thread until they have no input left; for bounded scans. Not started.
  Result<void> drain();

  // The materialised rows of all partitions, filters and projections above them applied, in the schema the
  // sink sees: columns of `sink_columns()`. Tombstones are left out.
  Result<std::vector<Batch>> read(const ReadRequest& request);
  Result<void> check_readable() const;  // before anything is read
  // Positions, in what read() returns, of the source's columns: key, then value.
  std::vector<std::int32_t> sink_columns() const;
  const planner::Schema& read_schema() const;

  QueryDescription describe() const;
  const planner::QueryPlan& plan() const { return *plan_; }
  PushQueue* push_queue() { return push_queue_.get(); }

 private:
  class ReadPath;
  RunningQuery(const QueryEnvironment& environment, std::shared_ptr<const planner::QueryPlan> plan);
  Result<void> store_start_positions(const std::vector<Log::StoredPosition>& known);
  std::unique_ptr<TaskContext> make_context(PartitionId partition, bool durable);

  QueryEnvironment environment_;
  std::shared_ptr<const planner::QueryPlan> plan_;
  planner::PropertyMap properties_;
  std::shared_ptr<PushQueue> push_queue_;
  LiveCounters counters_;
  Topology topology_;
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<std::pair<std::shared_ptr<Task>, std::unique_ptr<ReadPath>>> read_paths_;
  std::optional<Error> broken_;
  std::atomic<bool> started_{false};
  std::atomic<bool> paused_{false};
  mutable Mutex mutex_;
  std::vector<QueryError> errors_ THALWEG_GUARDED_BY(mutex_);
  bool failing_ THALWEG_GUARDED_BY(mutex_) = false;
};

}  // namespace thalweg::runtime
