#include "runtime/tasks/scheduler.h"

#include <algorithm>
#include <functional>

#include "runtime/tasks/push_queue.h"

namespace thalweg::runtime {
namespace {
constexpr std::size_t kTasksPerCommit = 64;
constexpr std::int64_t kRetryIoMs = 500;
}  // namespace

Scheduler::Scheduler(Log& log, const Clock& clock, TrafficBook& traffic, SchedulerOptions options,
                     FailureListener on_failure)
    : log_(log), clock_(clock), traffic_(traffic), options_(options), on_failure_(std::move(on_failure)) {
  listener_ = log_.add_listener([this](const TopicPartition& partition) { on_append(partition); });
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { work(); });
}

Scheduler::~Scheduler() { stop(); }

void Scheduler::stop() {
  if (stopping_.exchange(true)) return;
  log_.remove_listener(listener_);
  {
    MutexLock lock(mutex_);
    work_ready_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

bool Scheduler::ready(const Task& task) const {
  if (task.paused || task.removed) return false;
  if (task.retry_at_ms.load() > clock_.now().value) return false;
  const auto& queue = const_cast<Task&>(task).context().push_queue;
  if (queue != nullptr && queue->full()) return false;
  return task.has_input();
}

void Scheduler::enqueue(const std::shared_ptr<Task>& task) {
  if (task->queued.exchange(true)) return;
  MutexLock lock(mutex_);
  queue_.push_back(task);
  work_ready_.notify_one();
}

void Scheduler::wake(const std::shared_ptr<Task>& task) {
  if (ready(*task)) enqueue(task);
}

void Scheduler::add(std::shared_ptr<Task> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(task);
    for (const TopicPartition& from : task->inputs()) readers_[from].push_back(task);
  }
  wake(task);
}

void Scheduler::remove(const std::vector<std::shared_ptr<Task>>& tasks) {
  for (const auto& task : tasks) task->removed = true;
  {
    MutexLock lock(mutex_);
    const auto gone = [&](const std::shared_ptr<Task>& task) { return task->removed.load(); };
    std::erase_if(tasks_, gone);
    std::erase_if(queue_, gone);
    for (auto& [from, readers] : readers_) std::erase_if(readers, gone);
    std::erase_if(readers_, [](const auto& entry) { return entry.second.empty(); });
  }
  for (const auto& task : tasks) FairMutexLock wait_for_epoch(task->mutex());
}

void Scheduler::on_append(const TopicPartition& partition) {
  std::vector<std::shared_ptr<Task>> readers;
  {
    MutexLock lock(mutex_);
    const auto at = readers_.find(partition);
    if (at == readers_.end()) return;
    readers = at->second;
  }
  for (const auto& task : readers) wake(task);
}

void Scheduler::tick() {
  std::vector<std::shared_ptr<Task>> tasks;
  {
    MutexLock lock(mutex_);
    tasks = tasks_;
  }
  for (const auto& task : tasks) wake(task);
}

void Scheduler::fail(Task& task, Error error) {
  TaskContext& context = task.context();
  auto rolled_back = task.roll_back();
  if (!rolled_back) error.message += "; and rolling back failed: " + rolled_back.error().message;
  if (context.push_queue != nullptr) {
    context.push_queue->fail(std::move(error));
    return;
  }
  if (error.code == ErrorCode::kFatal && !task.careful) {
    task.careful = true;  // process what stands before the bad record, then fail there
    on_failure_(context.query_id, error, false);
    return;
  }
  // A disk may have space again soon; a bad record stays bad.
  const std::int64_t first_wait = error.code == ErrorCode::kIo ? kRetryIoMs : options_.retry_initial_ms;
  const std::int64_t wait = std::min(first_wait << std::min(++task.failures, 10), options_.retry_max_ms);
  task.retry_at_ms = clock_.now().value + wait;
  on_failure_(context.query_id, error, true);
}

// All of them before the first runs, and in one order for all workers: their mutexes are held until the
// commit, and two workers may have taken the same tasks the other way round.
void Scheduler::lock_all(const std::vector<std::shared_ptr<Task>>& tasks) {
  std::vector<Task*> ordered;
  for (const auto& task : tasks) ordered.push_back(task.get());
  std::sort(ordered.begin(), ordered.end(), std::less<>());
  for (Task* task : ordered) {
    task->queued = false;
    task->mutex().lock();
  }
}

std::size_t Scheduler::run_and_commit(std::vector<std::shared_ptr<Task>>& tasks) {
  std::vector<Epoch> epochs;
  std::vector<Task*> ran;
  std::vector<std::shared_ptr<Task>> again;
  std::size_t progressed = 0;
  lock_all(tasks);
  const std::int64_t deadline = clock_.steady_ns() + options_.slice_ns;
  for (const auto& task : tasks) {
    if (task->removed || !ready(*task)) {
      task->mutex().unlock();
      continue;
    }
    if (clock_.steady_ns() > deadline) {
      task->mutex().unlock();
      again.push_back(task);
      continue;
    }
    auto taken = task->run(options_.epoch_records_max);
    if (!taken) {
      fail(*task, std::move(taken).error());
      task->mutex().unlock();
      ++progressed;
      continue;
    }
    // A task that found nothing is woken by the next append.
    if (*taken > 0 || !task->context().epoch.empty()) {
      ++progressed;
      again.push_back(task);
    }
    ran.push_back(task.get());
    epochs.push_back(std::move(task->context().epoch));
  }
  const bool nothing =
      std::all_of(epochs.begin(), epochs.end(), [](const Epoch& epoch) { return epoch.empty(); });
  Result<std::vector<std::vector<Offset>>> commit = std::vector<std::vector<Offset>>{};
  if (!nothing) commit = log_.commit(epochs);
  if (commit) traffic_.count_written(epochs, clock_.now());
  for (Task* task : ran) {
    if (commit) {
      task->committed();
      task->failures = 0;
    } else {
      fail(*task, commit.error());
    }
    task->mutex().unlock();
  }
  for (const auto& task : again) wake(task);
  return progressed;
}

void Scheduler::work() {
  std::vector<std::shared_ptr<Task>> tasks;
  while (!stopping_) {
    tasks.clear();
    {
      mutex_.lock();
      while (queue_.empty() && !stopping_) work_ready_.wait(mutex_);
      // Leave work for the other workers: this one takes its share.
      const std::size_t share =
          std::max<std::size_t>(1, queue_.size() / static_cast<std::size_t>(std::max(1, options_.workers)));
      while (!queue_.empty() && tasks.size() < std::min(share, kTasksPerCommit)) {
        tasks.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      running_ += tasks.empty() ? 0 : 1;
      mutex_.unlock();
    }
    if (tasks.empty()) continue;
    run_and_commit(tasks);
    --running_;
  }
}

Result<bool> Scheduler::step() {
  std::vector<std::shared_ptr<Task>> tasks;
  {
    MutexLock lock(mutex_);
    queue_.clear();
    tasks = tasks_;
  }
  std::size_t progressed = 0;
  for (const auto& task : tasks) {
    if (!ready(*task)) continue;
    std::vector<std::shared_ptr<Task>> one{task};
    progressed += run_and_commit(one);
  }
  return progressed > 0;
}

bool Scheduler::idle() const {
  std::vector<std::shared_ptr<Task>> tasks;
  {
    MutexLock lock(mutex_);
    if (running_ > 0 || !queue_.empty()) return false;
    tasks = tasks_;
  }
  return std::none_of(tasks.begin(), tasks.end(), [this](const auto& task) { return ready(*task); });
}

}  // namespace thalweg::runtime
