// GET /ws/query: one SELECT or PRINT per WebSocket.
//
//   ← [{"name":"A","schema":{…}}]      then per row {"row":{"columns":["x",1]}}, PRINT: "line"
//   ← {"error":"done"} and close 1000; on failure {"error":"text"} and close 1003, 1011 or 1013
#pragma once

#include "server/api/context.h"
#include "server/http/connection.h"

namespace thalweg::server {

void serve_websocket_query(ApiContext& context, Upgraded upgraded);

}  // namespace thalweg::server
