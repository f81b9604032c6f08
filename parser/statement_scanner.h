// Quotes and comments without a grammar: where statements end, and which text is opaque.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/source_span.h"

namespace thalweg::parser {

enum class OpaqueKind { kNone, kString, kIdentifier, kComment };

// Quoted text or a comment beginning at some offset; `end` is behind it. Without a closing mark it
// reaches to the end of the text (a line comment is always closed).
struct Opaque {
  OpaqueKind kind = OpaqueKind::kNone;
  std::size_t end = 0;
  bool closed = true;
};
Opaque opaque_at(std::string_view text, std::size_t at);

// One statement of a request with its ';', if it has one, and all that precedes it.
struct Piece {
  std::size_t offset = 0;
  std::string_view text;
  SourcePosition begin;     // of its first character
  bool terminated = false;  // ends with ';'
  bool blank = false;       // nothing but space and comments before the ';'
};
// Cuts at each ';' outside quotes and comments; pieces together are the text.
std::vector<Piece> cut(std::string_view text);

// The position behind `text`, if its first character stands at `begin`.
SourcePosition advance(SourcePosition begin, std::string_view text);

}  // namespace thalweg::parser
