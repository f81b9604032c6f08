// thalweg-bench: the engine against the hand-written limit, through the same log, in one run.
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "bench/engine_runs.h"
#include "bench/limits.h"

namespace {

using namespace thalweg;

struct Benchmark {
  std::string name, sink, statement;
  std::function<Result<std::int64_t>(runtime::Log&, const std::string&, std::size_t)> limit;
};

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> list = {
      {"filter", "FILTERED",
       "CREATE STREAM filtered AS SELECT auction, price FROM bid WHERE auction % 123 = 0;",
       bench::limit_filter},
      {"project", "PROJECTED",
       "CREATE STREAM projected AS SELECT auction, bidder, price * 0.908E0 AS price, channel, date_time FROM "
       "bid;",
       bench::limit_project},
      {"tumbling_count", "COUNTED",
       "CREATE TABLE counted AS SELECT auction, COUNT(*) AS n FROM bid WINDOW TUMBLING (SIZE 10 SECONDS) "
       "GROUP BY auction;",
       bench::limit_tumbling_count},
      {"stream_table_join", "JOINED",
       "CREATE STREAM joined AS SELECT b.bidder AS bidder, b.auction AS auction, b.price AS price, p.name AS "
       "name, p.city AS city "
       "FROM bid b JOIN person p ON b.bidder = p.id;",
       bench::limit_stream_table_join},
  };
  return list;
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int fail(const Error& error) {
  std::fprintf(stderr, "bench: %s\n", describe(error).c_str());
  return 1;
}

struct Line {
  std::string name;
  double engine_rps, limit_rps;
};

void print(const Line& line, std::ofstream& json) {
  const double fraction = line.limit_rps > 0 ? line.engine_rps / line.limit_rps : 0;
  std::printf("%-20s %14.0f %14.0f %9.2f\n", line.name.c_str(), line.engine_rps, line.limit_rps, fraction);
  std::fflush(stdout);
  if (json) {
    char text[256];
    std::snprintf(text, sizeof text,
                  "{\"query\": \"%s\", \"engine_rps\": %.0f, \"limit_rps\": %.0f, \"fraction\": %.3f}\n",
                  line.name.c_str(), line.engine_rps, line.limit_rps, fraction);
    json << text << std::flush;
  }
}

// Best of `rounds`, limit and engine taking turns, so that noise hits both alike.
Result<Line> measure(runtime::Engine& engine, const Benchmark& benchmark, int rounds,
                     std::size_t epoch_records) {
  Line best{benchmark.name, 0, 0};
  for (int round = 0; round < rounds; ++round) {
    std::fprintf(stderr, "%s: round %d of %d\n", benchmark.name.c_str(), round + 1, rounds);
    const std::string topic = "limit_" + benchmark.name + "_" + std::to_string(round);
    THALWEG_CHECK(engine.log().create_topic(topic, {}));
    const double begin = seconds_now();
    THALWEG_TRY(const auto records, benchmark.limit(engine.log(), topic, epoch_records));
    best.limit_rps = std::max(best.limit_rps, static_cast<double>(records) / (seconds_now() - begin));
    THALWEG_CHECK(engine.log().delete_topic(topic));
    THALWEG_TRY(const auto run, bench::run_query(engine, benchmark.sink, benchmark.statement));
    best.engine_rps = std::max(best.engine_rps, static_cast<double>(run.records) / run.seconds);
    const bool table = benchmark.statement.starts_with("CREATE TABLE");
    if (table && round + 1 == rounds) continue;  // its rows are pulled from later
    THALWEG_CHECK(bench::run_sql(
        engine, std::string("DROP ") + (table ? "TABLE " : "STREAM ") + benchmark.sink + " DELETE TOPIC;"));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t bids = 2'000'000, persons = 10'000;
  int rounds = 3;
  double pull_seconds = 4;
  std::uint64_t seed = 42;
  std::string only;
  CLI::App app("Measures the engine against the hand-written limit.");
  app.add_option("--bids", bids, "bid records");
  app.add_option("--persons", persons, "person records");
  app.add_option("--rounds", rounds, "rounds per query; the best counts");
  app.add_option("--pull-seconds", pull_seconds, "how long to pull");
  app.add_option("--seed", seed, "seed of the generator");
  app.add_option("--only", only, "one query");
  CLI11_PARSE(app, argc, argv);

  const char* json_path = getenv("BENCH_JSON");
  std::ofstream json(json_path != nullptr ? json_path : "");
  char folder[] = "/tmp/thalweg-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return fail(Error{ErrorCode::kIo, "cannot make a temporary folder"});
  struct Cleanup {
    std::string folder;
    ~Cleanup() {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  } cleanup{folder};
  auto world = bench::open_world(folder, bids, persons, seed);
  if (!world) return fail(world.error());
  runtime::Engine& engine = *world->engine;
  std::printf("%-20s %14s %14s %9s   (seed %llu, %lld bids of 243 bytes, sync commits, 1 worker)\n", "query",
              "engine rec/s", "limit rec/s", "fraction", static_cast<unsigned long long>(seed),
              static_cast<long long>(bids));
  const std::size_t epoch_records = runtime::EngineOptions{}.epoch_records_max;
  for (const Benchmark& benchmark : benchmarks()) {
    if (!only.empty() && only != benchmark.name) continue;
    auto line = measure(engine, benchmark, rounds, epoch_records);
    if (!line) return fail(line.error());
    print(*line, json);
  }
  if (only.empty() || only == "pull_by_key") {
    auto made = bench::run_query(engine, "PER_AUCTION",
                                 "CREATE TABLE per_auction AS SELECT auction, COUNT(*) AS n, MAX(price) AS "
                                 "top FROM bid GROUP BY auction;");
    if (!made) return fail(made.error());
    auto pulls = bench::run_pulls(engine, "PER_AUCTION", 1000, pull_seconds);
    if (!pulls) return fail(pulls.error());
    print({"pull_by_key", pulls->engine_rps, pulls->limit_rps}, json);
    std::printf("pull_by_key latency: p50 %.0f us, p99 %.0f us (16 connections)\n", pulls->p50_us,
                pulls->p99_us);
  }
  return 0;
}
