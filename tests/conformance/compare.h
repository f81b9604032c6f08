// Whether a record is what a case expects.
#pragma once

#include <string>

#include "tests/conformance/exact_json.h"

namespace thalweg::conformance {

// `expected` null matches null or absent; numbers, strings and containers as the suite defines it.
// `tolerant`: decimals are doubles and match within 0.000001.
bool matches(const Json* expected, const Json* actual, bool tolerant);

}  // namespace thalweg::conformance
