// CREATE STREAM | TABLE: a declaration checked and turned into a DataSource.
#include <algorithm>
#include <set>

#include "planner/catalog/located.h"
#include "planner/catalog/switches.h"
#include "planner/catalog/with_clause.h"
#include "planner/physical/plan_builder.h"
#include "planner/planner.h"

namespace thalweg::planner {
namespace {

constexpr std::string_view kHeadersType = "ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>>";

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

std::string kind_word(ast::SourceKind kind) { return kind == ast::SourceKind::kStream ? "stream" : "table"; }

Result<void> check_name_free(const ast::CreateSource& statement, const Catalog& catalog) {
  const auto existing = catalog.find(statement.name);
  const auto kind = kind_word(statement.kind);
  if (statement.or_replace && (statement.read_only || (existing && existing->read_only))) {
    return statement_error("Cannot add " + kind + " '" + statement.name +
                               "': CREATE OR REPLACE is not supported on source " + kind + "s.",
                           statement.name_at);
  }
  if (!existing || statement.if_not_exists || statement.or_replace) return {};
  return statement_error("Cannot add " + kind + " '" + statement.name + "': A " + kind_word(existing->kind) +
                             " with the same name already exists",
                         statement.name_at);
}

Result<void> check_key_word(const ast::ColumnDefinition& column, ast::SourceKind kind) {
  const bool table = kind == ast::SourceKind::kTable;
  const auto wrong = table ? ast::ColumnRole::kKey : ast::ColumnRole::kPrimaryKey;
  if (column.role != wrong) return {};
  return Error(ErrorCode::kParse,
               "Line: " + std::to_string(column.at.line) + ", Col: " + std::to_string(column.at.column) +
                   ": Column `" + column.name + "` is a " +
                   (table ? "'KEY' column: please use 'PRIMARY KEY' for tables."
                          : "'PRIMARY KEY' column: please use 'KEY' for streams."),
               column.at);
}

Result<void> check_header_type(const ast::ColumnDefinition& column, const SqlType& type) {
  const auto expected = column.header_key ? std::string("BYTES") : std::string(kHeadersType);
  if (to_string(type) == expected) return {};
  const auto shown = column.header_key ? "HEADER('" + *column.header_key + "')" : std::string("HEADERS");
  return statement_error(
      "Invalid type for " + shown + " column: expected " + expected + ", got " + to_string(type), column.at);
}

// One HEADERS column at most, or any number of HEADER('k') columns over distinct keys.
Result<void> check_header_set(const std::vector<HeaderColumn>& before, const ast::ColumnDefinition& added) {
  for (const auto& header : before) {
    const auto shown = header.key ? "HEADER('" + *header.key + "')" : std::string("HEADERS");
    if (header.key && added.header_key && *header.key != *added.header_key) continue;
    const bool mixed = header.key.has_value() != added.header_key.has_value();
    return statement_error("Schema already contains a " + shown + " column" +
                               (mixed ? ": HEADERS and HEADER columns cannot be mixed." : "."),
                           added.at);
  }
  return {};
}

// Key columns, then value columns, then header columns.
Result<void> add_columns(DataSource& source, const std::vector<ast::ColumnDefinition>& columns,
                         const PlanningContext& context) {
  std::vector<SchemaColumn> keys, values, headers;
  std::set<std::string> names;
  std::string duplicates;
  SourcePosition duplicate_at;
  for (const auto& column : columns) {
    THALWEG_CHECK(check_key_word(column, source.kind));
    if (is_pseudo_column(column.name)) {
      return statement_error(
          "'" + column.name + "' is a reserved column name. You cannot use it as a name for a column.",
          column.at);
    }
    if (!names.insert(column.name).second) {
      if (duplicates.empty()) duplicate_at = column.at;
      duplicates += (duplicates.empty() ? "`" : ", `") + column.name + "`";
    }
    THALWEG_TRY(auto type, resolve_type(column.type, context.catalog));
    if (column.role == ast::ColumnRole::kHeaders) {
      THALWEG_CHECK(check_headers_enabled(context.properties, source.kind, column.at));
      THALWEG_CHECK(check_header_type(column, type));
      THALWEG_CHECK(check_header_set(source.headers, column));
      headers.push_back({column.name, std::move(type)});
      source.headers.push_back({column.name, column.header_key});
    } else {
      (column.role == ast::ColumnRole::kValue ? values : keys).push_back({column.name, std::move(type)});
    }
  }
  if (!duplicates.empty()) return statement_error("Duplicate column names: " + duplicates, duplicate_at);
  source.schema.key_count = keys.size();
  source.schema.columns = std::move(keys);
  source.schema.columns.insert(source.schema.columns.end(), values.begin(), values.end());
  source.schema.columns.insert(source.schema.columns.end(), headers.begin(), headers.end());
  return {};
}

Result<void> choose_formats(DataSource& source, const WithClause& with, const PropertyMap& properties) {
  const auto key_default = property_of(properties, "ksql.persistence.default.format.key");
  const auto value_default = property_of(properties, "ksql.persistence.default.format.value");
  source.key.format.name = with.key.format.value_or(key_default.empty() ? "KAFKA" : key_default);
  if (!with.value.format && value_default.empty()) {
    return statement_error(
        "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either provide one or set a "
        "default "
        "via the 'ksql.persistence.default.format.value' config.");
  }
  source.value.format.name = with.value.format.value_or(value_default);
  source.key.format.properties = with.key.properties;
  source.value.format.properties = with.value.properties;
  for (const auto& [side, format] :
       {std::pair(Side::kKey, &source.key.format), std::pair(Side::kValue, &source.value.format)}) {
    if (!find_format(format->name)) return unknown_format(format->name, with.side_at(side));
    THALWEG_CHECK(located(check_format_properties(side, *format), with.side_at(side)));
  }
  return {};
}

// Columns that a registry would have to supply: there is none, so a missing subject is what the user meets.
Result<void> check_inference(const ast::CreateSource& statement, const WithClause& with,
                             const DataSource& source) {
  bool has_keys = false, has_values = false;
  for (const auto& column : statement.columns) {
    has_keys =
        has_keys || column.role == ast::ColumnRole::kKey || column.role == ast::ColumnRole::kPrimaryKey;
    has_values = has_values || column.role == ast::ColumnRole::kValue;
  }
  const std::pair<const SideProperties*, std::pair<std::string, bool>> sides[] = {
      {&with.key, {"KEY", has_keys}}, {&with.value, {"VALUE", has_values}}};
  const auto id_at = [&](const std::string& side) {
    return with.at({side == "KEY" ? "KEY_SCHEMA_ID" : "VALUE_SCHEMA_ID"});
  };
  for (const auto& [side, named] : sides) {
    if (!side->schema_id) continue;
    if (named.second) {
      return statement_error(
          "Table elements and " + named.first + "_SCHEMA_ID cannot both exist for create statement.",
          id_at(named.first));
    }
  }
  const bool infer_values = !has_values && find_format(source.value.format.name)->infers_schema;
  const bool infer_keys = !has_keys && find_format(source.key.format.name)->infers_schema;
  if (source.kind == ast::SourceKind::kTable && !has_keys && !infer_keys &&
      (infer_values || !statement.columns.empty())) {
    return statement_error("Tables require a PRIMARY KEY. Please define the PRIMARY KEY.");
  }
  if (infer_values || infer_keys) {
    return statement_error(std::string("Schema for message ") + (infer_values ? "values" : "keys") +
                           " on topic '" + source.topic + "' does not exist in the Schema Registry.");
  }
  if (statement.columns.empty()) return statement_error("No columns supplied.");
  return {};
}

Result<void> check_columns(const DataSource& source, const WithClause& with) {
  if (source.kind == ast::SourceKind::kTable && source.schema.key_count == 0) {
    return statement_error("Tables require a PRIMARY KEY. Please define the PRIMARY KEY.");
  }
  if (with.window_type && source.schema.key_count == 0) {
    return statement_error("Windowed sources require a key column.", with.at({"WINDOW_TYPE"}));
  }
  return {};
}

Result<void> check_schema_support(DataSource& source, const WithClause& with, const PropertyMap& properties,
                                  const std::vector<ast::ColumnDefinition>& definitions) {
  const auto where = [&](const std::string& name) {
    const auto found = std::find_if(definitions.begin(), definitions.end(),
                                    [&](const ast::ColumnDefinition& column) { return column.name == name; });
    return found == definitions.end() ? SourcePosition{} : found->at;
  };
  const auto& columns = source.schema.columns;
  const auto keys = source.schema.key_count;
  const auto values = columns.size() - keys - source.headers.size();
  source.key.wrapping = key_wrapping(source.key.format, keys);
  THALWEG_TRY(source.value.wrapping,
              resolve_wrapping(with, property_of(properties, "ksql.persistence.wrap.single.values"),
                               source.value.format, values));
  const std::span<const SchemaColumn> all(columns);
  THALWEG_CHECK(check_format_schema(Side::kKey, source.key, all.subspan(0, keys), where));
  THALWEG_CHECK(check_format_schema(Side::kValue, source.value, all.subspan(keys, values), where));
  auto timestamp = resolve_timestamp(with, source.schema);
  if (!timestamp) return std::move(timestamp).error();
  source.timestamp = *timestamp;
  THALWEG_CHECK(located(check_format_available(source.key.format), with.side_at(Side::kKey)));
  return located(check_format_available(source.value.format), with.side_at(Side::kValue));
}

Result<std::optional<TopicDescription>> check_topic(const DataSource& source, const WithClause& with,
                                                    const TopicDirectory& topics) {
  const auto existing = topics.find(source.topic);
  if (!existing) {
    if (!with.partitions)
      return statement_error("Kafka topic does not exist: " + source.topic, with.at({"KAFKA_TOPIC"}));
    return std::optional(
        TopicDescription{*with.partitions, with.replicas.value_or(1), with.retention_ms.value_or(-1)});
  }
  const bool partitions_differ = with.partitions && *with.partitions != existing->partitions;
  const bool replicas_differ = with.replicas && *with.replicas != existing->replicas;
  if (partitions_differ || replicas_differ) {
    return located(topic_differs(source.topic, with.partitions, with.replicas, *existing),
                   with.at({partitions_differ ? "PARTITIONS" : "REPLICAS"}));
  }
  return std::optional<TopicDescription>();
}

}  // namespace

bool is_pseudo_column(std::string_view name) {
  return name == "ROWTIME" || name == "ROWPARTITION" || name == "ROWOFFSET" || name == "WINDOWSTART" ||
         name == "WINDOWEND";
}

Error topic_differs(const std::string& topic, std::optional<std::int32_t> partitions,
                    std::optional<std::int32_t> replicas, const TopicDescription& existing) {
  return Error(
      ErrorCode::kStatement,
      "A Kafka topic with the name '" + topic +
          "' already exists, with different partition/replica configuration than required. KSQL expects " +
          std::to_string(partitions.value_or(existing.partitions)) + " partitions (topic has " +
          std::to_string(existing.partitions) + "), and " +
          std::to_string(replicas.value_or(existing.replicas)) + " replication factor (topic has " +
          std::to_string(existing.replicas) + ").");
}

namespace {

Result<SourcePlan> plan_declaration(const ast::CreateSource& statement, const std::string& text,
                                    const PlanningContext& context) {
  if (statement.or_replace) THALWEG_CHECK(check_replace_enabled(context.properties, statement.name_at));
  THALWEG_TRY(const auto with, read_with_clause(statement.properties, WithOn::kCreate));
  THALWEG_CHECK(check_name_free(statement, context.catalog));
  if (!with.topic) {
    return Error(
        ErrorCode::kParse,
        "Failed to prepare statement: Missing required property \"KAFKA_TOPIC\" which has no default value.");
  }
  SourcePlan plan;
  auto& source = plan.source;
  source.name = statement.name;
  source.kind = statement.kind;
  source.topic = *with.topic;
  source.read_only = statement.read_only;
  source.statement = text;
  for (const auto& column : statement.columns) THALWEG_CHECK(check_key_word(column, source.kind));
  THALWEG_CHECK(choose_formats(source, with, context.properties));
  THALWEG_CHECK(check_inference(statement, with, source));
  THALWEG_CHECK(add_columns(source, statement.columns, context));
  THALWEG_CHECK(check_columns(source, with));
  if (with.window_type)
    source.window = WindowInfo{*with.window_type, with.window_size_ms, with.window_counts_rows};
  THALWEG_CHECK(check_schema_support(source, with, context.properties, statement.columns));
  THALWEG_TRY(plan.create_topic, check_topic(source, with, context.topics));
  if (const auto existing = context.catalog.find(source.name); existing && statement.or_replace) {
    THALWEG_CHECK(check_source_upgrade(*existing, source));
  }
  const bool materialize =
      property_of(context.properties, "ksql.source.table.materialization.enabled") != "false";
  if (source.read_only && source.kind == ast::SourceKind::kTable && materialize) {
    plan.materializing_query = materializing_query(source, text);
  }
  return plan;
}

}  // namespace

Result<SourcePlan> plan_create_source(const ast::CreateSource& statement, const std::string& text,
                                      const PlanningContext& context) {
  return located(plan_declaration(statement, text, context), statement.name_at);
}

}  // namespace thalweg::planner
