// Accepts connections on one or more addresses and keeps their deadlines.
// Thread: open() before the loop runs; the rest on the I/O thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/http/network.h"

namespace thalweg::server {

// "http://127.0.0.1:8088".
struct Address {
  std::string host;
  std::uint16_t port = 8088;
};
Result<Address> parse_listener(const std::string& url);
bool is_loopback(const std::string& host);

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // kInUse: another process has the port. Port 0 takes any free one.
  static Result<std::shared_ptr<Listener>> open(const std::shared_ptr<Network>& network,
                                                const std::vector<Address>& addresses);
  ~Listener();
  void start();
  void stop_accepting();
  bool close_idle();  // closes connections without work; true: some still have work
  void close_all();
  std::uint16_t port() const;  // of the first address

 private:
  struct Acceptors;
  explicit Listener(std::shared_ptr<Network> network);
  void accept(std::size_t index);
  void sweep();

  std::shared_ptr<Network> network_;
  std::unique_ptr<Acceptors> acceptors_;
  bool stopped_ = false;
};

}  // namespace thalweg::server
