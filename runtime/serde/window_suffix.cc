#include "runtime/serde/byte_order.h"
#include "runtime/serde/serde.h"

namespace thalweg::runtime {

void append_window(std::string& key, ast::WindowType type, std::int64_t start_ms, std::int64_t end_ms) {
  if (type == ast::WindowType::kSession) append_big(key, end_ms);
  append_big(key, start_ms);
}

Result<WindowedKey> split_window(std::string_view key, const planner::WindowInfo& window) {
  const bool session = window.type == ast::WindowType::kSession;
  const std::size_t suffix = session ? 16 : 8;
  if (key.size() < suffix) {
    return Error{ErrorCode::kBadRecord,
                 "windowed key of " + std::to_string(key.size()) + " bytes is too short"};
  }
  const std::string_view bare = key.substr(0, key.size() - suffix);
  const auto start = load_big<std::int64_t>(key.data() + key.size() - 8);
  if (session) return WindowedKey{bare, start, load_big<std::int64_t>(key.data() + bare.size())};
  // A start near the end of time must not overflow.
  std::int64_t end = 0;
  if (__builtin_add_overflow(start, window.size_ms.value_or(0), &end)) end = INT64_MAX;
  return WindowedKey{bare, start, end};
}

}  // namespace thalweg::runtime
