// Which endpoint answers what. Order of checks: CORS, /chc, (authentication belongs here), server
// state, route. Host and Origin were checked when the head arrived.
// Thread: the I/O thread.
#pragma once

#include "server/api/context.h"
#include "server/http/exchange.h"

namespace thalweg::server {

class Router final : public Handler {
 public:
  explicit Router(ApiContext& context) : context_(context) {}

  void handle(Request request, ExchangePtr exchange) override;
  std::shared_ptr<BodySink> open_stream(const Request& request, const ExchangePtr& exchange) override;
  bool wants_websocket(const Request& request) const override;
  void websocket(Upgraded upgraded) override;
  Answer error_answer(int status, std::string_view message) const override;
  void answered(std::uint8_t route, int status) override;

 private:
  bool add_cors(const Request& request, Exchange& exchange) const;  // true: the origin is listed
  void preflight(const ExchangePtr& exchange, bool allowed) const;
  void get(const Request& request, const ExchangePtr& exchange);
  void post(Request request, ExchangePtr exchange);

  ApiContext& context_;
};

}  // namespace thalweg::server
