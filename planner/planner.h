// AST → plan. Everything here is a pure function of its arguments: no I/O, no clock.
//
// Errors carry ErrorCode::kParse, kStatement or kQuery as the dialect's reference classifies them
// (sql §8), the position where the text has one, and a hint where one helps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "parser/ast/statement.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/function_catalog.h"
#include "planner/physical/steps.h"

namespace thalweg::planner {

// Session and server properties by full name ("ksql.persistence.default.format.value").
using PropertyMap = std::map<std::string, std::string>;

struct PlanningContext {
  const Catalog& catalog;
  const FunctionCatalog& functions;
  const TopicDirectory& topics;
  const PropertyMap& properties;
};

// CREATE STREAM | TABLE. The topic may have to be created: then `create_topic` says how.
struct SourcePlan {
  DataSource source;
  std::optional<TopicDescription> create_topic;
  // CREATE SOURCE TABLE: the query that materialises it (its id is still empty).
  std::optional<QueryPlan> materializing_query;
};
Result<SourcePlan> plan_create_source(const ast::CreateSource& statement, const std::string& text,
                                      const PlanningContext& context);

// CREATE … AS SELECT: the query, the source it makes, its topic. OR REPLACE is checked against `replaced`
// (the plan of the running query, null when there is none): see check_upgrade.
struct SinkPlan {
  QueryPlan query;
  DataSource sink;
  std::optional<TopicDescription> create_topic;  // absent: the topic exists as required
};
Result<SinkPlan> plan_create_as_select(const ast::CreateAsSelect& statement, const std::string& text,
                                       const PlanningContext& context);
Result<QueryPlan> plan_insert_into(const ast::InsertInto& statement, const std::string& text,
                                   const PlanningContext& context);
// SELECT … EMIT CHANGES | FINAL. Result schema: columns in projection order (DeliverStep's input).
Result<QueryPlan> plan_push_query(const ast::Query& query, const std::string& text,
                                  const PlanningContext& context);

// ---- pull queries --------------------------------------------------------------------------------

struct WindowBounds {  // of window starts and ends, ms, inclusive; absent: open
  std::optional<std::int64_t> start_min, start_max, end_min, end_max;
};
struct PullAccess {
  enum class Kind : std::uint8_t { kKeys, kRange, kScan } kind = Kind::kScan;
  std::vector<std::vector<TypedPtr>> keys;  // kKeys: column-free expressions, one per key column
  std::optional<TypedPtr> low, high;        // kRange on the single key column
  bool low_inclusive = true, high_inclusive = true;
  WindowBounds window;
};
// Expressions refer to the input schema: key columns, WINDOWSTART and WINDOWEND (windowed), value
// columns (headers included), ROWTIME; for streams also ROWPARTITION, ROWOFFSET.
struct PullPlan {
  std::string source;
  bool stream = false;  // bounded scan of a stream
  bool windowed = false;
  Schema input;
  PullAccess access;
  TypedPtr predicate;  // null: everything
  std::vector<TypedPtr> projection;
  Schema output;                          // key_count unused
  std::vector<std::string> output_marks;  // per column: KEY, HEADERS, HEADER('k') or nothing
  std::optional<std::int64_t> limit;
};
Result<PullPlan> plan_pull_query(const ast::Query& query, const PlanningContext& context);
// EXPLAIN of a pull query. `read`: of a table, the query whose store is read; of a stream, the plan of the
// scan.
std::string describe_topology(const PullPlan& plan, const QueryPlan& read);
std::string describe_execution_plan(const PullPlan& plan, const QueryPlan& read);

// ---- values and changes ----------------------------------------------------------------------------

// INSERT VALUES: expressions per schema column (null where not given), coerced as the reference's strict rule
// says; rowtime separately.
struct InsertRow {
  std::vector<TypedPtr> columns;  // by the target's schema; null pointer: NULL
  TypedPtr rowtime;               // null: now
};
Result<std::vector<InsertRow>> plan_insert_values(const ast::InsertValues& statement,
                                                  const PlanningContext& context);

// ALTER: the changed source.
Result<DataSource> plan_alter(const ast::AlterSource& statement, const PlanningContext& context);
// CREATE OR REPLACE of a source (not a query).
Result<void> check_source_upgrade(const DataSource& running, const DataSource& replacement);
Result<void> check_query_upgrade(const QueryPlan& running, const QueryPlan& replacement,
                                 const DataSource& running_sink, const DataSource& replacement_sink);

// WITH-clause property of a topic-less kind: reads a literal as text.
std::string literal_text(const ast::Expression& literal);

}  // namespace thalweg::planner
