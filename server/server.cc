#include "server/server.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "base/clock.h"
#include "server/api/context.h"
#include "server/api/router.h"
#include "server/api/row_stream.h"
#include "server/http/connection.h"
#include "server/http/listener.h"

namespace thalweg::server {

struct Server::Parts {
  Parts(ServerOptions options_in, Limits limits)
      : options(std::move(options_in)),
        bounds(std::move(limits)),
        loop(options.query_threads, options.statement_threads),
        context(loop, options.configuration, bounds, system_clock()),
        router(context),
        network(std::make_shared<Network>(bounds, router, loop)) {}

  ServerOptions options;
  const Limits bounds;
  Loop loop;
  ApiContext context;
  Router router;
  std::shared_ptr<Network> network;
  std::shared_ptr<Listener> listener;
  bool stopped = false;
};

namespace {

Result<std::vector<Address>> listener_addresses(const Configuration& configuration) {
  std::vector<Address> addresses;
  for (const auto& url : split_list(configuration.text("listeners"))) {
    THALWEG_TRY(auto address, parse_listener(url));
    addresses.push_back(std::move(address));
  }
  if (addresses.empty()) return Error{ErrorCode::kQuery, "property listeners is empty"};
  return addresses;
}

}  // namespace

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options) {
  THALWEG_TRY(const auto addresses, listener_addresses(options.configuration));
  const bool loopback_only = std::all_of(addresses.begin(), addresses.end(),
                                         [](const Address& address) { return is_loopback(address.host); });
  auto limits = options.limits.value_or(options.configuration.limits(loopback_only));
  if (!limits.allowed_hosts.empty()) {
    for (const auto& address : addresses) limits.allowed_hosts.push_back(address.host);
  }
  auto parts = std::make_unique<Parts>(std::move(options), std::move(limits));
  THALWEG_TRY(parts->listener, Listener::open(parts->network, addresses));
  const bool any = addresses.front().host == "0.0.0.0" || addresses.front().host == "::";
  const auto advertised = parts->options.configuration.text("ksql.advertised.listener");
  parts->context.host_and_port =
      advertised.empty()
          ? (any ? "localhost" : addresses.front().host) + ":" + std::to_string(parts->listener->port())
          : advertised.substr(advertised.find("://") == advertised.npos ? 0 : advertised.find("://") + 3);
  parts->context.open_connections = [network = parts->network.get()] { return network->open.load(); };
  parts->loop.start();
  parts->loop.post([listener = parts->listener] { listener->start(); });
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, runtime::Engine& engine) {
  THALWEG_TRY(auto server, listen(std::move(options)));
  server->serve(engine);
  return server;
}

void Server::serve(runtime::Engine& engine) {
  parts_->context.engine = &engine;
  parts_->context.state = ServerState::kReady;
}

std::uint16_t Server::port() const { return parts_->listener->port(); }

void Server::stop(std::int64_t grace_ms) {
  if (!parts_ || parts_->stopped) return;
  auto& parts = *parts_;
  parts.stopped = true;
  parts.context.state = ServerState::kStopping;
  std::promise<void> told;
  parts.loop.post([&parts, &told] {
    guarded("stop", [&] {
      parts.listener->stop_accepting();
      std::vector<std::shared_ptr<RowStream>> streams;
      for (const auto& [id, stream] : parts.context.pushes.all()) streams.push_back(stream.lock());
      for (const auto& stream : streams) {
        if (stream) stream->stop({});
      }
    });
    told.set_value();
  });
  told.get_future().wait();
  const auto deadline_ns = system_clock().steady_ns() + grace_ms * 1'000'000;
  for (bool busy = true; busy && system_clock().steady_ns() < deadline_ns;) {
    std::promise<bool> answer;
    parts.loop.post([&parts, &answer] { answer.set_value(parts.listener->close_idle()); });
    busy = answer.get_future().get();
    if (busy) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::promise<void> closed;
  parts.loop.post([&parts, &closed] {
    guarded("close", [&] { parts.listener->close_all(); });
    closed.set_value();
  });
  closed.get_future().wait();
  parts.loop.stop();
}

}  // namespace thalweg::server
