// Expressions as the parser leaves them: names as written (folded to upper case unless quoted),
// nothing resolved. Nodes are immutable and shared, so a rewrite copies only the path it changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/source_span.h"

namespace thalweg::ast {

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

// A type as text: "DECIMAL" with parameters {"4","2"}; "ARRAY" with one argument; "MAP" with two;
// "STRUCT" with arguments and their field_names. Anything else: a built-in or a custom type's name.
struct TypeName {
  std::string name;  // upper case unless quoted
  std::vector<std::string> parameters;
  std::vector<TypeName> arguments;
  std::vector<std::string> field_names;
  SourcePosition at;
  bool operator==(const TypeName& other) const {  // positions do not count
    return name == other.name && parameters == other.parameters && arguments == other.arguments &&
           field_names == other.field_names;
  }
};

struct NullLiteral {};
struct BooleanLiteral {
  bool value;
};
struct IntegerLiteral {
  std::int32_t value;
};
struct BigintLiteral {
  std::int64_t value;
};
struct DoubleLiteral {
  double value;
};
struct DecimalLiteral {
  std::string text;
};  // plain notation, sign included: "2.340", "-0.5"
struct StringLiteral {
  std::string value;
};

struct ColumnRef {
  std::optional<std::string> qualifier;
  std::string name;
};
struct Dereference {
  ExpressionPtr base;
  std::string field;
};  // s->f
struct Subscript {
  ExpressionPtr base;
  ExpressionPtr index;
};  // a[i], m[k]

enum class ArithmeticOp : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulus };
struct Arithmetic {
  ArithmeticOp op;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct Sign {
  bool minus;
  ExpressionPtr operand;
};  // unary + and -, where not part of a literal

enum class ComparisonOp : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIsDistinctFrom,
  kIsNotDistinctFrom
};
struct Comparison {
  ComparisonOp op;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct Logical {
  bool is_and;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct Not {
  ExpressionPtr operand;
};  // also NOT IN, NOT LIKE, NOT BETWEEN
struct IsNull {
  ExpressionPtr operand;
  bool negated;
};
struct Between {
  ExpressionPtr operand;
  ExpressionPtr low;
  ExpressionPtr high;
};
struct InList {
  ExpressionPtr operand;
  std::vector<ExpressionPtr> items;
};
struct Like {
  ExpressionPtr operand;
  ExpressionPtr pattern;
  std::optional<std::string> escape;
};

struct WhenClause {
  ExpressionPtr when;
  ExpressionPtr then;
};
// CASE [operand] WHEN … THEN … [ELSE …] END; operand is null for the searched form.
struct Case {
  ExpressionPtr operand;
  std::vector<WhenClause> whens;
  ExpressionPtr otherwise;
};
struct Cast {
  ExpressionPtr operand;
  TypeName type;
};
// COUNT(*) has no arguments and star set. `a || b` is FunctionCall CONCAT.
struct FunctionCall {
  std::string name;
  std::vector<ExpressionPtr> arguments;
  bool star = false;
};
struct Lambda {
  std::vector<std::string> parameters;
  ExpressionPtr body;
};
struct TimeUnit {
  std::string unit;
};  // DAYS, HOUR, …: only as a function argument, upper case as written
struct AtTimeZone {
  ExpressionPtr operand;
  std::string zone;
};

struct ArrayConstructor {
  std::vector<ExpressionPtr> items;
};
struct MapConstructor {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};
struct StructConstructor {
  std::vector<std::pair<std::string, ExpressionPtr>> fields;
};

using ExpressionNode =
    std::variant<NullLiteral, BooleanLiteral, IntegerLiteral, BigintLiteral, DoubleLiteral, DecimalLiteral,
                 StringLiteral, ColumnRef, Dereference, Subscript, Arithmetic, Sign, Comparison, Logical, Not,
                 IsNull, Between, InList, Like, Case, Cast, FunctionCall, Lambda, TimeUnit, AtTimeZone,
                 ArrayConstructor, MapConstructor, StructConstructor>;

struct Expression {
  ExpressionNode node;
  SourcePosition at;
};

template <typename Node>
ExpressionPtr make_expression(Node node, SourcePosition at = {}) {
  return std::make_shared<const Expression>(Expression{ExpressionNode{std::move(node)}, at});
}

// Structural equality; positions do not count.
bool equal(const Expression& a, const Expression& b);

}  // namespace thalweg::ast
