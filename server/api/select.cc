#include "server/api/select.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "server/api/masking.h"
#include "server/api/print_topic.h"
#include "server/api/row_stream.h"
#include "server/http/media.h"

namespace thalweg::server {
namespace {

void refuse(ApiContext& context, const RowOutputPtr& rows, ApiError error) {
  context.loop.post([rows, error = std::move(error)] { rows->refuse(error); });
}

parser::ParseOptions parse_options(const ApiContext& context, const StatementRequest& request) {
  parser::ParseOptions options;
  const auto given = request.properties.find("ksql.variable.substitution.enable");
  options.substitute_variables = given != request.properties.end()
                                     ? equal_ignoring_case(given->second, "true")
                                     : context.configuration.flag("ksql.variable.substitution.enable");
  return options;
}

void deliver_pull(ApiContext& context, runtime::PullResult result, const SelectJob& job) {
  context.loop.post(
      [&context, rows = job.rows, started_ns = job.started_ns, result = std::move(result)]() mutable {
        std::make_shared<RowStream>(context, rows)->start(std::move(result));
        context.pull_limits.leave(rows->bytes());
        context.metrics.count_pull_latency(system_clock().steady_ns() - started_ns);
      });
}

void run_pull(ApiContext& context, const ast::Query& query, const StatementRequest& request,
              const SelectJob& job) {
  auto& pull = context.metrics.pull;
  ++pull.requests;
  if (const auto reason = pull_queries_disabled(context)) {
    ++pull.errors;
    return refuse(context, job.rows, statement_failure(*reason, request.sql));
  }
  if (auto error = context.pull_limits.enter()) {
    ++pull.errors;
    error->statement = mask_statement(request.sql);
    return refuse(context, job.rows, std::move(*error));
  }
  auto result = context.engine_ref().pull(query, request.properties);
  if (!result) {
    ++pull.errors;
    context.pull_limits.leave(0);
    return refuse(context, job.rows, statement_failure(result.error(), request.sql));
  }
  deliver_pull(context, std::move(*result), job);
}

void run_push(ApiContext& context, const ast::Query& query, const std::string& text,
              const StatementRequest& request, const SelectJob& job) {
  const auto max = context.configuration.number("ksql.max.push.queries");
  if (!context.pushes.reserve(max)) {
    return refuse(
        context, job.rows,
        statement_failure({ErrorCode::kStatement,
                           "Not executing statement(s) '" + mask_statement(request.sql) +
                               "' as it would cause the number of active, push queries to exceed the "
                               "configured limit. Use the TERMINATE command to terminate existing queries. "
                               "Current Active Query Count: " +
                               std::to_string(max) + ". Configured Limit: " + std::to_string(max) + "."},
                          request.sql));
  }
  auto started = context.engine_ref().push(query, text, request.properties);
  if (!started) {
    context.pushes.release();
    return refuse(context, job.rows, statement_failure(started.error(), request.sql));
  }
  context.loop.post(
      [&context, rows = job.rows, query_ptr = std::shared_ptr<runtime::PushQuery>(std::move(*started))] {
        std::make_shared<RowStream>(context, rows)->start(query_ptr);
      });
}

void run_print(ApiContext& context, const ast::Print& print, const StatementRequest& request,
               const SelectJob& job) {
  if (!job.lines) {
    return refuse(context, job.rows,
                  request_failure("PRINT is available in the delimited format only", request.sql));
  }
  auto stream = PrintStream::open(context, print, job.lines);
  if (!stream) return refuse(context, job.rows, statement_failure(stream.error(), request.sql));
  context.loop.post([stream = std::move(*stream)] { stream->start(); });
}

// A pull query whose shape was parsed before. Failures are left to the full parse, which knows positions.
bool run_cached(ApiContext& context, const QueryShape& shape, const StatementRequest& request,
                const SelectJob& job) {
  const auto query = context.parsed_pulls.find(shape);
  if (!query || pull_queries_disabled(context)) return false;
  if (context.pull_limits.enter()) return false;
  auto result = context.engine_ref().pull(*query, request.properties);
  if (!result) {
    context.pull_limits.leave(0);
    return false;
  }
  ++context.metrics.pull.requests;
  deliver_pull(context, std::move(*result), job);
  return true;
}

void run_statement(ApiContext& context, const StatementRequest& request, const SelectJob& job) {
  const auto shape = request.variables.empty() ? shape_of(request.sql) : std::nullopt;
  if (shape && run_cached(context, *shape, request, job)) return;
  const auto statements =
      parser::parse_statements(request.sql, request.variables, parse_options(context, request));
  if (!statements) return refuse(context, job.rows, statement_failure(statements.error(), request.sql));
  if (statements->size() != 1) {
    return refuse(
        context, job.rows,
        statement_failure({ErrorCode::kStatement, "Expected exactly one KSQL statement; found " +
                                                      std::to_string(statements->size()) + " instead"},
                          request.sql));
  }
  const auto& statement = statements->front();
  if (const auto* query = std::get_if<ast::Query>(&statement.node)) {
    if (shape) context.parsed_pulls.add(*shape, *query);
    if (query->emit == ast::Emit::kNone) return run_pull(context, *query, request, job);
    return run_push(context, *query, statement.text + ";", request, job);
  }
  if (const auto* print = std::get_if<ast::Print>(&statement.node))
    return run_print(context, *print, request, job);
  const auto word = statement.text.substr(0, statement.text.find_first_of(" \t\r\n"));
  auto error = statement_failure(
      {ErrorCode::kStatement, "Statement type `" + word + "` not supported for this resource"}, request.sql);
  if (job.shape == RequestShape::kKsql) error.code = kBadRequest;
  refuse(context, job.rows, std::move(error));
}

constexpr std::array<std::string_view, 3> kStreamTypes = {"application/vnd.ksqlapi.delimited.v1",
                                                          "application/json", "application/vnd.ksql.v1+json"};

// `*/*` and no Accept at all differ on /query.
std::optional<RowFormat> choose_format(const Request& request, RequestShape shape) {
  const bool query_stream = shape == RequestShape::kSql;
  if (!request.accept) return query_stream ? RowFormat::kDelimited : RowFormat::kStreamed;
  const auto chosen = choose_media_type(*request.accept, kStreamTypes);
  if (!chosen) return std::nullopt;
  if (*chosen == 0) return RowFormat::kDelimited;
  if (*chosen == 1 && query_stream) return RowFormat::kJsonArray;
  return RowFormat::kStreamed;
}

}  // namespace

std::optional<Error> pull_queries_disabled(const ApiContext& context) {
  if (context.configuration.flag("ksql.pull.queries.enable")) return std::nullopt;
  return Error{
      ErrorCode::kStatement,
      "Pull queries are disabled. See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you "
      "intended to issue a push query.\nPlease set ksql.pull.queries.enable=true to enable this "
      "feature."};
}

void start_select(ApiContext& context, std::string body, SelectJob job) {
  job.started_ns = system_clock().steady_ns();
  context.loop.run_query([&context, body = std::move(body), job = std::move(job)]() mutable {
    auto request = parse_request(body, job.shape, context.configuration);
    if (!request) return refuse(context, job.rows, request_failure(request.error().message, std::string()));
    if (context.statuses.reached(request->sequence, context.engine_ref()))
      return run_statement(context, *request, job);
    const auto sequence = request->sequence;
    wait_for_command(
        context, sequence, [&context, request = std::move(*request), job = std::move(job)](bool reached) {
          if (!reached) return job.rows->refuse(command_wait_failure(request.sequence));
          context.loop.run_query([&context, request, job] { run_statement(context, request, job); });
        });
  });
}

void query_endpoint(ApiContext& context, Request request, ExchangePtr exchange, RequestShape shape) {
  const auto format = choose_format(request, shape);
  if (!format) {
    return exchange->answer(error_answer_of(406, "none of the accepted media types can be produced"));
  }
  SelectJob job;
  job.shape = shape;
  job.rows = make_http_output(exchange, *format);
  if (shape == RequestShape::kKsql || *format == RowFormat::kDelimited) job.lines = make_http_lines(exchange);
  start_select(context, std::move(request.body), std::move(job));
}

void close_query_endpoint(ApiContext& context, const Request& request, const ExchangePtr& exchange) {
  const auto document = parse_json(request.body);
  const auto* id = document ? document->find("queryId") : nullptr;
  if (id == nullptr || !id->is(JsonValue::Kind::kString)) {
    const auto* const problem = document ? "No queryId in arguments" : "Invalid JSON in request body";
    return exchange->answer(answer_of(request_failure(problem)));
  }
  const auto stream = context.pushes.find(id->text);
  if (!stream) return exchange->answer(answer_of(request_failure("No query with id " + id->text)));
  stream->stop({});
  exchange->answer({});
}

}  // namespace thalweg::server
