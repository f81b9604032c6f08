// Twins of the functions that only the suite's own build has (reference, functions §6), registered the
// way the dialect's own functions are.
#pragma once

#include "runtime/functions/library.h"

namespace thalweg::conformance {

void add_test_scalars(runtime::FunctionLibrary& library);
void add_test_aggregates(runtime::FunctionLibrary& library);
void add_test_table_functions(runtime::FunctionLibrary& library);

// All of them.
void add_test_functions(runtime::FunctionLibrary& library);

}  // namespace thalweg::conformance
