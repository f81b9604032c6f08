#include "planner/catalog/switches.h"

#include <algorithm>
#include <cctype>

namespace thalweg::planner {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Error disabled(const std::string& what, const std::string& switch_name, SourcePosition at) {
  return Error(ErrorCode::kStatement,
               what + " currently disabled. You can enable it by setting " + switch_name + " to true", at);
}

}  // namespace

std::string property_of(const PropertyMap& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

bool switched_off(const PropertyMap& properties, const std::string& name) {
  return lower(property_of(properties, name)) == "false";
}

Result<void> check_replace_enabled(const PropertyMap& properties, SourcePosition at) {
  constexpr auto kSwitch = "ksql.create.or.replace.enabled";
  if (!switched_off(properties, kSwitch)) return {};
  return disabled("CREATE OR REPLACE is", kSwitch, at);
}

Result<void> check_suppress_enabled(const PropertyMap& properties, SourcePosition at) {
  constexpr auto kSwitch = "ksql.suppress.enabled";
  if (!switched_off(properties, kSwitch)) return {};
  return disabled("Suppress is", kSwitch, at);
}

Result<void> check_headers_enabled(const PropertyMap& properties, ast::SourceKind kind, SourcePosition at) {
  if (!switched_off(properties, "ksql.headers.columns.enabled")) return {};
  return Error(ErrorCode::kStatement,
               std::string("Cannot create ") + (kind == ast::SourceKind::kStream ? "Stream" : "Table") +
                   " because schema with headers columns is disabled.",
               at);
}

Error lambdas_disabled(SourcePosition at) {
  return disabled("Lambda functions are", "ksql.lambdas.enabled", at);
}

bool strict_types(const PropertyMap& properties) {
  return lower(property_of(properties, "thalweg.type.strictness")) == "strict";
}

}  // namespace thalweg::planner
