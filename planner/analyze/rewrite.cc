#include "planner/analyze/rewrite.h"

#include <utility>

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;
using List = std::vector<ExpressionPtr>;

// Hands every sub-expression slot of a node to `slot`, in written order. Used for reading and for copying, so
// that both orders agree.
template <typename Slot>
struct Slots {
  Slot slot;

  void operator()(auto& /*leaf*/) {}
  void operator()(auto& node) requires requires { node.left; }
  {
    slot(node.left);
    slot(node.right);
  }
  void operator()(auto& node) requires(
      requires { node.operand; } && !requires { node.low; } && !requires { node.items; } &&
      !requires { node.pattern; } && !requires { node.whens; }) {
    slot(node.operand);
  }
  void operator()(auto& node) requires requires { node.base; }
  {
    slot(node.base);
    if constexpr (requires { node.index; }) slot(node.index);
  }
  void operator()(auto& node) requires requires { node.low; }
  {
    slot(node.operand);
    slot(node.low);
    slot(node.high);
  }
  void operator()(auto& node) requires requires { node.items; }
  {
    if constexpr (requires { node.operand; }) slot(node.operand);
    for (auto& item : node.items) slot(item);
  }
  void operator()(auto& node) requires requires { node.pattern; }
  {
    slot(node.operand);
    slot(node.pattern);
  }
  void operator()(auto& node) requires requires { node.whens; }
  {
    if (node.operand) slot(node.operand);
    for (auto& clause : node.whens) {
      slot(clause.when);
      slot(clause.then);
    }
    if (node.otherwise) slot(node.otherwise);
  }
  void operator()(auto& node) requires requires { node.arguments; }
  {
    for (auto& argument : node.arguments) slot(argument);
  }
  void operator()(auto& node) requires requires { node.body; }
  { slot(node.body); }
  void operator()(auto& node) requires requires { node.entries; }
  {
    for (auto& [key, value] : node.entries) {
      slot(key);
      slot(value);
    }
  }
  void operator()(auto& node) requires requires { node.fields; }
  {
    for (auto& [name, value] : node.fields) slot(value);
  }
};

template <typename Node, typename Slot>
void for_each_slot(Node& node, Slot slot) {
  Slots<Slot> slots{std::move(slot)};
  std::visit([&](auto& alternative) { slots(alternative); }, node);
}

}  // namespace

List children(const ast::Expression& expression) {
  List list;
  for_each_slot(expression.node, [&](const ExpressionPtr& child) { list.push_back(child); });
  return list;
}

ExpressionPtr with_children(const ExpressionPtr& expression, List replacements) {
  auto copy = *expression;
  std::size_t next = 0;
  for_each_slot(copy.node, [&](ExpressionPtr& child) { child = std::move(replacements[next++]); });
  return std::make_shared<const ast::Expression>(std::move(copy));
}

void visit(const ExpressionPtr& expression, const std::function<bool(const ExpressionPtr&)>& visitor) {
  if (expression == nullptr || !visitor(expression)) return;
  for (const auto& child : children(*expression)) visit(child, visitor);
}

Result<ExpressionPtr> rewrite(const ExpressionPtr& expression, const Replace& replace) {
  if (expression == nullptr) return ExpressionPtr{};
  THALWEG_TRY(auto replacement, replace(expression));
  if (replacement != nullptr) return replacement;
  auto parts = children(*expression);
  if (parts.empty()) return expression;
  bool changed = false;
  for (auto& part : parts) {
    THALWEG_TRY(auto copy, rewrite(part, replace));
    changed = changed || copy != part;
    part = std::move(copy);
  }
  return changed ? with_children(expression, std::move(parts)) : expression;
}

}  // namespace thalweg::planner
