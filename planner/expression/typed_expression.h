// Expressions after analysis: every name resolved, every type known, every conversion explicit.
// Immutable and shared. Part of the stored plan, so each alternative has a stable JSON name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "parser/ast/expression.h"
#include "planner/types/sql_type.h"
#include "planner/types/value.h"

namespace thalweg::planner {

struct TypedExpression;
using TypedPtr = std::shared_ptr<const TypedExpression>;

struct InputColumn {
  std::int32_t index;
};  // of the step's input schema
struct LambdaParameter {
  std::int32_t slot;
};  // unique within one top-level expression
struct Constant {
  Value value;
};  // a null constant: Value{} (type as far as known)

// Scalar (or, in FlatMapStep only, table) function. Arguments already have the overload's types.
struct TypedCall {
  std::string function;
  std::int32_t overload;
  std::vector<TypedPtr> arguments;
};
struct TypedLambda {
  std::vector<std::int32_t> slots;
  std::vector<SqlType> slot_types;
  TypedPtr body;
};
struct TypedUnit {
  std::int64_t unit_ms;
  std::string unit;
};  // DAYS … MILLISECONDS

// Numeric operands of any numeric types (the kernel converts as the reference says), or STRING + STRING
// (where a NULL operand reads 'null' when null_text is set, as in persistent and push queries).
struct TypedArithmetic {
  ast::ArithmeticOp op;
  TypedPtr left;
  TypedPtr right;
  bool null_text = true;
};
struct TypedNegate {
  TypedPtr operand;
};
// Operands of one of the allowed pairs; strings against times are converted by casts beforehand.
struct TypedComparison {
  ast::ComparisonOp op;
  TypedPtr left;
  TypedPtr right;
};
struct TypedLogical {
  bool is_and;
  TypedPtr left;
  TypedPtr right;
};  // short circuit, left to right
struct TypedNot {
  TypedPtr operand;
};
struct TypedIsNull {
  TypedPtr operand;
  bool negated;
};
struct TypedBetween {
  TypedPtr operand;
  TypedPtr low;
  TypedPtr high;
};
struct TypedIn {
  TypedPtr operand;
  std::vector<TypedPtr> items;
};  // items as comparable with operand by =
struct TypedLike {
  TypedPtr operand;
  TypedPtr pattern;
  std::optional<std::string> escape;
};
struct TypedCase {
  std::vector<std::pair<TypedPtr, TypedPtr>> whens;
  TypedPtr otherwise;
};  // otherwise may be null
struct TypedCast {
  TypedPtr operand;
};  // to the node's type
struct TypedSubscript {
  TypedPtr base;
  TypedPtr index;
};  // array (1-based, negative from the end) or map
struct TypedField {
  TypedPtr base;
  std::int32_t index;
};  // of a struct, null-safe
struct TypedArray {
  std::vector<TypedPtr> items;
};
struct TypedMap {
  std::vector<std::pair<TypedPtr, TypedPtr>> entries;
};
struct TypedStruct {
  std::vector<TypedPtr> fields;
};

using TypedNode = std::variant<InputColumn, LambdaParameter, Constant, TypedCall, TypedLambda, TypedUnit,
                               TypedArithmetic, TypedNegate, TypedComparison, TypedLogical, TypedNot,
                               TypedIsNull, TypedBetween, TypedIn, TypedLike, TypedCase, TypedCast,
                               TypedSubscript, TypedField, TypedArray, TypedMap, TypedStruct>;

struct TypedExpression {
  TypedNode node;
  SqlType type;      // of the result; of a lambda: of its body
  std::string text;  // canonical text for messages: "(A + 1)"
};

template <typename Node>
TypedPtr make_typed(Node node, SqlType type, std::string text = {}) {
  return std::make_shared<const TypedExpression>(
      TypedExpression{TypedNode{std::move(node)}, std::move(type), std::move(text)});
}

// Indexes of the input columns an expression reads, ascending, each once.
std::vector<std::int32_t> input_columns(const TypedExpression& expression);
// The same expression with every InputColumn index i replaced by mapping[i].
TypedPtr remap_columns(const TypedPtr& expression, const std::vector<std::int32_t>& mapping);

}  // namespace thalweg::planner
