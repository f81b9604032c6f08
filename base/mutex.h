// Mutexes whose guarded members Clang can check (-Wthread-safety).
#pragma once

#include <mutex>

#if defined(__clang__)
#define THALWEG_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define THALWEG_THREAD_ATTRIBUTE(x)
#endif
#define THALWEG_CAPABILITY(x) THALWEG_THREAD_ATTRIBUTE(capability(x))
#define THALWEG_SCOPED_CAPABILITY THALWEG_THREAD_ATTRIBUTE(scoped_lockable)
#define THALWEG_GUARDED_BY(x) THALWEG_THREAD_ATTRIBUTE(guarded_by(x))
#define THALWEG_REQUIRES(...) THALWEG_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define THALWEG_ACQUIRE(...) THALWEG_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define THALWEG_RELEASE(...) THALWEG_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define THALWEG_TRY_ACQUIRE(...) THALWEG_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))

namespace thalweg {

class THALWEG_CAPABILITY("mutex") Mutex {
 public:
  void lock() THALWEG_ACQUIRE() { mutex_.lock(); }
  void unlock() THALWEG_RELEASE() { mutex_.unlock(); }
  bool try_lock() THALWEG_TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  std::mutex& native() { return mutex_; }  // for std::condition_variable only

 private:
  std::mutex mutex_;
};

class THALWEG_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) THALWEG_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() THALWEG_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace thalweg
