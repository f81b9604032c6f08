#include "server/api/rate_limits.h"

#include <algorithm>
#include <limits>

namespace thalweg::server {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kHourNs = 3'600'000'000'000;

}  // namespace

bool RateLimit::take() {
  if (per_second_ >= kUnlimited) return true;
  const auto now = clock_.steady_ns();
  const auto burst = static_cast<double>(std::max<std::int64_t>(per_second_, 1));
  MutexLock lock(mutex_);
  if (tokens_ < 0) {
    tokens_ = burst;
  } else {
    tokens_ = std::min(
        burst, tokens_ + static_cast<double>(now - filled_ns_) * 1e-9 * static_cast<double>(per_second_));
  }
  filled_ns_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

PullLimits::PullLimits(const Configuration& configuration, const Clock& clock)
    : concurrent_max_(configuration.number("ksql.query.pull.max.concurrent.requests")),
      bytes_per_hour_(configuration.number("ksql.query.pull.max.hourly.bandwidth.megabytes") >= kUnlimited
                          ? 0
                          : configuration.number("ksql.query.pull.max.hourly.bandwidth.megabytes") << 20),
      clock_(clock),
      rate_(configuration.number("ksql.query.pull.max.qps"), clock) {}

std::optional<ApiError> PullLimits::enter() {
  const auto refuse = [](int code, std::string message) {
    return ApiError{code, std::move(message), false, "", {}};
  };
  if (!rate_.take()) return refuse(kTooManyRequests, "Host is at rate limit for pull queries.");
  if (bytes_per_hour_ > 0) {
    const auto hour = clock_.steady_ns() / kHourNs;
    if (hour_.exchange(hour) != hour) bytes_ = 0;
    if (bytes_.load() >= bytes_per_hour_)
      return refuse(kBadRequest, "Host is at bandwidth rate limit for pull queries.");
  }
  if (running_.fetch_add(1) >= concurrent_max_) {
    running_.fetch_sub(1);
    return refuse(kBadRequest, "Host is at concurrency limit for pull queries. Currently set to " +
                                   std::to_string(concurrent_max_) + " maximum concurrent requests.");
  }
  return std::nullopt;
}

void PullLimits::leave(std::uint64_t bytes) {
  running_.fetch_sub(1);
  if (bytes_per_hour_ > 0) bytes_ += static_cast<std::int64_t>(bytes);
}

}  // namespace thalweg::server
