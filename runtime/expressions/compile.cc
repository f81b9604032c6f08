#include <algorithm>
#include <cstring>
#include <optional>

#include "planner/catalog/switches.h"
#include "runtime/expressions/node.h"

namespace thalweg::runtime {
namespace {

using planner::Constant;
using planner::TypedExpression;
using planner::TypedPtr;
using planner::Value;

// Is the expression the same for every row, and made without calling a function?
bool is_foldable(const TypedExpression& expression);
bool is_foldable(const TypedPtr& expression) { return expression != nullptr && is_foldable(*expression); }
struct Foldable {
  bool operator()(const Constant&) const { return true; }
  bool operator()(const planner::TypedCast& node) const { return is_foldable(node.operand); }
  bool operator()(const planner::TypedNegate& node) const { return is_foldable(node.operand); }
  bool operator()(const planner::TypedArithmetic& node) const {
    return is_foldable(node.left) && is_foldable(node.right);
  }
  bool operator()(const planner::TypedArray& node) const { return all(node.items); }
  bool operator()(const planner::TypedStruct& node) const { return all(node.fields); }
  bool operator()(const planner::TypedMap& node) const {
    return std::all_of(node.entries.begin(), node.entries.end(), [](const auto& entry) {
      return is_foldable(entry.first) && is_foldable(entry.second);
    });
  }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }
  static bool all(const std::vector<TypedPtr>& children) {
    return std::all_of(children.begin(), children.end(),
                       [](const TypedPtr& child) { return is_foldable(child); });
  }
};
bool is_foldable(const TypedExpression& expression) { return std::visit(Foldable{}, expression.node); }

// The value of a foldable expression; nothing if it fails, since then every row has to say so.
std::optional<Value> fold(CompiledExpression& node) {
  Arena arena;
  const std::vector<Column> no_columns;
  std::vector<RowError> errors;
  EvaluationContext context{arena, no_columns, errors};
  const Column result = node.evaluate(context, {nullptr, 1}, 1);
  if (!errors.empty()) return std::nullopt;
  return value_at(result, node.type(), 0);
}

// Makes open failures of a whole expression NULL; where failures are not confined to inner values
// (ksql.nested.error.set.null=false) those too.
class Root final : public CompiledExpression {
 public:
  Root(NodePtr body, std::shared_ptr<Arena> constants, bool confines)
      : constants_(std::move(constants)), body_(std::move(body)), confines_(confines) {}
  const planner::SqlType& type() const override { return body_->type(); }

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const std::size_t before = context.errors.size();
    const Column result = body_->evaluate(context, rows, capacity);
    const auto open = [](const RowError& error) { return !is_confined(error); };
    const auto added = context.errors.begin() + static_cast<std::ptrdiff_t>(before);
    if (!confines_) {
      std::for_each(added, context.errors.end(), [](RowError& error) {
        while (is_confined(error)) error.message.erase(0, kConfinedPrefix.size());
      });
    }
    if (std::none_of(added, context.errors.end(), open)) return result;
    Column cleared = make_column(context.arena, type(), capacity);
    for_each_row(rows, [&](std::size_t row) { copy_element(result, row, cleared, row); });
    std::for_each(added, context.errors.end(), [&](const RowError& error) {
      if (open(error)) cleared.set_null(error.row);
    });
    return cleared;
  }

 private:
  std::shared_ptr<Arena> constants_;  // before body_: literals outlive the nodes that point to them
  NodePtr body_;
  bool confines_;
};

}  // namespace

Column evaluate_confined(CompiledExpression& node, EvaluationContext& context, Rows rows,
                         std::size_t capacity) {
  const std::size_t before = context.errors.size();
  const Column result = node.evaluate(context, rows, capacity);
  for (std::size_t i = before; i < context.errors.size(); ++i) {
    RowError& error = context.errors[i];
    if (!is_confined(error)) error.message.insert(0, kConfinedPrefix);
  }
  return result;
}

void store_borrowed(Column& out, const planner::SqlType& type, std::size_t row, const Value& value) {
  if (value.is_null()) return out.set_null(row);
  switch (out.physical) {
    case Physical::kString: return out.set<std::string_view>(row, value.as_string());
    case Physical::kBoxed: return out.set<Boxed>(row, &value);
    case Physical::kBool: return out.set<std::uint8_t>(row, value.as_bool() ? 1 : 0);
    case Physical::kInt32: return out.set(row, static_cast<std::int32_t>(value.as_int()));
    case Physical::kInt64: return out.set(row, value.as_int());
    case Physical::kDouble: return out.set(row, value.as_double());
    case Physical::kDecimal: {
      const auto scaled = planner::set_scale(value.as_decimal(), type.scale(), planner::Rounding::kHalfUp);
      return scaled ? out.set(row, scaled->unscaled) : out.set_null(row);
    }
  }
}

void copy_element(const Column& from, std::size_t from_row, Column& to, std::size_t to_row) {
  if (from.is_null(from_row)) return to.set_null(to_row);
  const std::size_t bytes = element_bytes(to.physical);
  std::memcpy(to.elements<char>() + to_row * bytes, from.elements<char>() + from_row * from.stride * bytes,
              bytes);
  if (to.valid != nullptr) to.valid[to_row] = 1;
}

Result<NodePtr> compile_node(const TypedExpression& expression, const CompileScope& scope) {
  THALWEG_TRY(NodePtr node,
              std::visit([&](const auto& alternative) { return make_node(alternative, expression, scope); },
                         expression.node));
  if (std::holds_alternative<Constant>(expression.node) || !is_foldable(expression)) return node;
  const auto value = fold(*node);
  if (!value) return node;
  return make_node(Constant{*value}, expression, scope);
}

Result<std::unique_ptr<CompiledExpression>> compile(const TypedExpression& expression,
                                                    const FunctionLibrary& library,
                                                    const FunctionEnvironment& environment) {
  auto constants = std::make_shared<Arena>();
  const CompileScope scope{library, environment, std::make_shared<LambdaFrame>(), constants};
  THALWEG_TRY(NodePtr body, compile_node(expression, scope));
  return std::unique_ptr<CompiledExpression>(
      std::make_unique<Root>(std::move(body), std::move(constants),
                             !planner::switched_off(environment.properties, "ksql.nested.error.set.null")));
}

std::size_t select_true(CompiledExpression& predicate, EvaluationContext& context, Rows rows,
                        std::size_t capacity, std::uint32_t* out) {
  const Column truth = predicate.evaluate(context, rows, capacity);
  std::size_t selected = 0;
  const std::uint8_t* data = truth.elements<std::uint8_t>();
  if (truth.valid == nullptr && truth.stride == 1) {
    for_each_row(rows, [&](std::size_t row) {
      out[selected] = static_cast<std::uint32_t>(row);
      selected += data[row];
    });
    return selected;
  }
  for_each_row(rows, [&](std::size_t row) {
    if (!truth.is_null(row) && truth.get<std::uint8_t>(row) != 0)
      out[selected++] = static_cast<std::uint32_t>(row);
  });
  return selected;
}

Result<Value> evaluate_constant(const TypedExpression& expression, const FunctionLibrary& library,
                                const FunctionEnvironment& environment) {
  if (!planner::input_columns(expression).empty()) {
    return Error{ErrorCode::kStatement, "expression must not refer to columns: " + expression.text};
  }
  THALWEG_TRY(const auto compiled, compile(expression, library, environment));
  Arena arena;
  const std::vector<Column> no_columns;
  std::vector<RowError> errors;
  EvaluationContext context{arena, no_columns, errors};
  const Column result = compiled->evaluate(context, {nullptr, 1}, 1);
  for (const RowError& error : errors) {
    if (!is_confined(error)) return Error{ErrorCode::kStatement, error.message};
  }
  return value_at(result, expression.type, 0);
}

}  // namespace thalweg::runtime
