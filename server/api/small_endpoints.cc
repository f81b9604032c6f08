#include "server/api/small_endpoints.h"

#include <nlohmann/json.hpp>

#include "server/api/entities.h"

namespace thalweg::server {
namespace {

Answer json_answer(const Json& json) {
  Answer answer;
  answer.body = dump(json);
  return answer;
}

Json status_json(const CommandStatus& status) {
  Json json;
  json["status"] = status.status;
  json["message"] = status.message;
  json["queryId"] = status.query_id.empty() ? Json(nullptr) : Json(status.query_id);
  return json;
}

// An embedded log is its own cluster, named after the service.
std::string cluster_id(const ApiContext& context) {
  return "thalweg-" + context.configuration.text("ksql.service.id");
}

Json cluster_json(const ApiContext& context) {
  Json clusters;
  clusters["kafka-cluster"] = cluster_id(context);
  clusters["ksql-cluster"] = context.configuration.text("ksql.service.id");
  Json scope;
  scope["path"] = Json::array();
  scope["clusters"] = std::move(clusters);
  Json json;
  json["id"] = "";
  json["scope"] = std::move(scope);
  return json;
}

}  // namespace

Answer info(const ApiContext& context) {
  Json body;
  body["version"] = kDialectVersion;
  body["kafkaClusterId"] = cluster_id(context);
  body["ksqlServiceId"] = context.configuration.text("ksql.service.id");
  body["serverStatus"] = context.engine_ref().status().degraded ? "DEGRADED" : "RUNNING";
  body["thalwegVersion"] = kProductVersion;
  Json json;
  json["KsqlServerInfo"] = std::move(body);
  return json_answer(json);
}

Answer healthcheck(const ApiContext& context) {
  const bool ready = context.state == ServerState::kReady;
  const bool healthy = ready && !context.engine_ref().status().degraded;
  const auto state = [](bool fine) {
    Json json;
    json["isHealthy"] = fine;
    return json;
  };
  Json details;
  details["metastore"] = state(ready);
  details["kafka"] = state(true);
  details["commandRunner"] = state(healthy);
  Json json;
  json["isHealthy"] = healthy;
  json["details"] = std::move(details);
  json["serverState"] = ready                                     ? "READY"
                        : context.state == ServerState::kStarting ? "INITIALIZING"
                                                                  : "TERMINATING";
  return json_answer(json);
}

Answer all_statuses(const ApiContext& context) {
  auto statuses = Json::object();
  for (const auto& [id, status] : context.statuses.all(context.engine_ref())) statuses[id] = status.status;
  Json json;
  json["commandStatuses"] = std::move(statuses);
  return json_answer(json);
}

Answer one_status(const ApiContext& context, const std::string& command_id) {
  const auto status = context.statuses.find(command_id, context.engine_ref());
  if (!status) return error_answer_of(404, "Command not found");
  return json_answer(status_json(*status));
}

Answer is_valid_property(const ApiContext& context, const std::string& name) {
  const auto checked = context.configuration.check_override_name(name);
  if (!checked) return error_answer_of(400, describe(checked.error()));
  Answer answer;
  answer.body = "true";
  return answer;
}

Answer metadata(const ApiContext& context) {
  Json json;
  json["version"] = kDialectVersion;
  json["clusterId"] = cluster_json(context);
  return json_answer(json);
}

Answer metadata_id(const ApiContext& context) { return json_answer(cluster_json(context)); }

Answer metrics_page(const ApiContext& context) {
  Answer answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  answer.body =
      context.metrics.exposition(context.engine.load(), context.configuration.text("ksql.service.id"),
                                 context.open_connections ? context.open_connections() : 0);
  return answer;
}

}  // namespace thalweg::server
