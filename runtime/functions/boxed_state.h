// Growing aggregate states held as Values, changed in place while nobody else looks at them.
#pragma once

#include <memory>

#include "runtime/functions/aggregate.h"

namespace thalweg::runtime {

// The list in `state`, for writing: copied first if it is shared. NULL counts as an empty list.
inline planner::ValueList& writable_list(planner::Value& state) {
  if (state.is_null()) state = planner::Value(planner::ListPtr(std::make_shared<planner::ValueList>()));
  auto& list = std::get<planner::ListPtr>(state);
  if (list.use_count() != 1) list = std::make_shared<planner::ValueList>(*list);
  return const_cast<planner::ValueList&>(*list);  // sole owner of a list that was made non-const
}

inline planner::MapEntries& writable_map(planner::Value& state) {
  if (state.is_null()) state = planner::Value(planner::MapPtr(std::make_shared<planner::MapEntries>()));
  auto& map = std::get<planner::MapPtr>(state);
  if (map.use_count() != 1) map = std::make_shared<planner::MapEntries>(*map);
  return const_cast<planner::MapEntries&>(*map);
}

inline planner::Value empty_list() {
  return planner::Value(planner::ListPtr(std::make_shared<planner::ValueList>()));
}
inline planner::Value empty_map() {
  return planner::Value(planner::MapPtr(std::make_shared<planner::MapEntries>()));
}

// Number of elements a collection may hold: `property`, none or negative means no limit.
std::size_t collection_limit(const FunctionEnvironment& environment, const std::string& property);

}  // namespace thalweg::runtime
