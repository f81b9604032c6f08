// Gives types to expressions: names resolved through a callback, overloads chosen, conversions made explicit.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "parser/ast/expression.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/function_catalog.h"
#include "planner/expression/typed_expression.h"
#include "planner/planner.h"

namespace thalweg::planner {

struct AnalyzerOptions {
  const FunctionCatalog& functions;
  const Catalog& catalog;  // custom types in CAST
  // A column reference, qualified or not; lambda arguments never get here.
  std::function<Result<TypedPtr>(const ast::ColumnRef&, SourcePosition)> resolve;
  // Sub-expressions that already stand in a column (grouping expressions, aggregates): null means no.
  std::function<Result<TypedPtr>(const ast::ExpressionPtr&)> replace = {};
  // How messages spell an expression; parser::print unless given.
  std::function<std::string(const ast::Expression&)> print = {};
  // Names a lambda argument may not take.
  std::function<bool(const std::string&)> is_column = {};
  std::string cast_prefix = {};  // "Invalid Select: " before the text of an impossible CAST
  bool time_literals = false;    // ROWTIME > '2020-01-01': the string becomes epoch ms
  bool window_times = true;      // of these, WINDOWSTART and WINDOWEND too: false where windows count rows
  bool null_text = true;         // STRING + NULL reads 'null'
  bool lambdas = true;           // ksql.lambdas.enabled
  bool strict = false;           // branches of a CASE do not widen to a common number type
};

// With what the context's properties say.
AnalyzerOptions analyzer_options(
    const PlanningContext& context,
    std::function<Result<TypedPtr>(const ast::ColumnRef&, SourcePosition)> resolve);

class ExpressionAnalyzer {
 public:
  explicit ExpressionAnalyzer(AnalyzerOptions options) : options_(std::move(options)) {}

  // An untyped NULL comes back as a null pointer.
  Result<TypedPtr> analyze_nullable(const ast::ExpressionPtr& expression);
  // Fails for an untyped NULL: "Can't infer a type of null. …".
  Result<TypedPtr> analyze(const ast::ExpressionPtr& expression);
  // A call of a table function; its arguments are ordinary expressions.
  Result<TypedPtr> analyze_table_call(const ast::ExpressionPtr& expression);

  // "Cannot compare A (T) to B (U) with LESS_THAN." and the comparison's conversions.
  struct Pair {
    TypedPtr left, right;
  };
  Result<Pair> comparable(ast::ComparisonOp op, const ast::ExpressionPtr& left,
                          const ast::ExpressionPtr& right);

  std::string print(const ast::Expression& expression) const;

 private:
  friend class Coercion;
  struct LambdaScope {
    std::vector<std::string> names;
    std::vector<std::int32_t> slots;
    std::vector<SqlType> types;
  };

  Result<TypedPtr> node(const ast::ExpressionPtr& expression);
  Result<TypedPtr> column(const ast::ExpressionPtr& expression, const ast::ColumnRef& ref);
  Result<TypedPtr> arithmetic(const ast::ExpressionPtr& expression, const ast::Arithmetic& node);
  Result<TypedPtr> sign(const ast::ExpressionPtr& expression, const ast::Sign& node);
  Result<TypedPtr> logical(const ast::ExpressionPtr& expression, const ast::Logical& node);
  Result<TypedPtr> between(const ast::ExpressionPtr& expression, const ast::Between& node);
  Result<TypedPtr> in_list(const ast::ExpressionPtr& expression, const ast::InList& node);
  Result<TypedPtr> like(const ast::ExpressionPtr& expression, const ast::Like& node);
  // The common type of a CASE's branches so far, with one more; nullopt: all were NULL.
  Result<std::optional<SqlType>> branch_type(const std::optional<SqlType>& before, const TypedPtr& branch,
                                             const ast::ExpressionPtr& written) const;
  Result<TypedPtr> case_condition(const ast::Case& node, const ast::ExpressionPtr& when);
  Result<TypedPtr> case_of(const ast::ExpressionPtr& expression, const ast::Case& node);
  Result<TypedPtr> cast(const ast::ExpressionPtr& expression, const ast::Cast& node);
  Result<TypedPtr> subscript(const ast::ExpressionPtr& expression, const ast::Subscript& node);
  Result<TypedPtr> dereference(const ast::ExpressionPtr& expression, const ast::Dereference& node);
  Result<TypedPtr> call(const ast::ExpressionPtr& expression, const ast::FunctionCall& node,
                        FunctionKind kind);
  Result<TypedPtr> lambda(const ast::Lambda& node, std::vector<SqlType> types, SourcePosition at);
  Result<TypedPtr> boolean_operand(const ast::ExpressionPtr& expression, std::string_view context);
  Result<TypedPtr> time_literal(const ast::ExpressionPtr& reference, const ast::ExpressionPtr& literal);

  AnalyzerOptions options_;
  std::vector<LambdaScope> lambdas_;
  std::int32_t next_slot_ = 0;
};

// The value and type of a literal (also a signed number), or a null pointer when it is none.
TypedPtr literal_value(const ast::Expression& expression, std::string text);
// `typed` as it is, or wrapped into a CAST to `type`; a constant NULL changes its type.
TypedPtr cast_to_type(const TypedPtr& typed, const SqlType& type);
TypedPtr null_of(const SqlType& type);
// "Can't find any functions with the name 'X'", with near names as a hint.
Error unknown_function(const FunctionCatalog& functions, const std::string& name, SourcePosition at);
// Milliseconds of DAYS, HOUR, …; nullopt for other words.
std::optional<std::int64_t> time_unit_ms(std::string_view upper_case_word);
// A date-time text standing for epoch ms; also accepts hour 24, the end of its day.
std::optional<std::int64_t> time_text_ms(const std::string& text);
std::string_view comparison_sign(ast::ComparisonOp op);
std::string_view comparison_name(ast::ComparisonOp op);

}  // namespace thalweg::planner
