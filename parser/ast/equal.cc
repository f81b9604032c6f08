#include <algorithm>

#include "parser/ast/expression.h"

namespace thalweg::ast {
namespace {

bool same(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == b) return true;
  return a != nullptr && b != nullptr && equal(*a, *b);
}

bool same(const std::vector<ExpressionPtr>& a, const std::vector<ExpressionPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ExpressionPtr& x, const ExpressionPtr& y) { return same(x, y); });
}

bool same(const NullLiteral&, const NullLiteral&) { return true; }
bool same(const BooleanLiteral& a, const BooleanLiteral& b) { return a.value == b.value; }
bool same(const IntegerLiteral& a, const IntegerLiteral& b) { return a.value == b.value; }
bool same(const BigintLiteral& a, const BigintLiteral& b) { return a.value == b.value; }
bool same(const DoubleLiteral& a, const DoubleLiteral& b) { return a.value == b.value; }
bool same(const DecimalLiteral& a, const DecimalLiteral& b) { return a.text == b.text; }
bool same(const StringLiteral& a, const StringLiteral& b) { return a.value == b.value; }
bool same(const ColumnRef& a, const ColumnRef& b) { return a.qualifier == b.qualifier && a.name == b.name; }
bool same(const Dereference& a, const Dereference& b) { return a.field == b.field && same(a.base, b.base); }
bool same(const Subscript& a, const Subscript& b) { return same(a.base, b.base) && same(a.index, b.index); }
bool same(const Arithmetic& a, const Arithmetic& b) {
  return a.op == b.op && same(a.left, b.left) && same(a.right, b.right);
}
bool same(const Sign& a, const Sign& b) { return a.minus == b.minus && same(a.operand, b.operand); }
bool same(const Comparison& a, const Comparison& b) {
  return a.op == b.op && same(a.left, b.left) && same(a.right, b.right);
}
bool same(const Logical& a, const Logical& b) {
  return a.is_and == b.is_and && same(a.left, b.left) && same(a.right, b.right);
}
bool same(const Not& a, const Not& b) { return same(a.operand, b.operand); }
bool same(const IsNull& a, const IsNull& b) { return a.negated == b.negated && same(a.operand, b.operand); }
bool same(const Between& a, const Between& b) {
  return same(a.operand, b.operand) && same(a.low, b.low) && same(a.high, b.high);
}
bool same(const InList& a, const InList& b) { return same(a.operand, b.operand) && same(a.items, b.items); }
bool same(const Like& a, const Like& b) {
  return a.escape == b.escape && same(a.operand, b.operand) && same(a.pattern, b.pattern);
}
bool same(const Case& a, const Case& b) {
  return same(a.operand, b.operand) && same(a.otherwise, b.otherwise) &&
         std::equal(a.whens.begin(), a.whens.end(), b.whens.begin(), b.whens.end(),
                    [](const WhenClause& x, const WhenClause& y) {
                      return same(x.when, y.when) && same(x.then, y.then);
                    });
}
bool same(const Cast& a, const Cast& b) { return a.type == b.type && same(a.operand, b.operand); }
bool same(const FunctionCall& a, const FunctionCall& b) {
  return a.name == b.name && a.star == b.star && same(a.arguments, b.arguments);
}
bool same(const Lambda& a, const Lambda& b) { return a.parameters == b.parameters && same(a.body, b.body); }
bool same(const TimeUnit& a, const TimeUnit& b) { return a.unit == b.unit; }
bool same(const AtTimeZone& a, const AtTimeZone& b) { return a.zone == b.zone && same(a.operand, b.operand); }
bool same(const ArrayConstructor& a, const ArrayConstructor& b) { return same(a.items, b.items); }
bool same(const MapConstructor& a, const MapConstructor& b) {
  return std::equal(
      a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
      [](const auto& x, const auto& y) { return same(x.first, y.first) && same(x.second, y.second); });
}
bool same(const StructConstructor& a, const StructConstructor& b) {
  return std::equal(
      a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
      [](const auto& x, const auto& y) { return x.first == y.first && same(x.second, y.second); });
}

}  // namespace

bool equal(const Expression& a, const Expression& b) {
  if (a.node.index() != b.node.index()) return false;
  return std::visit(
      [&b](const auto& left) { return same(left, std::get<std::decay_t<decltype(left)>>(b.node)); }, a.node);
}

}  // namespace thalweg::ast
