// Endpoints that answer from what is already known: /info, /healthcheck, /status, /is_valid_property,
// /v1/metadata, /chc, /metrics. I/O thread; none of them blocks.
#pragma once

#include <string>

#include "server/api/context.h"
#include "server/http/exchange.h"

namespace thalweg::server {

// The dialect's version: clients refuse or warn on others. kProductVersion is our own.
inline constexpr std::string_view kDialectVersion = "0.29.0";
inline constexpr std::string_view kProductVersion = "0.1.0";

Answer info(const ApiContext& context);
Answer healthcheck(const ApiContext& context);
Answer all_statuses(const ApiContext& context);
Answer one_status(const ApiContext& context, const std::string& command_id);
Answer is_valid_property(const ApiContext& context, const std::string& name);
Answer metadata(const ApiContext& context);
Answer metadata_id(const ApiContext& context);
Answer metrics_page(const ApiContext& context);

}  // namespace thalweg::server
