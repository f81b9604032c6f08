#include "parser/parser.h"

#include "parser/parse_session.h"
#include "parser/statement_scanner.h"
#include "parser/tree_builder.h"
#include "parser/variables.h"

namespace thalweg::parser {
namespace {

constexpr std::size_t kRequestBytesMax = 32U << 20;

// Frees the tree when a parse is over, since the session outlives it.
class Parsed {
 public:
  Parsed(ParseSession& session, Result<antlr4::ParserRuleContext*> tree)
      : session_(session), tree_(std::move(tree)) {}
  ~Parsed() { session_.clear(); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  Result<antlr4::ParserRuleContext*>& tree() { return tree_; }

 private:
  ParseSession& session_;
  Result<antlr4::ParserRuleContext*> tree_;
};

Result<ast::StatementNode> build(antlr4::ParserRuleContext* tree, SourcePosition origin) {
  TreeBuilder builder(origin);
  if (auto* single = dynamic_cast<Grammar::SingleStatementContext*>(tree)) {
    return builder.statement(single->statement());
  }
  if (auto* test = dynamic_cast<Grammar::SingleTestStatementContext*>(tree)) {
    return builder.test_statement(test->testStatement());
  }
  return builder.run_script(dynamic_cast<Grammar::SingleClientStatementContext&>(*tree).runScript());
}

Result<ast::Statement> parse_source(const Source& source, const ParseSession::Options& options) {
  auto& session = ParseSession::this_thread();
  Parsed parsed(session, session.parse(source, Entry::kStatement, options));
  THALWEG_TRY(auto* tree, std::move(parsed.tree()));
  THALWEG_TRY(auto node, build(tree, source.origin));
  const auto [begin, end] = session.extent();
  ast::Statement statement;
  statement.node = std::move(node);
  statement.text = source.text.substr(begin, end - begin);
  statement.span.begin = advance(source.origin, source.text.substr(0, begin));
  statement.span.offset = static_cast<std::uint32_t>(begin);
  return statement;
}

// Parses one piece of the request `text`; the span counts in the request as it was written.
Result<ast::Statement> parse_piece(std::string_view text, const Piece& piece, const Variables& variables,
                                   const ParseOptions& options) {
  ParseSession::Options session{options.allow_test_statements, options.allow_client_statements, nullptr};
  Substituted substituted;
  std::string_view statement_text = piece.text;
  if (options.substitute_variables && piece.text.find("${") != piece.text.npos) {
    THALWEG_TRY(substituted, substitute_variables(piece.text, variables, piece.begin));
    statement_text = substituted.text;
    session.never_keywords = &substituted.bare;
  }
  const Source source{statement_text, piece.begin, text, piece.offset, piece.offset + piece.text.size()};
  auto statement = parse_source(source, session);
  if (!statement) return statement;
  auto written = piece.text.substr(statement->span.offset);  // what precedes the first token has no variables
  if (piece.terminated) written.remove_suffix(1);
  const auto last = written.find_last_not_of(" \t\r\n\f");
  statement->span.length = static_cast<std::uint32_t>(last == written.npos ? 0 : last + 1);
  statement->span.offset += static_cast<std::uint32_t>(piece.offset);
  return statement;
}

// What is not blamed on a line is blamed on the statement.
Error named(Error error, const Piece& piece) {
  if (!error.statement.empty()) return error;
  const auto first = piece.text.find_first_not_of(" \t\r\n\f");
  if (first != piece.text.npos) error.statement = piece.text.substr(first);
  return error;
}

void apply_definition(const ast::Statement& statement, Variables& variables) {
  if (const auto* define = std::get_if<ast::DefineVariable>(&statement.node)) {
    variables[define->name] = define->value;
  } else if (const auto* undefine = std::get_if<ast::UndefineVariable>(&statement.node)) {
    variables.erase(undefine->name);
  }
}

}  // namespace

Result<std::vector<ast::Statement>> parse_statements(std::string_view text, const Variables& variables,
                                                     const ParseOptions& options) {
  if (text.size() > kRequestBytesMax) return too_large_error();
  Variables current = variables;
  std::vector<ast::Statement> statements;
  for (const auto& piece : cut(text)) {
    if (piece.blank && !piece.terminated) continue;
    auto statement = parse_piece(text, piece, current, options);
    if (!statement) return named(std::move(statement).error(), piece);
    apply_definition(*statement, current);
    statements.push_back(std::move(*statement));
  }
  return statements;
}

Result<ast::Statement> parse_statement(std::string_view text) {
  std::string ended(text);
  if (!ends_statement(text)) ended += text.find("--") == text.npos ? ";" : "\n;";
  THALWEG_TRY(auto statement, parse_source(Source{.text = ended}, {}));
  statement.span.length = static_cast<std::uint32_t>(statement.text.size());
  return statement;
}

Result<ast::ExpressionPtr> parse_expression(std::string_view text) {
  const Source source{.text = text};
  auto& session = ParseSession::this_thread();
  Parsed parsed(session, session.parse(source, Entry::kExpression, {}));
  THALWEG_TRY(auto* tree, std::move(parsed.tree()));
  return TreeBuilder(source.origin)
      .expression(dynamic_cast<Grammar::SingleExpressionContext&>(*tree).expression());
}

Result<std::vector<ast::ColumnDefinition>> parse_columns(std::string_view text) {
  const Source source{.text = text};
  auto& session = ParseSession::this_thread();
  Parsed parsed(session, session.parse(source, Entry::kColumnList, {}));
  THALWEG_TRY(auto* tree, std::move(parsed.tree()));
  TreeBuilder builder(source.origin);
  std::vector<ast::ColumnDefinition> columns;
  for (auto* definition : dynamic_cast<Grammar::SingleColumnListContext&>(*tree).columnDefinition()) {
    THALWEG_TRY(auto column, builder.column(definition));
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<ast::TypeName> parse_type(std::string_view text) {
  const Source source{.text = text};
  auto& session = ParseSession::this_thread();
  Parsed parsed(session, session.parse(source, Entry::kType, {}));
  THALWEG_TRY(auto* tree, std::move(parsed.tree()));
  return TreeBuilder(source.origin).type(dynamic_cast<Grammar::SingleTypeContext&>(*tree).type());
}

}  // namespace thalweg::parser
