#include "runtime/tasks/push_queue.h"

#include <algorithm>

namespace thalweg::runtime {

void PushQueue::notify() {
  std::function<void()> ready;
  {
    MutexLock lock(mutex_);
    ready = ready_;
  }
  if (ready) ready();
}

void PushQueue::publish(std::vector<ResultRow> rows) {
  {
    MutexLock lock(mutex_);
    for (ResultRow& row : rows) {
      if (finished_) break;
      rows_.push_back(std::move(row));
      if (left_ && --*left_ == 0) {
        finished_ = true;
        final_message_ = "Limit Reached";
      }
    }
  }
  notify();
}

bool PushQueue::full() const {
  MutexLock lock(mutex_);
  return finished_ || rows_.size() >= rows_max_;
}

bool PushQueue::finished() const {
  MutexLock lock(mutex_);
  return finished_;
}

void PushQueue::fail(Error error) {
  {
    MutexLock lock(mutex_);
    if (finished_) return;
    finished_ = true;
    error_ = std::move(error);
  }
  notify();
}

void PushQueue::finish(std::string message) {
  {
    MutexLock lock(mutex_);
    if (finished_) return;
    finished_ = true;
    final_message_ = std::move(message);
  }
  notify();
}

PushQuery::Poll PushQueue::take(std::size_t rows_max) {
  PushQuery::Poll poll;
  std::function<void()> space;
  {
    MutexLock lock(mutex_);
    const bool was_full = rows_.size() >= rows_max_;
    const std::size_t count = std::min(rows_max, rows_.size());
    poll.rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      poll.rows.push_back(std::move(rows_.front()));
      rows_.pop_front();
    }
    if (finished_ && rows_.empty()) {
      poll.finished = true;
      poll.final_message = final_message_;
      poll.error = error_;
    }
    if (was_full && rows_.size() < rows_max_) space = space_;
  }
  if (space) space();
  return poll;
}

void PushQueue::on_ready(std::function<void()> callback) {
  {
    MutexLock lock(mutex_);
    ready_ = std::move(callback);
  }
  notify();
}

void PushQueue::on_space(std::function<void()> callback) {
  MutexLock lock(mutex_);
  space_ = std::move(callback);
}

}  // namespace thalweg::runtime
