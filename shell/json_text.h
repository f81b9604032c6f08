// JSON handled as text, because a detour over doubles would change the digits of DECIMAL and DOUBLE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace thalweg::shell {

// The elements of the first array behind `"name":`, each as written. Empty: no such array.
std::vector<std::string_view> array_elements(std::string_view object, std::string_view name);
// A value as a cell: strings without quotes and escapes, everything else as written.
std::string cell_of(std::string_view json_value);
// Two blanks per level; numbers and strings untouched.
std::string pretty_json(std::string_view json);
std::string json_quote(std::string_view text);

// Column names of a row header's schema: "`A` STRING KEY, `B` STRUCT<`F` INTEGER>" → A, B.
std::vector<std::string> schema_names(std::string_view schema);

}  // namespace thalweg::shell
