#include "shell/client.h"

#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/clock.h"
#include "planner/types/text.h"
#include "shell/interrupt.h"

namespace thalweg::shell {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::chrono::milliseconds kPollInterval{50};

struct Connection {
  asio::io_context io;
  beast::tcp_stream stream{io};
  beast::flat_buffer buffer;
  std::int64_t deadline_ns = -1;  // steady; -1: none
};

enum class Waited : std::uint8_t { kDone, kInterrupted, kTimedOut };

// Starts an operation and waits for it, looking for Ctrl-C and the deadline in between.
template <typename Start>
Waited wait(Connection& connection, beast::error_code& code, Start&& start) {
  bool done = false;
  start([&](beast::error_code result, auto&&...) {
    code = result;
    done = true;
  });
  Waited how = Waited::kDone;
  connection.io.restart();
  while (!done) {
    connection.io.run_for(kPollInterval);
    connection.io.restart();
    if (done || how != Waited::kDone) continue;
    if (interrupted()) how = Waited::kInterrupted;
    if (connection.deadline_ns >= 0 && system_clock().steady_ns() >= connection.deadline_ns)
      how = Waited::kTimedOut;
    if (how != Waited::kDone) connection.stream.cancel();
  }
  return how;
}

Error broken(const std::string& url, const beast::error_code& code) {
  return Error(ErrorCode::kIo, "lost the connection to " + url + ": " + code.message());
}
Error stopped() { return Error(ErrorCode::kTimeout, "interrupted"); }

// Cuts what arrived into lines.
class LineFeeder {
 public:
  explicit LineFeeder(const Client::OnLine& on_line) : on_line_(on_line) {}
  bool feed(std::string& bytes) {
    rest_ += bytes;
    bytes.clear();
    for (auto end = rest_.find('\n'); end != rest_.npos; end = rest_.find('\n')) {
      const std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      if (!line.empty() && !on_line_(line)) return false;
    }
    return true;
  }
  bool finish() { return rest_.empty() || on_line_(rest_); }

 private:
  const Client::OnLine& on_line_;
  std::string rest_;
};

}  // namespace

Result<ServerAddress> parse_server_url(std::string_view url) {
  const std::string whole(url);
  if (url.starts_with("https://")) return Error(ErrorCode::kUnsupported, "https is not supported: " + whole);
  if (url.starts_with("http://")) url.remove_prefix(7);
  url = url.substr(0, url.find('/'));
  ServerAddress address{std::string(url), "8088"};
  const auto colon = url.rfind(':');
  const bool ipv6_without_port = url.starts_with('[') && url.ends_with(']');
  if (colon != url.npos && !ipv6_without_port) {
    address.host = std::string(url.substr(0, colon));
    address.port = std::string(url.substr(colon + 1));
  }
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const bool digits =
      !address.port.empty() && address.port.find_first_not_of("0123456789") == std::string::npos;
  if (address.host.empty() || !digits) return Error(ErrorCode::kQuery, "not a server address: " + whole);
  return address;
}

Result<Client> Client::make(std::string_view url, std::string user, std::string password) {
  Client client;
  THALWEG_TRY(client.address_, parse_server_url(url));
  client.url_ = "http://" + client.address_.host + ":" + client.address_.port;
  if (!user.empty()) client.authorization_ = "Basic " + planner::base64_encode(user + ":" + password);
  return client;
}

Result<Reply> Client::get(std::string_view target) const {
  THALWEG_TRY(auto reply, exchange(false, target, "", -1, nullptr));
  return Reply{reply.status, std::move(reply.body)};
}

Result<Reply> Client::post(std::string_view target, std::string_view body) const {
  THALWEG_TRY(auto reply, exchange(true, target, body, -1, nullptr));
  return Reply{reply.status, std::move(reply.body)};
}

Result<StreamReply> Client::stream(std::string_view target, std::string_view body, std::int64_t timeout_ms,
                                   const OnLine& on_line) const {
  return exchange(true, target, body, timeout_ms, &on_line);
}

Result<StreamReply> Client::exchange(bool post, std::string_view target, std::string_view body,
                                     std::int64_t timeout_ms, const OnLine* on_line) const {
  Connection connection;
  if (timeout_ms >= 0) connection.deadline_ns = system_clock().steady_ns() + timeout_ms * 1'000'000;
  beast::error_code code;

  tcp::resolver resolver(connection.io);
  const auto endpoints = resolver.resolve(address_.host, address_.port, code);
  if (code) return Error(ErrorCode::kIo, "cannot connect to " + url_ + ": " + code.message());
  if (wait(connection, code, [&](auto handler) { connection.stream.async_connect(endpoints, handler); }) !=
      Waited::kDone) {
    return stopped();
  }
  if (code) return Error(ErrorCode::kIo, "cannot connect to " + url_ + ": " + code.message());

  http::request<http::string_body> request(post ? http::verb::post : http::verb::get, std::string(target),
                                           11);
  const bool v6 = address_.host.find(':') != std::string::npos;
  request.set(http::field::host, (v6 ? "[" + address_.host + "]" : address_.host) + ":" + address_.port);
  request.set(http::field::user_agent, "thalweg-shell");
  request.set(http::field::connection, "close");
  request.set(http::field::accept, on_line != nullptr ? "application/vnd.ksql.v1+json" : "application/json");
  if (!authorization_.empty()) request.set(http::field::authorization, authorization_);
  if (post) {
    request.set(http::field::content_type, "application/json");
    request.body() = std::string(body);
  }
  request.prepare_payload();
  if (wait(connection, code, [&](auto handler) { http::async_write(connection.stream, request, handler); }) !=
      Waited::kDone) {
    return stopped();
  }
  if (code) return broken(url_, code);

  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  // Eager parsing would sit on a chunk until the next one begins.
  parser.eager(false);
  StreamReply reply;
  const OnLine ignore = [](std::string_view) { return true; };
  LineFeeder feeder(on_line != nullptr ? *on_line : ignore);
  while (!parser.is_done()) {
    const Waited how = wait(connection, code, [&](auto handler) {
      http::async_read_some(connection.stream, connection.buffer, parser, handler);
    });
    if (how != Waited::kDone) {
      if (on_line == nullptr) return stopped();
      reply.end = how == Waited::kInterrupted ? StreamEnd::kInterrupted : StreamEnd::kTimedOut;
      return reply;
    }
    if (code && code != http::error::end_of_stream) return broken(url_, code);
    if (!parser.is_header_done()) {
      if (code) return broken(url_, code);
      continue;
    }
    reply.status = parser.get().result_int();
    if (on_line != nullptr && reply.status == 200 && !feeder.feed(parser.get().body())) {
      reply.end = StreamEnd::kStopped;
      return reply;
    }
    if (code) break;
  }
  if (on_line != nullptr && reply.status == 200) {
    if (!feeder.finish()) reply.end = StreamEnd::kStopped;
  } else {
    reply.body = std::move(parser.get().body());
  }
  return reply;
}

}  // namespace thalweg::shell
