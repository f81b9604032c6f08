#include "server/api/statement_checks.h"

#include <algorithm>

#include "planner/catalog/similar_names.h"
#include "server/api/masking.h"
#include "server/http/request.h"

namespace thalweg::server {
namespace {

constexpr std::string_view kToQueryEndpoint =
    "The following statement types should be issued to the websocket endpoint '/query':\n\t* PRINT\n\t* "
    "SELECT";
constexpr std::string_view kNoConnectors =
    "Connectors are not available: this server is not attached to a Kafka Connect cluster";

bool starts_query(const ast::Statement& statement) {
  return is_any<ast::CreateAsSelect, ast::InsertInto>(statement);
}

bool lists_connectors(const ast::Statement& statement) {
  const auto* list = std::get_if<ast::List>(&statement.node);
  if (list == nullptr) return false;
  using ast::Listing;
  return list->what == Listing::kConnectors || list->what == Listing::kSourceConnectors ||
         list->what == Listing::kSinkConnectors || list->what == Listing::kConnectorPlugins;
}

// A property that may not be set, or not to this value.
ApiError refused_property(const ast::Statement& statement, const Error& why) {
  auto error = statement_failure(why, sql_of(statement));
  error.code = kBadRequest;
  return error;
}

}  // namespace

bool changes_something(const ast::Statement& statement) {
  return is_any<ast::CreateSource, ast::CreateAsSelect, ast::InsertInto, ast::InsertValues, ast::DropSource,
                ast::AlterSource, ast::CreateType, ast::DropType, ast::Lifecycle>(statement);
}

std::string sql_of(const ast::Statement& statement) { return statement.text + ";"; }

ApiError refuse(const ast::Statement& statement, std::string message) {
  return statement_failure({ErrorCode::kStatement, std::move(message)}, sql_of(statement));
}

ApiError refuse(const ast::Statement& statement, int code, std::string message) {
  auto error = refuse(statement, std::move(message));
  error.code = code;
  return error;
}

ApiError unknown_source(const ApiContext& context, const ast::DescribeSource& describe,
                        const ast::Statement& statement) {
  Error error(ErrorCode::kStatement, "Could not find STREAM/TABLE '" + describe.name + "' in the Metastore",
              describe.at);
  error.hint =
      planner::did_you_mean(describe.name, context.engine_ref().catalog()->similar_names(describe.name));
  return statement_failure(error, sql_of(statement));
}

ApiError unknown_query(const std::string& id, const ast::Statement& statement) {
  return refuse(statement,
                "Query with id:" + id + " does not exist, use SHOW QUERIES to view the full set of queries.");
}

std::optional<runtime::QueryDescription> find_push(const ApiContext& context, const std::string& id) {
  for (auto& query : context.engine_ref().push_queries()) {
    if (equal_ignoring_case(query.plan->id, id)) return std::move(query);
  }
  return std::nullopt;
}

const ast::Lifecycle* terminates_push(const ApiContext& context, const ast::Statement& statement) {
  const auto* lifecycle = std::get_if<ast::Lifecycle>(&statement.node);
  const bool one =
      lifecycle != nullptr && lifecycle->query_id && lifecycle->action == ast::LifecycleAction::kTerminate;
  return one && find_push(context, *lifecycle->query_id) ? lifecycle : nullptr;
}

std::optional<ApiError> StatementChecks::run(const std::vector<ast::Statement>& statements) {
  if (statements.empty()) return request_failure("\"ksql\" field must be populated", request_.sql);
  for (const auto& statement : statements) {
    if (auto error = check(statement)) return error;
    remember(statement);
  }
  if (auto error = check_limits()) return error;
  if (std::none_of(changing_.begin(), changing_.end(), changes_something)) return std::nullopt;
  if (auto valid = context_.engine_ref().validate(changing_, request_.properties); !valid) {
    const auto& error = valid.error();
    const auto fallback = changing_.size() == 1 ? sql_of(changing_.front()) : request_.sql;
    return statement_failure(error, error.statement.empty() ? fallback : error.statement);
  }
  return std::nullopt;
}

std::optional<ApiError> StatementChecks::check(const ast::Statement& statement) {
  if (is_any<ast::Query, ast::Print>(statement)) {
    return refuse(statement, kQueryEndpoint, std::string(kToQueryEndpoint));
  }
  if (is_any<ast::AlterSystem>(statement)) {
    return refuse(statement,
                  "ALTER SYSTEM is not available; change the configuration file and restart the server");
  }
  if (is_any<ast::CreateConnector, ast::DropConnector, ast::DescribeConnector>(statement) ||
      lists_connectors(statement)) {
    return refuse(statement, std::string(kNoConnectors));
  }
  if (is_any<ast::AssertSchema>(statement)) {
    return refuse(statement, kRegistryNeeded,
                  "Schema Registry is not configured: ksql.schema.registry.url is empty");
  }
  if (is_any<ast::RunScript, ast::AssertValues, ast::AssertNullValues, ast::AssertSource>(statement)) {
    return refuse(statement, "Statement type not supported for this resource");
  }
  if (is_any<ast::SetProperty, ast::UnsetProperty>(statement)) return check_property(statement);
  if (is_any<ast::InsertValues>(statement)) return check_insert(statement);
  return check_reading(statement);
}

// What passes goes to the engine's check under its canonical name, between its neighbours.
std::optional<ApiError> StatementChecks::check_property(const ast::Statement& statement) {
  auto named = statement;
  if (auto* set = std::get_if<ast::SetProperty>(&named.node)) {
    auto canonical = context_.configuration.check_override(set->name, set->value);
    if (!canonical) return refused_property(statement, canonical.error());
    set->name = std::move(*canonical);
    session_[set->name] = set->value;
  } else if (auto* unset = std::get_if<ast::UnsetProperty>(&named.node)) {
    auto canonical = context_.configuration.check_override_name(unset->name);
    if (!canonical) return refused_property(statement, canonical.error());
    unset->name = std::move(*canonical);
    session_.erase(unset->name);
  }
  changing_.push_back(std::move(named));
  return std::nullopt;
}

std::optional<ApiError> StatementChecks::check_insert(const ast::Statement& statement) const {
  const auto own = session_.find("ksql.insert.into.values.enabled");
  const bool enabled = own != session_.end() ? equal_ignoring_case(own->second, "true")
                                             : context_.configuration.flag("ksql.insert.into.values.enabled");
  if (enabled) return std::nullopt;
  return refuse(statement, kBadRequest,
                "The server has disabled INSERT INTO ... VALUES functionality. To enable "
                "it, restart your ksqlDB server with 'ksql.insert.into.values.enabled'=true");
}

std::optional<ApiError> StatementChecks::check_reading(const ast::Statement& statement) const {
  const auto& engine = context_.engine_ref();
  if (const auto* describe = std::get_if<ast::DescribeSource>(&statement.node)) {
    const auto own = sources_.find(describe->name);
    const bool known =
        own != sources_.end() ? own->second : engine.catalog()->find(describe->name) != nullptr;
    if (!known) return unknown_source(context_, *describe, statement);
  } else if (const auto* function = std::get_if<ast::DescribeFunction>(&statement.node)) {
    if (engine.functions().catalog().find(function->name) == nullptr)
      return refuse(statement, "Can't find any functions with the name '" + function->name + "'");
  } else if (const auto* explain = std::get_if<ast::Explain>(&statement.node); explain && explain->query_id) {
    const bool may_start = std::any_of(changing_.begin(), changing_.end(), starts_query);
    if (!may_start && !engine.query(*explain->query_id) && !find_push(context_, *explain->query_id))
      return unknown_query(*explain->query_id, statement);
  }
  return std::nullopt;
}

void StatementChecks::remember(const ast::Statement& statement) {
  if (const auto* create = std::get_if<ast::CreateSource>(&statement.node)) sources_[create->name] = true;
  if (const auto* create = std::get_if<ast::CreateAsSelect>(&statement.node)) sources_[create->name] = true;
  if (const auto* drop = std::get_if<ast::DropSource>(&statement.node)) sources_[drop->name] = false;
  if (changes_something(statement) && terminates_push(context_, statement) == nullptr)
    changing_.push_back(statement);
}

std::optional<ApiError> StatementChecks::check_limits() const {
  const auto starting = std::count_if(changing_.begin(), changing_.end(), starts_query);
  const auto limit = context_.configuration.number("ksql.query.persistent.active.limit");
  if (starting > 0) {
    const auto running = static_cast<std::int64_t>(context_.engine_ref().queries().size());
    if (running + starting > limit) {
      return request_failure(
          "Not executing statement(s) '" + mask_statement(request_.sql) +
              "' as it would cause the number of active, persistent queries to exceed the configured "
              "limit. Use the TERMINATE command to terminate existing queries. If you are running in "
              "standalone mode, you can also reconfigure the limit via the "
              "'ksql.query.persistent.active.limit' configuration. Current Active Query Count: " +
              std::to_string(running) + ". Configured Limit: " + std::to_string(limit) + ".",
          request_.sql);
    }
  }
  const bool logged = std::any_of(changing_.begin(), changing_.end(), [](const auto& statement) {
    return changes_something(statement) && !is_any<ast::InsertValues>(statement);
  });
  if (logged && !context_.statement_rate.take()) {
    auto error = request_failure("DDL/DML rate is crossing the configured rate limit of statements/second",
                                 request_.sql);
    error.code = kTooManyRequests;
    return error;
  }
  return std::nullopt;
}

}  // namespace thalweg::server
