// Bounds on how often and how much may be asked. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/mutex.h"
#include "server/api/error_body.h"
#include "server/config/configuration.h"

namespace thalweg::server {

// At most `per_second` calls each second, in bursts of no more than that.
class RateLimit {
 public:
  RateLimit(std::int64_t per_second, const Clock& clock) : per_second_(per_second), clock_(clock) {}
  bool take();

 private:
  const std::int64_t per_second_;
  const Clock& clock_;
  Mutex mutex_;
  double tokens_ THALWEG_GUARDED_BY(mutex_) = -1;  // < 0: not used yet
  std::int64_t filled_ns_ THALWEG_GUARDED_BY(mutex_) = 0;
};

class PullLimits {
 public:
  PullLimits(const Configuration& configuration, const Clock& clock);
  // Nothing: go on, and call leave() afterwards.
  std::optional<ApiError> enter();
  void leave(std::uint64_t bytes);

 private:
  const std::int64_t concurrent_max_;
  const std::int64_t bytes_per_hour_;  // ≤ 0: unlimited
  const Clock& clock_;
  RateLimit rate_;
  std::atomic<std::int64_t> running_{0};
  std::atomic<std::int64_t> hour_{0};
  std::atomic<std::int64_t> bytes_{0};  // in this hour
};

}  // namespace thalweg::server
