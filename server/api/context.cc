#include "server/api/context.h"

#include "base/clock.h"

namespace thalweg::server {
namespace {

constexpr std::int64_t kCheckEveryMs = 10;

void check(ApiContext& context, std::int64_t sequence, std::int64_t deadline_ns,
           std::function<void(bool)> then) {
  if (context.statuses.reached(sequence, context.engine_ref())) return then(true);
  if (system_clock().steady_ns() > deadline_ns || context.state != ServerState::kReady) return then(false);
  context.loop.after(kCheckEveryMs, [&context, sequence, deadline_ns, then = std::move(then)]() mutable {
    check(context, sequence, deadline_ns, std::move(then));
  });
}

}  // namespace

void wait_for_command(ApiContext& context, std::int64_t sequence, std::function<void(bool)> then) {
  const auto timeout_ms = context.configuration.number("ksql.server.command.response.timeout.ms");
  const auto deadline_ns = system_clock().steady_ns() + timeout_ms * 1'000'000;
  context.loop.post([&context, sequence, deadline_ns, then = std::move(then)]() mutable {
    check(context, sequence, deadline_ns, std::move(then));
  });
}

ApiError command_wait_failure(std::int64_t sequence) {
  ApiError error;
  error.code = kCommandTimeout;
  error.message = "Timed out while waiting for a previous command to execute. command sequence number: " +
                  std::to_string(sequence);
  return error;
}

}  // namespace thalweg::server
