// AND, OR, NOT, CASE: later operands run only for the rows that need them.
#include "runtime/expressions/node.h"

namespace thalweg::runtime {
namespace {

using planner::TypedExpression;

// Rows set aside for a later operand. Memory comes from the batch's arena.
class SubSelection {
 public:
  SubSelection(Arena& arena, std::size_t rows_max) : positions_(arena.array<std::uint32_t>(rows_max)) {}
  void add(std::size_t row) { positions_[count_++] = static_cast<std::uint32_t>(row); }
  bool empty() const { return count_ == 0; }
  Rows rows() const { return {positions_, count_}; }

 private:
  std::uint32_t* positions_;
  std::size_t count_ = 0;
};

// AND stops at false, OR at true; a NULL operand met on the way makes the result NULL.
class LogicalNode final : public Node {
 public:
  LogicalNode(const TypedExpression& expression, bool is_and, NodePtr left, NodePtr right)
      : Node(expression.type, expression.text),
        is_and_(is_and),
        left_(std::move(left)),
        right_(std::move(right)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column left = left_->evaluate(context, rows, capacity);
    const bool nullable = left.valid != nullptr;
    Column out = make_result(context, capacity, nullable);
    SubSelection undecided(context.arena, rows.count);
    for_each_row(rows, [&](std::size_t row) {
      if (nullable && left.is_null(row)) return;
      const std::uint8_t truth = left.get<std::uint8_t>(row);
      out.set(row, truth);
      if ((truth != 0) == is_and_) undecided.add(row);
    });
    if (undecided.empty()) return out;
    const Column right = right_->evaluate(context, undecided.rows(), capacity);
    if (right.valid != nullptr && out.valid == nullptr) all_valid(context, out, capacity);
    for_each_row(undecided.rows(), [&](std::size_t row) { copy_element(right, row, out, row); });
    return out;
  }

 private:
  static void all_valid(EvaluationContext& context, Column& column, std::size_t capacity) {
    column.valid = context.arena.array<std::uint8_t>(capacity);
    std::memset(column.valid, 1, capacity);
  }

  bool is_and_;
  NodePtr left_;
  NodePtr right_;
};

class NotNode final : public Node {
 public:
  NotNode(const TypedExpression& expression, NodePtr operand)
      : Node(expression.type, expression.text), operand_(std::move(operand)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column in = operand_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity, in.valid != nullptr);
    for_each_row(rows, [&](std::size_t row) {
      if (!in.is_null(row)) out.set<std::uint8_t>(row, in.get<std::uint8_t>(row) ^ 1);
    });
    return out;
  }

 private:
  NodePtr operand_;
};

class CaseNode final : public Node {
 public:
  using Branches = std::vector<std::pair<NodePtr, NodePtr>>;
  CaseNode(const TypedExpression& expression, Branches branches, NodePtr otherwise)
      : Node(expression.type, expression.text),
        branches_(std::move(branches)),
        otherwise_(std::move(otherwise)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    Column out = make_result(context, capacity);
    Rows open = rows;
    for (const auto& [condition, value] : branches_) {
      if (open.count == 0) return out;
      SubSelection taken(context.arena, open.count);
      SubSelection left(context.arena, open.count);
      const Column truth = condition->evaluate(context, open, capacity);
      for_each_row(open, [&](std::size_t row) {
        const bool holds = !truth.is_null(row) && truth.get<std::uint8_t>(row) != 0;
        holds ? taken.add(row) : left.add(row);
      });
      fill(*value, context, taken.rows(), capacity, out);
      open = left.rows();
    }
    if (otherwise_ != nullptr) fill(*otherwise_, context, open, capacity, out);
    return out;
  }

 private:
  static void fill(CompiledExpression& value, EvaluationContext& context, Rows rows, std::size_t capacity,
                   Column& out) {
    if (rows.count == 0) return;
    const Column in = value.evaluate(context, rows, capacity);
    for_each_row(rows, [&](std::size_t row) { copy_element(in, row, out, row); });
  }

  Branches branches_;
  NodePtr otherwise_;  // null: NULL
};

}  // namespace

Result<NodePtr> make_node(const planner::TypedLogical& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr left, compile_node(*node.left, scope));
  THALWEG_TRY(NodePtr right, compile_node(*node.right, scope));
  return NodePtr(std::make_unique<LogicalNode>(expression, node.is_and, std::move(left), std::move(right)));
}

Result<NodePtr> make_node(const planner::TypedNot& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr operand, compile_node(*node.operand, scope));
  return NodePtr(std::make_unique<NotNode>(expression, std::move(operand)));
}

Result<NodePtr> make_node(const planner::TypedCase& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  CaseNode::Branches branches;
  for (const auto& [when, then] : node.whens) {
    THALWEG_TRY(NodePtr condition, compile_node(*when, scope));
    THALWEG_TRY(NodePtr value, compile_node(*then, scope));
    branches.emplace_back(std::move(condition), std::move(value));
  }
  NodePtr otherwise;
  if (node.otherwise != nullptr) { THALWEG_TRY(otherwise, compile_node(*node.otherwise, scope)); }
  return NodePtr(std::make_unique<CaseNode>(expression, std::move(branches), std::move(otherwise)));
}

}  // namespace thalweg::runtime
