// WITH clauses read into values. Everything wrong with a single property is found here, as a parse failure;
// what depends on columns or topics is checked where they are known.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "parser/ast/statement.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/format_traits.h"

namespace thalweg::planner {

struct SideProperties {
  std::optional<std::string> format;              // upper case, known
  std::map<std::string, std::string> properties;  // stored names: "delimiter", "fullSchemaName", …
  std::optional<std::int64_t> schema_id;
};

struct WithClause {
  std::optional<std::string> topic;
  std::optional<std::int32_t> partitions, replicas;
  std::optional<std::int64_t> retention_ms;
  SideProperties key, value;
  bool format_for_both = false;  // FORMAT was written
  std::optional<bool> wrap_single_value;
  std::optional<std::string> timestamp, timestamp_format;
  std::optional<ast::WindowType> window_type;
  std::optional<std::int64_t> window_size_ms;
  bool window_counts_rows = false;  // '3 ROWS': the size is that number
  std::optional<std::string> query_id;
  std::map<std::string, SourcePosition> positions;  // of the properties that were written

  // Where the first of these properties is written; line 0: none of them is.
  SourcePosition at(std::initializer_list<const char*> names) const;
  // The property a format of this side may have refused: its delimiter, schema name, …, else the format.
  SourcePosition side_at(Side side) const;
};

enum class WithOn : std::uint8_t { kCreate, kCreateAs, kInsertInto };
Result<WithClause> read_with_clause(const ast::Properties& properties, WithOn on);

// The TIMESTAMP column against a schema: exists, and of a usable type.
Result<std::optional<TimestampColumn>> resolve_timestamp(const WithClause& with, const Schema& schema);

// WRAP_SINGLE_VALUE, the server's default for it, and the format's abilities. `default_wrap` is
// ksql.persistence.wrap.single.values, empty when unset.
Result<Wrapping> resolve_wrapping(const WithClause& with, const std::string& default_wrap,
                                  const Format& format, std::size_t value_columns);

// "10 SECONDS" in ms.
Result<std::int64_t> parse_duration(const std::string& text);

}  // namespace thalweg::planner
