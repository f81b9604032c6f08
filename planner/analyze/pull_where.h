// WHERE of a pull query: which rows to fetch. The whole condition still filters what was fetched.
#pragma once

#include "base/result.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/logical/query.h"
#include "planner/planner.h"

namespace thalweg::planner {

class PullWhere {
 public:
  PullWhere(const LogicalQuery& query, const PlanningContext& context, ExpressionAnalyzer& analyzer)
      : query_(query), source_(*query.sources[0].source), context_(context), analyzer_(analyzer) {}

  // Refuses what pull queries over tables cannot express, then chooses the access.
  Result<PullAccess> access(const ast::ExpressionPtr& where);

 private:
  struct Leaf {  // column op value, the column on the left
    ast::ComparisonOp op;
    ast::ExpressionPtr column, value, written;
  };
  using Disjunct = std::vector<ast::ExpressionPtr>;

  Result<void> check_leaves(const ast::ExpressionPtr& e) const;
  Result<void> check_in(const ast::InList& node) const;
  Result<std::optional<std::vector<TypedPtr>>> key_of(const Disjunct& disjunct);
  Result<bool> range_of(const Disjunct& disjunct, PullAccess& access);
  Result<void> why_scan(const Disjunct& disjunct) const;
  WindowBounds bounds_of(const Disjunct& disjunct) const;
  void narrow(WindowBounds& bounds, const std::string& name, ast::ComparisonOp op, std::int64_t ms) const;
  std::optional<Leaf> key_leaf(const ast::ExpressionPtr& e) const;
  std::optional<std::size_t> key_index(const ast::ExpressionPtr& e) const;
  bool mentions_key(const ast::ExpressionPtr& e) const;
  bool enabled(const char* property) const;

  const LogicalQuery& query_;
  const DataSource& source_;
  const PlanningContext& context_;
  ExpressionAnalyzer& analyzer_;
};

}  // namespace thalweg::planner
