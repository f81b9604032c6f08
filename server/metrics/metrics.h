// What the server counts about itself, and the Prometheus text of it and of the engine's queries.
// Thread: counting from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/engine.h"

namespace thalweg::server {

// Where a request went; the label `path` of the counters.
enum class Route : std::uint8_t {
  kOther,
  kKsql,
  kQuery,
  kQueryStream,
  kInsertsStream,
  kCloseQuery,
  kWebSocket,
  kInfo,
  kHealth,
  kStatus,
  kMetrics,
  kTerminate,
  kSmall
};
inline constexpr std::size_t kRouteCount = 13;

class Metrics {
 public:
  void count_request(Route route, int status);

  struct PullCounters {
    std::atomic<std::uint64_t> requests{0}, errors{0}, rows{0}, bytes{0};
  } pull;
  void count_pull_latency(std::int64_t nanoseconds);

  struct PushCounters {
    std::atomic<std::uint64_t> started{0}, rows{0}, bytes{0};
    std::atomic<std::int64_t> active{0};
  } push;
  std::atomic<std::uint64_t> inserted_rows{0};
  std::atomic<std::uint64_t> statements{0}, statement_errors{0};

  // Prometheus exposition format 0.0.4. `engine` may be null before the server is ready.
  std::string exposition(const runtime::Engine* engine, const std::string& service_id,
                         std::size_t open_connections) const;

 private:
  // Upper bounds of the latency histogram, microseconds; one more bucket for the rest.
  static constexpr std::array<std::int64_t, 14> kBucketsUs = {
      50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000};
  std::array<std::array<std::atomic<std::uint64_t>, 6>, kRouteCount> requests_{};  // by status / 100
  std::array<std::atomic<std::uint64_t>, kBucketsUs.size() + 1> latency_{};
  std::atomic<std::int64_t> latency_sum_us_{0};
};

}  // namespace thalweg::server
