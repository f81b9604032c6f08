#include "server/http/loop.h"

#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <thread>

namespace thalweg::server {

namespace asio = boost::asio;

struct Loop::Threads {
  Threads(asio::io_context& io, int query_threads, int statement_threads)
      : work(io.get_executor()),
        queries(static_cast<std::size_t>(query_threads)),
        statements(static_cast<std::size_t>(statement_threads)) {}
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::thread_pool queries;
  asio::thread_pool statements;
  std::thread sockets;
};

Loop::Loop(int query_threads, int statement_threads)
    : io_(std::make_unique<asio::io_context>(1)),
      threads_(std::make_unique<Threads>(*io_, query_threads, statement_threads)) {}

Loop::~Loop() { stop(); }

void Loop::start() {
  threads_->sockets = std::thread([this] {
    while (!io_->stopped()) guarded("sockets", [this] { io_->run(); });
  });
}

void Loop::stop() {
  if (!threads_) return;
  threads_->queries.stop();
  threads_->statements.stop();
  threads_->queries.join();
  threads_->statements.join();
  io_->stop();
  if (threads_->sockets.joinable()) threads_->sockets.join();
  // What is still queued refers to objects that end before the io_context: run it now, alone.
  io_->restart();
  guarded("stop", [this] { io_->poll(); });
  threads_.reset();
}

void Loop::post(std::function<void()> task) {
  asio::post(*io_, [task = std::move(task)] { guarded("posted", task); });
}

void Loop::after(std::int64_t ms, std::function<void()> task) {
  auto timer = std::make_shared<asio::steady_timer>(*io_, std::chrono::milliseconds(ms));
  timer->async_wait([timer, task = std::move(task)](const boost::system::error_code& error) {
    if (!error) guarded("timer", task);
  });
}

void Loop::run_query(std::function<void()> task) {
  if (threads_) asio::post(threads_->queries, [task = std::move(task)] { guarded("query", task); });
}

void Loop::run_statement(std::function<void()> task) {
  if (threads_) asio::post(threads_->statements, [task = std::move(task)] { guarded("statement", task); });
}

bool guarded(const char* where, const std::function<void()>& body) {
  try {
    body();
    return true;
  } catch (const std::exception& error) {
    spdlog::error("unexpected failure in {}: {}", where, error.what());
  } catch (...) { spdlog::error("unexpected failure in {}", where); }
  return false;
}

}  // namespace thalweg::server
