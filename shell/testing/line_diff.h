// Two lists of lines side by side: "  same", "- expected", "+ actual".
#pragma once

#include <string>
#include <vector>

namespace thalweg::shell {

std::vector<std::string> line_diff(const std::vector<std::string>& expected,
                                   const std::vector<std::string>& actual);

}  // namespace thalweg::shell
