#include "runtime/operators/read_request.h"

#include <algorithm>

namespace thalweg::runtime {
namespace {

Result<void> look_up(StateStore& store, std::string key, StoredRows& found) {
  const StateKey wanted{key, hash_key(key)};
  Slot slot = kNoSlot;
  THALWEG_CHECK(store.lookup({&wanted, 1}, {&slot, 1}));
  if (slot == kNoSlot || store.row(slot).empty()) return {};
  found.emplace_back(std::move(key), std::string(store.row(slot)));
  return {};
}

}  // namespace

Result<StoredRows> collect_rows(StateStore& store, const ReadRequest& request,
                                std::optional<std::int64_t> window_size_ms) {
  StoredRows found;
  if (!window_size_ms) {
    if (request.keys) {
      for (const std::string& key : *request.keys) THALWEG_CHECK(look_up(store, key, found));
      return found;
    }
    THALWEG_CHECK(store.scan(request.from, request.to, [&](std::string_view key, std::string_view row) {
      if (!row.empty()) found.emplace_back(key, row);
      return true;
    }));
    return found;
  }
  const std::int64_t size = *window_size_ms;
  const auto wanted = [&](std::int64_t start) {
    return start >= request.start_min && start <= request.start_max && start + size >= request.end_min &&
           start + size <= request.end_max;
  };
  if (request.keys) {
    THALWEG_TRY(const auto starts, store.window_starts());
    for (const std::string& key : *request.keys) {
      for (const std::int64_t start : starts) {
        if (!wanted(start)) continue;
        std::string windowed;
        append_u64_be(windowed, static_cast<std::uint64_t>(start));
        THALWEG_CHECK(look_up(store, windowed + key, found));
      }
    }
    return found;
  }
  std::string from;
  append_u64_be(from, static_cast<std::uint64_t>(std::max<std::int64_t>(0, request.start_min)));
  THALWEG_CHECK(store.scan(from, {}, [&](std::string_view key, std::string_view row) {
    const auto start = static_cast<std::int64_t>(read_u64_be(key));
    if (start > request.start_max) return false;
    const std::string_view base = key.substr(8);
    const bool in_range = base >= request.from && (request.to.empty() || base < request.to);
    if (wanted(start) && in_range && !row.empty()) found.emplace_back(key, row);
    return true;
  }));
  // By key, then window: as one key's windows belong together.
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::string_view(a.first).substr(8) < std::string_view(b.first).substr(8);
  });
  return found;
}

}  // namespace thalweg::runtime
