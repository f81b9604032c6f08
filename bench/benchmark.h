// One benchmark: statements for the engine, and the hand-written program that must give the same answer.
#pragma once

#include <string>
#include <vector>

#include "bench/limit.h"

namespace thalweg::bench {

struct Benchmark {
  std::string name;
  std::vector<std::string> topics;  // that the limit reads, see LimitPlace::inputs
  std::string statements;           // CREATE … AS SELECT …; the last one makes `sink`
  std::string sink;                 // upper case: source and topic
  bool table;
  Limit limit;
};

std::vector<Benchmark> basic_benchmarks();
std::vector<Benchmark> stateful_benchmarks();
std::vector<Benchmark> nexmark_stateless_benchmarks();
std::vector<Benchmark> nexmark_join_benchmarks();
std::vector<Benchmark> nexmark_aggregate_benchmarks();
std::vector<Benchmark> many_keys_benchmarks();

}  // namespace thalweg::bench
