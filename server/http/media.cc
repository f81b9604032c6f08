#include "server/http/media.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "server/http/request.h"

namespace thalweg::server {
namespace {

struct Entry {
  std::string_view type;
  double quality = 1.0;
};

std::string_view cut(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto piece = trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

Entry parse_entry(std::string_view text) {
  Entry entry{cut(text, ';')};
  while (!text.empty()) {
    const auto parameter = cut(text, ';');
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      const auto value = parameter.substr(2);
      std::from_chars(value.data(), value.data() + value.size(), entry.quality);
    }
  }
  return entry;
}

bool matches(std::string_view pattern, std::string_view type) {
  if (pattern == "*/*" || pattern == "*") return true;
  if (pattern.ends_with("/*")) {
    const auto prefix = pattern.substr(0, pattern.size() - 1);
    return equal_ignoring_case(prefix, type.substr(0, prefix.size()));
  }
  return equal_ignoring_case(pattern, type);
}

}  // namespace

std::optional<std::size_t> choose_media_type(std::string_view accept,
                                             std::span<const std::string_view> produced) {
  std::vector<Entry> entries;
  while (!accept.empty()) {
    const auto entry = parse_entry(cut(accept, ','));
    if (!entry.type.empty() && entry.quality > 0) entries.push_back(entry);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.quality > b.quality; });
  for (const auto& entry : entries) {
    for (std::size_t i = 0; i < produced.size(); ++i) {
      if (matches(entry.type, produced[i])) return i;
    }
  }
  return std::nullopt;
}

}  // namespace thalweg::server
