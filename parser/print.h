// AST → canonical SQL text. parse(print(parse(text))) equals parse(text).
//
// Keywords and function names upper case; operators fully parenthesised: ((A + B) > 1), (NOT X);
// identifiers bare when they can be, else backquoted; booleans and null lower case; doubles in
// scientific form; COUNT(*); MAP('a':=1), STRUCT(F0:=1), ARRAY[1, 2].
#pragma once

#include <string>
#include <string_view>

#include "parser/ast/statement.h"

namespace thalweg::parser {

std::string print(const ast::Expression& expression);
std::string print(const ast::TypeName& type);
std::string print(const ast::Query& query);
std::string print(const ast::Statement& statement);

// `NAME` bare if it is upper case and no reserved word, else in backquotes.
std::string quote_if_needed(std::string_view identifier);
std::string quote_literal(std::string_view text);  // 'it''s'

}  // namespace thalweg::parser
