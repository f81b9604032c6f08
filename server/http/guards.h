// Who may talk to us: a web page in the user's browser reaches loopback too.
#pragma once

#include <string>
#include <string_view>

#include "server/http/limits.h"
#include "server/http/request.h"

namespace thalweg::server {

struct Refusal {
  int status = 0;  // 0: welcome
  std::string_view message;
};
// 421 for a Host that is not ours, 403 for a foreign Origin on POST and WebSocket requests.
Refusal check_host_and_origin(const Request& request, const Limits& limits);

// Listed in access.control.allow.origin ('*' stands for any run of characters).
bool origin_listed(std::string_view origin, const Limits& limits);

// The name in "name:port", "[::1]:port"; lower case.
std::string host_name(std::string_view host);

}  // namespace thalweg::server
