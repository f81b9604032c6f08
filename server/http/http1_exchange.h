// The answer to one HTTP/1.x request: status line, fields, and a body that is framed by
// Content-Length, by chunks, or (HTTP/1.0, unknown length) by the end of the connection.
#pragma once

#include <functional>
#include <string>

#include "server/http/connection.h"
#include "server/http/exchange.h"

namespace thalweg::server {

class Http1Exchange final : public Exchange {
 public:
  Http1Exchange(Connection& connection, const Request& request)
      : connection_(&connection),
        http10_(request.minor_version == 0),
        head_only_(request.method == Method::kHead),
        keep_alive_(request.keep_alive) {}

  void add_field(std::string_view name, std::string_view value) override;
  void answer(Answer answer) override;
  void begin(int status, std::string_view content_type) override;
  void write(std::string_view chunk) override;
  void flush() override;
  void finish() override;
  bool congested() const override;
  void on_drained(std::function<void()> callback) override { drained_ = std::move(callback); }
  void on_gone(std::function<void()> callback) override;

  void close_afterwards() { keep_alive_ = false; }
  bool streaming() const { return streaming_; }
  bool watches_client() const { return gone_ != nullptr; }
  void detach() {  // the connection is done with this answer
    connection_ = nullptr;
    const auto gone = std::exchange(gone_, nullptr), drained = std::exchange(drained_, nullptr);
  }
  void lose_client();
  void drained();

 private:
  void append_head(int status, std::string_view content_type);
  void complete();

  Connection* connection_;
  bool http10_;
  bool head_only_;
  bool keep_alive_;
  bool streaming_ = false;
  std::string fields_;
  std::function<void()> drained_;
  std::function<void()> gone_;
};

std::string_view reason_phrase(int status);

}  // namespace thalweg::server
