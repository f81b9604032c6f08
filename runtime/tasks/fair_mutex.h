// A mutex that is taken in the order of asking (a ticket lock that sleeps). A std::mutex may go to the thread
// that has just given it up, again and again: a worker whose task always has input would keep readers out
// for many epochs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "base/mutex.h"

namespace thalweg::runtime {

class THALWEG_CAPABILITY("mutex") FairMutex {
 public:
  void lock() THALWEG_ACQUIRE() {
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = last_++;
    turn_.wait(lock, [&] { return serving_ == ticket; });
  }
  void unlock() THALWEG_RELEASE() {
    bool awaited = false;
    {
      std::lock_guard lock(mutex_);
      ++serving_;
      awaited = serving_ != last_;
    }
    if (awaited) turn_.notify_all();
  }
  // How many threads hold or await it.
  std::uint64_t users() const {
    std::lock_guard lock(mutex_);
    return last_ - serving_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t last_ = 0, serving_ = 0;  // tickets given out, ticket being served
};

class THALWEG_SCOPED_CAPABILITY FairMutexLock {
 public:
  explicit FairMutexLock(FairMutex& mutex) THALWEG_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~FairMutexLock() THALWEG_RELEASE() { mutex_.unlock(); }
  FairMutexLock(const FairMutexLock&) = delete;
  FairMutexLock& operator=(const FairMutexLock&) = delete;

 private:
  FairMutex& mutex_;
};

}  // namespace thalweg::runtime
