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

bool same(const TypedPtr& a, const TypedPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a == b || equal(*a, *b);
}
bool same(const std::vector<TypedPtr>& a, const std::vector<TypedPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}
bool same(const std::vector<std::pair<TypedPtr, TypedPtr>>& a,
          const std::vector<std::pair<TypedPtr, TypedPtr>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return same(x.first, y.first) && same(x.second, y.second);
  });
}

bool same_node(const InputColumn& a, const InputColumn& b) { return a.index == b.index; }
bool same_node(const LambdaParameter& a, const LambdaParameter& b) { return a.slot == b.slot; }
bool same_node(const Constant& a, const Constant& b) { return equal(a.value, b.value); }
bool same_node(const TypedUnit& a, const TypedUnit& b) { return a.unit_ms == b.unit_ms; }
bool same_node(const TypedCall& a, const TypedCall& b) {
  return a.function == b.function && a.overload == b.overload && same(a.arguments, b.arguments);
}
bool same_node(const TypedLambda& a, const TypedLambda& b) {
  return a.slots == b.slots && a.slot_types == b.slot_types && same(a.body, b.body);
}
bool same_node(const TypedArithmetic& a, const TypedArithmetic& b) {
  return a.op == b.op && a.null_text == b.null_text && same(a.left, b.left) && same(a.right, b.right);
}
bool same_node(const TypedNegate& a, const TypedNegate& b) { return same(a.operand, b.operand); }
bool same_node(const TypedComparison& a, const TypedComparison& b) {
  return a.op == b.op && same(a.left, b.left) && same(a.right, b.right);
}
bool same_node(const TypedLogical& a, const TypedLogical& b) {
  return a.is_and == b.is_and && same(a.left, b.left) && same(a.right, b.right);
}
bool same_node(const TypedNot& a, const TypedNot& b) { return same(a.operand, b.operand); }
bool same_node(const TypedIsNull& a, const TypedIsNull& b) {
  return a.negated == b.negated && same(a.operand, b.operand);
}
bool same_node(const TypedBetween& a, const TypedBetween& b) {
  return same(a.operand, b.operand) && same(a.low, b.low) && same(a.high, b.high);
}
bool same_node(const TypedIn& a, const TypedIn& b) {
  return same(a.operand, b.operand) && same(a.items, b.items);
}
bool same_node(const TypedLike& a, const TypedLike& b) {
  return a.escape == b.escape && same(a.operand, b.operand) && same(a.pattern, b.pattern);
}
bool same_node(const TypedCase& a, const TypedCase& b) {
  return same(a.whens, b.whens) && same(a.otherwise, b.otherwise);
}
bool same_node(const TypedCast& a, const TypedCast& b) { return same(a.operand, b.operand); }
bool same_node(const TypedSubscript& a, const TypedSubscript& b) {
  return same(a.base, b.base) && same(a.index, b.index);
}
bool same_node(const TypedField& a, const TypedField& b) {
  return a.index == b.index && same(a.base, b.base);
}
bool same_node(const TypedArray& a, const TypedArray& b) { return same(a.items, b.items); }
bool same_node(const TypedMap& a, const TypedMap& b) { return same(a.entries, b.entries); }
bool same_node(const TypedStruct& a, const TypedStruct& b) { return same(a.fields, b.fields); }

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

bool equal(const TypedExpression& a, const TypedExpression& b) {
  if (a.node.index() != b.node.index() || !(a.type == b.type)) return false;
  return std::visit(
      [&](const auto& node) { return same_node(node, std::get<std::decay_t<decltype(node)>>(b.node)); },
      a.node);
}

}  // namespace thalweg::planner
