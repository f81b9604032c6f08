// One request, whatever protocol brought it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thalweg::server {

enum class Method : std::uint8_t { kGet, kHead, kPost, kOptions, kOther };

struct Request {
  Method method = Method::kGet;
  std::string path;   // as sent, up to '?'
  std::string query;  // behind '?', still encoded
  std::string host;
  std::optional<std::string> accept;  // several fields joined by commas
  std::optional<std::string> origin;
  std::string body;
  int minor_version = 1;  // HTTP/1.x
  bool keep_alive = true;

  // Framing and upgrade, for the connection.
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool expects_continue = false;
  bool wants_websocket = false;
  std::vector<std::string> websocket_keys;
  std::string websocket_version;
};

// Decodes %xx; a malformed escape stays as it is. `plus_is_space` for query strings.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
std::string percent_encode(std::string_view text);  // for one segment of a path
// "/status/stream/%60X%60/create" → {"status", "stream", "`X`", "create"}.
std::vector<std::string> path_segments(std::string_view path);
// Value of one parameter of a query string.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);
std::string_view trim(std::string_view text);

}  // namespace thalweg::server
