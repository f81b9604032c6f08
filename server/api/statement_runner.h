// Runs the statements of one /ksql request in order, carrying SET and DEFINE from one to the next.
// Thread: one statement thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/api/context.h"
#include "server/api/entities.h"
#include "server/api/request_body.h"

namespace thalweg::server {

class StatementRunner {
 public:
  StatementRunner(ApiContext& context, StatementRequest request);

  // The response array, or why nothing (or not everything: see ApiError::entities) was done.
  struct Response {
    std::string body;
    std::optional<ApiError> error;
  };
  Response run();

 private:
  std::optional<ApiError> run_one(const ast::Statement& statement);  // appends to entities_
  std::optional<ApiError> change(const ast::Statement& statement, const std::string& text);
  std::optional<ApiError> list(const ast::List& statement, const std::string& text);
  std::optional<ApiError> explain(const ast::Explain& statement, const ast::Statement& whole,
                                  const std::string& text);
  Result<Json> explain_planned(const ast::Statement& statement) const;  // of a query that does not run
  std::optional<ApiError> assert_topic(const ast::AssertTopic& statement, const std::string& sql,
                                       const std::string& text);
  std::optional<ApiError> close_push(const ast::Lifecycle& lifecycle, const std::string& text);
  void add(std::string entity_json);

  ApiContext& context_;
  StatementRequest request_;
  std::string entities_;
};

}  // namespace thalweg::server
