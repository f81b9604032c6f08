// What the machine allows: hand-written loops that do a query's bare work on the same log with the same
// durability, without SQL, nulls, types or generality.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "runtime/log/log.h"

namespace thalweg::bench {

// Each reads "bid" from its start to its end, writes `out` and commits every epoch_records records.
// Returns the records read.
Result<std::int64_t> limit_filter(runtime::Log& log, const std::string& out, std::size_t epoch_records);
Result<std::int64_t> limit_project(runtime::Log& log, const std::string& out, std::size_t epoch_records);
Result<std::int64_t> limit_tumbling_count(runtime::Log& log, const std::string& out,
                                          std::size_t epoch_records);
Result<std::int64_t> limit_stream_table_join(runtime::Log& log, const std::string& out,
                                             std::size_t epoch_records);

}  // namespace thalweg::bench
