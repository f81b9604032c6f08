#include "server/http/listener.h"

#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>

#include "base/clock.h"
#include "server/http/connection.h"

namespace thalweg::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A half-open client is noticed within half a minute, by probes when idle and by unanswered data else.
void watch_peer(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int handle = socket.native_handle();
  const int idle_s = 10, interval_s = 5, probes = 3, unanswered_ms = 30'000;
  setsockopt(handle, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt(handle, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  setsockopt(handle, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  setsockopt(handle, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
}

// Often enough for the shortest timeout, which tests set to fractions of a second.
std::int64_t sweep_interval_ms(const Limits& limits) {
  const auto shortest =
      std::min({limits.header_timeout_ms, limits.body_idle_ms, limits.idle_ms, limits.stream_idle_ms});
  return std::clamp<std::int64_t>(shortest / 4, 10, 1000);
}

Result<tcp::acceptor> open_acceptor(asio::io_context& io, const Address& address) {
  error_code error;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (error || found.empty()) return Error{ErrorCode::kIo, "cannot resolve listener host " + address.host};
  const tcp::endpoint endpoint = *found.begin();
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    const auto place = address.host + ":" + std::to_string(address.port);
    if (error == asio::error::address_in_use) return Error{ErrorCode::kInUse, "port in use: " + place};
    return Error{ErrorCode::kIo, "cannot listen on " + place + ": " + error.message()};
  }
  return acceptor;
}

}  // namespace

struct Listener::Acceptors {
  std::vector<tcp::acceptor> list;
};

Result<Address> parse_listener(const std::string& url) {
  const auto refuse = [&](const char* why) {
    return Error{ErrorCode::kQuery, "listener " + url + " " + why};
  };
  std::string_view rest = url;
  if (rest.starts_with("https://")) return refuse("asks for TLS, which this build does not offer");
  if (!rest.starts_with("http://")) return refuse("must begin with http://");
  rest.remove_prefix(7);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  if (colon == rest.npos) return refuse("has no port");
  Address address{std::string(rest.substr(0, colon))};
  const auto digits = rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
    return refuse("has a bad port");
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty()) address.host = "0.0.0.0";
  return address;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Listener::Listener(std::shared_ptr<Network> network)
    : network_(std::move(network)), acceptors_(std::make_unique<Acceptors>()) {}

Listener::~Listener() = default;

Result<std::shared_ptr<Listener>> Listener::open(const std::shared_ptr<Network>& network,
                                                 const std::vector<Address>& addresses) {
  std::shared_ptr<Listener> listener(new Listener(network));
  for (const auto& address : addresses) {
    THALWEG_TRY(auto acceptor, open_acceptor(network->loop.io(), address));
    listener->acceptors_->list.push_back(std::move(acceptor));
  }
  return listener;
}

std::uint16_t Listener::port() const {
  error_code ignored;
  return acceptors_->list.front().local_endpoint(ignored).port();
}

void Listener::start() {
  for (std::size_t i = 0; i < acceptors_->list.size(); ++i) accept(i);
  sweep();
}

void Listener::accept(std::size_t index) {
  if (stopped_) return;
  acceptors_->list[index].async_accept(
      [self = shared_from_this(), index](const error_code& error, tcp::socket socket) {
        if (self->stopped_) return;
        if (error) {  // out of descriptors, most likely: breathe
          self->network_->loop.after(100, [self, index] { self->accept(index); });
          return;
        }
        guarded("accept", [&] {
          error_code gone;
          const auto peer = socket.remote_endpoint(gone);
          if (gone) return;
          auto& network = *self->network_;
          auto address = peer.address().to_string();
          const auto known = network.per_address.find(address);
          const std::size_t from_there = known == network.per_address.end() ? 0 : known->second;
          if (network.open >= network.limits.connections_max ||
              from_there >= network.limits.connections_per_address_max) {
            const auto answer = network.handler.error_answer(503, "too many connections");
            const std::string text =
                "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
                "content-length: " +
                std::to_string(answer.body.size()) + "\r\nconnection: close\r\n\r\n" + answer.body;
            socket.non_blocking(true, gone);
            socket.write_some(asio::buffer(text), gone);
            socket.shutdown(tcp::socket::shutdown_send, gone);
            return;
          }
          watch_peer(socket);
          auto slot = std::make_unique<ConnectionSlot>(self->network_, std::move(address));
          auto connection = std::make_shared<Connection>(std::move(socket), std::move(slot));
          network.connections.emplace(connection.get(), connection);
          connection->start();
        });
        self->accept(index);
      });
}

void Listener::sweep() {
  if (stopped_) return;
  const auto now = system_clock().steady_ns();
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(network_->connections.size());
  for (const auto& [raw, connection] : network_->connections) all.push_back(connection);
  for (const auto& connection : all) {
    if (!guarded("sweep", [&] { connection->sweep(now); })) connection->close();
  }
  network_->loop.after(sweep_interval_ms(network_->limits), [self = shared_from_this()] { self->sweep(); });
}

void Listener::stop_accepting() {
  stopped_ = true;
  error_code ignored;
  for (auto& acceptor : acceptors_->list) acceptor.close(ignored);
}

bool Listener::close_idle() {
  const auto connections = network_->connections;
  for (const auto& [raw, connection] : connections) {
    if (connection->idle()) connection->close();
  }
  return !network_->connections.empty();
}

void Listener::close_all() {
  const auto connections = network_->connections;
  for (const auto& [raw, connection] : connections) connection->close();
}

}  // namespace thalweg::server
