// Case values ↔ record bytes, by the formats of the source that owns a topic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "runtime/log/record_batch.h"
#include "tests/conformance/exact_json.h"

namespace thalweg::conformance {

struct Payload {
  std::optional<std::string> bytes;
};
// One side of an input record. `window`: its object in the case, null: none.
Result<Payload> encode(const Json* value, const planner::DataSource& source, bool key, const Json* window);
// One side of an output record as JSON.
Result<Json> decode(std::string_view bytes, bool null, const planner::DataSource& source, bool key);
std::string encode_headers(const Json* headers);

}  // namespace thalweg::conformance
