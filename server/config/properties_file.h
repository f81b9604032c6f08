// Java-properties text: "name = value" lines, # and ! comments, trailing \ continues, \uXXXX and \t \n
// escapes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::server {

Result<std::map<std::string, std::string>> parse_properties(std::string_view text);
Result<std::map<std::string, std::string>> read_properties_file(const std::string& path);  // kQuery

}  // namespace thalweg::server
