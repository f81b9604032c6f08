// Function calls and lambdas of ExpressionAnalyzer.
#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/catalog/switches.h"

namespace thalweg::planner {
namespace {

Error statement_error(std::string message, SourcePosition at) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

std::string join_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Error unknown_function(const FunctionCatalog& functions, const std::string& name, SourcePosition at) {
  Error error(ErrorCode::kStatement, "Can't find any functions with the name '" + name + "'", at);
  const auto similar = functions.similar_names(name);
  if (!similar.empty()) error.hint = "did you mean " + join_names(similar) + "?";
  return error;
}

Result<TypedPtr> ExpressionAnalyzer::analyze_table_call(const ast::ExpressionPtr& expression) {
  return call(expression, std::get<ast::FunctionCall>(expression->node), FunctionKind::kTable);
}

Result<TypedPtr> ExpressionAnalyzer::call(const ast::ExpressionPtr& expression, const ast::FunctionCall& node,
                                          FunctionKind kind) {
  const auto* function = options_.functions.find(node.name);
  if (!function) return unknown_function(options_.functions, node.name, expression->at);
  if (function->kind != kind) {
    return statement_error(std::string(function->kind == FunctionKind::kAggregate ? "Aggregate" : "Table") +
                               " function " + function->name + " cannot be used here: " + print(*expression),
                           expression->at);
  }
  std::vector<TypedPtr> typed(node.arguments.size());
  std::vector<ArgumentType> types(node.arguments.size());
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const auto& argument = node.arguments[i];
    if (const auto* lambda_node = node_as<ast::Lambda>(argument)) {
      if (!options_.lambdas) return lambdas_disabled(argument->at);
      types[i].kind = ArgumentType::Kind::kLambda;
      types[i].lambda_arity = static_cast<std::int32_t>(lambda_node->parameters.size());
      continue;
    }
    if (const auto* unit = node_as<ast::TimeUnit>(argument)) {
      const auto ms = time_unit_ms(unit->unit);
      if (ms) {
        types[i].kind = ArgumentType::Kind::kUnit;
        typed[i] = make_typed(TypedUnit{*ms, unit->unit}, SqlKind::kString, unit->unit);
        continue;
      }
    }
    THALWEG_TRY(typed[i], analyze_nullable(argument));
    if (typed[i]) {
      types[i].type = typed[i]->type;
    } else {
      types[i].kind = ArgumentType::Kind::kNull;
    }
  }
  auto resolved = resolve_call(*function, types);
  if (!resolved) {
    auto error = std::move(resolved).error();
    if (!error.at) error.at = expression->at;
    return error;
  }
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (types[i].kind == ArgumentType::Kind::kLambda) {
      THALWEG_TRY(auto parameters, lambda_parameter_types(*function, *resolved, i));
      THALWEG_TRY(typed[i], lambda(std::get<ast::Lambda>(node.arguments[i]->node), std::move(parameters),
                                   node.arguments[i]->at));
      THALWEG_CHECK(bind_lambda_result(*function, *resolved, i, typed[i]->type));
    } else if (types[i].kind == ArgumentType::Kind::kNull) {
      typed[i] = null_of(resolved->argument_types[i]);
    } else if (types[i].kind == ArgumentType::Kind::kSql) {
      typed[i] = cast_to_type(typed[i], resolved->argument_types[i]);
    }
  }
  auto type = resolved->result;
  if (resolved->needs_lambdas) { THALWEG_TRY(type, result_type(*function, *resolved)); }
  return make_typed(TypedCall{function->name, resolved->overload, std::move(typed)}, type,
                    print(*expression));
}

Result<TypedPtr> ExpressionAnalyzer::lambda(const ast::Lambda& node, std::vector<SqlType> types,
                                            SourcePosition at) {
  if (types.size() != node.parameters.size()) {
    return statement_error("Was expecting " + std::to_string(types.size()) + " arguments but found " +
                               std::to_string(node.parameters.size()) + ", [" + join_names(node.parameters) +
                               "]. Check your lambda statement.",
                           at);
  }
  std::set<std::string> seen;
  for (const auto& name : node.parameters) {
    if (!seen.insert(name).second) {
      return statement_error("Lambda arguments have duplicates: [" + join_names(node.parameters) + "]", at);
    }
    for (const auto& scope : lambdas_) {
      if (std::find(scope.names.begin(), scope.names.end(), name) != scope.names.end()) {
        return statement_error("Reusing lambda arguments in nested lambda is not allowed", at);
      }
    }
    if (options_.is_column && options_.is_column(name)) {
      return statement_error("Lambda function argument can't be a column name: " + name, at);
    }
  }
  LambdaScope scope{node.parameters, {}, std::move(types)};
  for (std::size_t i = 0; i < node.parameters.size(); ++i) scope.slots.push_back(next_slot_++);
  lambdas_.push_back(scope);
  auto body = analyze(node.body);
  lambdas_.pop_back();
  if (!body) return std::move(body).error();
  const auto type = (*body)->type;
  auto text = (*body)->text;
  return make_typed(TypedLambda{std::move(scope.slots), std::move(scope.types), *body}, type,
                    std::move(text));
}

}  // namespace thalweg::planner
