// + - * / % and unary minus. A NULL operand gives NULL; inside a lambda it fails the row.
#include <algorithm>
#include <cmath>

#include "runtime/expressions/conversion.h"

namespace thalweg::runtime {
namespace {

using ast::ArithmeticOp;
using planner::Decimal;
using planner::Int128;
using planner::SqlKind;
using planner::SqlType;
using planner::TypedExpression;

template <typename Integer>
struct Wrapping {
  using Bits = std::make_unsigned_t<Integer>;
  static Integer add(Integer a, Integer b) {
    return static_cast<Integer>(static_cast<Bits>(a) + static_cast<Bits>(b));
  }
  static Integer subtract(Integer a, Integer b) {
    return static_cast<Integer>(static_cast<Bits>(a) - static_cast<Bits>(b));
  }
  static Integer multiply(Integer a, Integer b) {
    return static_cast<Integer>(static_cast<Bits>(a) * static_cast<Bits>(b));
  }
  static Integer divide(Integer a, Integer b) { return b == -1 ? subtract(0, a) : a / b; }
  static Integer modulus(Integer a, Integer b) { return b == -1 ? 0 : a % b; }
};

class ArithmeticNode : public Node {
 public:
  ArithmeticNode(const TypedExpression& expression, ArithmeticOp op, NodePtr left, NodePtr right,
                 bool in_lambda)
      : Node(expression.type, expression.text),
        op_(op),
        left_(std::move(left)),
        right_(std::move(right)),
        in_lambda_(in_lambda) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) final {
    const Column left = left_->evaluate(context, rows, capacity);
    const Column right = right_->evaluate(context, rows, capacity);
    if (in_lambda_) report_nulls(context, left, right, rows);
    return compute(context, left, right, rows, capacity);
  }

 protected:
  virtual Column compute(EvaluationContext& context, const Column& left, const Column& right, Rows rows,
                         std::size_t capacity) = 0;

  // A result that is NULL where an operand is; elements undefined.
  Column start_result(EvaluationContext& context, const Column& left, const Column& right, Rows rows,
                      std::size_t capacity) {
    Column out = make_result(context, capacity, false);
    if (left.valid == nullptr && right.valid == nullptr) return out;
    out.valid = context.arena.array<std::uint8_t>(capacity);
    for_each_row(
        rows, [&](std::size_t row) { out.valid[row] = !left.is_null(row) && !right.is_null(row) ? 1 : 0; });
    return out;
  }

  void fail_row(EvaluationContext& context, std::size_t row, Column& out, std::size_t capacity,
                std::string_view reason) {
    if (out.valid == nullptr) {
      out.valid = context.arena.array<std::uint8_t>(capacity);
      std::memset(out.valid, 1, capacity);
    }
    out.set_null(row);
    fail(context, row, reason);
  }

  ArithmeticOp op_;
  NodePtr left_;
  NodePtr right_;

 private:
  void report_nulls(EvaluationContext& context, const Column& left, const Column& right, Rows rows) {
    if (left.valid == nullptr && right.valid == nullptr) return;
    for_each_row(rows, [&](std::size_t row) {
      if (left.is_null(row) || right.is_null(row)) fail(context, row, "arithmetic on NULL");
    });
  }
  bool in_lambda_;
};

// INTEGER, BIGINT, DOUBLE: both operands are widened to the result's type first.
template <typename T>
class PlainArithmetic final : public ArithmeticNode {
 public:
  using ArithmeticNode::ArithmeticNode;

 private:
  Column compute(EvaluationContext& context, const Column& l, const Column& r, Rows rows,
                 std::size_t capacity) override {
    const Column left = widen(context.arena, l, left_->type(), type(), rows, capacity);
    const Column right = widen(context.arena, r, right_->type(), type(), rows, capacity);
    Column out = start_result(context, left, right, rows, capacity);
    with_elements<T>(left, [&](auto a) {
      with_elements<T>(right, [&](auto b) { dispatch(context, a, b, rows, out, capacity); });
    });
    return out;
  }

  template <typename A, typename B>
  void dispatch(EvaluationContext& context, A a, B b, Rows rows, Column& out, std::size_t capacity) {
    T* to = out.elements<T>();
    if constexpr (std::is_same_v<T, double>) {
      switch (op_) {
        case ArithmeticOp::kAdd: return loop(rows, to, [=](std::size_t row) { return a[row] + b[row]; });
        case ArithmeticOp::kSubtract: return loop(rows, to, [=](std::size_t row) { return a[row] - b[row]; });
        case ArithmeticOp::kMultiply: return loop(rows, to, [=](std::size_t row) { return a[row] * b[row]; });
        case ArithmeticOp::kDivide: return loop(rows, to, [=](std::size_t row) { return a[row] / b[row]; });
        case ArithmeticOp::kModulus:
          return loop(rows, to, [=](std::size_t row) { return std::fmod(a[row], b[row]); });
      }
    } else {
      using W = Wrapping<T>;
      switch (op_) {
        case ArithmeticOp::kAdd:
          return loop(rows, to, [=](std::size_t row) { return W::add(a[row], b[row]); });
        case ArithmeticOp::kSubtract:
          return loop(rows, to, [=](std::size_t row) { return W::subtract(a[row], b[row]); });
        case ArithmeticOp::kMultiply:
          return loop(rows, to, [=](std::size_t row) { return W::multiply(a[row], b[row]); });
        case ArithmeticOp::kDivide: return divide(context, a, b, rows, out, capacity, W::divide);
        case ArithmeticOp::kModulus: return divide(context, a, b, rows, out, capacity, W::modulus);
      }
    }
  }

  template <typename Compute>
  static void loop(Rows rows, T* to, Compute compute_one) {
    for_each_row(rows, [&](std::size_t row) { to[row] = compute_one(row); });
  }

  template <typename A, typename B>
  void divide(EvaluationContext& context, A a, B b, Rows rows, Column& out, std::size_t capacity,
              T (*quotient)(T, T)) {
    T* to = out.elements<T>();
    for_each_row(rows, [&](std::size_t row) {
      if (b[row] != 0) {
        to[row] = quotient(a[row], b[row]);
      } else if (!out.is_null(row)) {
        fail_row(context, row, out, capacity, "division by zero");
      }
    });
  }
};

class DecimalArithmetic final : public ArithmeticNode {
 public:
  using ArithmeticNode::ArithmeticNode;

 private:
  Column compute(EvaluationContext& context, const Column& l, const Column& r, Rows rows,
                 std::size_t capacity) override {
    const SqlType left_type = planner::decimal_of(left_->type());
    const SqlType right_type = planner::decimal_of(right_->type());
    const Column left = widen(context.arena, l, left_->type(), left_type, rows, capacity);
    const Column right = widen(context.arena, r, right_->type(), right_type, rows, capacity);
    Column out = start_result(context, left, right, rows, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (out.is_null(row)) return;
      const Decimal a{left.get<Int128>(row), left_type.scale()};
      const Decimal b{right.get<Int128>(row), right_type.scale()};
      if (const auto quick = small(a, b)) return out.set(row, *quick);
      const auto exact = apply(a, b);
      if (exact) return out.set(row, exact->unscaled);
      fail_row(context, row, out, capacity, exact.error().message);
    });
    return out;
  }

  // Sums and products of 64-bit operands cannot overflow 128 bits nor, by the result type, its precision.
  std::optional<Int128> small(const Decimal& a, const Decimal& b) const {
    const std::int32_t scale = type().scale();
    if (!fits(a.unscaled) || !fits(b.unscaled) || type().precision() >= 38) return std::nullopt;
    if (op_ == ArithmeticOp::kMultiply) {
      if (a.scale + b.scale != scale) return std::nullopt;
      return a.unscaled * b.unscaled;
    }
    if (op_ != ArithmeticOp::kAdd && op_ != ArithmeticOp::kSubtract) return std::nullopt;
    if (scale < a.scale || scale < b.scale || scale - std::min(a.scale, b.scale) > 18) return std::nullopt;
    const Int128 left = a.unscaled * power_of_ten(scale - a.scale);
    const Int128 right = b.unscaled * power_of_ten(scale - b.scale);
    return op_ == ArithmeticOp::kAdd ? left + right : left - right;
  }
  static bool fits(Int128 value) { return value == static_cast<std::int64_t>(value); }

  Result<Decimal> apply(const Decimal& a, const Decimal& b) const {
    const std::int32_t precision = type().precision();
    const std::int32_t scale = type().scale();
    switch (op_) {
      case ArithmeticOp::kAdd: return planner::add(a, b, precision, scale);
      case ArithmeticOp::kSubtract: return planner::subtract(a, b, precision, scale);
      case ArithmeticOp::kMultiply: return planner::multiply(a, b, precision, scale);
      case ArithmeticOp::kDivide: return planner::divide(a, b, precision, scale);
      case ArithmeticOp::kModulus: return planner::modulus(a, b, precision, scale);
    }
    return Error{ErrorCode::kInternal, "unknown operator"};
  }
};

class Concatenation final : public Node {
 public:
  Concatenation(const TypedExpression& expression, NodePtr left, NodePtr right, bool null_text)
      : Node(expression.type, expression.text),
        left_(std::move(left)),
        right_(std::move(right)),
        null_text_(null_text) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column left = left_->evaluate(context, rows, capacity);
    const Column right = right_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (!null_text_ && (left.is_null(row) || right.is_null(row))) return;
      out.set(row, joined(context.arena, text_of(left, row), text_of(right, row)));
    });
    return out;
  }

 private:
  static std::string_view text_of(const Column& column, std::size_t row) {
    return column.is_null(row) ? std::string_view("null") : column.get<std::string_view>(row);
  }
  static std::string_view joined(Arena& arena, std::string_view a, std::string_view b) {
    char* to = arena.array<char>(a.size() + b.size());
    std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), to));
    return {to, a.size() + b.size()};
  }

  NodePtr left_;
  NodePtr right_;
  bool null_text_;
};

class NegateNode final : public Node {
 public:
  NegateNode(const TypedExpression& expression, NodePtr operand)
      : Node(expression.type, expression.text), operand_(std::move(operand)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column in = operand_->evaluate(context, rows, capacity);
    switch (in.physical) {
      case Physical::kInt32: return negate<std::int32_t>(context, in, rows, capacity);
      case Physical::kInt64: return negate<std::int64_t>(context, in, rows, capacity);
      case Physical::kDecimal: return negate<Int128>(context, in, rows, capacity);
      default: return map_column<double, double>(context.arena, in, type(), rows, capacity, std::negate<>());
    }
  }

 private:
  template <typename T>
  Column negate(EvaluationContext& context, const Column& in, Rows rows, std::size_t capacity) {
    return map_column<T, T>(context.arena, in, type(), rows, capacity, [](T value) {
      return static_cast<T>(0 - static_cast<unsigned __int128>(value));
    });
  }
  NodePtr operand_;
};

}  // namespace

Result<NodePtr> make_node(const planner::TypedArithmetic& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr left, compile_node(*node.left, scope));
  THALWEG_TRY(NodePtr right, compile_node(*node.right, scope));
  const auto make = [&]<typename Kernel>() {
    return NodePtr(
        std::make_unique<Kernel>(expression, node.op, std::move(left), std::move(right), scope.in_lambda));
  };
  switch (expression.type.kind()) {
    case SqlKind::kInteger: return make.operator()<PlainArithmetic<std::int32_t>>();
    case SqlKind::kBigint: return make.operator()<PlainArithmetic<std::int64_t>>();
    case SqlKind::kDouble: return make.operator()<PlainArithmetic<double>>();
    case SqlKind::kDecimal: return make.operator()<DecimalArithmetic>();
    case SqlKind::kString:
      return NodePtr(
          std::make_unique<Concatenation>(expression, std::move(left), std::move(right), node.null_text));
    default: return Error{ErrorCode::kInternal, "arithmetic on " + to_string(expression.type)};
  }
}

Result<NodePtr> make_node(const planner::TypedNegate& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr operand, compile_node(*node.operand, scope));
  return NodePtr(std::make_unique<NegateNode>(expression, std::move(operand)));
}

}  // namespace thalweg::runtime
