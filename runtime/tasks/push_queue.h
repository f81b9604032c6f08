// Rows of a push query between its tasks and its client. Tasks add in bulk when an epoch is complete; the
// client takes at its own pace. A full queue stops the tasks.
// Thread: safe; on_ready runs on the adding thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/engine.h"

namespace thalweg::runtime {

class PushQueue {
 public:
  PushQueue(std::size_t rows_max, std::optional<std::int64_t> limit) : rows_max_(rows_max), left_(limit) {
    if (left_ && *left_ <= 0) finish("Limit Reached");
  }

  void publish(std::vector<ResultRow> rows);  // of one epoch of one task
  bool full() const;                          // tasks should wait
  bool finished() const;                      // LIMIT reached or failed
  void fail(Error error);
  void finish(std::string message);
  PushQuery::Poll take(std::size_t rows_max);
  void on_ready(std::function<void()> callback);
  void on_space(std::function<void()> callback);  // tasks may go on

 private:
  void notify();

  const std::size_t rows_max_;
  mutable Mutex mutex_;
  std::deque<ResultRow> rows_ THALWEG_GUARDED_BY(mutex_);
  std::optional<std::int64_t> left_ THALWEG_GUARDED_BY(mutex_);
  bool finished_ THALWEG_GUARDED_BY(mutex_) = false;
  std::string final_message_ THALWEG_GUARDED_BY(mutex_);
  std::optional<Error> error_ THALWEG_GUARDED_BY(mutex_);
  std::function<void()> ready_ THALWEG_GUARDED_BY(mutex_);
  std::function<void()> space_ THALWEG_GUARDED_BY(mutex_);
};

}  // namespace thalweg::runtime
