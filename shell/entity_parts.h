// What entity.cc and entity_describe.cc share: careful access to the server's JSON, which may be older or
// newer than the shell.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace thalweg::shell {

using Json = nlohmann::ordered_json;

inline std::string field_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

inline Json field_array(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : Json::array();
}

inline std::string joined_texts(const Json& array, const char* separator = ", ") {
  std::string out;
  for (const auto& item : array) {
    if (!out.empty()) out += separator;
    out += item.is_string() ? item.get<std::string>() : item.dump();
  }
  return out;
}

std::string describe_source(const Json& source);
std::string describe_query(const Json& query);
std::string describe_function(const Json& function);

}  // namespace thalweg::shell
