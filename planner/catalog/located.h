// Gives errors the place in the text that they concern, where the one who found them did not know it.
#pragma once

#include <utility>

#include "base/result.h"

namespace thalweg::planner {

inline Error located(Error error, SourcePosition at) {
  const bool known = error.at && error.at->line > 0;
  if (!known && at.line > 0) error.at = at;
  return error;
}

template <typename T>
Result<T> located(Result<T> result, SourcePosition at) {
  if (result) return result;
  return located(std::move(result).error(), at);
}

}  // namespace thalweg::planner
