// Runs the text of an SQL expression, without columns, through parser, planner and kernels.
#pragma once

#include <string>
#include <string_view>

namespace thalweg::runtime::testing {

// The value as CAST(… AS STRING) shows it, "NULL", or "error: …" if it does not parse, type or evaluate.
std::string evaluate_sql(std::string_view text);
// The messages of rows that failed, confined ones included, joined by "; ".
std::string errors_of_sql(std::string_view text);

}  // namespace thalweg::runtime::testing
