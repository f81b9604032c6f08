// What all connections of a server share: limits, the application, and who is connected.
// Thread: the I/O thread, except the counters.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "server/http/exchange.h"
#include "server/http/limits.h"
#include "server/http/loop.h"

namespace thalweg::server {

class Connection;

struct Network : std::enable_shared_from_this<Network> {
  Network(const Limits& limits_in, Handler& handler_in, Loop& loop_in)
      : limits(limits_in), handler(handler_in), loop(loop_in) {}

  const Limits limits;
  Handler& handler;
  Loop& loop;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;  // keeps them alive
  std::map<std::string, std::size_t> per_address;
  std::atomic<std::size_t> open{0};
};

// A place among the allowed connections, given back on destruction.
class ConnectionSlot {
 public:
  ConnectionSlot(std::shared_ptr<Network> network, std::string address)
      : network_(std::move(network)), address_(std::move(address)) {
    ++network_->per_address[address_];
    ++network_->open;
  }
  ~ConnectionSlot() {
    const auto place = network_->per_address.find(address_);
    if (--place->second == 0) network_->per_address.erase(place);
    --network_->open;
  }
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;
  const std::shared_ptr<Network>& network() const { return network_; }

 private:
  std::shared_ptr<Network> network_;
  std::string address_;
};

}  // namespace thalweg::server
