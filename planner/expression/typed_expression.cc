#include "planner/expression/typed_expression.h"

#include <algorithm>
#include <set>

namespace thalweg::planner {
namespace {

// Copies of a node whose children went through `change` (children in evaluation order; null children stay).
template <typename Change>
class ChildRewriter {
 public:
  explicit ChildRewriter(Change& change) : change_(change) {}

  TypedNode operator()(const InputColumn& node) { return node; }
  TypedNode operator()(const LambdaParameter& node) { return node; }
  TypedNode operator()(const Constant& node) { return node; }
  TypedNode operator()(const TypedUnit& node) { return node; }
  TypedNode operator()(TypedCall node) { return list(node.arguments), node; }
  TypedNode operator()(TypedLambda node) { return one(node.body), node; }
  TypedNode operator()(TypedArithmetic node) { return one(node.left), one(node.right), node; }
  TypedNode operator()(TypedNegate node) { return one(node.operand), node; }
  TypedNode operator()(TypedComparison node) { return one(node.left), one(node.right), node; }
  TypedNode operator()(TypedLogical node) { return one(node.left), one(node.right), node; }
  TypedNode operator()(TypedNot node) { return one(node.operand), node; }
  TypedNode operator()(TypedIsNull node) { return one(node.operand), node; }
  TypedNode operator()(TypedBetween node) { return one(node.operand), one(node.low), one(node.high), node; }
  TypedNode operator()(TypedIn node) { return one(node.operand), list(node.items), node; }
  TypedNode operator()(TypedLike node) { return one(node.operand), one(node.pattern), node; }
  TypedNode operator()(TypedCase node) { return pairs(node.whens), one(node.otherwise), node; }
  TypedNode operator()(TypedCast node) { return one(node.operand), node; }
  TypedNode operator()(TypedSubscript node) { return one(node.base), one(node.index), node; }
  TypedNode operator()(TypedField node) { return one(node.base), node; }
  TypedNode operator()(TypedArray node) { return list(node.items), node; }
  TypedNode operator()(TypedMap node) { return pairs(node.entries), node; }
  TypedNode operator()(TypedStruct node) { return list(node.fields), node; }

 private:
  void one(TypedPtr& child) {
    if (child != nullptr) child = change_(child);
  }
  void list(std::vector<TypedPtr>& children) {
    for (TypedPtr& child : children) one(child);
  }
  void pairs(std::vector<std::pair<TypedPtr, TypedPtr>>& children) {
    for (auto& [first, second] : children) one(first), one(second);
  }
  Change& change_;
};

template <typename Change>
TypedNode rewrite_children(const TypedNode& node, Change&& change) {
  return std::visit(ChildRewriter<std::remove_reference_t<Change>>(change), node);
}

void collect_columns(const TypedExpression& expression, std::set<std::int32_t>& indexes) {
  if (const auto* column = std::get_if<InputColumn>(&expression.node)) indexes.insert(column->index);
  rewrite_children(expression.node, [&](const TypedPtr& child) {
    collect_columns(*child, indexes);
    return child;
  });
}

}  // namespace

std::vector<std::int32_t> input_columns(const TypedExpression& expression) {
  std::set<std::int32_t> indexes;
  collect_columns(expression, indexes);
  return {indexes.begin(), indexes.end()};
}

TypedPtr remap_columns(const TypedPtr& expression, const std::vector<std::int32_t>& mapping) {
  if (expression == nullptr) return nullptr;
  if (const auto* column = std::get_if<InputColumn>(&expression->node)) {
    THALWEG_ASSERT(column->index >= 0 && static_cast<std::size_t>(column->index) < mapping.size());
    return make_typed(InputColumn{mapping[static_cast<std::size_t>(column->index)]}, expression->type,
                      expression->text);
  }
  TypedNode node = rewrite_children(expression->node,
                                    [&](const TypedPtr& child) { return remap_columns(child, mapping); });
  return std::make_shared<const TypedExpression>(
      TypedExpression{std::move(node), expression->type, expression->text});
}

}  // namespace thalweg::planner
