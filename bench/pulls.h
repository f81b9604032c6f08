// Pulls by key over HTTP from a server in front of the engine, and from a bare responder that answers the
// same bytes from a hash map.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "runtime/engine.h"

namespace thalweg::bench {

struct PullRun {
  double engine_rps = 0;
  double limit_rps = 0;
  double p50_us = 0, p99_us = 0;
};
Result<PullRun> run_pulls(runtime::Engine& engine, const std::string& table, std::int64_t keys,
                          double seconds);

}  // namespace thalweg::bench
