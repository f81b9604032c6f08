// Comparisons, BETWEEN, IN, IS NULL: two-valued, a NULL operand compares false.
#include <unordered_set>

#include "runtime/expressions/comparer.h"

namespace thalweg::runtime {
namespace {

using ast::ComparisonOp;
using planner::SqlKind;
using planner::TypedExpression;

class ComparisonNode final : public Node {
 public:
  ComparisonNode(const TypedExpression& expression, ComparisonOp op, NodePtr left, NodePtr right,
                 Comparer comparer)
      : Node(expression.type, expression.text),
        op_(op),
        left_(std::move(left)),
        right_(std::move(right)),
        comparer_(std::move(comparer)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column left = left_->evaluate(context, rows, capacity);
    const Column right = right_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity, false);
    comparer_.compare(op_, context.arena, left, right, rows, capacity, out.elements<std::uint8_t>());
    return out;
  }

 private:
  ComparisonOp op_;
  NodePtr left_;
  NodePtr right_;
  Comparer comparer_;
};

// Both bounds are evaluated for every row; neither can be NULL by the planner's rules unless it fails.
class BetweenNode final : public Node {
 public:
  BetweenNode(const TypedExpression& expression, std::vector<NodePtr> operands,
              std::vector<Comparer> comparers)
      : Node(expression.type, expression.text),
        operands_(std::move(operands)),
        comparers_(std::move(comparers)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column value = operands_[0]->evaluate(context, rows, capacity);
    const Column low = operands_[1]->evaluate(context, rows, capacity);
    const Column high = operands_[2]->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity, false);
    auto* above = out.elements<std::uint8_t>();
    auto* below = context.arena.array<std::uint8_t>(capacity);
    comparers_[0].compare(ComparisonOp::kGreaterOrEqual, context.arena, value, low, rows, capacity, above);
    comparers_[1].compare(ComparisonOp::kLessOrEqual, context.arena, value, high, rows, capacity, below);
    for_each_row(rows, [&](std::size_t row) { above[row] &= below[row]; });
    return out;
  }

 private:
  std::vector<NodePtr> operands_;  // value, low, high
  std::vector<Comparer> comparers_;
};

class InNode final : public Node {
 public:
  InNode(const TypedExpression& expression, NodePtr operand, std::vector<std::pair<NodePtr, Comparer>> items)
      : Node(expression.type, expression.text), operand_(std::move(operand)), items_(std::move(items)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column value = operand_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity, false);
    auto* found = out.elements<std::uint8_t>();
    auto* equal = context.arena.array<std::uint8_t>(capacity);
    for_each_row(rows, [&](std::size_t row) { found[row] = 0; });
    for (auto& [item, comparer] : items_) {
      const Column candidate = item->evaluate(context, rows, capacity);
      comparer.compare(ComparisonOp::kEqual, context.arena, value, candidate, rows, capacity, equal);
      for_each_row(rows, [&](std::size_t row) { found[row] |= equal[row]; });
    }
    return out;
  }

 private:
  NodePtr operand_;
  std::vector<std::pair<NodePtr, Comparer>> items_;
};

// IN over many constant texts: one lookup per row.
class TextSetNode final : public Node {
 public:
  TextSetNode(const TypedExpression& expression, NodePtr operand, std::vector<std::string> items)
      : Node(expression.type, expression.text), operand_(std::move(operand)), items_(std::move(items)) {
    set_.insert(items_.begin(), items_.end());
  }

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column value = operand_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity, false);
    for_each_row(rows, [&](std::size_t row) {
      out.set<std::uint8_t>(row,
                            !value.is_null(row) && set_.contains(value.get<std::string_view>(row)) ? 1 : 0);
    });
    return out;
  }

 private:
  NodePtr operand_;
  std::vector<std::string> items_;
  std::unordered_set<std::string_view> set_;
};

class IsNullNode final : public Node {
 public:
  IsNullNode(const TypedExpression& expression, NodePtr operand, bool negated)
      : Node(expression.type, expression.text), operand_(std::move(operand)), negated_(negated) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column in = operand_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity, false);
    for_each_row(rows,
                 [&](std::size_t row) { out.set<std::uint8_t>(row, in.is_null(row) != negated_ ? 1 : 0); });
    return out;
  }

 private:
  NodePtr operand_;
  bool negated_;
};

bool is_null_literal(const TypedExpression& expression) {
  const auto* constant = std::get_if<planner::Constant>(&expression.node);
  return constant != nullptr && constant->value.is_null();
}

// The items as texts if all are constant strings and numerous enough for a hash set to pay.
std::optional<std::vector<std::string>> constant_texts(const planner::TypedIn& in) {
  constexpr std::size_t kSetPaysFrom = 8;
  if (!in.operand->type.is(SqlKind::kString) || in.items.size() < kSetPaysFrom) return std::nullopt;
  std::vector<std::string> texts;
  for (const planner::TypedPtr& item : in.items) {
    const auto* constant = std::get_if<planner::Constant>(&item->node);
    if (constant == nullptr) return std::nullopt;
    if (constant->value.is_null()) continue;
    if (!item->type.is(SqlKind::kString)) return std::nullopt;
    texts.push_back(constant->value.as_string());
  }
  return texts;
}

}  // namespace

Result<NodePtr> make_node(const planner::TypedComparison& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr left, compile_node(*node.left, scope));
  THALWEG_TRY(NodePtr right, compile_node(*node.right, scope));
  const bool untyped = is_null_literal(*node.left) || is_null_literal(*node.right);
  const planner::SqlType& type = is_null_literal(*node.left) ? node.right->type : node.left->type;
  THALWEG_TRY(Comparer comparer,
              untyped ? Comparer::make(type, type) : Comparer::make(node.left->type, node.right->type));
  return NodePtr(std::make_unique<ComparisonNode>(expression, node.op, std::move(left), std::move(right),
                                                  std::move(comparer)));
}

Result<NodePtr> make_node(const planner::TypedBetween& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  std::vector<NodePtr> operands;
  for (const planner::TypedPtr& operand : {node.operand, node.low, node.high}) {
    THALWEG_TRY(NodePtr compiled, compile_node(*operand, scope));
    operands.push_back(std::move(compiled));
  }
  std::vector<Comparer> comparers;
  for (const planner::TypedPtr& bound : {node.low, node.high}) {
    const planner::SqlType& type = is_null_literal(*bound) ? node.operand->type : bound->type;
    THALWEG_TRY(Comparer comparer, Comparer::make(node.operand->type, type));
    comparers.push_back(std::move(comparer));
  }
  return NodePtr(std::make_unique<BetweenNode>(expression, std::move(operands), std::move(comparers)));
}

Result<NodePtr> make_node(const planner::TypedIn& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr operand, compile_node(*node.operand, scope));
  if (auto texts = constant_texts(node)) {
    return NodePtr(std::make_unique<TextSetNode>(expression, std::move(operand), std::move(*texts)));
  }
  std::vector<std::pair<NodePtr, Comparer>> items;
  for (const planner::TypedPtr& item : node.items) {
    if (is_null_literal(*item)) continue;
    THALWEG_TRY(NodePtr compiled, compile_node(*item, scope));
    THALWEG_TRY(Comparer comparer, Comparer::make(node.operand->type, item->type));
    items.emplace_back(std::move(compiled), std::move(comparer));
  }
  return NodePtr(std::make_unique<InNode>(expression, std::move(operand), std::move(items)));
}

Result<NodePtr> make_node(const planner::TypedIsNull& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr operand, compile_node(*node.operand, scope));
  return NodePtr(std::make_unique<IsNullNode>(expression, std::move(operand), node.negated));
}

}  // namespace thalweg::runtime
