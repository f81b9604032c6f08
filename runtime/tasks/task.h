// A task: one sub-topology on one partition. It reads its inputs in time order, runs rows through its
// operators and leaves an epoch to commit. One thread at a time, guarded by mutex(); between epochs a
// reader may hold the mutex to look at committed state.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/operators/operator.h"
#include "runtime/operators/sink.h"
#include "runtime/operators/source.h"
#include "runtime/tasks/fair_mutex.h"
#include "runtime/tasks/task_context.h"
#include "runtime/tasks/topology.h"

namespace thalweg::runtime {

enum class StartAt : std::uint8_t { kEarliest, kLatest, kDefault /* streams latest, tables earliest */ };

class Task {
 public:
  // Builds operators and finds its place: committed positions of `owner`, else `start`.
  static Result<std::shared_ptr<Task>> make(std::unique_ptr<TaskContext> context,
                                            std::shared_ptr<const planner::QueryPlan> plan,
                                            const Topology& topology, std::size_t part, StartAt start,
                                            const std::vector<Log::StoredPosition>& positions);

  FairMutex& mutex() THALWEG_THREAD_ATTRIBUTE(lock_returned(mutex_)) { return mutex_; }

  // Whether run() would find something to do. Any thread.
  bool has_input() const;
  // Processes up to records_max records; afterwards context().epoch is what has to be committed.
  // Returns how many records were taken. On failure the caller rolls back.
  Result<std::size_t> run(std::size_t records_max) THALWEG_REQUIRES(mutex_);
  void committed() THALWEG_REQUIRES(mutex_);
  Result<void> roll_back() THALWEG_REQUIRES(mutex_);
  // Once the scheduler has let it go: gives up operators and stores, whoever still holds the task.
  void close() THALWEG_REQUIRES(mutex_) { operators_.clear(); }
  bool closed() const THALWEG_REQUIRES(mutex_) { return operators_.empty(); }

  TaskContext& context() { return *context_; }
  Operator* operator_of(std::int32_t step);
  std::vector<TopicPartition> inputs() const;
  std::map<TopicPartition, Offset> committed_positions() const;
  std::uint64_t state_rows() const;
  // Restricts reading to offsets below; partitions that are not named: nothing. nullopt: no restriction.
  void limit_input(const std::optional<std::map<TopicPartition, Offset>>& limits) THALWEG_REQUIRES(mutex_);

  std::atomic<bool> paused{false};
  std::atomic<bool> removed{false};
  std::atomic<bool> queued{false};
  std::atomic<std::int64_t> retry_at_ms{0};  // wall clock; after a failure
  std::int32_t failures = 0;                 // in a row
  bool careful = false;  // after a failure: one record at a time, to stop right before the bad one

 private:
  struct Input {
    TopicPartition from;
    std::int32_t step = -1;
    SourceOperator* source = nullptr;        // reading a source topic
    std::unique_ptr<InternalReader> reader;  // reading an internal topic
    Operator* consumer = nullptr;
    int consumer_port = 0;
    bool table = false;
    std::size_t index = 0;  // in inputs_

    std::deque<RecordBatchPtr> fetched;
    Offset fetch_next;
    SourceInput current;  // stretch being processed; count 0: none
    std::uint32_t cursor = 0;
    std::uint32_t planned = 0;  // where the round at hand ends; ≥ cursor
    // Of the stretch's rows, up to `planned`; null: not needed so far.
    std::uint32_t* turns = nullptr;
    std::int64_t* stream_times = nullptr;
    std::int64_t current_base = 0;  // offset of the stretch's first record
    Offset next;                    // of the first record not processed
    std::atomic<std::int64_t> committed{0};
    std::atomic<std::int64_t> limit{INT64_MAX};

    void clear() {
      current = SourceInput{};
      cursor = planned = 0;
      turns = nullptr;
      stream_times = nullptr;
    }
  };
  Task() = default;
  Result<void> build(const Topology& topology, std::size_t part);
  Result<std::unique_ptr<Operator>> make_step(const Topology& topology, const SubTopology& part,
                                              std::int32_t index);
  void connect_input(const SubTopology::Input& from);
  Result<void> place(Input& input, StartAt start, const std::vector<Log::StoredPosition>& positions);
  Result<bool> fill(Input& input);  // makes `current` non-empty if there is data
  Result<void> fetch(Input& input);
  // What can be said without refilling an input: moves the inputs' `planned` on, records_max rows at most,
  // and gives every row its turn. Returns the number of rows.
  std::size_t plan_round(std::size_t records_max);
  void note_turn(Input& chosen, std::uint32_t count, std::uint32_t turn, std::int64_t& stream_time);
  Input* choose();  // the input whose next planned row comes first; null: none has data
  static bool precedes(const Input& a, std::int64_t time_of_a, const Input& b, std::int64_t time_of_b);
  std::uint32_t run_length(const Input& chosen, std::size_t records_max) const;
  Result<void> process_round();
  Result<void> process(Input& input);  // up to where it is planned
  Result<void> finish_epoch();

  FairMutex mutex_;
  std::unique_ptr<TaskContext> context_;
  std::shared_ptr<const planner::QueryPlan> plan_;
  std::map<std::int32_t, std::unique_ptr<Operator>> operators_;  // by step: topological order
  std::vector<std::unique_ptr<Input>> inputs_;
};

}  // namespace thalweg::runtime
