// The circumstances under which .test files run again: the rows must not depend on them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "runtime/engine.h"

namespace thalweg::shell {

struct World {
  std::string name;
  std::size_t batch_rows_max = 4096;
  std::size_t state_memory_bytes = 1ull << 30;
  bool kills = false;           // kill and restart between any two inputs
  std::int32_t partitions = 1;  // for files that say `partitions any`
  bool disk = false;            // RocksDB in a temporary folder instead of memory
};
const std::vector<World>& all_worlds();
// Empty: no world has that name.
std::optional<World> find_world(std::string_view name);

// An engine that runs only when told to, and can be killed.
class TestEngine {
 public:
  static Result<std::unique_ptr<TestEngine>> start(const World& world, std::uint64_t seed);
  ~TestEngine();

  runtime::Engine& engine() { return *engine_; }
  ManualClock& clock() { return clock_; }

  enum class Restart : std::uint8_t { kClean, kKill };
  // kKill: nothing that was not durable before the call survives (on disk: a clean stop, for a process
  // cannot kill itself).
  Result<void> restart(Restart how);

 private:
  TestEngine(const World& world, std::uint64_t seed) : world_(world), seed_(seed) {}
  Result<void> open();

  World world_;
  std::uint64_t seed_;
  ManualClock clock_;
  std::unique_ptr<runtime::MemoryStorage> memory_;
  std::string folder_;
  std::unique_ptr<runtime::Engine> engine_;
};

}  // namespace thalweg::shell
