// What every endpoint may use. Lives as long as the server.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/engine.h"
#include "server/api/command_statuses.h"
#include "server/api/pull_cache.h"
#include "server/api/push_registry.h"
#include "server/api/rate_limits.h"
#include "server/config/configuration.h"
#include "server/http/loop.h"
#include "server/metrics/metrics.h"

namespace thalweg::server {

enum class ServerState : std::uint8_t { kStarting, kReady, kStopping, kTerminated };

struct ApiContext {
  ApiContext(Loop& loop_in, const Configuration& configuration_in, const Limits& limits_in,
             const Clock& clock)
      : loop(loop_in),
        configuration(configuration_in),
        limits(limits_in),
        pull_limits(configuration_in, clock),
        statement_rate(configuration_in.number("ksql.server.command.topic.rate.limit"), clock) {}

  Loop& loop;
  const Configuration& configuration;
  const Limits& limits;
  std::atomic<runtime::Engine*> engine{nullptr};  // set once, before kReady
  std::atomic<ServerState> state{ServerState::kStarting};
  Metrics metrics;
  CommandStatuses statuses;
  PushRegistry pushes;
  PullLimits pull_limits;
  PullCache parsed_pulls;
  RateLimit statement_rate;
  std::string host_and_port;  // "localhost:8088", names this node in listings
  std::function<std::size_t()> open_connections;

  runtime::Engine& engine_ref() const { return *engine.load(); }
};

// Calls `then(true)` on the I/O thread as soon as the command with this number is applied, `then(false)`
// after ksql.server.command.response.timeout.ms. From any thread.
void wait_for_command(ApiContext& context, std::int64_t sequence, std::function<void(bool)> then);
ApiError command_wait_failure(std::int64_t sequence);

}  // namespace thalweg::server
