// What can be said against the statements of one /ksql request before the first of them runs.
// Thread: one statement thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/api/context.h"
#include "server/api/request_body.h"

namespace thalweg::server {

template <typename... Alternatives>
bool is_any(const ast::Statement& statement) {
  return (std::holds_alternative<Alternatives>(statement.node) || ...);
}

bool changes_something(const ast::Statement& statement);
std::string sql_of(const ast::Statement& statement);  // with its semicolon

ApiError refuse(const ast::Statement& statement, std::string message);
ApiError refuse(const ast::Statement& statement, int code, std::string message);
ApiError unknown_source(const ApiContext& context, const ast::DescribeSource& describe,
                        const ast::Statement& statement);
ApiError unknown_query(const std::string& id, const ast::Statement& statement);

// A push query by its id; unquoted in a statement it comes in upper case.
std::optional<runtime::QueryDescription> find_push(const ApiContext& context, const std::string& id);
// Of a push query: its client's stream ends, and nothing enters the command log.
const ast::Lifecycle* terminates_push(const ApiContext& context, const ast::Statement& statement);

class StatementChecks {
 public:
  StatementChecks(ApiContext& context, const StatementRequest& request)
      : context_(context), request_(request), session_(request.properties) {}
  // Each statement is judged by what its predecessors will have done.
  std::optional<ApiError> run(const std::vector<ast::Statement>& statements);

 private:
  std::optional<ApiError> check(const ast::Statement& statement);
  std::optional<ApiError> check_property(const ast::Statement& statement);
  std::optional<ApiError> check_insert(const ast::Statement& statement) const;
  std::optional<ApiError> check_reading(const ast::Statement& statement) const;
  std::optional<ApiError> check_limits() const;
  void remember(const ast::Statement& statement);

  ApiContext& context_;
  const StatementRequest& request_;
  planner::PropertyMap session_;
  std::map<std::string, bool> sources_;  // those the request creates (true) or drops
  std::vector<ast::Statement> changing_;
};

}  // namespace thalweg::server
