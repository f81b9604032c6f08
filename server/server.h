// The server: listeners, endpoints and the threads behind them, around an Engine.
//
// listen() takes the port, so that a second server fails at once; until serve() every request but
// /chc/live and /metrics is answered 503 (50302). start() does both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "runtime/engine.h"
#include "server/config/configuration.h"

namespace thalweg::server {

struct ServerOptions {
  Configuration configuration;  // "listeners" says where
  int query_threads = 4;
  int statement_threads = 4;
  std::optional<Limits> limits;  // tests; else from the configuration
};

class Server {
 public:
  // kInUse: the port is taken; kQuery: a bad listener.
  static Result<std::unique_ptr<Server>> listen(ServerOptions options);
  static Result<std::unique_ptr<Server>> start(ServerOptions options, runtime::Engine& engine);
  ~Server();  // stop()

  void serve(runtime::Engine& engine);  // borrowed; must outlive stop()
  std::uint16_t port() const;
  // Answers 503 to new requests, ends push queries, lets running answers finish for at most `grace_ms`,
  // closes everything. Not from a thread of the server.
  void stop(std::int64_t grace_ms = 2000);

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace thalweg::server
