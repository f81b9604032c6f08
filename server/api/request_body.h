// The JSON request of /ksql, /query, /query-stream and /ws/query.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "parser/parser.h"
#include "planner/planner.h"
#include "server/api/json_value.h"
#include "server/config/configuration.h"

namespace thalweg::server {

struct StatementRequest {
  std::string sql;
  planner::PropertyMap properties;  // canonical names, checked
  parser::Variables variables;
  std::int64_t sequence = -1;  // commandSequenceNumber; -1: do not wait
};

enum class RequestShape { kKsql, kSql };  // {"ksql", "streamsProperties"} or {"sql", "properties"}

// Every failure is the request's (40000).
Result<StatementRequest> parse_request(std::string_view body, RequestShape shape,
                                       const Configuration& configuration);
// A flat object of strings, numbers and booleans as text; nulls are left out.
Result<std::map<std::string, std::string>> parse_text_map(const JsonValue* object, std::string_view field);

}  // namespace thalweg::server
