// How a handler answers one request, whatever protocol brought it. HTTP/1.1 implements it in
// connection.cc; another protocol (HTTP/2 streams) implements the same four verbs.
//
// Thread: the I/O thread only. All calls are harmless once the client has gone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/request.h"

namespace thalweg::server {

inline constexpr std::string_view kJson = "application/json";

struct Answer {
  int status = 200;
  std::string body;
  std::string_view content_type = kJson;  // a literal
  std::vector<std::pair<std::string_view, std::string>> fields;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual void add_field(std::string_view name, std::string_view value) = 0;  // before the head is sent
  virtual void answer(Answer answer) = 0;                                     // whole

  // Streamed: begin, any number of write + flush, finish. A write is one chunk on the wire.
  virtual void begin(int status, std::string_view content_type) = 0;
  virtual void write(std::string_view chunk) = 0;
  virtual void flush() = 0;
  virtual void finish() = 0;

  virtual bool congested() const = 0;  // too much unsent
  // Called when congestion is over; replaces an earlier callback.
  virtual void on_drained(std::function<void()> callback) = 0;
  // Called once when the client went away before the answer was complete. Setting it makes a
  // half-closed connection count as gone.
  virtual void on_gone(std::function<void()> callback) = 0;

  std::uint8_t route = 0;  // for the counters
};
using ExchangePtr = std::shared_ptr<Exchange>;

// Takes a request's body while it arrives.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual void data(std::string_view bytes) = 0;
  virtual void end() = 0;
  virtual bool full() const = 0;  // do not read on until resume is called
  virtual void on_room(std::function<void()> resume) = 0;
};

struct Upgraded;  // connection.h: a socket that left HTTP

// The application behind the connections.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void handle(Request request, ExchangePtr exchange) = 0;
  // Asked when a head is complete: null for ordinary requests.
  virtual std::shared_ptr<BodySink> open_stream(const Request& request, const ExchangePtr& exchange) = 0;
  // A WebSocket handshake: true if the handler will take the socket over, else it is answered through handle.
  virtual bool wants_websocket(const Request& request) const = 0;
  virtual void websocket(Upgraded upgraded) = 0;
  virtual Answer error_answer(int status, std::string_view message) const = 0;
  virtual void answered(std::uint8_t route, int status) = 0;  // counts
};

}  // namespace thalweg::server
