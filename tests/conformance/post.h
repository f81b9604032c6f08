// What must hold of sources and topics when a case's records have been processed.
#pragma once

#include <string>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "runtime/engine.h"
#include "tests/conformance/exact_json.h"

namespace thalweg::conformance {

// The source that reads and writes a topic; the one first by name if there are several.
const planner::DataSource* owner_of(const std::string& topic, const runtime::Engine& engine);

// `repartitions`: some plan moves rows through an internal topic.
Result<void> check_post(const Json& post, runtime::Engine& engine, bool repartitions);

}  // namespace thalweg::conformance
