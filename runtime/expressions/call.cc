// Function calls and the lambdas among their arguments.
#include <variant>

#include "runtime/expressions/node.h"

namespace thalweg::runtime {
namespace {

using planner::SqlType;
using planner::TypedExpression;
using planner::Value;

// A lambda body runs on one tuple: a batch of one row, in which the columns it captures are constants.
class CompiledLambda final : public LambdaBody {
 public:
  CompiledLambda(const planner::TypedLambda& lambda, NodePtr body, std::shared_ptr<LambdaFrame> frame)
      : slots_(lambda.slots),
        slot_types_(lambda.slot_types),
        captured_(planner::input_columns(*lambda.body)),
        body_(std::move(body)),
        frame_(std::move(frame)) {}

  void enter(EvaluationContext& context) { context_ = &context; }

  Result<Value> call(std::span<const Value> arguments, std::uint32_t row) override {
    capture(row);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      frame_->slot(slots_[i]) = make_constant(context_->arena, slot_types_[i], arguments[i]);
    }
    std::vector<RowError> errors;
    EvaluationContext inner{context_->arena, columns_, errors};
    const Column result = body_->evaluate(inner, {nullptr, 1}, 1);
    if (!errors.empty()) return Error{ErrorCode::kBadRecord, std::move(errors.front().message)};
    return value_at(result, body_->type(), 0);
  }

 private:
  void capture(std::uint32_t row) {
    columns_.resize(context_->columns.size());
    for (const std::int32_t index : captured_) {
      const auto at = static_cast<std::size_t>(index);
      Column column = context_->columns[at];
      const std::size_t shift = row * column.stride;
      column.data = column.elements<char>() + shift * element_bytes(column.physical);
      if (column.valid != nullptr) column.valid += shift;
      column.stride = 0;
      columns_[at] = column;
    }
  }

  std::vector<std::int32_t> slots_;
  std::vector<SqlType> slot_types_;
  std::vector<std::int32_t> captured_;
  NodePtr body_;
  std::shared_ptr<LambdaFrame> frame_;
  std::vector<Column> columns_;
  EvaluationContext* context_ = nullptr;
};

// One call site: its kernel and, per argument, a value, a lambda or a unit.
struct CallSite {
  std::vector<NodePtr> values;  // null for lambdas and units
  std::vector<SqlType> types;
  std::vector<std::unique_ptr<CompiledLambda>> lambdas;
  std::vector<LambdaBody*> bodies;
  std::vector<std::int64_t> unit_ms;
};

class CallNode final : public Node, private RowErrors {
 public:
  CallNode(const TypedExpression& expression, CallSite site, std::unique_ptr<ScalarKernel> kernel)
      : Node(expression.type, expression.text), site_(std::move(site)), kernel_(std::move(kernel)) {
    columns_.resize(site_.values.size());
  }

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (site_.values[i] != nullptr)
        columns_[i] = evaluate_confined(*site_.values[i], context, rows, capacity);
    }
    for (const auto& lambda : site_.lambdas) {
      if (lambda != nullptr) lambda->enter(context);
    }
    context_ = &context;
    Column out = make_result(context, capacity);
    kernel_->run({columns_, site_.types, site_.bodies, site_.unit_ms}, rows, context.arena, out, *this);
    return out;
  }

 private:
  void add(std::uint32_t row, std::string message) override { fail(*context_, row, message); }

  CallSite site_;
  std::unique_ptr<ScalarKernel> kernel_;
  std::vector<Column> columns_;
  EvaluationContext* context_ = nullptr;
};

Result<void> add_lambda(CallSite& site, const planner::TypedLambda& lambda, const CompileScope& scope) {
  CompileScope inner = scope;
  inner.in_lambda = true;
  THALWEG_TRY(NodePtr body, compile_node(*lambda.body, inner));
  site.lambdas.back() = std::make_unique<CompiledLambda>(lambda, std::move(body), scope.frame);
  site.bodies.back() = site.lambdas.back().get();
  return {};
}

Result<CallSite> make_site(const planner::TypedCall& call, const CompileScope& scope) {
  CallSite site;
  for (const planner::TypedPtr& argument : call.arguments) {
    site.values.emplace_back();
    site.lambdas.emplace_back();
    site.bodies.push_back(nullptr);
    site.unit_ms.push_back(0);
    site.types.push_back(argument->type);
    if (const auto* lambda = std::get_if<planner::TypedLambda>(&argument->node)) {
      THALWEG_CHECK(add_lambda(site, *lambda, scope));
    } else if (const auto* unit = std::get_if<planner::TypedUnit>(&argument->node)) {
      site.unit_ms.back() = unit->unit_ms;
    } else {
      THALWEG_TRY(site.values.back(), compile_node(*argument, scope));
    }
  }
  return site;
}

}  // namespace

Result<NodePtr> make_node(const planner::TypedCall& call, const TypedExpression& expression,
                          const CompileScope& scope) {
  const Overload* overload = scope.library.find(call.function, call.overload);
  if (overload == nullptr || !overload->scalar) {
    return Error{ErrorCode::kStatement, "Can't find any functions with the name '" + call.function + "'"};
  }
  THALWEG_TRY(CallSite site, make_site(call, scope));
  auto kernel = overload->scalar(site.types, expression.type, scope.environment);
  return NodePtr(std::make_unique<CallNode>(expression, std::move(site), std::move(kernel)));
}

}  // namespace thalweg::runtime
