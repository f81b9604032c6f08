// Statement → Command, against a metastore: the checks of DDL execution and the planner's work. No effects.
#pragma once

#include <string>

#include "base/result.h"
#include "parser/ast/statement.h"
#include "runtime/engine/metastore.h"
#include "runtime/functions/library.h"
#include "runtime/log/log.h"

namespace thalweg::runtime {

struct PlannedStatement {
  std::optional<Command> command;  // absent: a no-op, `warning` says why
  std::string message;             // of the outcome: "Stream created"
  std::string warning;
  std::string query_id;
};

struct PlanningRequest {
  const Metastore& metastore;
  const Log& log;
  const FunctionLibrary& functions;
  const planner::PropertyMap& properties;  // server's and session's together
  const planner::PropertyMap& session;
  std::int64_t sequence = 0;  // the command will get this place in the log
};

Result<PlannedStatement> plan_statement(const ast::Statement& statement, const PlanningRequest& request);

// Value of a property under its plain, "ksql." or "ksql.streams." name; empty: not set.
std::string property(const planner::PropertyMap& properties, const std::string& name);
bool property_is(const planner::PropertyMap& properties, const std::string& name, bool fallback);
std::int64_t property_int(const planner::PropertyMap& properties, const std::string& name,
                          std::int64_t fallback);

}  // namespace thalweg::runtime
