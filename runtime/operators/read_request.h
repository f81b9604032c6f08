// Which stored rows a reader wants.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"
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

// What stands in front of a stored row's key: nothing, its window's start, or start and end; each 8 bytes,
// big-endian.
struct KeyWindow {
  enum class Bytes : std::uint8_t { kNone, kStart, kBounds };
  Bytes bytes = Bytes::kNone;
  std::int64_t size_ms = 0;  // from a start to the end, where the end is not stored

  KeyWindow() = default;
  KeyWindow(Bytes stored, std::int64_t size) : bytes(stored), size_ms(size) {}
  // Of a table's rows; none: it is not windowed.
  explicit KeyWindow(const std::optional<planner::WindowInfo>& window);

  explicit operator bool() const { return bytes != Bytes::kNone; }
  std::size_t size() const { return 8 * static_cast<std::size_t>(bytes); }
  void append(std::string& key, std::int64_t start, std::int64_t end) const;
  std::int64_t start(std::string_view key) const { return static_cast<std::int64_t>(read_u64_be(key)); }
  std::int64_t end(std::string_view key) const {
    return bytes == Bytes::kBounds ? static_cast<std::int64_t>(read_u64_be(key.substr(8)))
                                   : start(key) + size_ms;
  }
};

// Key and row pairs of a store that keeps one row per key, or per window and key. Key lookups come in request
// order, windows of a key ascending; scans in key order.
using StoredRows = std::vector<std::pair<std::string, std::string>>;
Result<StoredRows> collect_rows(StateStore& store, const ReadRequest& request, const KeyWindow& window);

}  // namespace thalweg::runtime
