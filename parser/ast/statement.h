// Statements of the dialect, one struct each. Names are folded to upper case unless quoted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/source_span.h"
#include "parser/ast/expression.h"

namespace thalweg::ast {

enum class SourceKind : std::uint8_t { kStream, kTable };

// One entry of a WITH clause; the name is upper case, the value a literal.
struct Property {
  std::string name;
  ExpressionPtr value;
  SourcePosition at;
};
using Properties = std::vector<Property>;

// ---- queries ------------------------------------------------------------------------------------

struct StarItem {
  std::optional<std::string> qualifier;
};  // * and a.*
struct StructStarItem {
  ExpressionPtr base;
};  // e->*
struct ExpressionItem {
  ExpressionPtr expression;
  std::optional<std::string> alias;
  SourcePosition alias_at;
};
struct SelectItem {
  std::variant<StarItem, StructStarItem, ExpressionItem> node;
  SourcePosition at;
};

struct Duration {
  std::int64_t amount;
  std::string unit;
  std::int64_t ms;
};  // "10 SECONDS"

struct SourceRef {
  std::string name;
  std::optional<std::string> alias;
  SourcePosition at;
};

enum class JoinType : std::uint8_t { kInner, kLeft, kRight, kFull };
struct Within {
  Duration before;
  Duration after;
  bool symmetric;
  std::optional<Duration> grace;
};
struct Join {
  JoinType type;
  bool outer_spelt;  // LEFT OUTER JOIN rather than LEFT JOIN
  SourceRef source;
  std::optional<Within> within;
  ExpressionPtr on;
  SourcePosition at;
};

enum class WindowType : std::uint8_t { kTumbling, kHopping, kSession };
struct Window {
  WindowType type;
  std::optional<std::string> name;
  std::optional<Duration> size;     // gap for sessions; absent only when rows is set
  std::optional<Duration> advance;  // hopping
  std::optional<Duration> retention;
  std::optional<Duration> grace;
  std::optional<std::int64_t> rows;  // SIZE n ROWS: count windows
  std::optional<std::int64_t> advance_rows;
  SourcePosition at;
};

enum class Emit : std::uint8_t { kNone, kChanges, kFinal };

struct Query {
  std::vector<SelectItem> items;
  SourceRef from;
  std::vector<Join> joins;
  std::optional<Window> window;
  ExpressionPtr where;  // null: absent
  std::optional<std::vector<ExpressionPtr>> group_by;
  std::optional<std::vector<ExpressionPtr>> partition_by;
  ExpressionPtr having;  // null: absent
  Emit emit = Emit::kNone;
  std::optional<std::int64_t> limit;
  SourcePosition at;
  SourcePosition group_by_at, partition_by_at, where_at, having_at, emit_at, limit_at;
};

// ---- definitions --------------------------------------------------------------------------------

enum class ColumnRole : std::uint8_t { kValue, kKey, kPrimaryKey, kHeaders };
struct ColumnDefinition {
  std::string name;
  TypeName type;
  ColumnRole role = ColumnRole::kValue;
  std::optional<std::string> header_key;  // HEADER('k'); absent with kHeaders: all headers
  SourcePosition at;
};

struct CreateSource {
  SourceKind kind;
  bool or_replace = false, read_only = false /* SOURCE */, if_not_exists = false;
  std::string name;
  std::vector<ColumnDefinition> columns;
  bool has_columns = false;  // "()" or a list was written
  Properties properties;
  SourcePosition name_at;
};
struct CreateAsSelect {
  SourceKind kind;
  bool or_replace = false, if_not_exists = false;
  std::string name;
  Properties properties;
  Query query;
  SourcePosition name_at;
};
struct InsertInto {
  std::string target;
  Properties properties;
  Query query;
  SourcePosition target_at;
};
struct InsertValues {
  std::string target;
  std::vector<std::string> columns;
  std::vector<std::vector<ExpressionPtr>> rows;  // one or more
  SourcePosition target_at;
  std::vector<SourcePosition> columns_at = {};  // as many as columns
};
struct DropSource {
  SourceKind kind;
  bool if_exists;
  std::string name;
  bool delete_topic;
  SourcePosition name_at;
};
struct AlterSource {
  SourceKind kind;
  std::string name;
  std::vector<ColumnDefinition> columns;
  SourcePosition name_at;
};
struct CreateType {
  bool if_not_exists;
  std::string name;
  TypeName type;
  SourcePosition name_at = {};
};
struct DropType {
  bool if_exists;
  std::string name;
  SourcePosition name_at = {};
};

// ---- the rest -----------------------------------------------------------------------------------

enum class LifecycleAction : std::uint8_t { kTerminate, kPause, kResume };
struct Lifecycle {
  LifecycleAction action;
  std::optional<std::string> query_id;
  SourcePosition at;
};  // absent: ALL

enum class Listing : std::uint8_t {
  kStreams,
  kTables,
  kTopics,
  kAllTopics,
  kQueries,
  kProperties,
  kFunctions,
  kTypes,
  kVariables,
  kConnectors,
  kSourceConnectors,
  kSinkConnectors,
  kConnectorPlugins
};
struct List {
  Listing what;
  bool extended = false;
};
struct DescribeSource {
  std::string name;
  bool extended;
  SourcePosition at;
};
struct DescribeAll {
  SourceKind kind;
  bool extended;
};  // DESCRIBE STREAMS | TABLES
struct DescribeFunction {
  std::string name;
  SourcePosition at;
};
struct DescribeConnector {
  std::string name;
};
struct Explain;  // below: holds a statement
struct Print {
  std::string topic;
  bool from_beginning;
  std::optional<std::int64_t> interval, limit;
  SourcePosition at;
};
struct SetProperty {
  std::string name;
  std::string value;
};
struct UnsetProperty {
  std::string name;
};
struct AlterSystem {
  std::string name;
  std::string value;
};
struct DefineVariable {
  std::string name;
  std::string value;
};
struct UndefineVariable {
  std::string name;
};
struct CreateConnector {
  bool is_source;
  bool if_not_exists;
  std::string name;
  Properties properties;
};
struct DropConnector {
  bool if_exists;
  std::string name;
};
struct AssertTopic {
  bool exists;
  std::string topic;
  Properties properties;
  std::optional<Duration> timeout;
};
struct AssertSchema {
  bool exists;
  std::optional<std::string> subject;
  std::optional<std::int64_t> id;
  std::optional<Duration> timeout;
};
struct RunScript {
  std::string file;
};
// Test-tool statements.
struct AssertValues {
  std::string target;
  std::vector<std::string> columns;
  std::vector<ExpressionPtr> values;
};
struct AssertNullValues {
  std::string target;
  std::vector<std::string> columns;
  std::vector<ExpressionPtr> key;
};
struct AssertSource {
  CreateSource expected;
};

struct Statement;
struct Explain {
  std::shared_ptr<const Statement> statement;
  std::optional<std::string> query_id;
};

using StatementNode =
    std::variant<Query, CreateSource, CreateAsSelect, InsertInto, InsertValues, DropSource, AlterSource,
                 CreateType, DropType, Lifecycle, List, DescribeSource, DescribeAll, DescribeFunction,
                 DescribeConnector, Explain, Print, SetProperty, UnsetProperty, AlterSystem, DefineVariable,
                 UndefineVariable, CreateConnector, DropConnector, AssertTopic, AssertSchema, RunScript,
                 AssertValues, AssertNullValues, AssertSource>;

struct Statement {
  StatementNode node;
  SourceSpan span;   // within the request
  std::string text;  // as written, variables substituted, without the final ';'
};

}  // namespace thalweg::ast
