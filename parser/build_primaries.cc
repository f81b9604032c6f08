// What operators are applied to: literals, columns, calls, constructors, CASE and CAST; and types.
#include "parser/syntax_error.h"
#include "parser/tree_builder.h"
#include "parser/words.h"

namespace thalweg::parser {

using ast::ExpressionPtr;
using ast::make_expression;

TreeBuilder::Expr TreeBuilder::primary(Grammar::PrimaryContext* tree) {
  const auto where = at(tree);
  switch (tree->start->getType()) {
    case Grammar::INTEGER_VALUE:
    case Grammar::DECIMAL_VALUE:
    case Grammar::DOUBLE_VALUE: return number(tree->number(), false, where);
    case Grammar::STRING_VALUE:
      return make_expression(ast::StringLiteral{string_value(tree->STRING_VALUE())}, where);
    case Grammar::TRUE: return make_expression(ast::BooleanLiteral{true}, where);
    case Grammar::FALSE: return make_expression(ast::BooleanLiteral{false}, where);
    case Grammar::NULL_: return make_expression(ast::NullLiteral{}, where);
    case Grammar::DECIMAL: return decimal(string_value(tree->STRING_VALUE()), where);
    case Grammar::LPAREN: return expression(tree->expression(0));
    case Grammar::CASE: return case_expression(tree);
    case Grammar::CAST: {
      THALWEG_TRY(auto operand, expression(tree->expression(0)));
      THALWEG_TRY(auto target, type(tree->type()));
      return make_expression(ast::Cast{std::move(operand), std::move(target)}, where);
    }
    default: return word(tree);
  }
}

// What begins with a name: a column, a call or a constructor.
TreeBuilder::Expr TreeBuilder::word(Grammar::PrimaryContext* tree) {
  const auto where = at(tree);
  auto first = name(tree);
  if (tree->children.size() == 1)
    return make_expression(ast::ColumnRef{std::nullopt, std::move(first)}, where);
  if (auto* qualified = tree->identifier()) {
    return make_expression(ast::ColumnRef{std::move(first), name(qualified)}, where);
  }
  if (auto* arguments = tree->callArguments()) return call(upper(first), arguments, where);
  if (auto* entries = tree->mapEntries()) return map(entries, where);
  return structure(tree->structFields(), where);
}

TreeBuilder::Expr TreeBuilder::case_expression(Grammar::PrimaryContext* tree) {
  ast::Case result;
  if (tree->operand != nullptr) { THALWEG_TRY(result.operand, expression(tree->operand)); }
  for (auto* clause : tree->whenClause()) {
    THALWEG_TRY(auto when, expression(clause->expression(0)));
    THALWEG_TRY(auto then, expression(clause->expression(1)));
    result.whens.push_back({std::move(when), std::move(then)});
  }
  if (tree->otherwise != nullptr) { THALWEG_TRY(result.otherwise, expression(tree->otherwise)); }
  return make_expression(std::move(result), at(tree));
}

TreeBuilder::Expr TreeBuilder::array_word(Grammar::PostfixExpressionContext* tree) {
  const auto where = at(tree);
  auto* tail = tree->arrayTail();
  if (tail != nullptr && tail->arrayItems() != nullptr) return array(tail->arrayItems(), where);
  auto word = name(tree);
  if (tail == nullptr) return make_expression(ast::ColumnRef{std::nullopt, std::move(word)}, where);
  auto second = name(tail->identifier());
  if (tail->DOT() != nullptr)
    return make_expression(ast::ColumnRef{std::move(word), std::move(second)}, where);
  auto column = make_expression(ast::ColumnRef{std::nullopt, std::move(word)}, where);
  return make_expression(ast::Dereference{std::move(column), std::move(second)}, where);
}

TreeBuilder::Expr TreeBuilder::array(Grammar::ArrayItemsContext* tree, SourcePosition where) {
  THALWEG_TRY(auto items, expressions(tree->expression()));
  return make_expression(ast::ArrayConstructor{std::move(items)}, where);
}

TreeBuilder::Expr TreeBuilder::map(Grammar::MapEntriesContext* tree, SourcePosition where) {
  ast::MapConstructor result;
  for (auto* entry : tree->mapEntry()) {
    THALWEG_TRY(auto key, expression(entry->expression(0)));
    THALWEG_TRY(auto mapped, expression(entry->expression(1)));
    result.entries.emplace_back(std::move(key), std::move(mapped));
  }
  return make_expression(std::move(result), where);
}

TreeBuilder::Expr TreeBuilder::structure(Grammar::StructFieldsContext* tree, SourcePosition where) {
  ast::StructConstructor result;
  for (auto* field : tree->structField()) {
    THALWEG_TRY(auto content, expression(field->expression()));
    result.fields.emplace_back(name(field->identifier()), std::move(content));
  }
  return make_expression(std::move(result), where);
}

TreeBuilder::Expr TreeBuilder::call(std::string function, Grammar::CallArgumentsContext* tree,
                                    SourcePosition where) {
  ast::FunctionCall result{std::move(function), {}, tree->ASTERISK() != nullptr};
  for (auto* argument : tree->argument()) {
    if (auto* unit = argument->argumentUnit()) {
      result.arguments.push_back(make_expression(ast::TimeUnit{upper(unit->start->getText())}, at(unit)));
      continue;
    }
    THALWEG_TRY(auto parsed, expression(argument->expression()));
    result.arguments.push_back(std::move(parsed));
  }
  for (auto* trailing : tree->lambda()) {
    THALWEG_TRY(auto parsed, lambda(trailing));
    result.arguments.push_back(std::move(parsed));
  }
  return make_expression(std::move(result), where);
}

TreeBuilder::Expr TreeBuilder::lambda(Grammar::LambdaContext* tree) {
  ast::Lambda result;
  for (auto* parameter : tree->identifier()) result.parameters.push_back(name(parameter));
  THALWEG_TRY(result.body, expression(tree->expression()));
  return make_expression(std::move(result), at(tree));
}

Result<ast::TypeName> TreeBuilder::type(Grammar::TypeContext* tree) {
  constexpr std::size_t kSuffixesMax = 100;  // T ARRAY ARRAY …: each is one level
  if (tree->ARRAY().size() > kSuffixesMax) return too_large_error();
  THALWEG_TRY(auto result, element_type(tree->elementType()));
  for (std::size_t i = 0; i < tree->ARRAY().size(); ++i) {
    ast::TypeName array;
    array.name = "ARRAY";
    array.at = at(tree);
    array.arguments.push_back(std::move(result));
    result = std::move(array);
  }
  return result;
}

Result<ast::TypeName> TreeBuilder::element_type(Grammar::ElementTypeContext* tree) {
  ast::TypeName result;
  result.name = name(tree);
  result.at = at(tree);
  for (auto* parameter : tree->typeParameter())
    result.parameters.push_back(upper(parameter->start->getText()));
  for (auto* argument : tree->type()) {
    THALWEG_TRY(auto parsed, type(argument));
    result.arguments.push_back(std::move(parsed));
  }
  for (auto* field : tree->typeField()) {
    THALWEG_TRY(auto parsed, type(field->type()));
    result.arguments.push_back(std::move(parsed));
    result.field_names.push_back(name(field->identifier()));
  }
  return result;
}

}  // namespace thalweg::parser
