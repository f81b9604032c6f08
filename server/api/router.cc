#include "server/api/router.h"

#include <array>

#include "server/api/error_body.h"
#include "server/api/inserts.h"
#include "server/api/select.h"
#include "server/api/small_endpoints.h"
#include "server/api/statements.h"
#include "server/http/connection.h"
#include "server/http/guards.h"
#include "server/http/media.h"
#include "server/ws/handshake.h"
#include "server/ws/query_endpoint.h"

namespace thalweg::server {
namespace {

constexpr std::array<std::string_view, 2> kJsonTypes = {"application/json", "application/vnd.ksql.v1+json"};
constexpr std::array<std::string_view, 2> kInsertTypes = {"application/vnd.ksqlapi.delimited.v1",
                                                          "application/json"};

Answer not_found() {
  Answer answer;
  answer.status = 404;
  answer.content_type = "text/plain";
  answer.body = "Not Found";
  return answer;
}

// What a server that is not (or no longer) ready says; nothing: it is.
std::optional<ApiError> unavailable(ServerState state) {
  const auto refuse = [](int code, std::string message) {
    return ApiError{code, std::move(message), false, {}, {}};
  };
  switch (state) {
    case ServerState::kReady: return std::nullopt;
    case ServerState::kStarting: return refuse(kNotReady, "KSQL is not yet ready to serve requests.");
    case ServerState::kStopping: return refuse(kShuttingDown, "The server is shutting down");
    case ServerState::kTerminated: return refuse(kShutDown, "The server is shut down");
  }
  return std::nullopt;
}

bool is_get(Method method) { return method == Method::kGet || method == Method::kHead; }

void set_route(Exchange& exchange, Route route) { exchange.route = static_cast<std::uint8_t>(route); }

}  // namespace

bool Router::add_cors(const Request& request, Exchange& exchange) const {
  if (!request.origin || context_.limits.allowed_origins.empty()) return false;
  exchange.add_field("vary", "origin");
  if (!origin_listed(*request.origin, context_.limits)) return false;
  exchange.add_field("access-control-allow-origin", *request.origin);
  exchange.add_field("access-control-allow-credentials", "true");
  return true;
}

void Router::preflight(const ExchangePtr& exchange, bool allowed) const {
  if (!allowed) return exchange->answer(not_found());
  Answer answer;
  answer.status = 204;
  answer.content_type = {};
  answer.fields = {
      {"access-control-allow-methods", context_.configuration.text("access.control.allow.methods")},
      {"access-control-allow-headers", context_.configuration.text("access.control.allow.headers")}};
  exchange->answer(std::move(answer));
}

void Router::handle(Request request, ExchangePtr exchange) {
  const bool cross_origin = add_cors(request, *exchange);
  if (request.method == Method::kOptions) return preflight(exchange, cross_origin);
  const auto state = context_.state.load();
  if (is_get(request.method) && request.path == "/chc/live") return exchange->answer({200, "{}", kJson, {}});
  if (is_get(request.method) && request.path == "/metrics") {
    set_route(*exchange, Route::kMetrics);
    return exchange->answer(metrics_page(context_));
  }
  const bool asks_health = is_get(request.method) && request.path == "/healthcheck";
  if (const auto error = unavailable(state); error && (!asks_health || state == ServerState::kTerminated))
    return exchange->answer(answer_of(*error));
  if (is_get(request.method)) return get(request, exchange);
  if (request.method == Method::kPost) return post(std::move(request), std::move(exchange));
  exchange->answer(not_found());
}

void Router::get(const Request& request, const ExchangePtr& exchange) {
  const auto& path = request.path;
  if (path == "/") {
    Answer answer;
    answer.status = 307;
    answer.fields = {{"location", "/info"}};
    return exchange->answer(std::move(answer));
  }
  if (path == "/ws/query") {
    auto refusal = refuse_handshake(request);
    return exchange->answer(refusal ? std::move(*refusal) : not_found());
  }
  if (request.accept && !choose_media_type(*request.accept, kJsonTypes)) {
    return exchange->answer(error_answer_of(406, "none of the accepted media types can be produced"));
  }
  set_route(*exchange, Route::kSmall);
  if (path == "/info") {
    set_route(*exchange, Route::kInfo);
    return exchange->answer(info(context_));
  }
  if (path == "/healthcheck") {
    set_route(*exchange, Route::kHealth);
    return exchange->answer(healthcheck(context_));
  }
  if (path == "/chc/ready") return exchange->answer({200, "{}", kJson, {}});
  if (path == "/v1/metadata") return exchange->answer(metadata(context_));
  if (path == "/v1/metadata/id") return exchange->answer(metadata_id(context_));
  const auto segments = path_segments(path);
  if (!segments.empty() && segments[0] == "status") {
    set_route(*exchange, Route::kStatus);
    if (segments.size() == 1) return exchange->answer(all_statuses(context_));
    if (segments.size() == 4) {
      return exchange->answer(one_status(context_, segments[1] + "/" + segments[2] + "/" + segments[3]));
    }
  }
  if (segments.size() == 2 && segments[0] == "is_valid_property") {
    return exchange->answer(is_valid_property(context_, segments[1]));
  }
  if (path == "/clusterStatus")
    return exchange->answer(
        error_answer_of(404, "Cluster status is available with ksql.heartbeat.enable only"));
  set_route(*exchange, Route::kOther);
  exchange->answer(not_found());
}

void Router::post(Request request, ExchangePtr exchange) {
  const auto& path = request.path;
  if (path == "/query-stream") {
    set_route(*exchange, Route::kQueryStream);
    return query_endpoint(context_, std::move(request), std::move(exchange), RequestShape::kSql);
  }
  if (path == "/query") {
    set_route(*exchange, Route::kQuery);
    return query_endpoint(context_, std::move(request), std::move(exchange), RequestShape::kKsql);
  }
  if (path == "/inserts-stream") {  // one that was not opened as a stream
    if (request.accept && !choose_media_type(*request.accept, kInsertTypes)) {
      return exchange->answer(error_answer_of(406, "none of the accepted media types can be produced"));
    }
    return exchange->answer(answer_of(request_failure("Invalid JSON in inserts stream")));
  }
  if (path != "/ksql" && path != "/close-query" && path != "/ksql/terminate")
    return exchange->answer(not_found());
  if (request.accept && !choose_media_type(*request.accept, kJsonTypes)) {
    return exchange->answer(error_answer_of(406, "none of the accepted media types can be produced"));
  }
  if (path == "/ksql") {
    set_route(*exchange, Route::kKsql);
    return ksql_endpoint(context_, std::move(request), std::move(exchange));
  }
  if (path == "/close-query") {
    set_route(*exchange, Route::kCloseQuery);
    return close_query_endpoint(context_, request, exchange);
  }
  set_route(*exchange, Route::kTerminate);
  terminate_endpoint(context_, std::move(request), std::move(exchange));
}

std::shared_ptr<BodySink> Router::open_stream(const Request& request, const ExchangePtr& exchange) {
  if (request.method != Method::kPost || request.path != "/inserts-stream") return nullptr;
  if (context_.state != ServerState::kReady) return nullptr;
  const auto chosen =
      request.accept ? choose_media_type(*request.accept, kInsertTypes) : std::optional<std::size_t>(0);
  if (!chosen) return nullptr;
  set_route(*exchange, Route::kInsertsStream);
  add_cors(request, *exchange);
  return std::make_shared<InsertStream>(context_, exchange, *chosen == 1);
}

bool Router::wants_websocket(const Request& request) const {
  return request.path == "/ws/query" && context_.state == ServerState::kReady && !refuse_handshake(request);
}

void Router::websocket(Upgraded upgraded) {
  answered(static_cast<std::uint8_t>(Route::kWebSocket), 101);
  serve_websocket_query(context_, std::move(upgraded));
}

Answer Router::error_answer(int status, std::string_view message) const {
  return error_answer_of(status, message);
}

void Router::answered(std::uint8_t route, int status) {
  context_.metrics.count_request(static_cast<Route>(route), status);
}

}  // namespace thalweg::server
