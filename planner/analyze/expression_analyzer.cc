#include "planner/analyze/expression_analyzer.h"

#include <algorithm>

#include "parser/print.h"
#include "planner/analyze/coercion.h"
#include "planner/analyze/rewrite.h"
#include "planner/catalog/similar_names.h"
#include "planner/catalog/switches.h"

namespace thalweg::planner {
namespace {

Error statement_error(std::string message, SourcePosition at) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

char arithmetic_sign(ast::ArithmeticOp op) {
  switch (op) {
    case ast::ArithmeticOp::kAdd: return '+';
    case ast::ArithmeticOp::kSubtract: return '-';
    case ast::ArithmeticOp::kMultiply: return '*';
    case ast::ArithmeticOp::kDivide: return '/';
    case ast::ArithmeticOp::kModulus: break;
  }
  return '%';
}

std::string type_or_null(const TypedPtr& typed) { return typed ? to_string(typed->type) : "null"; }

}  // namespace

AnalyzerOptions analyzer_options(
    const PlanningContext& context,
    std::function<Result<TypedPtr>(const ast::ColumnRef&, SourcePosition)> resolve) {
  return {.functions = context.functions,
          .catalog = context.catalog,
          .resolve = std::move(resolve),
          .lambdas = !switched_off(context.properties, "ksql.lambdas.enabled"),
          .strict = strict_types(context.properties)};
}

std::string ExpressionAnalyzer::print(const ast::Expression& expression) const {
  return options_.print ? options_.print(expression) : parser::print(expression);
}

Result<TypedPtr> ExpressionAnalyzer::analyze(const ast::ExpressionPtr& expression) {
  THALWEG_TRY(auto typed, analyze_nullable(expression));
  if (typed) return typed;
  return statement_error(
      "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).",
      expression->at);
}

Result<TypedPtr> ExpressionAnalyzer::analyze_nullable(const ast::ExpressionPtr& expression) {
  if (std::holds_alternative<ast::NullLiteral>(expression->node)) return TypedPtr{};
  if (options_.replace) {
    THALWEG_TRY(auto replaced, options_.replace(expression));
    if (replaced) return replaced;
  }
  if (auto constant = literal_value(*expression, {})) {
    auto copy = *constant;
    copy.text = print(*expression);
    return TypedPtr(std::make_shared<const TypedExpression>(std::move(copy)));
  }
  return node(expression);
}

Result<TypedPtr> ExpressionAnalyzer::node(const ast::ExpressionPtr& e) {
  const auto unsupported = [&](const char* what) { return statement_error(std::string(what), e->at); };
  struct Visitor {
    ExpressionAnalyzer& self;
    const ast::ExpressionPtr& e;
    const decltype(unsupported)& fail;

    Result<TypedPtr> operator()(const ast::ColumnRef& n) { return self.column(e, n); }
    Result<TypedPtr> operator()(const ast::Dereference& n) { return self.dereference(e, n); }
    Result<TypedPtr> operator()(const ast::Subscript& n) { return self.subscript(e, n); }
    Result<TypedPtr> operator()(const ast::Arithmetic& n) { return self.arithmetic(e, n); }
    Result<TypedPtr> operator()(const ast::Sign& n) { return self.sign(e, n); }
    Result<TypedPtr> operator()(const ast::Comparison& n) {
      THALWEG_TRY(auto pair, self.comparable(n.op, n.left, n.right));
      return make_typed(TypedComparison{n.op, pair.left, pair.right}, SqlKind::kBoolean, self.print(*e));
    }
    Result<TypedPtr> operator()(const ast::Logical& n) { return self.logical(e, n); }
    Result<TypedPtr> operator()(const ast::Not& n) {
      THALWEG_TRY(auto operand, self.boolean_operand(n.operand, "NOT"));
      return make_typed(TypedNot{std::move(operand)}, SqlKind::kBoolean, self.print(*e));
    }
    Result<TypedPtr> operator()(const ast::IsNull& n) {
      THALWEG_TRY(auto operand, self.analyze_nullable(n.operand));
      if (!operand) operand = null_of(SqlKind::kString);
      return make_typed(TypedIsNull{std::move(operand), n.negated}, SqlKind::kBoolean, self.print(*e));
    }
    Result<TypedPtr> operator()(const ast::Between& n) { return self.between(e, n); }
    Result<TypedPtr> operator()(const ast::InList& n) { return self.in_list(e, n); }
    Result<TypedPtr> operator()(const ast::Like& n) { return self.like(e, n); }
    Result<TypedPtr> operator()(const ast::Case& n) { return self.case_of(e, n); }
    Result<TypedPtr> operator()(const ast::Cast& n) { return self.cast(e, n); }
    Result<TypedPtr> operator()(const ast::FunctionCall& n) { return self.call(e, n, FunctionKind::kScalar); }
    Result<TypedPtr> operator()(const ast::ArrayConstructor&) { return Coercion(self, "").constructor(e); }
    Result<TypedPtr> operator()(const ast::MapConstructor&) { return Coercion(self, "").constructor(e); }
    Result<TypedPtr> operator()(const ast::StructConstructor&) { return Coercion(self, "").constructor(e); }
    Result<TypedPtr> operator()(const ast::Lambda&) {
      return fail("A lambda expression can only be an argument of a function that accepts one.");
    }
    Result<TypedPtr> operator()(const ast::TimeUnit& n) {
      return self.column(e, ast::ColumnRef{std::nullopt, n.unit});
    }
    Result<TypedPtr> operator()(const ast::AtTimeZone&) { return fail("AT TIME ZONE is not supported."); }
    // Literals were handled before.
    Result<TypedPtr> operator()(const ast::NullLiteral&) { return TypedPtr{}; }
    Result<TypedPtr> operator()(const ast::BooleanLiteral&) { return TypedPtr{}; }
    Result<TypedPtr> operator()(const ast::IntegerLiteral&) { return TypedPtr{}; }
    Result<TypedPtr> operator()(const ast::BigintLiteral&) { return TypedPtr{}; }
    Result<TypedPtr> operator()(const ast::DoubleLiteral&) { return TypedPtr{}; }
    Result<TypedPtr> operator()(const ast::DecimalLiteral& n) {
      return fail(("Invalid numeric literal: " + n.text).c_str());
    }
    Result<TypedPtr> operator()(const ast::StringLiteral&) { return TypedPtr{}; }
  };
  return std::visit(Visitor{*this, e, unsupported}, e->node);
}

Result<TypedPtr> ExpressionAnalyzer::column(const ast::ExpressionPtr& expression, const ast::ColumnRef& ref) {
  if (!ref.qualifier) {
    for (auto scope = lambdas_.rbegin(); scope != lambdas_.rend(); ++scope) {
      const auto found = std::find(scope->names.begin(), scope->names.end(), ref.name);
      if (found == scope->names.end()) continue;
      const auto i = static_cast<std::size_t>(found - scope->names.begin());
      return make_typed(LambdaParameter{scope->slots[i]}, scope->types[i], ref.name);
    }
  }
  return options_.resolve(ref, expression->at);
}

Result<TypedPtr> ExpressionAnalyzer::arithmetic(const ast::ExpressionPtr& expression,
                                                const ast::Arithmetic& node) {
  THALWEG_TRY(auto left, analyze_nullable(node.left));
  THALWEG_TRY(auto right, analyze_nullable(node.right));
  const auto context = "Error processing expression: " + print(*expression) + ". ";
  if (!left || !right) {
    return statement_error(context + "Arithmetic on types " + type_or_null(left) + " and " +
                               type_or_null(right) + " are not supported.",
                           expression->at);
  }
  if (left->type.is(SqlKind::kString) && right->type.is(SqlKind::kString) &&
      node.op == ast::ArithmeticOp::kAdd) {
    return make_typed(TypedArithmetic{node.op, left, right, options_.null_text}, SqlKind::kString,
                      print(*expression));
  }
  if (!left->type.is_numeric() || !right->type.is_numeric()) {
    return statement_error(context + "Unsupported arithmetic types. " + base_name(left->type.kind()) + " " +
                               base_name(right->type.kind()),
                           expression->at);
  }
  const auto type = arithmetic_type(arithmetic_sign(node.op), left->type, right->type);
  return make_typed(TypedArithmetic{node.op, left, right, options_.null_text}, type, print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::sign(const ast::ExpressionPtr& expression, const ast::Sign& node) {
  THALWEG_TRY(auto operand, analyze(node.operand));
  if (!operand->type.is_numeric()) {
    return statement_error("Error processing expression: " + print(*expression) + ". Unsupported type " +
                               to_string(operand->type) + " for a sign",
                           expression->at);
  }
  if (!node.minus) return operand;
  const auto type = operand->type;
  return make_typed(TypedNegate{std::move(operand)}, type, print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::boolean_operand(const ast::ExpressionPtr& expression,
                                                     std::string_view context) {
  THALWEG_TRY(auto typed, analyze_nullable(expression));
  if (!typed) return null_of(SqlKind::kBoolean);
  if (typed->type.is(SqlKind::kBoolean)) return typed;
  return statement_error("Operand of " + std::string(context) + " should evaluate to boolean but is " +
                             print(*expression) + " (" + to_string(typed->type) + ") instead.",
                         expression->at);
}

Result<TypedPtr> ExpressionAnalyzer::logical(const ast::ExpressionPtr& expression, const ast::Logical& node) {
  const auto* name = node.is_and ? "AND" : "OR";
  THALWEG_TRY(auto left, boolean_operand(node.left, name));
  THALWEG_TRY(auto right, boolean_operand(node.right, name));
  return make_typed(TypedLogical{node.is_and, std::move(left), std::move(right)}, SqlKind::kBoolean,
                    print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::in_list(const ast::ExpressionPtr& expression, const ast::InList& node) {
  Coercion coercion(*this, "Invalid Predicate: ");
  std::vector<ast::ExpressionPtr> all{node.operand};
  all.insert(all.end(), node.items.begin(), node.items.end());
  THALWEG_TRY(auto common, coercion.common_type(all));
  const auto type = common.value_or(SqlType(SqlKind::kString));
  THALWEG_TRY(auto operand, coercion.convert(node.operand, type));
  TypedIn typed{std::move(operand), {}};
  for (const auto& item : node.items) {
    if (node_as<ast::NullLiteral>(item)) continue;
    THALWEG_TRY(auto value, coercion.convert(item, type));
    typed.items.push_back(std::move(value));
  }
  return make_typed(std::move(typed), SqlKind::kBoolean, print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::like(const ast::ExpressionPtr& expression, const ast::Like& node) {
  THALWEG_TRY(auto operand, analyze_nullable(node.operand));
  THALWEG_TRY(auto pattern, analyze_nullable(node.pattern));
  if (!operand) operand = null_of(SqlKind::kString);
  if (!pattern) pattern = null_of(SqlKind::kString);
  if (!operand->type.is(SqlKind::kString) || !pattern->type.is(SqlKind::kString)) {
    const auto& wrong = operand->type.is(SqlKind::kString) ? pattern : operand;
    return statement_error("Like condition must be between strings. " + print(*expression) + ": " +
                               wrong->text + " is " + to_string(wrong->type),
                           expression->at);
  }
  return make_typed(TypedLike{std::move(operand), std::move(pattern), node.escape}, SqlKind::kBoolean,
                    print(*expression));
}

Result<std::optional<SqlType>> ExpressionAnalyzer::branch_type(const std::optional<SqlType>& before,
                                                               const TypedPtr& branch,
                                                               const ast::ExpressionPtr& written) const {
  if (!branch) return before;
  if (!before || *before == branch->type) return std::optional(branch->type);
  if (!options_.strict && before->is_numeric() && branch->type.is_numeric()) {
    return std::optional(wider_numeric(*before, branch->type));
  }
  return statement_error(
      "Invalid Case expression. Type for all 'THEN' clauses should be the same.\nTHEN expression '" +
          print(*written) + "' has type: " + to_string(branch->type) +
          ".\nPrevious THEN expression(s) type: " + to_string(*before) + ".",
      written->at);
}

Result<TypedPtr> ExpressionAnalyzer::case_condition(const ast::Case& node, const ast::ExpressionPtr& when) {
  auto condition = when;
  if (node.operand) {
    condition =
        ast::make_expression(ast::Comparison{ast::ComparisonOp::kEqual, node.operand, when}, when->at);
  }
  THALWEG_TRY(auto typed, analyze_nullable(condition));
  if (!typed) return null_of(SqlKind::kBoolean);
  if (typed->type.is(SqlKind::kBoolean)) return typed;
  return statement_error("Invalid Case expression. WHEN operand type should be boolean.\nType for '" +
                             print(*condition) + "' is " + to_string(typed->type),
                         condition->at);
}

Result<TypedPtr> ExpressionAnalyzer::case_of(const ast::ExpressionPtr& expression, const ast::Case& node) {
  std::vector<std::pair<TypedPtr, TypedPtr>> whens;
  std::optional<SqlType> type;
  for (const auto& clause : node.whens) {
    THALWEG_TRY(auto when, case_condition(node, clause.when));
    THALWEG_TRY(auto then, analyze_nullable(clause.then));
    THALWEG_TRY(type, branch_type(type, then, clause.then));
    whens.emplace_back(std::move(when), std::move(then));
  }
  TypedPtr otherwise;
  if (node.otherwise) {
    THALWEG_TRY(otherwise, analyze_nullable(node.otherwise));
    THALWEG_TRY(type, branch_type(type, otherwise, node.otherwise));
  }
  if (!type) {
    return statement_error("Invalid Case expression. All case branches have NULL type", expression->at);
  }
  for (auto& [when, then] : whens) then = then ? cast_to_type(then, *type) : null_of(*type);
  if (node.otherwise) otherwise = otherwise ? cast_to_type(otherwise, *type) : null_of(*type);
  return make_typed(TypedCase{std::move(whens), std::move(otherwise)}, *type, print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::cast(const ast::ExpressionPtr& expression, const ast::Cast& node) {
  THALWEG_TRY(const auto type, resolve_type(node.type, options_.catalog));
  THALWEG_TRY(auto operand, analyze_nullable(node.operand));
  if (!operand) return make_typed(Constant{}, type, print(*expression));
  if (!cast_supported(operand->type, type)) {
    return statement_error(options_.cast_prefix + "Cast of " + to_string(operand->type) + " to " +
                               to_string(type) + " is not supported",
                           expression->at);
  }
  if (operand->type == type) return operand;
  return make_typed(TypedCast{std::move(operand)}, type, print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::subscript(const ast::ExpressionPtr& expression,
                                               const ast::Subscript& node) {
  THALWEG_TRY(auto base, analyze(node.base));
  THALWEG_TRY(auto index, analyze(node.index));
  const auto text = print(*expression);
  if (base->type.is(SqlKind::kArray)) {
    if (!index->type.is(SqlKind::kInteger) && !index->type.is(SqlKind::kBigint)) {
      return statement_error("Array index must be an INTEGER or BIGINT, but " + print(*node.index) + " is " +
                                 to_string(index->type),
                             node.index->at);
    }
    const auto type = base->type.element();
    return make_typed(TypedSubscript{std::move(base), std::move(index)}, type, text);
  }
  if (base->type.is(SqlKind::kMap)) {
    const auto key = base->type.key();
    const auto type = base->type.value();
    if (!converts_implicitly(index->type, key)) {
      return statement_error("Map key must be " + to_string(key) + ", but " + print(*node.index) + " is " +
                                 to_string(index->type),
                             node.index->at);
    }
    return make_typed(TypedSubscript{std::move(base), cast_to_type(index, key)}, type, text);
  }
  return statement_error("Subscript expression (" + text + ") do not apply to " + to_string(base->type) + ".",
                         expression->at);
}

Result<TypedPtr> ExpressionAnalyzer::dereference(const ast::ExpressionPtr& expression,
                                                 const ast::Dereference& node) {
  THALWEG_TRY(auto base, analyze(node.base));
  if (!base->type.is(SqlKind::kStruct)) {
    return statement_error(
        "Expected STRUCT type, got: " + to_string(base->type) + " for " + print(*node.base), expression->at);
  }
  const auto fields = base->type.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != node.field) continue;
    return make_typed(TypedField{std::move(base), static_cast<std::int32_t>(i)}, fields[i].type,
                      print(*expression));
  }
  std::vector<std::string> known;
  for (const auto& field : fields) known.push_back(field.name);
  return statement_error("Could not find field '" + node.field + "' in '" + print(*node.base) + "'.",
                         expression->at)
      .with_hint(did_you_mean(node.field, known));
}

}  // namespace thalweg::planner
