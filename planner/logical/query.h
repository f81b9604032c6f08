// A query after names are resolved: every column reference carries its source's alias, stars are expanded,
// outputs have names. The relational tree is implied by the clause order of the dialect:
//   sources and joins → WHERE → PARTITION BY → table functions → grouping → HAVING → projection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/statement.h"
#include "planner/catalog/catalog.h"

namespace thalweg::planner {

enum class QueryUse : std::uint8_t { kPersistent, kPush };

struct QuerySource {
  DataSourcePtr source;
  std::string alias;
  SourcePosition at;
};

// One JOIN: `left` refers to an earlier source, `right` to the one that joins.
struct JoinCriterion {
  ast::Join join;
  ast::ExpressionPtr left, right;
  ast::ExpressionPtr first, second;  // the two sides as written
  std::size_t left_source = 0;       // which source `left` refers to
  // The columns that `left` and `right` are widened from; null: they are as written, or narrowed.
  ast::ExpressionPtr left_column, right_column;
};

struct OutputItem {
  ast::ExpressionPtr expression;
  std::string name;
  bool aliased = false;
  bool from_star = false;
  SourcePosition at;
};

struct LogicalQuery {
  QueryUse use = QueryUse::kPersistent;
  std::string sink;  // names the output in messages
  std::vector<QuerySource> sources;
  std::vector<JoinCriterion> joins;
  // Name of the key column that no source column stands for; empty: the last join's key is a source column.
  std::string synthetic_key;
  std::vector<OutputItem> items;
  ast::ExpressionPtr where, having;
  std::vector<ast::ExpressionPtr> partition_by;  // empty: absent, or by the present key
  bool partition_by_null = false;
  std::optional<std::vector<ast::ExpressionPtr>> group_by;
  std::vector<ast::ExpressionPtr> aggregates;       // distinct calls of SELECT and HAVING
  std::vector<ast::ExpressionPtr> table_functions;  // distinct calls of SELECT
  std::optional<ast::Window> window;
  ast::Emit emit = ast::Emit::kNone;
  std::optional<std::int64_t> limit;
  ast::Query canonical;  // names qualified, aliases written out

  bool joined() const { return !joins.empty(); }
  bool aggregated() const { return group_by.has_value() || !aggregates.empty(); }
  bool table_result() const;
};

// The column a reference names, as columns are called behind the sources: NAME, in joins ALIAS_NAME.
ast::ExpressionPtr behind_sources(const LogicalQuery& query, const ast::ExpressionPtr& expression);
// An expression as messages spell it behind the sources.
std::string display(const LogicalQuery& query, const ast::Expression& expression);

// Expressions that all hold the key of the joins up to `join` (0: the first), left side first. Empty for a
// FULL join, whose key no expression holds. A foreign-key join keeps the left side's.
std::vector<ast::ExpressionPtr> key_expressions(const LogicalQuery& query, std::size_t join);
// The columns among the key expressions, those included that are widened to the key's type.
std::vector<ast::ExpressionPtr> key_columns(const LogicalQuery& query, std::size_t join);
// The key columns of a source as qualified references.
std::vector<ast::ExpressionPtr> source_keys(const QuerySource& source);
bool contains(const std::vector<ast::ExpressionPtr>& list, const ast::ExpressionPtr& expression);
// Whether join `join` matches tables on something that is not the left table's key.
bool is_foreign_key_join(const LogicalQuery& query, std::size_t join);

}  // namespace thalweg::planner
