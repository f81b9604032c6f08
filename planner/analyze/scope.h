// Which names a clause may use, and what they mean.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "planner/logical/query.h"

namespace thalweg::planner {

enum class Clause : std::uint8_t { kSelect, kWhere, kJoinOn, kGroupBy, kPartitionBy, kHaving };

class Scope {
 public:
  explicit Scope(const LogicalQuery& query) : query_(query) {}

  // Gives every column reference its qualifier; lambda arguments and the synthetic key stay bare.
  Result<ast::ExpressionPtr> qualify(const ast::ExpressionPtr& expression, Clause clause) const;

  // Visible without being told apart: ROWTIME and so on are, star does not show them.
  static bool has_column(const QuerySource& source, const std::string& name);
  static std::optional<SqlType> column_type(const QuerySource& source, const std::string& name);
  // How many sources have the name.
  std::size_t count_sources(const std::string& name) const;
  Result<std::size_t> find_source(
      const std::string& alias) const;  // E: not a valid stream/table name or alias

 private:
  Result<ast::ExpressionPtr> reference(const ast::ExpressionPtr& expression, const ast::ColumnRef& ref,
                                       Clause clause) const;
  Result<ast::ExpressionPtr> window_bound(const ast::ExpressionPtr& expression, const ast::ColumnRef& ref,
                                          Clause clause) const;
  Result<ast::ExpressionPtr> walk(const ast::ExpressionPtr& expression, Clause clause,
                                  std::vector<std::string>& lambda_names) const;
  Error unresolved(const ast::ColumnRef& ref, SourcePosition at, Clause clause) const;

  const LogicalQuery& query_;
};

// "Line: 3, Col: 77: ", or empty for an unknown position.
std::string location(SourcePosition at);
std::string_view clause_name(Clause clause);  // "SELECT", "JOIN ON"

}  // namespace thalweg::planner
