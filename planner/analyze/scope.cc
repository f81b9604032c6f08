#include "planner/analyze/scope.h"

#include <algorithm>

#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/catalog/similar_names.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;

bool is_window_bound(const std::string& name) { return name == "WINDOWSTART" || name == "WINDOWEND"; }

std::string spelt(const ast::ColumnRef& ref) {
  return ref.qualifier ? *ref.qualifier + "." + ref.name : ref.name;
}

}  // namespace

std::string location(SourcePosition at) {
  if (at.line == 0) return {};
  return "Line: " + std::to_string(at.line) + ", Col: " + std::to_string(at.column) + ": ";
}

std::string_view clause_name(Clause clause) {
  switch (clause) {
    case Clause::kSelect: return "SELECT";
    case Clause::kWhere: return "WHERE";
    case Clause::kJoinOn: return "JOIN ON";
    case Clause::kGroupBy: return "GROUP BY";
    case Clause::kPartitionBy: return "PARTITION BY";
    case Clause::kHaving: break;
  }
  return "HAVING";
}

std::optional<SqlType> Scope::column_type(const QuerySource& source, const std::string& name) {
  if (const auto index = source.source->schema.index_of(name))
    return source.source->schema.columns[*index].type;
  if (name == "ROWTIME" || name == "ROWOFFSET") return SqlType(SqlKind::kBigint);
  if (name == "ROWPARTITION") return SqlType(SqlKind::kInteger);
  if (is_window_bound(name) && source.source->window) return SqlType(SqlKind::kBigint);
  return std::nullopt;
}

bool Scope::has_column(const QuerySource& source, const std::string& name) {
  return column_type(source, name).has_value();
}

std::size_t Scope::count_sources(const std::string& name) const {
  return static_cast<std::size_t>(std::count_if(query_.sources.begin(), query_.sources.end(),
                                                [&](const QuerySource& s) { return has_column(s, name); }));
}

Result<std::size_t> Scope::find_source(const std::string& alias) const {
  for (std::size_t i = 0; i < query_.sources.size(); ++i) {
    if (query_.sources[i].alias == alias) return i;
  }
  std::vector<std::string> known;
  for (const auto& source : query_.sources) known.push_back(source.alias);
  Error error(ErrorCode::kParse,
              "Failed to prepare statement: '" + alias + "' is not a valid stream/table name or alias.");
  error.hint = did_you_mean(alias, known);
  return error;
}

Error Scope::unresolved(const ast::ColumnRef& ref, SourcePosition at, Clause clause) const {
  auto text =
      location(at) + std::string(clause_name(clause)) + " column '" + spelt(ref) + "' cannot be resolved.";
  if (clause == Clause::kPartitionBy) {
    text += " '" + spelt(ref) +
            "' must be a column in the source schema since PARTITION BY is applied on the input.";
  }
  std::vector<std::string> known;
  for (const auto& source : query_.sources) {
    if (ref.qualifier && source.alias != *ref.qualifier) continue;
    for (const auto& column : source.source->schema.columns) known.push_back(column.name);
  }
  Error error(ErrorCode::kStatement, std::move(text), at);
  error.hint = did_you_mean(ref.name, known);
  return error;
}

// WINDOWSTART and WINDOWEND of the query's own WINDOW clause.
Result<ExpressionPtr> Scope::window_bound(const ExpressionPtr& expression, const ast::ColumnRef& ref,
                                          Clause clause) const {
  if (clause == Clause::kWhere) {
    return Error(ErrorCode::kStatement, "Error in WHERE expression: Unknown column " + ref.name + ".",
                 expression->at);
  }
  if (clause != Clause::kSelect) {
    return Error(ErrorCode::kStatement,
                 "Window bounds column " + ref.name +
                     " can only be used in the SELECT clause of windowed aggregations",
                 expression->at);
  }
  return ast::make_expression(ast::ColumnRef{query_.sources[0].alias, ref.name}, expression->at);
}

Result<ExpressionPtr> Scope::reference(const ExpressionPtr& expression, const ast::ColumnRef& ref,
                                       Clause clause) const {
  const auto at = expression->at;
  if (ref.qualifier) {
    auto index = find_source(*ref.qualifier);
    if (!index) {
      auto error = std::move(index).error();
      error.at = at;
      return error;
    }
    if (has_column(query_.sources[*index], ref.name)) return expression;
    if (query_.window && !query_.joined() && is_window_bound(ref.name))
      return window_bound(expression, ref, clause);
    return unresolved(ref, at, clause);
  }
  std::vector<std::size_t> holders;
  for (std::size_t i = 0; i < query_.sources.size(); ++i) {
    if (has_column(query_.sources[i], ref.name)) holders.push_back(i);
  }
  if (holders.empty()) {
    if (!query_.synthetic_key.empty() && ref.name == query_.synthetic_key) return expression;
    if (query_.window && !query_.joined() && is_window_bound(ref.name))
      return window_bound(expression, ref, clause);
    return unresolved(ref, at, clause);
  }
  if (holders.size() > 1) {
    std::string choices;
    for (std::size_t i = 0; i < holders.size(); ++i) {
      if (i > 0) choices += i + 1 == holders.size() ? " or " : ", ";
      choices += query_.sources[holders[i]].alias + "." + ref.name;
    }
    return Error(ErrorCode::kStatement,
                 "Exception while preparing statement: " + location(at) + "Column '" + ref.name +
                     "' is ambiguous. Could be " + choices + ".",
                 at);
  }
  return ast::make_expression(ast::ColumnRef{query_.sources[holders[0]].alias, ref.name}, at);
}

Result<ExpressionPtr> Scope::walk(const ExpressionPtr& expression, Clause clause,
                                  std::vector<std::string>& lambda_names) const {
  return rewrite(expression, [&](const ExpressionPtr& e) -> Result<ExpressionPtr> {
    if (const auto* ref = node_as<ast::ColumnRef>(e)) {
      const bool bound = !ref->qualifier &&
                         std::find(lambda_names.begin(), lambda_names.end(), ref->name) != lambda_names.end();
      if (bound) return e;
      return reference(e, *ref, clause);
    }
    if (const auto* lambda = node_as<ast::Lambda>(e)) {
      const auto before = lambda_names.size();
      lambda_names.insert(lambda_names.end(), lambda->parameters.begin(), lambda->parameters.end());
      auto body = walk(lambda->body, clause, lambda_names);
      lambda_names.resize(before);
      if (!body) return std::move(body).error();
      return ast::make_expression(ast::Lambda{lambda->parameters, *body}, e->at);
    }
    if (const auto* call = node_as<ast::FunctionCall>(e)) {
      // A time unit that is also a column means the column; a bare unit word that is none stays a unit.
      auto copy = *call;
      for (auto& argument : copy.arguments) {
        const auto* unit = node_as<ast::TimeUnit>(argument);
        const auto* ref = node_as<ast::ColumnRef>(argument);
        if (unit && count_sources(unit->unit) > 0) {
          argument = ast::make_expression(ast::ColumnRef{std::nullopt, unit->unit}, argument->at);
        } else if (ref && !ref->qualifier && time_unit_ms(ref->name) && count_sources(ref->name) == 0) {
          argument = ast::make_expression(ast::TimeUnit{ref->name}, argument->at);
          continue;
        }
        THALWEG_TRY(argument, walk(argument, clause, lambda_names));
      }
      return ast::make_expression(std::move(copy), e->at);
    }
    return ExpressionPtr{};
  });
}

Result<ExpressionPtr> Scope::qualify(const ExpressionPtr& expression, Clause clause) const {
  if (expression == nullptr) return ExpressionPtr{};
  std::vector<std::string> lambda_names;
  return walk(expression, clause, lambda_names);
}

}  // namespace thalweg::planner
