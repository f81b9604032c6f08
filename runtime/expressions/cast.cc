// CAST: loops for the flat pairs that occur in practice, single values for the rest.
#include <charconv>
#include <cmath>
#include <limits>

#include "planner/types/text.h"
#include "runtime/expressions/conversion.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::TypedExpression;
using planner::Value;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// Toward zero, saturating, NaN as zero.
template <typename Integer>
Integer saturate(double value) {
  constexpr double kLimit = -static_cast<double>(std::numeric_limits<Integer>::min());
  if (std::isnan(value)) return 0;
  if (value >= kLimit) return std::numeric_limits<Integer>::max();
  if (value < -kLimit) return std::numeric_limits<Integer>::min();
  return static_cast<Integer>(value);
}

std::optional<double> finite_double(std::string_view text) {
  const auto number = planner::parse_java_double(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

class CastNode final : public Node {
 public:
  CastNode(const TypedExpression& expression, NodePtr operand)
      : Node(expression.type, expression.text), operand_(std::move(operand)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column in = evaluate_confined(*operand_, context, rows, capacity);
    if (operand_->type() == type()) return in;
    switch (operand_->type().kind()) {
      case SqlKind::kInteger: return from_integer<std::int32_t>(context, in, rows, capacity);
      case SqlKind::kBigint: return from_integer<std::int64_t>(context, in, rows, capacity);
      case SqlKind::kDouble: return from_double(context, in, rows, capacity);
      case SqlKind::kString: return from_string(context, in, rows, capacity);
      default: return by_value(context, in, rows, capacity);
    }
  }

 private:
  template <typename From>
  Column from_integer(EvaluationContext& context, const Column& in, Rows rows, std::size_t capacity) {
    Arena& arena = context.arena;
    switch (type().kind()) {
      case SqlKind::kInteger:
        return map_column<From, std::int32_t>(arena, in, type(), rows, capacity, [](From value) {
          return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
        });
      case SqlKind::kBigint:
      case SqlKind::kDouble: return widen(arena, in, operand_->type(), type(), rows, capacity);
      case SqlKind::kDecimal:
        if (type().precision() - type().scale() >= std::numeric_limits<From>::digits10 + 1) {
          return widen(arena, in, operand_->type(), type(), rows, capacity);
        }
        return by_value(context, in, rows, capacity);
      case SqlKind::kString:
        return map_column<From, std::string_view>(arena, in, type(), rows, capacity, [&arena](From value) {
          char digits[24];
          const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
          return arena.copy({digits, static_cast<std::size_t>(end - digits)});
        });
      default: return by_value(context, in, rows, capacity);
    }
  }

  Column from_double(EvaluationContext& context, const Column& in, Rows rows, std::size_t capacity) {
    Arena& arena = context.arena;
    if (type().is(SqlKind::kInteger)) {
      return map_column<double, std::int32_t>(arena, in, type(), rows, capacity, saturate<std::int32_t>);
    }
    if (type().is(SqlKind::kBigint)) {
      return map_column<double, std::int64_t>(arena, in, type(), rows, capacity, saturate<std::int64_t>);
    }
    if (type().is(SqlKind::kString)) {
      return map_column<double, std::string_view>(arena, in, type(), rows, capacity, [&](double value) {
        scratch_.clear();
        planner::append_double(scratch_, value);
        return arena.copy(scratch_);
      });
    }
    return by_value(context, in, rows, capacity);
  }

  Column from_string(EvaluationContext& context, const Column& in, Rows rows, std::size_t capacity) {
    switch (type().kind()) {
      case SqlKind::kInteger:
        return parse_all<std::int32_t>(context, in, rows, capacity, planner::parse_int, true);
      case SqlKind::kBigint:
        return parse_all<std::int64_t>(context, in, rows, capacity, planner::parse_bigint, true);
      case SqlKind::kDouble: return parse_all<double>(context, in, rows, capacity, finite_double, true);
      case SqlKind::kDate:
        return parse_all<std::int32_t>(context, in, rows, capacity, planner::parse_date, false);
      case SqlKind::kTime:
        return parse_all<std::int32_t>(context, in, rows, capacity, planner::parse_time, false);
      case SqlKind::kTimestamp:
        return parse_all<std::int64_t>(context, in, rows, capacity, planner::parse_timestamp, false);
      default: return by_value(context, in, rows, capacity);
    }
  }

  template <typename To, typename Parse>
  Column parse_all(EvaluationContext& context, const Column& in, Rows rows, std::size_t capacity, Parse parse,
                   bool trim) {
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (in.is_null(row)) return;
      const std::string_view text = in.get<std::string_view>(row);
      if (const std::optional<To> value = parse(trim ? trimmed(text) : text)) return out.set(row, *value);
      convert_one(context, in, row, out);
    });
    return out;
  }

  Column by_value(EvaluationContext& context, const Column& in, Rows rows, std::size_t capacity) {
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) { convert_one(context, in, row, out); });
    return out;
  }

  void convert_one(EvaluationContext& context, const Column& in, std::size_t row, Column& out) {
    const SqlType& from = operand_->type();
    const auto value = planner::cast_value(value_at(in, from, row), from, type());
    if (value) return store_value(context.arena, out, type(), row, *value);
    fail(context, row, value.error().message);
    out.set_null(row);
  }

  NodePtr operand_;
  std::string scratch_;
};

}  // namespace

Result<NodePtr> make_node(const planner::TypedCast& cast, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr operand, compile_node(*cast.operand, scope));
  return NodePtr(std::make_unique<CastNode>(expression, std::move(operand)));
}

}  // namespace thalweg::runtime
