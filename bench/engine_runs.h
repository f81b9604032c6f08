// The engine's side of the benchmarks, and the world both sides run in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/engine.h"

namespace thalweg::bench {

struct World {
  std::string folder;
  std::unique_ptr<runtime::Engine> engine;
};

// Opens an engine on `folder` with sync commits and one worker; loads `bids` bids and `persons` persons.
Result<World> open_world(const std::string& folder, std::int64_t bids, std::int64_t persons,
                         std::uint64_t seed);
Result<void> run_sql(runtime::Engine& engine, const std::string& sql);

// Creates `statement`, waits until its query has read everything, returns seconds; the query is dropped
// again.
struct EngineRun {
  double seconds = 0;
  std::int64_t records = 0;
  std::uint64_t out = 0;
};
Result<EngineRun> run_query(runtime::Engine& engine, const std::string& sink, const std::string& statement);

// Pulls random keys over HTTP from a server in front of the engine; requests per second, and of a bare
// responder that answers the same bytes from a hash map.
struct PullRun {
  double engine_rps = 0;
  double limit_rps = 0;
  double p50_us = 0, p99_us = 0;
};
Result<PullRun> run_pulls(runtime::Engine& engine, const std::string& table, std::int64_t keys,
                          double seconds);

}  // namespace thalweg::bench
