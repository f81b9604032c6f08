#include "server/api/statement_runner.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "parser/parser.h"
#include "server/api/masking.h"
#include "server/api/row_stream.h"
#include "server/api/select.h"
#include "server/api/statement_checks.h"
#include "server/http/request.h"

namespace thalweg::server {
namespace {

constexpr std::int64_t kAssertTimeoutMaxMs = 60'000;

}  // namespace

StatementRunner::StatementRunner(ApiContext& context, StatementRequest request)
    : context_(context), request_(std::move(request)) {}

void StatementRunner::add(std::string entity_json) {
  if (!entities_.empty()) entities_ += ',';
  entities_ += entity_json;
}

StatementRunner::Response StatementRunner::run() {
  parser::ParseOptions options;
  const auto given = request_.properties.find("ksql.variable.substitution.enable");
  options.substitute_variables = given != request_.properties.end()
                                     ? equal_ignoring_case(given->second, "true")
                                     : context_.configuration.flag("ksql.variable.substitution.enable");
  auto statements = parser::parse_statements(request_.sql, request_.variables, options);
  if (!statements) {
    const auto& error = statements.error();
    return {{}, statement_failure(error, error.statement.empty() ? request_.sql : error.statement)};
  }
  context_.metrics.statements += statements->size();
  if (auto error = StatementChecks(context_, request_).run(*statements)) return {{}, std::move(error)};
  for (const auto& statement : *statements) {
    if (auto error = run_one(statement)) {
      error->entities = std::move(entities_);
      return {{}, std::move(error)};
    }
  }
  return {"[" + entities_ + "]", std::nullopt};
}

// ---- one statement ----------------------------------------------------------------------------------

std::optional<ApiError> StatementRunner::run_one(const ast::Statement& statement) {
  const auto sql = sql_of(statement);
  const auto text = mask_statement(sql);
  if (changes_something(statement)) return change(statement, text);
  if (const auto* list_statement = std::get_if<ast::List>(&statement.node)) {
    auto error = list(*list_statement, text);
    if (error) error->statement = text;
    return error;
  }
  if (const auto* describe = std::get_if<ast::DescribeSource>(&statement.node)) {
    const auto source = context_.engine_ref().catalog()->find(describe->name);
    if (!source) return unknown_source(context_, *describe, statement);
    add(dump(describe_source(context_, *source, describe->extended, text)));
    return std::nullopt;
  }
  if (const auto* all = std::get_if<ast::DescribeAll>(&statement.node)) {
    add(dump(describe_sources(context_, all->kind, all->extended, text)));
    return std::nullopt;
  }
  if (const auto* function = std::get_if<ast::DescribeFunction>(&statement.node)) {
    auto description = describe_function(context_, function->name, text);
    if (!description)
      return refuse(statement, "Can't find any functions with the name '" + function->name + "'");
    add(dump(*description));
    return std::nullopt;
  }
  if (const auto* explained = std::get_if<ast::Explain>(&statement.node))
    return explain(*explained, statement, text);
  if (const auto* topic = std::get_if<ast::AssertTopic>(&statement.node))
    return assert_topic(*topic, sql, text);
  if (const auto* set = std::get_if<ast::SetProperty>(&statement.node)) {
    request_.properties[context_.configuration.check_override(set->name, set->value).value_or(set->name)] =
        set->value;
    return std::nullopt;
  }
  if (const auto* unset = std::get_if<ast::UnsetProperty>(&statement.node)) {
    request_.properties.erase(context_.configuration.check_override_name(unset->name).value_or(unset->name));
    return std::nullopt;
  }
  if (const auto* define = std::get_if<ast::DefineVariable>(&statement.node)) {
    request_.variables[define->name] = define->value;
    return std::nullopt;
  }
  if (const auto* undefine = std::get_if<ast::UndefineVariable>(&statement.node)) {
    if (request_.variables.erase(undefine->name) == 0) {
      add(dump(
          warning_entity("Cannot undefine variable '" + undefine->name + "' which was never defined", text)));
    }
    return std::nullopt;
  }
  return refuse(statement, "Statement type not supported for this resource");
}

std::optional<ApiError> StatementRunner::change(const ast::Statement& statement, const std::string& text) {
  if (const auto* lifecycle = terminates_push(context_, statement)) return close_push(*lifecycle, text);
  auto outcome = context_.engine_ref().execute(statement, request_.properties);
  if (!outcome) return statement_failure(outcome.error(), sql_of(statement));
  context_.statuses.record(*outcome);
  if (outcome->warning) {
    add(dump(warning_entity(outcome->message, text)));
  } else if (!outcome->command_id.empty()) {
    add(dump(current_status(*outcome, text)));
  }
  return std::nullopt;
}

std::optional<ApiError> StatementRunner::close_push(const ast::Lifecycle& lifecycle,
                                                    const std::string& text) {
  const auto query = find_push(context_, *lifecycle.query_id);
  auto json = entity("terminate_query", text);
  json["queryId"] = query ? query->plan->id : *lifecycle.query_id;
  json["wasTerminated"] = query.has_value();
  if (query) {
    context_.loop.post([&context = context_, id = query->plan->id] {
      if (const auto stream = context.pushes.find(id)) return stream->stop({});
      context.engine_ref().close_push(id);  // its answer has not begun
    });
  }
  add(dump(with_warnings(std::move(json))));
  return std::nullopt;
}

std::optional<ApiError> StatementRunner::list(const ast::List& statement, const std::string& text) {
  using ast::Listing;
  switch (statement.what) {
    case Listing::kStreams:
    case Listing::kTables: {
      const auto kind =
          statement.what == Listing::kStreams ? ast::SourceKind::kStream : ast::SourceKind::kTable;
      add(dump(statement.extended ? describe_sources(context_, kind, true, text)
                                  : list_sources(context_, kind, text)));
      return std::nullopt;
    }
    case Listing::kTopics:
      add(dump(list_topics(context_, false, statement.extended, text)));
      return std::nullopt;
    case Listing::kAllTopics:
      add(dump(list_topics(context_, true, statement.extended, text)));
      return std::nullopt;
    case Listing::kQueries: add(dump(list_queries(context_, statement.extended, text))); return std::nullopt;
    case Listing::kProperties:
      add(dump(list_properties(context_, request_.properties, text)));
      return std::nullopt;
    case Listing::kFunctions: add(dump(list_functions(context_, text))); return std::nullopt;
    case Listing::kTypes: add(dump(list_types(context_, text))); return std::nullopt;
    case Listing::kVariables: add(dump(list_variables(request_.variables, text))); return std::nullopt;
    case Listing::kConnectors:
    case Listing::kSourceConnectors:
    case Listing::kSinkConnectors:
    case Listing::kConnectorPlugins: break;  // refused before
  }
  return std::nullopt;
}

Result<Json> StatementRunner::explain_planned(const ast::Statement& statement) const {
  const auto* query = std::get_if<ast::Query>(&statement.node);
  if (query != nullptr && query->emit == ast::Emit::kNone) {
    if (const auto reason = pull_queries_disabled(context_)) return *reason;
    THALWEG_TRY(const auto explanation, context_.engine_ref().explain_pull(*query, request_.properties));
    return pull_query_description(context_, explanation, sql_of(statement));
  }
  THALWEG_TRY(auto plan, context_.engine_ref().explain(statement, request_.properties));
  runtime::QueryDescription planned;
  planned.plan = std::make_shared<const planner::QueryPlan>(std::move(plan));
  return query_description(context_, planned, true);
}

std::optional<ApiError> StatementRunner::explain(const ast::Explain& statement, const ast::Statement& whole,
                                                 const std::string& text) {
  auto json = entity("queryDescription", text);
  if (statement.query_id) {
    auto query = context_.engine_ref().query(*statement.query_id);
    if (!query) query = find_push(context_, *statement.query_id);
    if (!query) return unknown_query(*statement.query_id, whole);
    json["queryDescription"] = query_description(context_, *query, false);
  } else {
    if (!is_any<ast::Query, ast::CreateAsSelect, ast::InsertInto>(*statement.statement)) {
      return refuse(whole, "The provided statement does not run a ksql query");
    }
    auto description = explain_planned(*statement.statement);
    if (!description) return statement_failure(description.error(), sql_of(whole));
    json["queryDescription"] = std::move(*description);
  }
  add(dump(with_warnings(std::move(json))));
  return std::nullopt;
}

// ---- ASSERT TOPIC -----------------------------------------------------------------------------------

namespace {

// Empty: as asserted.
std::string topic_problem(const ast::AssertTopic& statement,
                          const std::optional<runtime::TopicConfig>& topic) {
  if (!statement.exists) return topic ? "Topic " + statement.topic + " exists" : std::string();
  if (!topic) return "Topic " + statement.topic + " does not exist";
  for (const auto& property : statement.properties) {
    const auto expected = planner::literal_text(*property.value);
    const bool partitions = property.name == "PARTITIONS";
    if (!partitions && property.name != "REPLICAS") {
      return "Cannot assert unknown topic property: " + property.name;
    }
    const auto actual = std::to_string(partitions ? topic->partitions : topic->replicas);
    if (actual != expected) {
      return "Mismatched configuration for topic " + statement.topic + ": For config " +
             (partitions ? "partitions" : "replicas") + ", expected " + expected + " got " + actual;
    }
  }
  return {};
}

}  // namespace

std::optional<ApiError> StatementRunner::assert_topic(const ast::AssertTopic& statement,
                                                      const std::string& sql, const std::string& text) {
  const auto timeout_ms =
      std::min(statement.timeout ? statement.timeout->ms
                                 : context_.configuration.number("ksql.assert.topic.default.timeout.ms"),
               kAssertTimeoutMaxMs);
  const auto deadline_ns = system_clock().steady_ns() + timeout_ms * 1'000'000;
  auto problem = topic_problem(statement, context_.engine_ref().log().topic(statement.topic));
  while (!problem.empty() && system_clock().steady_ns() < deadline_ns &&
         context_.state == ServerState::kReady) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    problem = topic_problem(statement, context_.engine_ref().log().topic(statement.topic));
  }
  if (!problem.empty()) {
    auto error = statement_failure({ErrorCode::kStatement, problem}, sql);
    error.code = kAssertionFailed;
    return error;
  }
  auto json = entity("assert_topic", text);
  json["topicName"] = statement.topic;
  json["exists"] = statement.exists;
  add(dump(with_warnings(std::move(json))));
  return std::nullopt;
}

}  // namespace thalweg::server
