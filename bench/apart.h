// Measurements that need a process of their own: memory is counted per process, and one is killed.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "bench/measure.h"

namespace thalweg::bench {

// Runs `work` in a fork and answers the text it gave; the child is then killed with SIGKILL, whatever its
// threads are doing. To be called while this process has one thread.
using Work = std::function<Result<std::string>()>;
Result<std::string> run_apart(const Work& work);

// One million keys and more in one table: speed, memory, and how soon a killed engine answers again.
Result<void> run_many_keys(Report& report, std::int64_t keys, std::uint64_t seed);

// A thousand queries over one stream in one process. An error if they need more than 1 GiB or a number of
// threads that grows with them.
Result<void> run_many_queries(Report& report, int queries, std::uint64_t seed);

}  // namespace thalweg::bench
