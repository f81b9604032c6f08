#include "server/ws/session.h"

#include <algorithm>
#include <boost/asio/write.hpp>

#include "base/clock.h"
#include "server/ws/handshake.h"

namespace thalweg::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kCloseWaitNs = 2'000 * kMs;

}  // namespace

WebSocketSession::WebSocketSession(Upgraded upgraded)
    : socket_(std::move(upgraded.socket)),
      slot_(std::move(upgraded.slot)),
      network_(slot_->network()),
      limits_(network_->limits),
      request_(std::move(upgraded.request)),
      reader_(limits_.websocket_message_max_bytes),
      input_(std::move(upgraded.leftover)) {}

void WebSocketSession::start() {
  opened_ns_ = heard_ns_ = system_clock().steady_ns();
  out_ = handshake_answer(request_);
  flush();
  tick();
  on_bytes(0);
}

void WebSocketSession::on_gone(std::function<void()> callback) {
  gone_ = std::move(callback);
  if (!dead_ && !peer_closed_) return;
  network_->loop.post([self = shared_from_this()] {
    if (auto gone = std::exchange(self->gone_, nullptr)) gone();
  });
}

void WebSocketSession::send_text(std::string_view text) {
  if (!close_sent_ && !dead_) append_text_frame(out_, text);
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
  if (close_sent_ || dead_) return;
  append_close_frame(out_, code, reason);
  close_sent_ = true;
  closing_ns_ = system_clock().steady_ns();
  flush();
}

void WebSocketSession::flush() {
  if (write_pending_ || dead_ || out_.empty()) return;
  write_pending_ = true;
  std::swap(out_, writing_);
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->write_pending_ = false;
                      self->writing_.clear();
                      if (error || !guarded("websocket write", [&] { self->on_written(); })) self->abandon();
                    });
}

void WebSocketSession::on_written() {
  if (dead_) return;
  if (close_sent_ && peer_closed_ && out_.empty()) return abandon();
  if (unsent() <= limits_.send_low_bytes) {
    if (auto callback = std::exchange(drained_, nullptr)) callback();
  }
  flush();
  read();
}

// A client that does not read its answers is not read either: pings cannot pile up pongs.
void WebSocketSession::read() {
  if (reading_ || dead_ || peer_closed_ || congested()) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(room_),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            self->reading_ = false;
                            if (error || !guarded("websocket read", [&] { self->on_bytes(count); }))
                              self->abandon();
                          });
}

void WebSocketSession::on_bytes(std::size_t count) {
  if (dead_) return;
  if (count > 0) heard_ns_ = system_clock().steady_ns();
  input_.append(room_.data(), count);
  for (bool more = true; more && !dead_;) {
    switch (reader_.advance(input_)) {
      case FrameReader::Event::kMore: more = false; break;
      case FrameReader::Event::kMessage:
      case FrameReader::Event::kPong: break;
      case FrameReader::Event::kPing:
        if (!close_sent_) append_frame(out_, 10, reader_.payload());
        break;
      case FrameReader::Event::kClose:
      case FrameReader::Event::kFailed: {
        peer_closed_ = true;
        more = false;
        close(reader_.close_code(), {});
        if (auto callback = std::exchange(gone_, nullptr)) callback();
        if (!write_pending_ && out_.empty()) return abandon();
        break;
      }
    }
  }
  flush();
  read();
}

void WebSocketSession::tick() {
  if (dead_) return;
  const auto now = system_clock().steady_ns();
  if (close_sent_ && now - closing_ns_ > kCloseWaitNs) return abandon();
  if (now - heard_ns_ > limits_.websocket_idle_ms * kMs) return abandon();
  if (now - opened_ns_ > limits_.websocket_lifetime_ms * kMs && !close_sent_) {
    close(kCloseNormal, "maximum connection time reached");
    if (auto callback = std::exchange(gone_, nullptr)) callback();
  }
  if (now - std::max(heard_ns_, pinged_ns_) > limits_.websocket_idle_ms * kMs / 2 && !close_sent_) {
    pinged_ns_ = now;
    append_frame(out_, 9, {});
    flush();
  }
  const auto interval = std::clamp<std::int64_t>(limits_.websocket_idle_ms / 4, 10, 1000);
  network_->loop.after(interval, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

void WebSocketSession::abandon() {
  if (dead_) return;
  dead_ = true;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  slot_.reset();
  drained_ = nullptr;
  if (auto callback = std::exchange(gone_, nullptr)) callback();
}

}  // namespace thalweg::server
