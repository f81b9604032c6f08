// SQL text → AST. The only door into the ANTLR grammar; ANTLR types do not leave parser/*.cc.
// Thread-safe: no shared mutable state of our own.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "parser/ast/statement.h"

namespace thalweg::parser {

struct ParseOptions {
  bool substitute_variables = true;
  // Test-tool statements (ASSERT VALUES …, RUN SCRIPT) are syntax errors unless asked for.
  bool allow_test_statements = false;
  bool allow_client_statements = false;  // RUN SCRIPT 'file'
};

using Variables = std::map<std::string, std::string>;  // names are case-sensitive

// Parses a whole request. DEFINE and UNDEFINE take effect on the statements behind them, starting
// from `variables`. Fails as a whole, with ErrorCode::kParse and a position, and Error::statement
// holding the failing source line for syntax errors.
Result<std::vector<ast::Statement>> parse_statements(std::string_view text, const Variables& variables = {},
                                                     const ParseOptions& options = {});

// One statement; a final ';' may be missing.
Result<ast::Statement> parse_statement(std::string_view text);
Result<ast::ExpressionPtr> parse_expression(std::string_view text);
// A column list without parentheses: "ID INT KEY, NAME STRING".
Result<std::vector<ast::ColumnDefinition>> parse_columns(std::string_view text);
Result<ast::TypeName> parse_type(std::string_view text);

// Replaces ${name}; see the dialect's reference for what a value may be in which place.
Result<std::string> substitute(std::string_view text, const Variables& variables);

// True when `text` ends a statement: a ';' outside quotes and comments. For line editors.
bool ends_statement(std::string_view text);
// Cuts a request at ';' outside quotes and comments; used by the shell and the .test runner.
std::vector<std::string> split_statements(std::string_view text);

// Reserved words need quoting as identifiers.
bool is_reserved_word(std::string_view upper_case_word);

}  // namespace thalweg::parser
