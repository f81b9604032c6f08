// A blocking TCP client that sends exactly the given bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thalweg::server {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept : handle_(other.handle_), buffered_(std::move(other.buffered_)) {
    other.handle_ = -1;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  void half_close();
  void close();
  // Until the server closes, or nothing comes for `patience_ms`.
  std::string read_all(int patience_ms = 3000);
  std::string read_until(std::string_view end, int patience_ms = 3000);  // includes `end`; "" on failure
  std::string read_exactly(std::size_t count, int patience_ms = 3000);
  bool closed_by_server(int patience_ms = 3000);

  struct Response {
    int status = 0;
    std::string head, body;  // body: chunks joined
    std::vector<std::string> chunks;
  };
  Response response(int patience_ms = 3000);       // one whole response
  std::string next_chunk(int patience_ms = 3000);  // of a chunked body, after read_until("\r\n\r\n")

 private:
  bool fill(int patience_ms);
  int handle_;
  std::string buffered_;
};

// A request with Host and, when there is a body, Content-Length.
std::string request_text(std::string_view method, std::string_view target, std::string_view body = {},
                         std::string_view fields = {});

}  // namespace thalweg::server
