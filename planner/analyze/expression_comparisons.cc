// Comparisons, BETWEEN and literals of ExpressionAnalyzer.
#include "parser/print.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/planner.h"
#include "planner/types/text.h"

namespace thalweg::planner {
namespace {

bool is_time_kind(const SqlType& type) {
  return type.is(SqlKind::kDate) || type.is(SqlKind::kTime) || type.is(SqlKind::kTimestamp);
}

bool is_equality(ast::ComparisonOp op) {
  switch (op) {
    case ast::ComparisonOp::kEqual:
    case ast::ComparisonOp::kNotEqual:
    case ast::ComparisonOp::kIsDistinctFrom:
    case ast::ComparisonOp::kIsNotDistinctFrom: return true;
    case ast::ComparisonOp::kLess:
    case ast::ComparisonOp::kLessOrEqual:
    case ast::ComparisonOp::kGreater:
    case ast::ComparisonOp::kGreaterOrEqual: break;
  }
  return false;
}

// The type both sides are brought to, the sides' own where the kernel compares them as they are; nullopt:
// refused.
std::optional<std::pair<SqlType, SqlType>> comparison_types(ast::ComparisonOp op, const SqlType& a,
                                                            const SqlType& b) {
  const auto as_they_are = std::pair(a, b);
  if (a.is_numeric() && b.is_numeric()) return as_they_are;
  if (a.kind() == b.kind()) {
    if (a.is(SqlKind::kString) || a.is(SqlKind::kBytes) || is_time_kind(a)) return as_they_are;
    return is_equality(op) ? std::optional(as_they_are) : std::nullopt;
  }
  if (is_time_kind(a) && b.is(SqlKind::kString)) return std::pair(a, a);
  if (a.is(SqlKind::kString) && is_time_kind(b)) return std::pair(b, b);
  const bool dates = (a.is(SqlKind::kDate) && b.is(SqlKind::kTimestamp)) ||
                     (a.is(SqlKind::kTimestamp) && b.is(SqlKind::kDate));
  if (dates) return std::pair(SqlType(SqlKind::kTimestamp), SqlType(SqlKind::kTimestamp));
  return std::nullopt;
}

bool is_time_column(const ast::ExpressionPtr& expression, bool window_times) {
  const auto* ref = node_as<ast::ColumnRef>(expression);
  if (!ref) return false;
  return ref->name == "ROWTIME" || (window_times && (ref->name == "WINDOWSTART" || ref->name == "WINDOWEND"));
}

TypedPtr decimal_constant(const std::string& text, std::string print) {
  const auto value = parse_decimal(text);
  if (!value) return nullptr;
  const auto digits = precision_of(*value);
  const auto precision = digits > value->scale ? digits : value->scale + 1;
  return make_typed(Constant{Value{*value}}, SqlType::decimal(precision, value->scale), std::move(print));
}

// -x for a literal x that the parser left apart.
TypedPtr negated(const ast::Expression& operand, std::string text) {
  if (const auto* small = std::get_if<ast::IntegerLiteral>(&operand.node)) {
    return make_typed(Constant{Value{-static_cast<std::int64_t>(small->value)}}, SqlKind::kInteger,
                      std::move(text));
  }
  if (const auto* large = std::get_if<ast::BigintLiteral>(&operand.node)) {
    return make_typed(Constant{Value{-large->value}}, SqlKind::kBigint, std::move(text));
  }
  if (const auto* number = std::get_if<ast::DoubleLiteral>(&operand.node)) {
    return make_typed(Constant{Value{-number->value}}, SqlKind::kDouble, std::move(text));
  }
  if (const auto* decimal = std::get_if<ast::DecimalLiteral>(&operand.node)) {
    const bool negative = decimal->text.starts_with('-');
    return decimal_constant(negative ? decimal->text.substr(1) : "-" + decimal->text, std::move(text));
  }
  return nullptr;
}

}  // namespace

std::string_view comparison_sign(ast::ComparisonOp op) {
  switch (op) {
    case ast::ComparisonOp::kEqual: return "=";
    case ast::ComparisonOp::kNotEqual: return "<>";
    case ast::ComparisonOp::kLess: return "<";
    case ast::ComparisonOp::kLessOrEqual: return "<=";
    case ast::ComparisonOp::kGreater: return ">";
    case ast::ComparisonOp::kGreaterOrEqual: return ">=";
    case ast::ComparisonOp::kIsDistinctFrom: return "IS DISTINCT FROM";
    case ast::ComparisonOp::kIsNotDistinctFrom: break;
  }
  return "IS NOT DISTINCT FROM";
}

std::string_view comparison_name(ast::ComparisonOp op) {
  switch (op) {
    case ast::ComparisonOp::kEqual: return "EQUAL";
    case ast::ComparisonOp::kNotEqual: return "NOT_EQUAL";
    case ast::ComparisonOp::kLess: return "LESS_THAN";
    case ast::ComparisonOp::kLessOrEqual: return "LESS_THAN_OR_EQUAL";
    case ast::ComparisonOp::kGreater: return "GREATER_THAN";
    case ast::ComparisonOp::kGreaterOrEqual: return "GREATER_THAN_OR_EQUAL";
    case ast::ComparisonOp::kIsDistinctFrom: return "IS_DISTINCT_FROM";
    case ast::ComparisonOp::kIsNotDistinctFrom: break;
  }
  return "IS_NOT_DISTINCT_FROM";
}

std::optional<std::int64_t> time_unit_ms(std::string_view word) {
  if (word.ends_with('S')) word.remove_suffix(1);
  if (word == "DAY") return 86'400'000;
  if (word == "HOUR") return 3'600'000;
  if (word == "MINUTE") return 60'000;
  if (word == "SECOND") return 1'000;
  if (word == "MILLISECOND") return 1;
  return std::nullopt;
}

std::optional<std::int64_t> time_text_ms(const std::string& text) {
  if (const auto ms = parse_timestamp(text)) return ms;
  const auto hour = text.find("T24");
  if (hour == std::string::npos) return std::nullopt;
  auto midnight = text;
  midnight.replace(hour, 3, "T00");
  const auto ms = parse_timestamp(midnight);
  return ms ? std::optional(*ms + 86'400'000) : std::nullopt;
}

TypedPtr null_of(const SqlType& type) { return make_typed(Constant{}, type, "null"); }

TypedPtr cast_to_type(const TypedPtr& typed, const SqlType& type) {
  if (typed->type == type) return typed;
  if (const auto* constant = std::get_if<Constant>(&typed->node); constant && constant->value.is_null()) {
    return make_typed(Constant{}, type, typed->text);
  }
  return make_typed(TypedCast{typed}, type, typed->text);
}

TypedPtr literal_value(const ast::Expression& expression, std::string text) {
  const auto& node = expression.node;
  if (const auto* flag = std::get_if<ast::BooleanLiteral>(&node)) {
    return make_typed(Constant{Value{flag->value}}, SqlKind::kBoolean, std::move(text));
  }
  if (const auto* small = std::get_if<ast::IntegerLiteral>(&node)) {
    return make_typed(Constant{Value{static_cast<std::int64_t>(small->value)}}, SqlKind::kInteger,
                      std::move(text));
  }
  if (const auto* large = std::get_if<ast::BigintLiteral>(&node)) {
    return make_typed(Constant{Value{large->value}}, SqlKind::kBigint, std::move(text));
  }
  if (const auto* number = std::get_if<ast::DoubleLiteral>(&node)) {
    return make_typed(Constant{Value{number->value}}, SqlKind::kDouble, std::move(text));
  }
  if (const auto* decimal = std::get_if<ast::DecimalLiteral>(&node)) {
    return decimal_constant(decimal->text, std::move(text));
  }
  if (const auto* string = std::get_if<ast::StringLiteral>(&node)) {
    return make_typed(Constant{Value{string->value}}, SqlKind::kString, std::move(text));
  }
  if (const auto* sign = std::get_if<ast::Sign>(&node)) {
    return sign->minus ? negated(*sign->operand, std::move(text))
                       : literal_value(*sign->operand, std::move(text));
  }
  return nullptr;
}

Result<TypedPtr> ExpressionAnalyzer::time_literal(const ast::ExpressionPtr& reference,
                                                  const ast::ExpressionPtr& literal) {
  const auto* text = node_as<ast::StringLiteral>(literal);
  if (!options_.time_literals || !text || !is_time_column(reference, options_.window_times))
    return TypedPtr{};
  const auto ms = time_text_ms(text->value);
  if (!ms) {
    return Error(ErrorCode::kStatement,
                 "Failed to parse timestamp '" + text->value +
                     "': Required format is: \"yyyy-MM-ddTHH:mm:ss.SSS\", with an optional time zone",
                 literal->at);
  }
  return make_typed(Constant{Value{*ms}}, SqlKind::kBigint, print(*literal));
}

Result<ExpressionAnalyzer::Pair> ExpressionAnalyzer::comparable(ast::ComparisonOp op,
                                                                const ast::ExpressionPtr& left,
                                                                const ast::ExpressionPtr& right) {
  THALWEG_TRY(auto a, time_literal(right, left));
  THALWEG_TRY(auto b, time_literal(left, right));
  if (!a) { THALWEG_TRY(a, analyze_nullable(left)); }
  if (!b) { THALWEG_TRY(b, analyze_nullable(right)); }
  if (!a || !b) {
    return Error(ErrorCode::kStatement,
                 "Comparison with NULL not supported: " + (a ? to_string(a->type) : std::string("NULL")) +
                     " " + std::string(comparison_sign(op)) + " " +
                     (b ? to_string(b->type) : std::string("NULL")) +
                     "\nUse 'IS NULL' or 'IS NOT NULL' instead.",
                 left->at);
  }
  const auto types = comparison_types(op, a->type, b->type);
  if (!types) {
    return Error(ErrorCode::kStatement,
                 "Cannot compare " + print(*left) + " (" + to_string(a->type) + ") to " + print(*right) +
                     " (" + to_string(b->type) + ") with " + std::string(comparison_name(op)) + ".",
                 left->at);
  }
  return Pair{cast_to_type(a, types->first), cast_to_type(b, types->second)};
}

Result<TypedPtr> ExpressionAnalyzer::between(const ast::ExpressionPtr& expression, const ast::Between& node) {
  THALWEG_TRY(auto low, comparable(ast::ComparisonOp::kGreaterOrEqual, node.operand, node.low));
  THALWEG_TRY(auto high, comparable(ast::ComparisonOp::kLessOrEqual, node.operand, node.high));
  if (low.left->type == high.left->type) {
    return make_typed(TypedBetween{low.left, low.right, high.right}, SqlKind::kBoolean, print(*expression));
  }
  // The bounds ask for different conversions of the operand ('…' against a DATE and a TIMESTAMP): two
  // comparisons.
  auto above =
      make_typed(TypedComparison{ast::ComparisonOp::kGreaterOrEqual, low.left, low.right}, SqlKind::kBoolean);
  auto below =
      make_typed(TypedComparison{ast::ComparisonOp::kLessOrEqual, high.left, high.right}, SqlKind::kBoolean);
  return make_typed(TypedLogical{true, std::move(above), std::move(below)}, SqlKind::kBoolean,
                    print(*expression));
}

}  // namespace thalweg::planner
