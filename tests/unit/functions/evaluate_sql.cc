#include "tests/unit/functions/evaluate_sql.h"

#include "parser/parser.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/types/text.h"
#include "runtime/expressions/expression.h"

namespace thalweg::runtime::testing {
namespace {

struct Evaluated {
  std::string text;
  std::string errors;
};

const FunctionEnvironment& environment() {
  static const ManualClock clock(WallTime{1'700'000'000'000});
  static const FunctionEnvironment made{.clock = &clock, .random_seed = 7};
  return made;
}

Result<planner::TypedPtr> typed(std::string_view text) {
  THALWEG_TRY(const auto expression, parser::parse_expression(text));
  static const planner::Catalog catalog;
  planner::ExpressionAnalyzer analyzer(
      {.functions = standard_library()->catalog(),
       .catalog = catalog,
       .resolve = [](const ast::ColumnRef& column, SourcePosition) -> Result<planner::TypedPtr> {
         return Error{ErrorCode::kStatement, "no column " + column.name};
       }});
  return analyzer.analyze(expression);
}

Result<Evaluated> evaluate(std::string_view text) {
  THALWEG_TRY(const planner::TypedPtr expression, typed(text));
  THALWEG_TRY(const auto compiled, compile(*expression, *standard_library(), environment()));
  Arena arena;
  const std::vector<Column> no_columns;
  std::vector<RowError> errors;
  EvaluationContext context{arena, no_columns, errors};
  const Column column = compiled->evaluate(context, {nullptr, 1}, 1);
  const planner::Value value = value_at(column, expression->type, 0);
  Evaluated result;
  result.text = value.is_null() ? "NULL"
                : expression->type.is(planner::SqlKind::kBytes)
                    ? planner::base64_encode(value.as_string())
                    : planner::cast_to_string(value, expression->type);
  for (const RowError& error : errors) result.errors += (result.errors.empty() ? "" : "; ") + error.message;
  return result;
}

}  // namespace

std::string evaluate_sql(std::string_view text) {
  auto result = evaluate(text);
  return result ? result->text : "error: " + result.error().message;
}

std::string errors_of_sql(std::string_view text) {
  auto result = evaluate(text);
  return result ? result->errors : "error: " + result.error().message;
}

}  // namespace thalweg::runtime::testing
