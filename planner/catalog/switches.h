// Properties that planning asks for: switches that turn parts of the dialect off, and how strict types are.
#pragma once

#include <string>

#include "base/result.h"
#include "planner/planner.h"

namespace thalweg::planner {

// Empty: not set.
std::string property_of(const PropertyMap& properties, const std::string& name);
// "false" in any case; unset switches are on.
bool switched_off(const PropertyMap& properties, const std::string& name);

// CREATE OR REPLACE under ksql.create.or.replace.enabled.
Result<void> check_replace_enabled(const PropertyMap& properties, SourcePosition at);
// EMIT FINAL under ksql.suppress.enabled.
Result<void> check_suppress_enabled(const PropertyMap& properties, SourcePosition at);
// HEADERS and HEADER('k') columns under ksql.headers.columns.enabled.
Result<void> check_headers_enabled(const PropertyMap& properties, ast::SourceKind kind, SourcePosition at);
// A lambda while ksql.lambdas.enabled is false.
Error lambdas_disabled(SourcePosition at);

// thalweg.type.strictness: "strict" wants the operands of a join and the branches of a CASE to be of one
// type, as the reference does; otherwise numbers widen to their common type.
bool strict_types(const PropertyMap& properties);

}  // namespace thalweg::planner
