#include "bench/measure.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>

#include "bench/answer.h"

namespace thalweg::bench {
namespace {

Result<void> compare(World& world, const Benchmark& benchmark, const std::string& limit_topic) {
  runtime::Log& log = world.engine().log();
  THALWEG_TRY(const Answer ours, answer_in(log, benchmark.sink, benchmark.table));
  THALWEG_TRY(const Answer limits, answer_in(log, limit_topic, benchmark.table));
  if (ours == limits) return {};
  std::string message = benchmark.name + ": the engine's answer has " + std::to_string(ours.rows) +
                        " rows, the limit's " + std::to_string(limits.rows) + ", and they differ";
  THALWEG_TRY(const std::string rows, first_difference(log, benchmark.sink, limit_topic, benchmark.table));
  return Error{ErrorCode::kInternal, message + rows};
}

}  // namespace

Report::Report() {
  const char* path = getenv("BENCH_JSON");
  if (path != nullptr) json_.open(path);
}

void Report::print(const Line& line) {
  const double fraction = line.limit_rps > 0 ? line.engine_rps / line.limit_rps : 0;
  std::printf("%-20s %14.0f %14.0f %9.2f\n", line.name.c_str(), line.engine_rps, line.limit_rps, fraction);
  std::fflush(stdout);
  if (!json_.is_open()) return;
  char text[256];
  std::snprintf(text, sizeof text,
                "{\"query\": \"%s\", \"engine_rps\": %.0f, \"limit_rps\": %.0f, \"fraction\": %.3f",
                line.name.c_str(), line.engine_rps, line.limit_rps, fraction);
  json_ << text << line.more << "}\n" << std::flush;
}

void Report::remark(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

Result<Line> measure(World& world, const Benchmark& benchmark, int rounds, bool keep) {
  THALWEG_CHECK(world.need(benchmark.topics));
  runtime::Log& log = world.engine().log();
  Line best;
  best.name = benchmark.name;
  for (int round = 0; round < rounds; ++round) {
    std::fprintf(stderr, "%s: round %d of %d\n", benchmark.name.c_str(), round + 1, rounds);
    const LimitPlace place{log, benchmark.topics, "limit_" + benchmark.name + "_" + std::to_string(round),
                           runtime::EngineOptions{}.epoch_records_max};
    THALWEG_CHECK(log.create_topic(place.out, {}));
    const double begin = seconds_now();
    THALWEG_TRY(const auto records, benchmark.limit(place));
    const auto rps = [&](double seconds) { return static_cast<double>(records) / seconds; };
    best.limit_rps = std::max(best.limit_rps, rps(seconds_now() - begin));
    THALWEG_TRY(const double seconds, world.run_queries(benchmark.statements));
    best.engine_rps = std::max(best.engine_rps, rps(seconds));
    if (round == 0) THALWEG_CHECK(compare(world, benchmark, place.out));
    THALWEG_CHECK(log.delete_topic(place.out));
    if (!keep || round + 1 < rounds) THALWEG_CHECK(world.drop_all(benchmark.statements));
  }
  return best;
}

}  // namespace thalweg::bench
