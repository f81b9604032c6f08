// Text from foreign bytes. Where JSON refuses malformed UTF-8, KAFKA and DELIMITED read it with U+FFFD in
// place of what cannot be read, as the original does, so that everything behind them may rely on UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/columns/arena.h"

namespace thalweg::runtime {

// `bytes` themselves if they are UTF-8, else a repaired copy in the arena.
std::string_view readable_text(std::string_view bytes, Arena& arena);

void append_code_point(std::string& out, std::uint32_t code);

}  // namespace thalweg::runtime
