#include "shell/testing/world.h"

#include <filesystem>
#include <system_error>

#include <stdlib.h>

namespace thalweg::shell {

const std::vector<World>& all_worlds() {
  static const std::vector<World> worlds{
      {.name = "default"},
      {.name = "one-row", .batch_rows_max = 1},
      {.name = "small-state", .state_memory_bytes = 256},
      {.name = "kill", .kills = true},
      {.name = "partitions", .partitions = 3},
      {.name = "rocksdb", .disk = true},
  };
  return worlds;
}

std::optional<World> find_world(std::string_view name) {
  for (const World& world : all_worlds()) {
    if (world.name == name) return world;
  }
  return std::nullopt;
}

Result<std::unique_ptr<TestEngine>> TestEngine::start(const World& world, std::uint64_t seed) {
  std::unique_ptr<TestEngine> test(new TestEngine(world, seed));
  if (world.disk) {
    std::string pattern = (std::filesystem::temp_directory_path() / "thalweg-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      return Error(ErrorCode::kIo, "cannot make a folder like " + pattern);
    test->folder_ = pattern;
  } else {
    test->memory_ = runtime::make_memory_storage();
  }
  THALWEG_CHECK(test->open());
  return test;
}

TestEngine::~TestEngine() {
  engine_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<void> TestEngine::open() {
  runtime::EngineOptions options;
  options.data_folder = folder_;
  options.storage = memory_.get();
  options.clock = &clock_;
  options.seed = seed_;
  options.workers = 0;
  options.batch_rows_max = world_.batch_rows_max;
  options.state.memory_budget_bytes = world_.state_memory_bytes;
  if (world_.state_memory_bytes < 4096) options.state.fold_after_bytes = 1;
  options.properties = {{"ksql.streams.cache.max.bytes.buffering", "0"},
                        {"ksql.logging.processing.topic.auto.create", "true"}};
  THALWEG_TRY(engine_, runtime::Engine::open(std::move(options)));
  return {};
}

Result<void> TestEngine::restart(Restart how) {
  if (memory_ && how == Restart::kKill) {
    memory_->fail_writes(-1, "killed");  // what the dying engine still wants to write is lost
    engine_.reset();
    memory_->crash();
    memory_->fail_writes(0, "");
  } else {
    engine_.reset();
  }
  return open();
}

}  // namespace thalweg::shell
