// POST /ksql: everything but SELECT and PRINT.
#pragma once

#include "server/api/context.h"
#include "server/http/exchange.h"

namespace thalweg::server {

void ksql_endpoint(ApiContext& context, Request request, ExchangePtr exchange);

// POST /ksql/terminate: stops all queries, deletes the listed topics of their sinks, then the server
// answers 503 to everything.
void terminate_endpoint(ApiContext& context, Request request, ExchangePtr exchange);

}  // namespace thalweg::server
