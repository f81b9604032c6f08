// Pull queries by key over HTTP: a server in front of the engine against a responder that does no more than
// read a request, look a key up in a hash map and send the same bytes.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "bench/pulls.h"
#include "server/server.h"

namespace thalweg::bench {
namespace {

constexpr int kConnections = 16;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string request_for(const std::string& table, std::int64_t key) {
  const std::string body =
      R"({"sql":"SELECT * FROM )" + table + " WHERE auction = " + std::to_string(key) + R"(;"})";
  return "POST /query-stream HTTP/1.1\r\nHost: localhost\r\nAccept: "
         "application/vnd.ksqlapi.delimited.v1\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

int connect_to(std::uint16_t port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(socket_fd);
    return -1;
  }
  const int on = 1;
  setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket_fd;
}

// Whether `text` holds a whole response (chunked or with a length).
bool complete(const std::string& text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  if (text.find("chunked") < head) return text.ends_with("0\r\n\r\n");
  std::size_t at = text.find("ontent-");
  while (at != std::string::npos && text.compare(at + 7, 6, "Length") != 0 &&
         text.compare(at + 7, 6, "length") != 0)
    at = text.find("ontent-", at + 1);
  if (at == std::string::npos) return true;
  return text.size() >= head + 4 + static_cast<std::size_t>(std::atoll(text.c_str() + at + 14));
}

struct ClientRun {
  double rps = 0;
  std::vector<std::int64_t> latencies_ns;
};

// One thread, kConnections connections, one request under way on each.
Result<ClientRun> drive(std::uint16_t port, const std::string& table, std::int64_t keys, double seconds,
                        std::string* sample) {
  struct Connection {
    int fd;
    std::string in;
    std::int64_t sent_ns = 0;
  };
  std::mt19937_64 random(7);
  std::vector<Connection> connections;
  std::vector<pollfd> polled;
  const auto send_next = [&](Connection& connection) {
    const std::string request =
        request_for(table, 1000 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(keys)));
    connection.sent_ns = now_ns();
    connection.in.clear();
    return send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
  };
  for (int i = 0; i < kConnections; ++i) {
    connections.push_back({connect_to(port), {}, 0});
    if (connections.back().fd < 0 || !send_next(connections.back()))
      return Error{ErrorCode::kIo, "cannot reach the server"};
    polled.push_back({connections.back().fd, POLLIN, 0});
  }
  ClientRun run;
  const std::int64_t begin = now_ns(), end = begin + static_cast<std::int64_t>(seconds * 1e9);
  char buffer[16384];
  while (now_ns() < end) {
    poll(polled.data(), polled.size(), 1000);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if ((polled[i].revents & POLLIN) == 0) continue;
      const ssize_t got = recv(connections[i].fd, buffer, sizeof buffer, 0);
      if (got <= 0) return Error{ErrorCode::kIo, "the server closed the connection: " + connections[i].in};
      connections[i].in.append(buffer, static_cast<std::size_t>(got));
      if (!complete(connections[i].in)) continue;
      if (connections[i].in.compare(0, 12, "HTTP/1.1 200") != 0)
        return Error{ErrorCode::kQuery, connections[i].in};
      if (sample != nullptr && sample->empty()) *sample = connections[i].in;
      run.latencies_ns.push_back(now_ns() - connections[i].sent_ns);
      if (!send_next(connections[i])) return Error{ErrorCode::kIo, "cannot send"};
    }
  }
  run.rps = static_cast<double>(run.latencies_ns.size()) / (static_cast<double>(now_ns() - begin) / 1e9);
  for (const auto& connection : connections) close(connection.fd);
  return run;
}

// The limit: one thread, poll, a hash map of ready answers.
class BareResponder {
 public:
  BareResponder(std::string answer, std::int64_t keys) {
    for (std::int64_t key = 1000; key < 1000 + keys; ++key) answers_[key] = answer;
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        listen(listener_, kConnections) == 0) {
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
      port_ = ntohs(address.sin_port);
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~BareResponder() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    char buffer[16384];
    while (!stopping_) {
      poll(polled.data(), polled.size(), 50);
      if (polled[0].revents & POLLIN) polled.push_back({accept(listener_, nullptr, nullptr), POLLIN, 0});
      for (std::size_t i = 1; i < polled.size(); ++i) {
        if ((polled[i].revents & (POLLIN | POLLHUP)) == 0) continue;
        const ssize_t got = recv(polled[i].fd, buffer, sizeof buffer, 0);
        if (got <= 0) {
          close(polled[i].fd);
          polled[i].fd = -1;
          continue;
        }
        const std::string_view request(buffer, static_cast<std::size_t>(got));
        const std::size_t at = request.find("auction = ");
        const auto answer = answers_.find(at == request.npos ? 0 : std::atoll(buffer + at + 10));
        if (answer != answers_.end())
          static_cast<void>(!send(polled[i].fd, answer->second.data(), answer->second.size(), MSG_NOSIGNAL));
      }
    }
    for (std::size_t i = 1; i < polled.size(); ++i) {
      if (polled[i].fd >= 0) close(polled[i].fd);
    }
  }
  std::unordered_map<std::int64_t, std::string> answers_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace

Result<PullRun> run_pulls(runtime::Engine& engine, const std::string& table, std::int64_t keys,
                          double seconds) {
  server::ConfigurationSources sources;
  sources.settings = {"listeners=http://127.0.0.1:0"};
  THALWEG_TRY(auto configuration, server::Configuration::load(sources));
  server::ServerOptions options{std::move(configuration), 1, 1, std::nullopt};
  THALWEG_TRY(const auto server, server::Server::start(std::move(options), engine));
  std::string sample;
  THALWEG_TRY(const auto warm, drive(server->port(), table, keys, seconds / 4, &sample));
  static_cast<void>(warm);
  THALWEG_TRY(auto measured, drive(server->port(), table, keys, seconds, nullptr));
  PullRun run;
  run.engine_rps = measured.rps;
  std::sort(measured.latencies_ns.begin(), measured.latencies_ns.end());
  if (!measured.latencies_ns.empty()) {
    run.p50_us = static_cast<double>(measured.latencies_ns[measured.latencies_ns.size() / 2]) / 1e3;
    run.p99_us = static_cast<double>(measured.latencies_ns[measured.latencies_ns.size() * 99 / 100]) / 1e3;
  }
  const BareResponder bare(sample, keys);
  THALWEG_TRY(const auto limit, drive(bare.port(), table, keys, seconds, nullptr));
  run.limit_rps = limit.rps;
  return run;
}

}  // namespace thalweg::bench
