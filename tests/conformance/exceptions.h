// Whether a failure is the one a case expects: its class, its text, and those of its direct cause.
#pragma once

#include "base/error.h"
#include "tests/conformance/exact_json.h"
#include "tests/conformance/run_case.h"

namespace thalweg::conformance {

// `expected`: {type, message, cause, causeMessage}; all given parts must hold.
Verdict check_exception(const Json& expected, const Error& error);

}  // namespace thalweg::conformance
