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

bool within(const ReadRequest& request, std::int64_t start, std::int64_t end) {
  return start >= request.start_min && start <= request.start_max && end >= request.end_min &&
         end <= request.end_max;
}

Result<StoredRows> collect_plain(StateStore& store, const ReadRequest& request) {
  StoredRows found;
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

Result<StoredRows> look_up_windows(StateStore& store, const ReadRequest& request, const KeyWindow& window) {
  StoredRows found;
  THALWEG_TRY(const auto starts, store.window_starts());
  for (const std::string& key : *request.keys) {
    for (const std::int64_t start : starts) {
      if (!within(request, start, start + window.size_ms)) continue;
      std::string windowed;
      window.append(windowed, start, 0);
      THALWEG_CHECK(look_up(store, windowed + key, found));
    }
  }
  return found;
}

// Where a key's windows are not known by their starts, a lookup is a scan, too.
Result<StoredRows> scan_windows(StateStore& store, const ReadRequest& request, const KeyWindow& window) {
  StoredRows found;
  const auto asked_for = [&](std::string_view key) {
    if (request.keys)
      return std::find(request.keys->begin(), request.keys->end(), key) != request.keys->end();
    return key >= request.from && (request.to.empty() || key < request.to);
  };
  std::string from;
  append_u64_be(from, static_cast<std::uint64_t>(std::max<std::int64_t>(0, request.start_min)));
  THALWEG_CHECK(store.scan(from, {}, [&](std::string_view key, std::string_view row) {
    if (window.start(key) > request.start_max) return false;
    const bool wanted =
        within(request, window.start(key), window.end(key)) && asked_for(key.substr(window.size()));
    if (wanted && !row.empty()) found.emplace_back(key, row);
    return true;
  }));
  const auto place = [&](const auto& pair) {  // of its key among those asked for
    const std::string_view key = std::string_view(pair.first).substr(window.size());
    const auto at =
        request.keys ? std::find(request.keys->begin(), request.keys->end(), key) - request.keys->begin() : 0;
    return std::pair(at, key);
  };
  // By key, then window: as one key's windows belong together.
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return found;
}

}  // namespace

KeyWindow::KeyWindow(const std::optional<planner::WindowInfo>& window) {
  if (!window) return;
  bytes = window->type == ast::WindowType::kSession ? Bytes::kBounds : Bytes::kStart;
  size_ms = window->size_ms.value_or(0);
}

void KeyWindow::append(std::string& key, std::int64_t start, std::int64_t end) const {
  if (bytes != Bytes::kNone) append_u64_be(key, static_cast<std::uint64_t>(start));
  if (bytes == Bytes::kBounds) append_u64_be(key, static_cast<std::uint64_t>(end));
}

Result<StoredRows> collect_rows(StateStore& store, const ReadRequest& request, const KeyWindow& window) {
  if (!window) return collect_plain(store, request);
  return request.keys && window.bytes == KeyWindow::Bytes::kStart ? look_up_windows(store, request, window)
                                                                  : scan_windows(store, request, window);
}

}  // namespace thalweg::runtime
