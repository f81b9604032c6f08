// The dialect's words: reserved, free, and those a statement begins with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace thalweg::parser {

// Keywords that are identifiers wherever they are not expected as keywords.
bool is_free_keyword(std::string_view upper_case_word);

// The word a statement may begin with that is at most two edits away.
std::optional<std::string_view> nearest_starter(std::string_view upper_case_word);

std::string upper(std::string_view text);  // ASCII letters only

// Letter or `_`, then letters, digits, `_`, `@`.
bool is_plain_identifier(std::string_view text);

}  // namespace thalweg::parser
