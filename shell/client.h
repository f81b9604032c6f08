// HTTP/1.1 to one server: plain requests, and responses that are read as they come.
// Every call opens a connection and closes it, so a stopped query ends with its connection.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::shell {

struct ServerAddress {
  std::string host;
  std::string port;
};
// "http://host:8088", "host:8088", "host": the port defaults to 8088. https is refused.
Result<ServerAddress> parse_server_url(std::string_view url);

struct Reply {
  int status = 0;
  std::string body;
};

enum class StreamEnd : std::uint8_t { kFinished, kStopped, kInterrupted, kTimedOut };
struct StreamReply {
  int status = 0;
  std::string body;  // of an answer that is no success
  StreamEnd end = StreamEnd::kFinished;
};

class Client {
 public:
  static Result<Client> make(std::string_view url, std::string user, std::string password);

  const std::string& url() const { return url_; }
  // Errors: kIo with "cannot connect to …" or what broke; kTimeout after Ctrl-C.
  Result<Reply> get(std::string_view target) const;
  Result<Reply> post(std::string_view target, std::string_view body) const;

  // Hands over each line of a successful response as it arrives; `on_line` returns false to stop.
  using OnLine = std::function<bool(std::string_view)>;
  Result<StreamReply> stream(std::string_view target, std::string_view body, std::int64_t timeout_ms,
                             const OnLine& on_line) const;

 private:
  Result<StreamReply> exchange(bool post, std::string_view target, std::string_view body,
                               std::int64_t timeout_ms, const OnLine* on_line) const;

  ServerAddress address_;
  std::string url_;
  std::string authorization_;  // header value; empty: none
};

}  // namespace thalweg::shell
