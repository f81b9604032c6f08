// Runs tasks on worker threads, or on the caller's when there are none. A worker takes the tasks that are
// ready, runs each for a while, and commits all their epochs in one write: one sync for many queries.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "runtime/log/log.h"
#include "runtime/tasks/task.h"
#include "runtime/tasks/topic_traffic.h"

namespace thalweg::runtime {

// A query whose task failed: for its description and its state.
using FailureListener = std::function<void(const std::string& query_id, const Error& error, bool gave_up)>;

struct SchedulerOptions {
  int workers = 1;
  std::size_t epoch_records_max = 65536;
  std::int64_t slice_ns = 8'000'000;  // a worker commits after this much processing
  std::int64_t retry_initial_ms = 15'000;
  std::int64_t retry_max_ms = 900'000;
};

class Scheduler {
 public:
  Scheduler(Log& log, const Clock& clock, TrafficBook& traffic, SchedulerOptions options,
            FailureListener on_failure);
  ~Scheduler();

  void add(std::shared_ptr<Task> task);
  // After this the tasks run no more (waits for a running epoch).
  void remove(const std::vector<std::shared_ptr<Task>>& tasks);
  void wake(const std::shared_ptr<Task>& task);
  void tick();  // wakes tasks whose retry is due; called now and then

  // Runs every ready task once on this thread and commits. For workers == 0.
  Result<bool> step();
  bool idle() const;  // nothing ready, nothing running
  void stop();

 private:
  void work();
  void on_append(const TopicPartition& partition);
  bool ready(const Task& task) const;
  // Runs the tasks, commits them together; returns how many did something.
  std::size_t run_and_commit(std::vector<std::shared_ptr<Task>>& tasks);
  static void lock_all(const std::vector<std::shared_ptr<Task>>& tasks);
  void fail(Task& task, Error error);
  void enqueue(const std::shared_ptr<Task>& task);

  Log& log_;
  const Clock& clock_;
  TrafficBook& traffic_;
  const SchedulerOptions options_;
  FailureListener on_failure_;
  std::uint64_t listener_ = 0;

  mutable Mutex mutex_;
  std::condition_variable_any work_ready_;
  std::deque<std::shared_ptr<Task>> queue_ THALWEG_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Task>> tasks_ THALWEG_GUARDED_BY(mutex_);
  std::map<TopicPartition, std::vector<std::shared_ptr<Task>>> readers_ THALWEG_GUARDED_BY(mutex_);
  std::atomic<int> running_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace thalweg::runtime
