// The physical plan: a tree of steps as a value. It is stored as JSON in the command log (names with a
// version: "filter.v1"), printed by EXPLAIN, pinned by golden tests, and built into operators by the
// runtime. A step's id says what it means (a hash of its own text and its inputs' ids), so that an
// unchanged step of a changed query can keep its state.
//
// Every edge carries rows of the producing step's schema, key columns first. Column indexes in a
// step's expressions refer to the schema of its input; in joins to [left schema … right schema].
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "planner/expression/typed_expression.h"
#include "planner/types/schema.h"

namespace thalweg::planner {

// ---- sources ------------------------------------------------------------------------------------

// Where a column of a source step comes from.
struct SourceColumn {
  enum class Origin : std::uint8_t {
    kKey,
    kValue,  // field `index` of the record's key or value, counted in the declared schema
    kRowTime,
    kRowPartition,
    kRowOffset,
    kWindowStart,
    kWindowEnd,
    kHeaders,  // ARRAY<STRUCT<KEY STRING, VALUE BYTES>>
    kHeader    // last header called `header_key`, BYTES
  };
  Origin origin;
  std::int32_t index = 0;
  std::string header_key;
  bool operator==(const SourceColumn&) const = default;
};

// Reads a topic. Only the columns that somebody needs appear in the step's schema (its key columns
// always do), in the order of `columns`.
struct SourceStep {
  bool table = false;  // rows are changes; null keys are dropped
  std::string source;  // "CLICKS"
  std::string topic;
  SideFormat key, value;
  std::optional<WindowInfo> window;
  std::vector<SchemaColumn> key_fields, value_fields;  // the declared schema, for the formats
  std::vector<SourceColumn> columns;                   // one per column of the step's schema
  struct Timestamp {
    SourceColumn column;  // kKey or kValue
    std::optional<std::string> format;
  };
  std::optional<Timestamp> timestamp;
  std::string store;  // tables that must know their rows: name of the store; else empty
};

// ---- row by row ----------------------------------------------------------------------------------

struct FilterStep {
  TypedPtr predicate;
};  // on tables with change semantics
struct ProjectStep {
  std::vector<TypedPtr> columns;
};  // one per column of the schema, key columns first
// As Project, but the key columns are new (PARTITION BY, re-keying for a join): a failing key
// expression gives NULL. On tables: only for a change of key format, the key columns stay.
struct SelectKeyStep {
  std::vector<TypedPtr> columns;
};
// Appends one column per table function to the input's columns; rows are zipped.
struct FlatMapStep {
  std::vector<TypedPtr> functions;
};  // each a TypedCall of a table function

// Key := grouping expressions; rows with a NULL or failing one are excluded. Over a table a change
// whose group moves becomes two. Columns as in ProjectStep.
struct GroupByStep {
  std::vector<TypedPtr> columns;
};

// Rows move to the partition their key says, through an internal topic. A task whose topic would
// have one partition passes rows straight through.
struct RepartitionStep {
  std::string topic_suffix;  // "Aggregate-GroupBy-repartition"
  SideFormat key;            // the format whose bytes decide the partition (reference, semantics §2.4)
  bool drop_null_keys = true;
};

// ---- stateful ------------------------------------------------------------------------------------

struct AggregateCall {
  std::string function;
  std::int32_t overload = 0;
  std::vector<std::int32_t> arguments;  // columns of the input
  std::vector<Value> constants;         // of the trailing literal parameters
  std::vector<SqlType> constant_types;
  SqlType result;
};
struct WindowSpec {
  ast::WindowType type;
  std::int64_t size_ms = 0;     // sessions: the gap
  std::int64_t advance_ms = 0;  // tumbling: == size
  std::int64_t grace_ms = 0;
  std::int64_t retention_ms = 0;
  // Windows over a number of rows; size_ms and advance_ms are then the same numbers, and a window's start
  // and end count rows of its group.
  std::optional<std::int64_t> size_rows, advance_rows;
  // The windows that the rows' keys bring along: no row is late, and no window goes.
  bool of_source = false;
};
// Schema: group key columns, the carried columns, one column per call, then WINDOWSTART, WINDOWEND
// (BIGINT) when windowed.
struct AggregateStep {
  bool table_input = false;           // undo old rows
  std::vector<std::int32_t> carried;  // input columns kept as of the latest row
  std::vector<AggregateCall> calls;
  std::optional<WindowSpec> window;
  bool emit_final = false;
  std::string store;
};

struct StreamTableJoinStep {
  ast::JoinType type;
  std::string store;
};  // inner, left; store: of the table side's source
struct StreamStreamJoinStep {
  ast::JoinType type;
  std::int64_t before_ms = 0,
               after_ms = 0;             // of the left record's time, also in a RIGHT JOIN (mirrored already)
  std::optional<std::int64_t> grace_ms;  // given: unmatched rows wait for the window to close
  std::int64_t retention_ms = 0;         // before + after + grace (default grace included)
  std::string left_store, right_store, pending_store;
};
struct TableTableJoinStep {
  ast::JoinType type;
  std::string left_store, right_store;
};
struct ForeignKeyJoinStep {
  ast::JoinType type;
  TypedPtr foreign_key;
  std::string left_store, right_store, subscription_store;
};
// Schema of a join: key columns (the join key's values; a foreign-key join: the left key), then all
// columns of the left schema, then all of the right one.

// Keeps the rows of a table edge so that they can be read (pull queries) and old values are known.
struct MaterializeStep {
  std::string store;
};

// ---- sinks ---------------------------------------------------------------------------------------

struct SinkStep {
  bool table = false;
  std::string sink;  // name of the stream or table
  std::string topic;
  SideFormat key, value;
  std::optional<WindowInfo> window;
  std::vector<std::int32_t> key_columns, value_columns;  // of the input
  std::optional<TimestampColumn> timestamp;
  std::int32_t timestamp_column = -1;  // of the input; -1: none
};
// Rows of a push query, to whoever asked.
struct DeliverStep {
  std::vector<std::int32_t> columns;
  std::optional<std::int64_t> limit;
};

using StepNode = std::variant<SourceStep, FilterStep, ProjectStep, SelectKeyStep, FlatMapStep, GroupByStep,
                              RepartitionStep, AggregateStep, StreamTableJoinStep, StreamStreamJoinStep,
                              TableTableJoinStep, ForeignKeyJoinStep, MaterializeStep, SinkStep, DeliverStep>;

struct Step {
  std::string id;    // 16 hex digits
  std::string name;  // "KsqlTopic", "Project", "Aggregate-Aggregate": names contexts and stores
  std::vector<std::int32_t> inputs;  // positions in QueryPlan::steps, all smaller than the own one
  Schema schema;                     // of what it emits
  bool table = false;                // emits changes
  bool windowed = false;             // keys carry a window
  bool needs_old = false;            // somebody downstream asks for old values
  StepNode node;
};

enum class QueryKind : std::uint8_t { kCreateStreamAs, kCreateTableAs, kInsertInto, kSourceTable, kPush };

// Which rows a pull query reads, and what is done to them on the way out.
struct Materialization {
  std::int32_t step = -1;  // the stateful step that owns the rows
  std::string store;
  std::vector<std::int32_t> above;  // filters and projections applied when reading, bottom up
};

struct QueryPlan {
  QueryKind kind = QueryKind::kPush;
  std::string id;                    // set by the engine
  std::string statement;             // canonical text
  std::vector<Step> steps;           // topological order, the sink last
  std::vector<std::string> sources;  // names read, in order of appearance, each once
  std::string sink;                  // name written; empty for push queries
  std::optional<Materialization> materialization;
  std::map<std::string, std::string> properties;  // frozen at creation
};

// A document of another version is refused with a clear message.
inline constexpr int kPlanVersion = 1;
std::string to_json(const QueryPlan& plan);  // one line
Result<QueryPlan> plan_from_json(std::string_view json);
std::string to_json(const DataSource& source);
Result<DataSource> source_from_json(std::string_view json);

// Fills Step::id of every step.
void assign_step_ids(QueryPlan& plan);

// "Topologies:\n   Sub-topology: 0\n    Source: …": the layout of Kafka Streams' description.
std::string describe_topology(const QueryPlan& plan);
// Indented steps with schemas and loggers: EXPLAIN's execution plan.
std::string describe_execution_plan(const QueryPlan& plan);

}  // namespace thalweg::planner
