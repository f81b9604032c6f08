// Columns, constants, lambda parameters.
#include "runtime/expressions/node.h"

namespace thalweg::runtime {
namespace {

using planner::TypedExpression;

class InputNode final : public Node {
 public:
  InputNode(std::int32_t index, const TypedExpression& expression)
      : Node(expression.type, expression.text), index_(static_cast<std::size_t>(index)) {}
  Column evaluate(EvaluationContext& context, Rows, std::size_t) override { return context.columns[index_]; }

 private:
  std::size_t index_;
};

class ConstantNode final : public Node {
 public:
  ConstantNode(const planner::Value& value, const TypedExpression& expression, Arena& constants)
      : Node(expression.type, expression.text), column_(make_constant(constants, expression.type, value)) {}
  Column evaluate(EvaluationContext&, Rows, std::size_t) override { return column_; }

 private:
  Column column_;
};

class ParameterNode final : public Node {
 public:
  ParameterNode(std::int32_t slot, const TypedExpression& expression, std::shared_ptr<LambdaFrame> frame)
      : Node(expression.type, expression.text), slot_(slot), frame_(std::move(frame)) {}
  Column evaluate(EvaluationContext&, Rows, std::size_t) override { return frame_->slot(slot_); }

 private:
  std::int32_t slot_;
  std::shared_ptr<LambdaFrame> frame_;
};

Error out_of_place(const TypedExpression& expression) {
  return {ErrorCode::kInternal, "only a function argument can be: " + expression.text};
}

}  // namespace

Result<NodePtr> make_node(const planner::InputColumn& node, const TypedExpression& expression,
                          const CompileScope&) {
  return NodePtr(std::make_unique<InputNode>(node.index, expression));
}

Result<NodePtr> make_node(const planner::Constant& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  return NodePtr(std::make_unique<ConstantNode>(node.value, expression, *scope.constants));
}

Result<NodePtr> make_node(const planner::LambdaParameter& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  return NodePtr(std::make_unique<ParameterNode>(node.slot, expression, scope.frame));
}

Result<NodePtr> make_node(const planner::TypedLambda&, const TypedExpression& expression,
                          const CompileScope&) {
  return out_of_place(expression);
}

Result<NodePtr> make_node(const planner::TypedUnit&, const TypedExpression& expression, const CompileScope&) {
  return out_of_place(expression);
}

}  // namespace thalweg::runtime
