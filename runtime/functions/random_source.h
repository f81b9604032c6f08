// Random numbers of one call site, reproducible from the environment's seed.
#pragma once

#include <cstdint>

#include "runtime/functions/library.h"

namespace thalweg::runtime {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : state_(seed) {}
  // Differs from every call site made before it in this process.
  static RandomSource of_call_site(const FunctionEnvironment& environment);
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

}  // namespace thalweg::runtime
