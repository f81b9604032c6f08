// thalweg-bench: the engine against the hand-written limit, through the same log, in one run.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <regex>
#include <string>
#include <vector>

#include "bench/apart.h"
#include "bench/measure.h"
#include "bench/pulls.h"

namespace {

using namespace thalweg;

struct Choices {
  bench::WorldOptions world;
  int rounds = 2, queries = 1000;
  std::int64_t devices = 10'000'000;
  double pull_seconds = 3;
  std::string only;
};

std::vector<bench::Benchmark> all_benchmarks() {
  std::vector<bench::Benchmark> all;
  for (auto list :
       {bench::basic_benchmarks(), bench::stateful_benchmarks(), bench::nexmark_stateless_benchmarks(),
        bench::nexmark_join_benchmarks(), bench::nexmark_aggregate_benchmarks()})
    for (auto& benchmark : list) all.push_back(std::move(benchmark));
  return all;
}

Result<void> run_pull_by_key(bench::World& world, bench::Report& report, double seconds) {
  THALWEG_CHECK(world.need({"bid"}));
  const std::string statement =
      "CREATE TABLE per_auction AS SELECT auction, COUNT(*) AS n, MAX(price) AS top FROM bid GROUP BY "
      "auction;";
  THALWEG_TRY(const double made_s, world.run_queries(statement));
  static_cast<void>(made_s);
  THALWEG_TRY(const auto pulls,
              bench::run_pulls(world.engine(), "PER_AUCTION", bench::Shape{}.auctions, seconds));
  report.print({"pull_by_key", pulls.engine_rps, pulls.limit_rps, {}});
  char text[128];
  std::snprintf(text, sizeof text, "  16 connections: p50 %.0f us, p99 %.0f us", pulls.p50_us, pulls.p99_us);
  report.remark(text);
  return world.drop_all(statement);
}

Result<void> run_all(const Choices& choices) {
  const std::regex only(choices.only.empty() ? ".*" : choices.only);
  const auto chosen = [&](const std::string& name) { return std::regex_search(name, only); };
  bench::Report report;
  report.remark("seed " + std::to_string(choices.world.seed) + ", " + std::to_string(choices.world.bids) +
                " bids of 243 bytes, sync commits, 1 worker, best of " + std::to_string(choices.rounds));
  std::printf("%-20s %14s %14s %9s\n", "query", "engine rec/s", "limit rec/s", "fraction");
  // First those that fork, while there is one thread.
  if (chosen("thousand_queries"))
    THALWEG_CHECK(bench::run_many_queries(report, choices.queries, choices.world.seed));
  if (chosen("high_cardinality"))
    THALWEG_CHECK(bench::run_many_keys(report, choices.devices, choices.world.seed));
  THALWEG_TRY(const auto folder, bench::TemporaryFolder::make());
  bench::WorldOptions options = choices.world;
  options.folder = folder.path();
  THALWEG_TRY(const auto world, bench::World::open(options));
  for (const auto& benchmark : all_benchmarks()) {
    if (!chosen(benchmark.name)) continue;
    THALWEG_TRY(const auto line, bench::measure(*world, benchmark, choices.rounds, false));
    report.print(line);
  }
  if (chosen("pull_by_key")) THALWEG_CHECK(run_pull_by_key(*world, report, choices.pull_seconds));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Choices choices;
  CLI::App app("Measures the engine against the hand-written limit.");
  app.add_option("--bids", choices.world.bids, "bid records; other topics in proportion");
  app.add_option("--persons", choices.world.persons, "bidders");
  app.add_option("--keys", choices.devices, "keys of high_cardinality");
  app.add_option("--queries", choices.queries, "queries of thousand_queries");
  app.add_option("--rounds", choices.rounds, "rounds per query; the best counts");
  app.add_option("--pull-seconds", choices.pull_seconds, "how long to pull");
  app.add_option("--seed", choices.world.seed, "seed of the generators");
  app.add_option("--only", choices.only, "queries whose name has a match of this regular expression");
  CLI11_PARSE(app, argc, argv);
  const auto outcome = run_all(choices);
  if (outcome) return 0;
  std::fprintf(stderr, "bench: %s\n", describe(outcome.error()).c_str());
  return 1;
}
