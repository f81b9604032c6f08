// Which stored rows a reader wants.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/state/state_store.h"

namespace thalweg::runtime {

struct ReadRequest {
  // Encoded keys (KeyCodec, without window). Absent: every key in [from, to); empty `to`: to the end.
  std::optional<std::vector<std::string>> keys;
  std::string from, to;
  // Bounds of window starts and ends, ms, inclusive.
  std::int64_t start_min = 0, start_max = std::numeric_limits<std::int64_t>::max();
  std::int64_t end_min = 0, end_max = std::numeric_limits<std::int64_t>::max();
};

// Key and row pairs of a store that keeps one row per key, or per window and key (`window_size_ms` set).
// Key lookups come in request order, windows of a key ascending; scans in key order.
using StoredRows = std::vector<std::pair<std::string, std::string>>;
Result<StoredRows> collect_rows(StateStore& store, const ReadRequest& request,
                                std::optional<std::int64_t> window_size_ms);

}  // namespace thalweg::runtime
