#include "planner/logical/query.h"

#include <algorithm>

#include "parser/print.h"
#include "planner/analyze/rewrite.h"

namespace thalweg::planner {

bool LogicalQuery::table_result() const {
  if (aggregated()) return true;
  return std::all_of(sources.begin(), sources.end(),
                     [](const QuerySource& s) { return s.source->kind == ast::SourceKind::kTable; });
}

ast::ExpressionPtr behind_sources(const LogicalQuery& query, const ast::ExpressionPtr& expression) {
  auto renamed = rewrite(expression, [&](const ast::ExpressionPtr& e) -> Result<ast::ExpressionPtr> {
    const auto* ref = node_as<ast::ColumnRef>(e);
    if (!ref || !ref->qualifier) return ast::ExpressionPtr{};
    const auto name = query.joined() ? *ref->qualifier + "_" + ref->name : ref->name;
    return ast::make_expression(ast::ColumnRef{std::nullopt, name}, e->at);
  });
  return *renamed;
}

std::string display(const LogicalQuery& query, const ast::Expression& expression) {
  return parser::print(*behind_sources(query, std::make_shared<const ast::Expression>(expression)));
}

bool contains(const std::vector<ast::ExpressionPtr>& list, const ast::ExpressionPtr& expression) {
  return std::any_of(list.begin(), list.end(),
                     [&](const ast::ExpressionPtr& e) { return ast::equal(*e, *expression); });
}

std::vector<ast::ExpressionPtr> source_keys(const QuerySource& source) {
  std::vector<ast::ExpressionPtr> keys;
  const auto& schema = source.source->schema;
  for (std::size_t i = 0; i < schema.key_count; ++i) {
    keys.push_back(ast::make_expression(ast::ColumnRef{source.alias, schema.columns[i].name}));
  }
  return keys;
}

namespace {

bool is_table(const QuerySource& source) { return source.source->kind == ast::SourceKind::kTable; }

// Expressions that hold the left input's key of join `join`, when that key is a single column.
std::vector<ast::ExpressionPtr> left_keys(const LogicalQuery& query, std::size_t join) {
  if (join > 0) return key_expressions(query, join - 1);
  auto keys = source_keys(query.sources[0]);
  return keys.size() == 1 ? keys : std::vector<ast::ExpressionPtr>{};
}

}  // namespace

bool is_foreign_key_join(const LogicalQuery& query, std::size_t join) {
  for (std::size_t i = 0; i <= join + 1; ++i) {
    if (!is_table(query.sources[i])) return false;
  }
  return !contains(left_keys(query, join), query.joins[join].left);
}

std::vector<ast::ExpressionPtr> key_expressions(const LogicalQuery& query, std::size_t join) {
  const auto& criterion = query.joins[join];
  if (is_foreign_key_join(query, join)) return left_keys(query, join);
  if (criterion.join.type == ast::JoinType::kFull) return {};
  auto keys = left_keys(query, join);
  // A plain source's own key says nothing about a join on something else.
  if (!contains(keys, criterion.left) || join == 0) keys = {criterion.left};
  keys.push_back(criterion.right);
  return keys;
}

std::vector<ast::ExpressionPtr> key_columns(const LogicalQuery& query, std::size_t join) {
  std::vector<ast::ExpressionPtr> columns;
  const auto add = [&](const ast::ExpressionPtr& column) {
    if (node_as<ast::ColumnRef>(column) && !contains(columns, column)) columns.push_back(column);
  };
  for (const auto& key : key_expressions(query, join)) {
    add(key);
    for (std::size_t i = 0; i <= join; ++i) {
      const auto& criterion = query.joins[i];
      if (criterion.left_column && ast::equal(*criterion.left, *key)) add(criterion.left_column);
      if (criterion.right_column && ast::equal(*criterion.right, *key)) add(criterion.right_column);
    }
  }
  return columns;
}

}  // namespace thalweg::planner
