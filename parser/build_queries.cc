// SELECT and its clauses.
#include <set>

#include "parser/expression_printer.h"
#include "parser/tree_builder.h"

namespace thalweg::parser {
namespace {

// True if the expression is written as a primary with postfixes, so that `->*` applies to all of it.
bool is_postfix_shape(antlr4::tree::ParseTree* tree) {
  while (dynamic_cast<Grammar::PostfixExpressionContext*>(tree) == nullptr) {
    if (tree->children.size() != 1) return false;
    tree = tree->children[0];
  }
  return true;
}

}  // namespace

Result<ast::Query> TreeBuilder::query(Grammar::QueryContext* tree) {
  ast::Query query;
  query.at = at(tree);
  for (auto* item : tree->selectItem()) {
    THALWEG_TRY(auto built, select_item(item));
    query.items.push_back(std::move(built));
  }
  THALWEG_TRY(query.from, relation(tree->relation()));
  for (auto* joined : tree->join()) {
    THALWEG_TRY(auto built, join(joined));
    query.joins.push_back(std::move(built));
  }
  if (tree->window() != nullptr) { THALWEG_TRY(query.window, window(tree->window())); }
  auto conditions = tree->expression();
  if (tree->WHERE() != nullptr) {
    query.where_at = at(tree->WHERE()->getSymbol());
    THALWEG_TRY(query.where, expression(conditions.front()));
  }
  if (tree->groupBy() != nullptr) {
    query.group_by_at = at(tree->groupBy());
    THALWEG_TRY(query.group_by, grouping(tree->groupBy()->groupingList(), "GROUP BY", query));
  }
  if (tree->partitionBy() != nullptr) {
    query.partition_by_at = at(tree->partitionBy());
    THALWEG_TRY(query.partition_by, grouping(tree->partitionBy()->groupingList(), "PARTITION BY", query));
  }
  if (tree->HAVING() != nullptr) {
    query.having_at = at(tree->HAVING()->getSymbol());
    THALWEG_TRY(query.having, expression(conditions.back()));
  }
  if (tree->EMIT() != nullptr)
    query.emit = tree->FINAL() != nullptr ? ast::Emit::kFinal : ast::Emit::kChanges;
  if (tree->limit() != nullptr) { THALWEG_TRY(query.limit, limit(tree->limit(), "LIMIT")); }
  return query;
}

Result<ast::SelectItem> TreeBuilder::select_item(Grammar::SelectItemContext* tree) {
  const auto where = at(tree);
  if (tree->expression() == nullptr) {
    ast::StarItem star;
    if (tree->identifier() != nullptr) star.qualifier = name(tree->identifier());
    return ast::SelectItem{std::move(star), where};
  }
  THALWEG_TRY(auto built, expression(tree->expression()));
  if (tree->STRUCT_STAR() != nullptr) {
    if (!is_postfix_shape(tree->expression())) {
      const auto star = at(tree->STRUCT_STAR()->getSymbol());
      return error(
          "line " + std::to_string(star.line) + ":" + std::to_string(star.column) +
              ": '->*' must follow a column, a field or a call; use parentheses around an expression",
          star);
    }
    return ast::SelectItem{ast::StructStarItem{std::move(built)}, where};
  }
  ast::ExpressionItem item{std::move(built), std::nullopt, {}};
  if (tree->identifier() != nullptr) {
    item.alias = name(tree->identifier());
    item.alias_at = at(tree->identifier());
  }
  return ast::SelectItem{std::move(item), where};
}

Result<ast::SourceRef> TreeBuilder::relation(Grammar::RelationContext* tree) {
  ast::SourceRef source;
  source.at = at(tree);
  THALWEG_TRY(source.name, source_name(tree->identifier(0)));
  if (tree->identifier().size() > 1) source.alias = name(tree->identifier(1));
  return source;
}

Result<ast::Join> TreeBuilder::join(Grammar::JoinContext* tree) {
  ast::Join join;
  join.at = at(tree);
  join.type = tree->LEFT() != nullptr    ? ast::JoinType::kLeft
              : tree->RIGHT() != nullptr ? ast::JoinType::kRight
              : tree->FULL() != nullptr  ? ast::JoinType::kFull
                                         : ast::JoinType::kInner;
  join.outer_spelt = tree->OUTER() != nullptr;
  THALWEG_TRY(join.source, relation(tree->relation()));
  if (tree->within() != nullptr) { THALWEG_TRY(join.within, within(tree->within())); }
  THALWEG_TRY(join.on, expression(tree->expression()));
  return join;
}

Result<ast::Within> TreeBuilder::within(Grammar::WithinContext* tree) {
  ast::Within within;
  within.symmetric = tree->LPAREN() == nullptr;
  THALWEG_TRY(within.before, duration(tree->duration(0)));
  if (within.symmetric) {
    within.after = within.before;
  } else {
    THALWEG_TRY(within.after, duration(tree->duration(1)));
  }
  if (tree->GRACE() != nullptr) { THALWEG_TRY(within.grace, duration(tree->duration().back())); }
  return within;
}

Result<ast::Window> TreeBuilder::window(Grammar::WindowContext* tree) {
  ast::Window window;
  window.at = at(tree);
  window.type = tree->TUMBLING() != nullptr  ? ast::WindowType::kTumbling
                : tree->HOPPING() != nullptr ? ast::WindowType::kHopping
                                             : ast::WindowType::kSession;
  if (tree->identifier() != nullptr) window.name = name(tree->identifier());
  if (window.type == ast::WindowType::kSession) {
    THALWEG_TRY(window.size, duration(tree->duration()));
  } else {
    THALWEG_CHECK(window_size(tree->windowSize(0), window.size, window.rows));
  }
  if (window.type == ast::WindowType::kHopping) {
    THALWEG_CHECK(window_size(tree->windowSize(1), window.advance, window.advance_rows));
    if (window.size.has_value() != window.advance.has_value()) {
      return error("SIZE and ADVANCE BY of a hopping window must both be times or both be ROWS", window.at);
    }
  }
  if (tree->retention() != nullptr) {
    THALWEG_TRY(window.retention, duration(tree->retention()->duration()));
  }
  if (tree->grace() != nullptr) { THALWEG_TRY(window.grace, duration(tree->grace()->duration())); }
  return window;
}

Result<void> TreeBuilder::window_size(Grammar::WindowSizeContext* tree, std::optional<ast::Duration>& time,
                                      std::optional<std::int64_t>& rows) {
  if (tree->ROWS() != nullptr) {
    THALWEG_TRY(rows, integer(tree->start, false, at(tree)));
  } else {
    THALWEG_TRY(time, duration(tree->start, tree->timeUnit()));
  }
  return {};
}

Result<std::vector<ast::ExpressionPtr>> TreeBuilder::grouping(Grammar::GroupingListContext* tree,
                                                              std::string_view clause,
                                                              const ast::Query& query) {
  THALWEG_TRY(auto list, values(tree->valueExpression()));
  if (list.empty()) {
    return error(std::string(clause) + " requires at least one expression", at(tree), ErrorCode::kStatement);
  }
  // With one source `DATA` and `SOURCE.DATA` are the same column; between joined ones the analyser decides.
  const std::string qualifier =
      query.joins.empty() ? query.from.alias.value_or(query.from.name) : std::string();
  std::set<std::string> seen;
  for (const auto& expression : list) {
    std::string text;
    append_expression(text, *expression, qualifier);
    if (!seen.insert(text).second) {
      return Error(ErrorCode::kStatement, "Duplicate " + std::string(clause) + " expression: " + text,
                   expression->at);
    }
  }
  return list;
}

}  // namespace thalweg::parser
