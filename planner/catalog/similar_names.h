// "Did you mean": names a few keystrokes away.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace thalweg::planner {

// Candidates within a distance of a third of the name's length (at least 1), case ignored; nearest first, at
// most 3.
std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& candidates);
// `did you mean "hits"?`, or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace thalweg::planner
