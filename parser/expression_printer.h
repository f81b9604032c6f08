// Printing of expressions that other printers build on.
#pragma once

#include <string>
#include <string_view>

#include "parser/ast/expression.h"

namespace thalweg::parser {

// Appends canonical text. Columns without a qualifier get `qualifier`, unless that is empty.
void append_expression(std::string& out, const ast::Expression& expression, std::string_view qualifier = {});
// The same, in parentheses where a following `->` or `[` would not apply to all of it.
void append_base(std::string& out, const ast::Expression& expression);
void append_type(std::string& out, const ast::TypeName& type);

// As quote_if_needed, but also quotes free keywords: for places where one would be taken as a keyword.
std::string quote_keywords(std::string_view identifier);

}  // namespace thalweg::parser
