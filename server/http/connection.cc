#include "server/http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "base/clock.h"
#include "server/http/guards.h"
#include "server/http/http1_exchange.h"

namespace thalweg::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::int64_t kLingerNs = 1'000'000'000;

std::int64_t now_ns() { return system_clock().steady_ns(); }

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::unique_ptr<ConnectionSlot> slot)
    : socket_(std::move(socket)),
      slot_(std::move(slot)),
      network_(slot_->network()),
      limits_(network_->limits),
      reader_(limits_) {}

Connection::~Connection() {
  if (current_) current_->detach();
}

void Connection::start() {
  head_started_ns_ = last_activity_ns_ = now_ns();
  read();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  network_->connections.erase(this);
  error_code ignored;
  socket_.close(ignored);
  slot_.reset();
  if (auto exchange = std::exchange(current_, nullptr)) exchange->lose_client();
  sink_.reset();
}

// ---- reading --------------------------------------------------------------------------------------

void Connection::read() {
  if (reading_ || eof_ || closed_) return;
  const auto room = input_.prepare();
  if (room.empty()) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            self->reading_ = false;
                            const bool fine = guarded("read", [&] { self->on_read(error.failed(), count); });
                            if (!fine) self->close();
                          });
}

void Connection::on_read(bool failed, std::size_t count) {
  if (closed_) return;
  last_activity_ns_ = now_ns();
  if (lingering_) {
    if (failed) return close();
    return read();  // into the same room: nothing is committed
  }
  if (failed) {
    eof_ = true;
    return client_left();
  }
  if (!current_ && !reader_.started() && input_.view().empty()) head_started_ns_ = last_activity_ns_;
  input_.commit(count);
  process();
}

// A client that closes its sending side still gets an ordinary answer; a stream of rows it does not.
void Connection::client_left() {
  if (closed_) return;
  const bool body_cut = receiving_;
  if (!current_ || current_->watches_client() || body_cut) {
    if (!current_ && (write_pending_ || !out_.empty())) {
      close_when_written_ = true;
      return;
    }
    return close();
  }
  current_->close_afterwards();
}

void Connection::process() {
  if (processing_) return;
  processing_ = true;
  while (step()) {}
  processing_ = false;
  flush();
}

bool Connection::step() {
  if (closed_ || lingering_ || close_when_written_) return false;
  if ((current_ && !receiving_) || (sink_ && sink_->full())) {
    if (current_ && !receiving_) read();
    return false;
  }
  if (!current_ && unsent() > limits_.send_high_bytes) return false;  // on_written goes on
  switch (reader_.advance(input_)) {
    case RequestReader::Event::kMore:
      if (eof_) {
        close_when_written_ = true;
      } else {
        read();
      }
      return false;
    case RequestReader::Event::kHead: return on_head();
    case RequestReader::Event::kBody: return on_body();
    case RequestReader::Event::kDone: return on_request();
    case RequestReader::Event::kFailed: {
      const auto failure = reader_.failure();
      fail(failure.status, failure.message);
      return false;
    }
  }
  return false;
}

bool Connection::on_head() {
  auto& request = reader_.request();
  if (const auto refusal = check_host_and_origin(request, limits_); refusal.status != 0) {
    fail(refusal.status, refusal.message);
    return false;
  }
  if (request.wants_websocket && network_->handler.wants_websocket(request)) {
    upgrade();
    return false;
  }
  if (!request.chunked && !request.content_length) return true;  // no body: kDone comes next
  body_started_ns_ = last_activity_ns_;
  auto exchange = std::make_shared<Http1Exchange>(*this, request);
  sink_ = network_->handler.open_stream(request, exchange);
  if (sink_) {
    current_ = std::move(exchange);
    receiving_ = true;
    reader_.accept_any_length();
    sink_->on_room([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->process();
    });
  } else {
    exchange->detach();
    if (request.content_length.value_or(0) > limits_.body_max_bytes) return true;  // refused at the next step
  }
  if (request.expects_continue && request.minor_version >= 1) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    flush();
  }
  return true;
}

bool Connection::on_body() {
  if (!sink_) return true;
  const auto sink = sink_;  // an answer that ends here lets go of it
  const auto bytes = std::exchange(reader_.request().body, {});
  if (!bytes.empty()) sink->data(bytes);
  return !closed_;
}

bool Connection::on_request() {
  served_any_ = true;
  if (sink_) {
    receiving_ = false;
    reader_.reset();
    const auto sink = std::exchange(sink_, nullptr);
    sink->end();
    return true;
  }
  auto request = std::move(reader_.request());
  reader_.reset();
  current_ = std::make_shared<Http1Exchange>(*this, request);
  network_->handler.handle(std::move(request), current_);
  return true;
}

void Connection::upgrade() {
  const auto& request = reader_.request();
  if (reading_ || request.chunked || request.content_length.value_or(0) > 0) {
    return fail(400, "a WebSocket handshake has no body and is not pipelined");
  }
  const auto self = shared_from_this();
  closed_ = true;
  network_->connections.erase(this);
  Upgraded upgraded{std::move(socket_), std::move(slot_), std::move(reader_.request()),
                    std::string(input_.view())};
  network_->handler.websocket(std::move(upgraded));
}

// ---- writing --------------------------------------------------------------------------------------

void Connection::flush() {
  if (write_pending_ || out_.empty() || closed_ || lingering_) {
    if (close_when_written_ && !write_pending_ && out_.empty() && !closed_ && !lingering_) linger();
    return;
  }
  write_pending_ = true;
  std::swap(out_, writing_);
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->write_pending_ = false;
                      self->writing_.clear();
                      const bool fine = guarded("write", [&] { self->on_written(error.failed()); });
                      if (!fine) self->close();
                    });
}

void Connection::on_written(bool failed) {
  if (closed_) return;
  if (failed) return close();
  last_activity_ns_ = now_ns();
  if (writing_.capacity() > 4 * limits_.send_high_bytes) std::string().swap(writing_);
  if (current_ && unsent() <= limits_.send_low_bytes) {
    const auto exchange = current_;
    exchange->drained();
  }
  if (closed_) return;
  flush();
  if (!current_) process();
}

void Connection::answer_finished(bool keep_alive) {
  if (const auto exchange = std::exchange(current_, nullptr)) exchange->detach();
  sink_.reset();
  receiving_ = false;
  last_activity_ns_ = head_started_ns_ = now_ns();
  if (!keep_alive) close_when_written_ = true;
  flush();
  if (keep_alive) process();
}

void Connection::fail(int status, std::string_view message) {
  if (current_) {
    if (current_->streaming()) {  // its head has been sent: nothing sensible can follow
      close_when_written_ = true;
      const auto exchange = std::exchange(current_, nullptr);
      exchange->lose_client();
      return flush();
    }
    current_->lose_client();
  }
  receiving_ = true;  // never reuse the connection
  current_ = std::make_shared<Http1Exchange>(*this, Request{});
  const auto exchange = current_;
  exchange->answer(network_->handler.error_answer(status, message));
}

// Closing at once would make the kernel throw away an answer the client has not read yet.
void Connection::linger() {
  lingering_ = true;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  last_activity_ns_ = now_ns();
  if (eof_) return close();
  input_.consume(input_.view().size());
  read();
}

// ---- deadlines ------------------------------------------------------------------------------------

// Status 0: close without a word.
bool Connection::overdue(std::int64_t now, int& status) const {
  const auto passed = [now](std::int64_t since_ns, std::int64_t ms) {
    return now - since_ns > ms * 1'000'000;
  };
  status = 0;
  if (lingering_) return now - head_started_ns_ > kLingerNs && now - last_activity_ns_ > kLingerNs / 4;
  if (unsent() > 0) return passed(last_activity_ns_, limits_.idle_ms);
  if (sink_) return passed(last_activity_ns_, limits_.idle_ms);
  if (current_) return current_->streaming() && passed(last_activity_ns_, limits_.stream_idle_ms);
  if (reader_.in_body()) {
    status = 408;
    const auto bytes_ms =
        static_cast<std::int64_t>(reader_.body_bytes()) * 1000 / limits_.body_bytes_per_second;
    return passed(last_activity_ns_, limits_.body_idle_ms) ||
           passed(body_started_ns_, limits_.body_idle_ms + bytes_ms);
  }
  if (reader_.started() || !served_any_) {
    status = 408;
    return passed(head_started_ns_, limits_.header_timeout_ms);
  }
  return passed(last_activity_ns_, limits_.idle_ms);
}

void Connection::sweep(std::int64_t now) {
  int status = 0;
  if (closed_ || !overdue(now, status)) return;
  if (status == 0) return close();
  fail(status, "the request did not arrive in time");
}

}  // namespace thalweg::server
