// Where both sides run: an engine on a fresh folder, and topics that are filled when first asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/generator.h"
#include "runtime/engine.h"

namespace thalweg::bench {

struct WorldOptions {
  std::string folder;
  std::uint64_t seed = 42;
  std::int64_t bids = 2'000'000;
  std::int64_t persons = 10'000;
  std::int64_t keys = 100'000;  // of tables that are updated; devices
};

class World {
 public:
  // One worker, sync commits, defaults otherwise.
  static Result<std::unique_ptr<World>> open(const WorldOptions& options);
  runtime::Engine& engine() { return *engine_; }
  // Fills the topics (and declares what reads them) that are not there yet.
  Result<void> need(const std::vector<std::string>& topics);
  Result<void> run_sql(const std::string& sql);

  // Starts the statements' queries and waits until they have read everything; returns seconds.
  Result<double> run_queries(const std::string& statements);
  // Drops what the statements made, last first, topics included.
  Result<void> drop_all(const std::string& statements);

 private:
  explicit World(const WorldOptions& options);
  Result<void> fill(const std::string& topic, Generator::Append append, std::int64_t count);

  WorldOptions options_;
  Shape shape_;
  std::unique_ptr<runtime::Engine> engine_;
  std::set<std::string> filled_;
};

double seconds_now();
double resident_mb();         // of this process
std::int64_t thread_count();  // likewise

// An empty folder under TMPDIR (or /tmp), removed with all that is in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace thalweg::bench
