// SELECT and PRINT, from /query, /query-stream and /ws/query.
#pragma once

#include <cstdint>
#include <string>

#include "server/api/context.h"
#include "server/api/line_output.h"
#include "server/api/request_body.h"
#include "server/api/row_output.h"

namespace thalweg::server {

struct SelectJob {
  RowOutputPtr rows;
  LineOutputPtr lines;  // null: PRINT is not possible in the negotiated format
  RequestShape shape = RequestShape::kKsql;
  std::int64_t started_ns = 0;
};
// Parses `body`, waits for its command number, runs its one statement. Any thread; answers through the
// outputs on the I/O thread.
void start_select(ApiContext& context, std::string body, SelectJob job);

// The HTTP endpoints: negotiate the format, then the above.
void query_endpoint(ApiContext& context, Request request, ExchangePtr exchange, RequestShape shape);

// Why no pull query is run at all; nothing: they are.
std::optional<Error> pull_queries_disabled(const ApiContext& context);

// POST /close-query.
void close_query_endpoint(ApiContext& context, const Request& request, const ExchangePtr& exchange);

}  // namespace thalweg::server
