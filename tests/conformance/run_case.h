// Runs one case through the real engine in a simulated world: memory storage, frozen clock, one task per
// query.
#pragma once

#include <memory>
#include <string>

#include "runtime/functions/library.h"
#include "tests/conformance/case_file.h"

namespace thalweg::conformance {

struct Verdict {
  bool passed = false;
  std::string reason;  // why not
};
Verdict run_case(const Case& conformance_case,
                 const std::shared_ptr<const runtime::FunctionLibrary>& functions);

}  // namespace thalweg::conformance
