#include "server/http/guards.h"

#include <algorithm>

namespace thalweg::server {
namespace {

bool wildcard_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool same_origin(std::string_view origin, std::string_view host) {
  const auto scheme_end = origin.find("://");
  return scheme_end != origin.npos && equal_ignoring_case(origin.substr(scheme_end + 3), host);
}

}  // namespace

std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return lower_case(host.substr(0, std::min(host.find(']'), host.size() - 1) + 1));
  return lower_case(host.substr(0, std::min(host.find(':'), host.size())));
}

bool origin_listed(std::string_view origin, const Limits& limits) {
  return std::any_of(limits.allowed_origins.begin(), limits.allowed_origins.end(),
                     [&](const std::string& pattern) { return wildcard_match(pattern, origin); });
}

Refusal check_host_and_origin(const Request& request, const Limits& limits) {
  if (!limits.allowed_hosts.empty()) {
    const auto name = host_name(request.host);
    const bool known = std::any_of(limits.allowed_hosts.begin(), limits.allowed_hosts.end(),
                                   [&](const std::string& allowed) { return wildcard_match(allowed, name); });
    if (!known) return {421, "this server does not answer for the requested host"};
  }
  const bool guarded = request.method == Method::kPost || request.wants_websocket;
  if (guarded && request.origin && !same_origin(*request.origin, request.host) &&
      !origin_listed(*request.origin, limits)) {
    return {403, "requests from this origin are not allowed"};
  }
  return {};
}

}  // namespace thalweg::server
