// Builds the steps of a query from the bottom up.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/scope.h"
#include "planner/catalog/with_clause.h"
#include "planner/logical/query.h"
#include "planner/physical/steps.h"
#include "planner/planner.h"

namespace thalweg::planner {

// The rows of one edge and what its columns mean.
struct Relation {
  std::int32_t step = -1;
  bool table = false;
  std::optional<WindowInfo> window;
  // (alias, column) → column of the step's schema; the synthetic key has no alias.
  std::map<std::pair<std::string, std::string>, std::int32_t> columns;
  // Expressions that stand ready in a column: grouping keys, aggregates, partitioning keys, table functions.
  std::vector<std::pair<ast::ExpressionPtr, std::int32_t>> ready;
  SideFormat key;            // how the rows are spread over partitions
  std::string store;         // tables: where the rows are kept; empty: nowhere yet
  bool old_unknown = false;  // tables: former values cannot be had (behind a foreign-key join)
  bool aggregated = false;
};

class PlanBuilder {
 public:
  PlanBuilder(const LogicalQuery& query, const PlanningContext& context) : query_(query), context_(context) {}

  // Everything up to and including HAVING.
  Result<Relation> build_input();
  // The projection of `relation`, sink columns first the keys.
  struct Projection {
    std::int32_t step = -1;
    Schema schema;
  };
  Result<Projection> project_sink(const Relation& relation);
  Result<void> deliver(const Relation& relation);
  // Converts columns to the sink's types where they differ (INSERT INTO).
  void convert_columns(Projection& projection, const Schema& target);
  void add_sink(const Relation& relation, const Projection& projection, const DataSource& sink);
  void choose_materialization(std::int32_t projection);

  QueryPlan finish(QueryKind kind);

 private:
  struct JoinKeys;
  std::int32_t add(Step step);
  const Schema& schema(const Relation& relation) const {
    return plan_.steps[static_cast<std::size_t>(relation.step)].schema;
  }
  // A step over one input that keeps the input's table and window marks.
  Step over(const Relation& relation, std::string name, StepNode node, Schema schema) const;

  Relation source(std::size_t index, const std::string& step_name);
  Result<Relation> join(Relation left, std::size_t index, const std::string& prefix);
  Result<void> rekey_side(Relation& side, const ast::ExpressionPtr& key, const SideFormat& format, bool rekey,
                          const std::string& name, bool keep_null_keys);
  void materialize(Relation& relation, const std::string& name);
  StepNode join_node(const JoinCriterion& criterion, const Relation& left, const Relation& right,
                     const std::string& prefix) const;
  Relation joined_relation(const Relation& left, const Relation& right, std::size_t index, bool foreign_key,
                           const std::string& prefix);
  Result<void> filter(Relation& relation, const ast::ExpressionPtr& predicate, Clause clause,
                      const std::string& name);
  Result<void> partition(Relation& relation);
  Result<void> flat_map(Relation& relation);
  Result<void> aggregate(Relation& relation);
  Result<AggregateCall> aggregate_call(const Relation& relation, const ast::ExpressionPtr& expression,
                                       std::vector<TypedPtr>& arguments,
                                       std::vector<ast::ExpressionPtr>& argument_asts);
  Result<void> check_undoable(const std::vector<AggregateCall>& calls) const;
  Result<void> check_intermediate_types(const std::vector<AggregateCall>& calls) const;
  WindowSpec window_spec() const;
  Result<void> check_window_spec(const WindowSpec& spec) const;
  std::string group_key_name(const ast::ExpressionPtr& expression, std::size_t index) const;

  Result<std::vector<std::size_t>> key_items() const;  // which item is each of the sink's key columns
  std::vector<std::vector<ast::ExpressionPtr>> key_candidates() const;
  Error missing_keys(const std::vector<std::size_t>& missing) const;
  Error repeated_key(const ast::ExpressionPtr& key, const std::vector<std::size_t>& items) const;
  Result<void> check_output_names(const Schema& schema) const;
  SourcePosition last_item_at(const std::string& name) const;

  ExpressionAnalyzer analyzer(const Relation& relation, std::string cast_prefix, bool time_literals) const;
  Result<TypedPtr> typed(const Relation& relation, const ast::ExpressionPtr& expression,
                         std::string cast_prefix) const;

  const LogicalQuery& query_;
  const PlanningContext& context_;
  QueryPlan plan_;
};

bool is_pseudo_column(std::string_view name);
Error topic_differs(const std::string& topic, std::optional<std::int32_t> partitions,
                    std::optional<std::int32_t> replicas, const TopicDescription& existing);
std::string unknown_source_hint(const std::string& name, const Catalog& catalog);
// The query behind CREATE SOURCE TABLE: its rows kept, nothing written.
QueryPlan materializing_query(const DataSource& table, const std::string& statement);
// A source step over the whole declared schema, or over `columns` of it.
SourceStep source_step(const DataSource& source);
// Marks who needs old values, from the end of the plan to its sources.
void mark_old_values(QueryPlan& plan);

}  // namespace thalweg::planner
