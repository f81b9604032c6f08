// One open WebSocket: sends text frames, answers pings and closes, notices dead peers.
// Messages from the client carry no meaning on this endpoint and are dropped after validation.
//
// Thread: the I/O thread.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/connection.h"
#include "server/ws/frames.h"

namespace thalweg::server {

class WebSocketSession : public std::enable_shared_from_this<WebSocketSession> {
 public:
  explicit WebSocketSession(Upgraded upgraded);
  void start();  // sends the 101
  const Request& request() const { return request_; }

  void send_text(std::string_view text);
  void flush();
  void close(std::uint16_t code, std::string_view reason);  // after what is queued
  bool congested() const { return unsent() > limits_.send_high_bytes; }
  void on_drained(std::function<void()> callback) { drained_ = std::move(callback); }
  void on_gone(std::function<void()> callback);  // also if it has left already

 private:
  void read();
  void on_bytes(std::size_t count);
  void on_written();
  void tick();  // pings and time limits
  void abandon();
  std::size_t unsent() const { return out_.size() + writing_.size(); }

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<ConnectionSlot> slot_;
  std::shared_ptr<Network> network_;
  const Limits& limits_;
  Request request_;
  FrameReader reader_;
  std::string input_;
  std::string out_, writing_;
  std::array<char, 8192> room_;
  std::function<void()> drained_, gone_;
  std::int64_t opened_ns_ = 0, heard_ns_ = 0, pinged_ns_ = 0, closing_ns_ = 0;
  bool reading_ = false;
  bool write_pending_ = false;
  bool close_sent_ = false;
  bool peer_closed_ = false;
  bool dead_ = false;
};

}  // namespace thalweg::server
