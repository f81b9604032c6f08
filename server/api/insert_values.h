// One line of /inserts-stream → values of the target's columns.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "planner/types/value.h"
#include "server/api/json_value.h"

namespace thalweg::server {

// Strict: BYTES as base64, DECIMAL as string or number (half-up to its scale), DATE, TIME and TIMESTAMP
// as ISO text, integers into wider numbers. kBadRecord: "Can't coerce a field of type … into type …".
Result<planner::Value> value_of_json(const JsonValue& json, const planner::SqlType& type);

// Names are case-insensitive unless quoted; unknown fields are dropped, missing ones are left out.
// kBadRecord: a key column is absent or null ("Key field must be specified: K").
Result<std::map<std::string, planner::Value>> row_of_json(const JsonValue& object,
                                                          const planner::DataSource& target);

// "orders" → "ORDERS"; "`Orders`" and "\"Orders\"" → "Orders".
std::string fold_identifier(std::string_view name);

}  // namespace thalweg::server
