// One element of a /ksql answer as text: a table, a description, or its JSON when the shell has no form for
// it.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace thalweg::shell {

std::string entity_text(const nlohmann::ordered_json& entity);
// True for a command that the server accepted and then failed to execute.
bool is_failed_command(const nlohmann::ordered_json& entity);
// The type of a field in declared SQL: "VARCHAR(STRING)  (key)".
std::string field_type_text(const nlohmann::ordered_json& field, bool table);

}  // namespace thalweg::shell
