// Engine and limit, turn by turn on the same log.
#pragma once

#include <fstream>
#include <string>

#include "base/result.h"
#include "bench/benchmark.h"
#include "bench/world.h"

namespace thalweg::bench {

struct Line {
  std::string name;
  double engine_rps = 0, limit_rps = 0;
  std::string more;  // further JSON members, each with a comma before it
};

// The table on standard output and, with BENCH_JSON=FILE in the environment, one JSON object per line.
class Report {
 public:
  Report();
  void print(const Line& line);
  // A sentence under the last line.
  void remark(const std::string& text);

 private:
  std::ofstream json_;
};

// Best of `rounds` on both sides, so that noise hits both alike. The first round compares what both wrote:
// answers that differ are an error. With `keep` what the last round's engine made stays there.
Result<Line> measure(World& world, const Benchmark& benchmark, int rounds, bool keep);

}  // namespace thalweg::bench
