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

// One pass over the children: looking each clause up by its kind would cost more than parsing them.
Result<ast::Query> TreeBuilder::query(Grammar::QueryContext* tree) {
  ast::Query query;
  query.at = at(tree);
  const antlr4::Token* keyword = tree->start;  // the last one met
  for (auto* part : tree->children) {
    if (auto* terminal = dynamic_cast<antlr4::tree::TerminalNode*>(part)) {
      keyword = terminal->getSymbol();
      if (keyword->getType() == Grammar::EMIT) query.emit_at = at(keyword);
      if (keyword->getType() == Grammar::CHANGES) query.emit = ast::Emit::kChanges;
      if (keyword->getType() == Grammar::FINAL) query.emit = ast::Emit::kFinal;
      continue;
    }
    THALWEG_CHECK(clause(child<antlr4::ParserRuleContext>(part), keyword, query));
  }
  return query;
}

Result<void> TreeBuilder::clause(antlr4::ParserRuleContext* tree, const antlr4::Token* keyword,
                                 ast::Query& query) {
  switch (tree->getRuleIndex()) {
    case Grammar::RuleSelectItem: {
      THALWEG_TRY(auto item, select_item(child<Grammar::SelectItemContext>(tree)));
      query.items.push_back(std::move(item));
      return {};
    }
    case Grammar::RuleRelation: {
      THALWEG_TRY(query.from, relation(child<Grammar::RelationContext>(tree)));
      return {};
    }
    case Grammar::RuleJoin: {
      THALWEG_TRY(auto joined, join(child<Grammar::JoinContext>(tree)));
      query.joins.push_back(std::move(joined));
      return {};
    }
    case Grammar::RuleWindow: {
      THALWEG_TRY(query.window, window(child<Grammar::WindowContext>(tree)));
      return {};
    }
    case Grammar::RuleExpression: {
      const bool is_where = keyword->getType() == Grammar::WHERE;
      (is_where ? query.where_at : query.having_at) = at(keyword);
      THALWEG_TRY((is_where ? query.where : query.having),
                  expression(child<Grammar::ExpressionContext>(tree)));
      return {};
    }
    case Grammar::RuleGroupBy: {
      query.group_by_at = at(tree);
      auto* list = child<Grammar::GroupByContext>(tree)->groupingList();
      THALWEG_TRY(query.group_by, grouping(list, "GROUP BY", query));
      return {};
    }
    case Grammar::RulePartitionBy: {
      query.partition_by_at = at(tree);
      auto* list = child<Grammar::PartitionByContext>(tree)->groupingList();
      THALWEG_TRY(query.partition_by, grouping(list, "PARTITION BY", query));
      return {};
    }
    default: {
      query.limit_at = at(tree);
      THALWEG_TRY(query.limit, limit(child<Grammar::LimitContext>(tree), "LIMIT"));
      return {};
    }
  }
}

Result<ast::SelectItem> TreeBuilder::select_item(Grammar::SelectItemContext* tree) {
  const auto where = at(tree);
  if (tree->start->getType() == Grammar::ASTERISK) return ast::SelectItem{ast::StarItem{}, where};
  auto* first = child<antlr4::ParserRuleContext>(tree->children[0]);
  if (first->getRuleIndex() == Grammar::RuleIdentifier) {
    return ast::SelectItem{ast::StarItem{name(first)}, where};
  }
  THALWEG_TRY(auto built, expression(child<Grammar::ExpressionContext>(first)));
  if (tree->children.size() == 1)
    return ast::SelectItem{ast::ExpressionItem{std::move(built), {}, {}}, where};
  if (tree->STRUCT_STAR() == nullptr) {
    auto* alias = tree->identifier();
    return ast::SelectItem{ast::ExpressionItem{std::move(built), name(alias), at(alias)}, where};
  }
  if (is_postfix_shape(first)) return ast::SelectItem{ast::StructStarItem{std::move(built)}, where};
  const auto star = at(tree->STRUCT_STAR()->getSymbol());
  return error("line " + std::to_string(star.line) + ":" + std::to_string(star.column) +
                   ": '->*' must follow a column, a field or a call; use parentheses around an expression",
               star);
}

Result<ast::SourceRef> TreeBuilder::relation(Grammar::RelationContext* tree) {
  ast::SourceRef source;
  source.at = at(tree);
  THALWEG_TRY(source.name, source_name(child<Grammar::IdentifierContext>(tree->children.front())));
  if (tree->children.size() > 1)
    source.alias = name(child<Grammar::IdentifierContext>(tree->children.back()));
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
