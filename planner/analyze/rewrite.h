// Walking and copying expression trees.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "parser/ast/expression.h"

namespace thalweg::planner {

// Direct sub-expressions in the order they are written; a missing CASE operand or ELSE is left out.
std::vector<ast::ExpressionPtr> children(const ast::Expression& expression);
// A copy of `expression` over new sub-expressions, given in the order of children().
ast::ExpressionPtr with_children(const ast::ExpressionPtr& expression,
                                 std::vector<ast::ExpressionPtr> children);

// Visits nodes from the root down. A visitor that answers false keeps the walk out of the node's children.
void visit(const ast::ExpressionPtr& expression,
           const std::function<bool(const ast::ExpressionPtr&)>& visitor);

// Replaces nodes from the root down: a non-null answer stands in place of the node and is not entered.
using Replace = std::function<Result<ast::ExpressionPtr>(const ast::ExpressionPtr&)>;
Result<ast::ExpressionPtr> rewrite(const ast::ExpressionPtr& expression, const Replace& replace);

template <typename Node>
const Node* node_as(const ast::ExpressionPtr& expression) {
  return expression == nullptr ? nullptr : std::get_if<Node>(&expression->node);
}

}  // namespace thalweg::planner
