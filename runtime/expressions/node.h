// The inside of compiled expressions: what the kernels share.
//
// Errors are either confined (their expression stands in an argument of a call, an item, a map entry, a
// struct field or under a CAST: only that value is NULL; the message begins "Error processing") or open
// (the whole expression becomes NULL for that row; the caller says what it was computing).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/columns/row_loop.h"
#include "runtime/expressions/expression.h"

namespace thalweg::runtime {

using NodePtr = std::unique_ptr<CompiledExpression>;

// The current values of lambda parameters, one constant column per slot.
struct LambdaFrame {
  std::vector<Column> slots;
  Column& slot(std::int32_t index) {
    if (slots.size() <= static_cast<std::size_t>(index)) slots.resize(static_cast<std::size_t>(index) + 1);
    return slots[static_cast<std::size_t>(index)];
  }
};

struct CompileScope {
  const FunctionLibrary& library;
  const FunctionEnvironment& environment;
  std::shared_ptr<LambdaFrame> frame;
  std::shared_ptr<Arena> constants;  // of the compiled expression: its literals
  bool in_lambda = false;            // arithmetic on NULL is an error there
};

class Node : public CompiledExpression {
 public:
  Node(planner::SqlType type, std::string text) : type_(std::move(type)), text_(std::move(text)) {}
  const planner::SqlType& type() const final { return type_; }
  const std::string& text() const { return text_; }

 protected:
  void fail(EvaluationContext& context, std::size_t row, std::string_view reason) const {
    context.errors.push_back({static_cast<std::uint32_t>(row), text_ + ": " + std::string(reason)});
  }
  Column make_result(EvaluationContext& context, std::size_t capacity, bool nullable = true) const {
    return make_column(context.arena, type_, capacity, nullable);
  }

 private:
  planner::SqlType type_;
  std::string text_;
};

inline constexpr std::string_view kConfinedPrefix = "Error processing ";
inline bool is_confined(const RowError& error) { return error.message.starts_with(kConfinedPrefix); }
// Evaluates where a failure stays within the value.
Column evaluate_confined(CompiledExpression& node, EvaluationContext& context, Rows rows,
                         std::size_t capacity);

// Writes a value that lives at least as long as the batch without copying its text or items.
void store_borrowed(Column& out, const planner::SqlType& type, std::size_t row, const planner::Value& value);
// Copies one element (or NULL) between columns of the same physical type.
void copy_element(const Column& from, std::size_t from_row, Column& to, std::size_t to_row);

Result<NodePtr> compile_node(const planner::TypedExpression& expression, const CompileScope& scope);

// One maker per alternative; see the file of the same family.
Result<NodePtr> make_node(const planner::InputColumn& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::LambdaParameter& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::Constant& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedCall& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedLambda& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedUnit& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedArithmetic& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedNegate& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedComparison& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedLogical& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedNot& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedIsNull& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedBetween& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedIn& node, const planner::TypedExpression&, const CompileScope&);
Result<NodePtr> make_node(const planner::TypedLike& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedCase& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedCast& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedSubscript& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedField& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedArray& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedMap& node, const planner::TypedExpression&,
                          const CompileScope&);
Result<NodePtr> make_node(const planner::TypedStruct& node, const planner::TypedExpression&,
                          const CompileScope&);

}  // namespace thalweg::runtime
