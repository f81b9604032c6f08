// One HTTP/1.1 connection: reads requests one after another, hands each to the Handler, writes its
// answer, and closes at the first thing that is wrong. While an answer is being made a read stays
// pending, so that a vanished client is noticed; pipelined bytes wait in the bounded input buffer.
//
// Thread: the I/O thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "server/http/network.h"
#include "server/http/request_reader.h"

namespace thalweg::server {

struct Upgraded {
  boost::asio::ip::tcp::socket socket;
  std::unique_ptr<ConnectionSlot> slot;
  Request request;
  std::string leftover;  // bytes received behind the request
};

class Http1Exchange;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::unique_ptr<ConnectionSlot> slot);
  ~Connection();
  void start();
  void sweep(std::int64_t now_ns);  // enforces deadlines; called now and then
  void close();
  bool idle() const { return !current_ && unsent() == 0; }  // no answer in the making

 private:
  friend class Http1Exchange;

  void process();
  bool step();  // false: wait for something
  bool on_head();
  bool on_body();
  bool on_request();
  void upgrade();
  void read();
  void on_read(bool failed, std::size_t count);
  void client_left();
  void flush();
  void on_written(bool failed);
  void fail(int status, std::string_view message);
  void answer_finished(bool keep_alive);
  void linger();
  bool overdue(std::int64_t now_ns, int& status) const;
  std::size_t unsent() const { return out_.size() + writing_.size(); }

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<ConnectionSlot> slot_;
  std::shared_ptr<Network> network_;
  const Limits& limits_;
  InputBuffer input_;
  RequestReader reader_;
  std::shared_ptr<Http1Exchange> current_;  // the answer being made
  std::shared_ptr<BodySink> sink_;          // takes the body of the current request
  std::string out_;                         // to be written next
  std::string writing_;                     // being written
  std::int64_t head_started_ns_ = 0;
  std::int64_t body_started_ns_ = 0;
  std::int64_t last_activity_ns_ = 0;
  bool receiving_ = false;  // the body of current_'s request still arrives
  bool reading_ = false;
  bool write_pending_ = false;
  bool processing_ = false;
  bool served_any_ = false;
  bool eof_ = false;
  bool close_when_written_ = false;
  bool lingering_ = false;
  bool closed_ = false;
};

}  // namespace thalweg::server
