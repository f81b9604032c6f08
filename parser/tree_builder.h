// Parse tree → AST. Only files of parser/ include this; one .cc per part of the dialect:
// build_literals, build_expressions, build_types, build_queries, build_definitions, build_statements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "grammar/ThalwegParser.h"
#include "parser/ast/statement.h"

namespace thalweg::parser {

using Grammar = grammar::ThalwegParser;

// Downwards in the tree, where the shape of the rule says which kind the child is.
template <typename Tree>
Tree* child(antlr4::tree::ParseTree* tree) {
  return static_cast<Tree*>(tree);
}

// Short-lived; borrows the tree and its token stream. Errors are kParse unless said otherwise.
class TreeBuilder {
 public:
  explicit TreeBuilder(SourcePosition origin) : origin_(origin) {}

  Result<ast::StatementNode> statement(Grammar::StatementContext* tree);
  Result<ast::StatementNode> run_script(Grammar::RunScriptContext* tree);
  Result<ast::StatementNode> test_statement(Grammar::TestStatementContext* tree);
  Result<ast::ExpressionPtr> expression(Grammar::ExpressionContext* tree);
  Result<ast::ColumnDefinition> column(Grammar::ColumnDefinitionContext* tree);
  Result<ast::TypeName> type(Grammar::TypeContext* tree);

 private:
  using Expr = Result<ast::ExpressionPtr>;
  using Node = Result<ast::StatementNode>;
  class Depth;

  // build_literals.cc
  SourcePosition at(const antlr4::ParserRuleContext* tree) const;
  SourcePosition at(const antlr4::Token* token) const;
  std::string name(antlr4::ParserRuleContext* identifier) const;             // unquoted, folded
  std::string name_as_written(antlr4::ParserRuleContext* identifier) const;  // unquoted, not folded
  std::string resource_name(Grammar::ResourceNameContext* tree) const;
  Result<std::string> source_name(Grammar::IdentifierContext* tree) const;
  std::string string_value(antlr4::tree::TerminalNode* token) const;
  Expr number(Grammar::NumberContext* tree, bool negative, SourcePosition where) const;
  Expr decimal(std::string text, SourcePosition where) const;
  Expr property_value(Grammar::PropertyValueContext* tree) const;
  Result<std::int64_t> integer(antlr4::Token* token, bool negative, SourcePosition where) const;
  Result<std::int64_t> limit(Grammar::LimitContext* tree, std::string_view command) const;
  Result<ast::Duration> duration(Grammar::DurationContext* tree) const;
  Result<ast::Duration> duration(antlr4::Token* amount, Grammar::TimeUnitContext* unit) const;
  Error error(std::string text, SourcePosition where, ErrorCode code = ErrorCode::kParse) const;
  Error invalid_number(std::string_view text, SourcePosition where) const;
  Error number_error(std::string_view problem, std::string_view text, SourcePosition where) const;

  // build_expressions.cc
  template <typename Operand, typename Tree, typename Combine>
  Expr chain(Tree* tree, Expr (TreeBuilder::*operand)(Operand*), Combine combine);
  Result<std::vector<ast::ExpressionPtr>> expressions(const std::vector<Grammar::ExpressionContext*>& trees);
  Result<std::vector<ast::ExpressionPtr>> values(const std::vector<Grammar::ValueExpressionContext*>& trees);
  Expr conjunction(Grammar::ConjunctionContext* tree);
  Expr negation(Grammar::NegationContext* tree);
  Expr predicate(Grammar::PredicateContext* tree);
  Expr test(ast::ExpressionPtr operand, Grammar::PredicateTailContext* tree, SourcePosition where);
  Expr is_test(ast::ExpressionPtr operand, Grammar::PredicateTailContext* tree, SourcePosition where);
  Expr like(ast::ExpressionPtr operand, Grammar::PredicateTailContext* tree, SourcePosition where);
  Expr value(Grammar::ValueExpressionContext* tree);
  Expr sum(Grammar::SumContext* tree);
  Expr product(Grammar::ProductContext* tree);
  Expr signed_value(Grammar::SignedExpressionContext* tree);
  Expr zoned(Grammar::ZonedExpressionContext* tree);
  Expr postfix(Grammar::PostfixExpressionContext* tree);
  Expr steps(ast::ExpressionPtr base, const std::vector<Grammar::PostfixContext*>& steps,
             SourcePosition where);
  // build_primaries.cc
  Expr primary(Grammar::PrimaryContext* tree);
  Expr word(Grammar::PrimaryContext* tree);
  Expr case_expression(Grammar::PrimaryContext* tree);
  Expr array_word(Grammar::PostfixExpressionContext* tree);
  Expr array(Grammar::ArrayItemsContext* tree, SourcePosition where);
  Expr map(Grammar::MapEntriesContext* tree, SourcePosition where);
  Expr structure(Grammar::StructFieldsContext* tree, SourcePosition where);
  Expr call(std::string function, Grammar::CallArgumentsContext* tree, SourcePosition where);
  Expr lambda(Grammar::LambdaContext* tree);
  Result<ast::TypeName> element_type(Grammar::ElementTypeContext* tree);

  // build_queries.cc
  Result<ast::Query> query(Grammar::QueryContext* tree);
  Result<void> clause(antlr4::ParserRuleContext* tree, const antlr4::Token* keyword, ast::Query& query);
  Result<ast::SelectItem> select_item(Grammar::SelectItemContext* tree);
  Result<ast::SourceRef> relation(Grammar::RelationContext* tree);
  Result<ast::Join> join(Grammar::JoinContext* tree);
  Result<ast::Within> within(Grammar::WithinContext* tree);
  Result<ast::Window> window(Grammar::WindowContext* tree);
  Result<void> window_size(Grammar::WindowSizeContext* tree, std::optional<ast::Duration>& time,
                           std::optional<std::int64_t>& rows);
  Result<std::vector<ast::ExpressionPtr>> grouping(Grammar::GroupingListContext* tree,
                                                   std::string_view clause, const ast::Query& query);

  // build_definitions.cc
  Result<ast::Properties> properties(Grammar::WithClauseContext* tree, bool fold_names) const;
  Result<std::vector<ast::ColumnDefinition>> columns(Grammar::ColumnListContext* tree);
  Result<void> check_key_words(ast::SourceKind kind, const std::vector<ast::ColumnDefinition>& columns) const;
  std::vector<std::string> names(Grammar::ColumnNamesContext* tree) const;
  Node create_source(Grammar::CreateSourceContext* tree);
  Node insert(Grammar::InsertContext* tree);
  Node drop_source(Grammar::DropSourceContext* tree);
  Node alter_source(Grammar::AlterSourceContext* tree);
  Node drop_type(Grammar::DropTypeContext* tree) const;
  Node create_type(Grammar::CreateTypeContext* tree);

  // build_statements.cc
  Node lifecycle(Grammar::LifecycleContext* tree) const;
  Node listing(Grammar::ListingContext* tree) const;
  Node describe(Grammar::DescribeContext* tree) const;
  Node explain(Grammar::ExplainContext* tree);
  Node print_topic(Grammar::PrintTopicContext* tree) const;
  Node setting(Grammar::SettingContext* tree) const;
  Node variable(Grammar::VariableContext* tree) const;
  Node create_connector(Grammar::CreateConnectorContext* tree) const;
  Node drop_connector(Grammar::DropConnectorContext* tree) const;
  Node assert_topic(Grammar::AssertTopicContext* tree) const;
  Node assert_schema(Grammar::AssertSchemaContext* tree) const;

  SourcePosition origin_;
  std::size_t depth_ = 0;  // of the expression being built
};

}  // namespace thalweg::parser
