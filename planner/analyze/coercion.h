// List coercion: IN lists and array, map and struct constructors agree on one type, item by item.
//
// The first item that is not NULL leads. Literals adapt (strings to numbers and BOOLEAN, anything to a
// leading STRING), numbers widen, structs unite their fields, constructors are entered.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "planner/analyze/expression_analyzer.h"

namespace thalweg::planner {

class Coercion {
 public:
  // `prefix` stands before messages: "Invalid Predicate: " for IN, empty for constructors.
  Coercion(ExpressionAnalyzer& analyzer, std::string prefix)
      : analyzer_(analyzer), prefix_(std::move(prefix)) {}

  // nullopt: every item is an untyped NULL.
  Result<std::optional<SqlType>> common_type(std::span<const ast::ExpressionPtr> items);
  Result<TypedPtr> convert(const ast::ExpressionPtr& item, const SqlType& type);
  // ARRAY[…], MAP(…), STRUCT(…) with all conversions.
  Result<TypedPtr> constructor(const ast::ExpressionPtr& expression);

 private:
  using Folded = std::optional<SqlType>;  // nullopt: the types do not agree
  Result<Folded> fold(const SqlType& common, const ast::ExpressionPtr& item);
  Result<Folded> fold_constructor(const SqlType& common, const ast::ExpressionPtr& item);
  Result<Folded> fold_string(const SqlType& common, const std::string& text, SourcePosition at);
  Result<Folded> fold_struct(const SqlType& common, const ast::StructConstructor& node);
  Result<std::optional<SqlType>> fold_all(std::optional<SqlType> common,
                                          std::span<const ast::ExpressionPtr> items, bool& agreed);
  Result<SqlType> type_of(const ast::ExpressionPtr& item);
  Result<SqlType> type_of_map(const ast::MapConstructor& node, SourcePosition at);
  Result<TypedPtr> convert_struct(const ast::ExpressionPtr& item, const ast::StructConstructor& node,
                                  const SqlType& type);
  Error mismatch(const SqlType& common, const ast::ExpressionPtr& item);

  ExpressionAnalyzer& analyzer_;
  std::string prefix_;
};

}  // namespace thalweg::planner
