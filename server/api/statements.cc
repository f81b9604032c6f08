#include "server/api/statements.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/api/row_stream.h"
#include "server/api/statement_runner.h"
#include "server/api/topic_patterns.h"

namespace thalweg::server {
namespace {

void run(ApiContext& context, StatementRequest request, const ExchangePtr& exchange) {
  auto response = StatementRunner(context, std::move(request)).run();
  if (response.error) ++context.metrics.statement_errors;
  context.loop.post([exchange, response = std::move(response)]() mutable {
    if (response.error) return exchange->answer(answer_of(*response.error));
    Answer answer;
    answer.body = std::move(response.body);
    exchange->answer(std::move(answer));
  });
}

// Ends every persistent query; returns the topics their sinks wrote.
std::vector<std::string> terminate_queries(ApiContext& context) {
  std::vector<std::string> topics;
  auto& engine = context.engine_ref();
  for (const auto& query : engine.queries()) {
    if (!query.sink_topic.empty()) topics.push_back(query.sink_topic);
    ast::Statement statement;
    statement.node = ast::Lifecycle{ast::LifecycleAction::kTerminate, query.plan->id, {}};
    statement.text = "TERMINATE " + query.plan->id;
    if (auto outcome = engine.execute(statement, {}); !outcome) {
      spdlog::warn("terminate {}: {}", query.plan->id, describe(outcome.error()));
    }
  }
  return topics;
}

Result<std::vector<std::string>> delete_list(const std::string& body) {
  std::vector<std::string> patterns;
  if (body.empty()) return patterns;
  const auto document = parse_json(body);
  if (!document || !document->is(JsonValue::Kind::kObject))
    return Error{ErrorCode::kQuery, "Invalid JSON in request body"};
  const auto* list = document->find("deleteTopicList");
  if (list == nullptr || list->is(JsonValue::Kind::kNull)) return patterns;
  const Error refused{ErrorCode::kQuery, "\"deleteTopicList\" must be an array of names or patterns"};
  if (!list->is(JsonValue::Kind::kArray)) return refused;
  for (const auto& item : list->items) {
    if (!item.is(JsonValue::Kind::kString)) return refused;
    patterns.push_back(item.text);
  }
  return patterns;
}

void terminate(ApiContext& context, const std::string& body, const ExchangePtr& exchange) {
  auto patterns = delete_list(body);
  auto matcher = patterns ? TopicPatterns::parse(*patterns) : Result<TopicPatterns>(patterns.error());
  if (!matcher) {
    return context.loop.post([exchange, message = matcher.error().message] {
      exchange->answer(answer_of(request_failure(message)));
    });
  }
  for (const auto& topic : terminate_queries(context)) {
    if (!matcher->match(topic)) continue;
    if (auto deleted = context.engine_ref().log().delete_topic(topic); !deleted) {
      spdlog::warn("delete topic {}: {}", topic, describe(deleted.error()));
    }
  }
  runtime::CommandOutcome outcome;
  outcome.command_id = "cluster/TerminateCluster/terminate";
  outcome.message = "Cluster terminated.";
  outcome.sequence = static_cast<std::int64_t>(context.engine_ref().status().commands);
  auto text = "[" + dump(current_status(outcome, "TERMINATE CLUSTER;")) + "]";
  context.loop.post([&context, exchange, text = std::move(text)]() mutable {
    std::vector<std::shared_ptr<RowStream>> streams;
    for (const auto& [id, stream] : context.pushes.all()) streams.push_back(stream.lock());
    for (const auto& stream : streams) {
      if (stream) stream->stop({});
    }
    context.state = ServerState::kTerminated;
    Answer answer;
    answer.body = std::move(text);
    exchange->answer(std::move(answer));
  });
}

}  // namespace

void ksql_endpoint(ApiContext& context, Request request, ExchangePtr exchange) {
  context.loop.run_statement([&context, body = std::move(request.body), exchange = std::move(exchange)] {
    auto parsed = parse_request(body, RequestShape::kKsql, context.configuration);
    if (!parsed) {
      return context.loop.post([exchange, error = request_failure(parsed.error().message, std::string())] {
        exchange->answer(answer_of(error));
      });
    }
    if (context.statuses.reached(parsed->sequence, context.engine_ref()))
      return run(context, std::move(*parsed), exchange);
    const auto sequence = parsed->sequence;
    wait_for_command(context, sequence, [&context, request = std::move(*parsed), exchange](bool reached) {
      if (!reached) return exchange->answer(answer_of(command_wait_failure(request.sequence)));
      context.loop.run_statement([&context, request, exchange] { run(context, request, exchange); });
    });
  });
}

void terminate_endpoint(ApiContext& context, Request request, ExchangePtr exchange) {
  context.loop.run_statement([&context, body = std::move(request.body), exchange = std::move(exchange)] {
    terminate(context, body, exchange);
  });
}

}  // namespace thalweg::server
