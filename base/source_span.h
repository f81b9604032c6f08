// Positions in the text of a request. Lines and columns count from 1 over the whole request.
#pragma once

#include <cstdint>

namespace thalweg {

struct SourcePosition {
  std::int32_t line = 0;    // 0: unknown
  std::int32_t column = 0;  // in characters, counted from 1
  bool operator==(const SourcePosition&) const = default;
};

// Half open range of byte offsets into the request's text.
struct SourceSpan {
  SourcePosition begin;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

}  // namespace thalweg
