// The threads of the server: one for all sockets, few for engine calls that may block.
//
// Everything that throws inside a callback is logged and swallowed here: no input can end a thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
class thread_pool;
}  // namespace boost::asio

namespace thalweg::server {

class Loop {
 public:
  Loop(int query_threads, int statement_threads);
  ~Loop();  // stop()

  boost::asio::io_context& io() { return *io_; }
  void start();
  // Ends all threads; work still queued is dropped. Not from one of them.
  void stop();

  void post(std::function<void()> task);                    // on the I/O thread
  void after(std::int64_t ms, std::function<void()> task);  // on the I/O thread, later
  void run_query(std::function<void()> task);               // SELECT, inserted rows: short
  void run_statement(std::function<void()> task);           // /ksql: may wait for the disk

 private:
  struct Threads;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Threads> threads_;
};

// Runs `body`; an exception is logged with `where` and answered false.
bool guarded(const char* where, const std::function<void()>& body);

}  // namespace thalweg::server
