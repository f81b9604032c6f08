// What each serialisation format can hold, as one table; the formats themselves live in the runtime.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"

namespace thalweg::planner {

struct FormatTraits {
  std::string_view name;
  bool any_columns = true;  // NONE holds no column at all
  bool many_columns = true;
  bool nested = true;          // ARRAY, MAP, STRUCT
  bool all_primitives = true;  // KAFKA: INTEGER BIGINT DOUBLE STRING BYTES only
  bool wrapped = true;         // an envelope for single columns is possible
  bool unwrapped = true;       // a bare single column is possible
  bool needs_registry = false;
  bool infers_schema = false;
  bool available = true;                          // the runtime can read and write it
  std::vector<std::string_view> properties = {};  // stored properties it understands
};

// nullptr: no such format. The name is upper case.
const FormatTraits* find_format(std::string_view name);
Error unknown_format(const std::string& name, SourcePosition at);  // with near names as a hint

enum class Side : std::uint8_t { kKey, kValue };

// Properties the format does not know, or blank ones.
Result<void> check_format_properties(Side side, const Format& format);
// Whether the columns fit: "Key format does not support schema. …".
Result<void> check_format_schema(Side side, const SideFormat& format, std::span<const SchemaColumn> columns);
// The same; `where` says where a column is written, so that the error can point at the one that does not fit.
using ColumnPosition = std::function<SourcePosition(const std::string& column)>;
Result<void> check_format_schema(Side side, const SideFormat& format, std::span<const SchemaColumn> columns,
                                 const ColumnPosition& where);
// Whether a key of these columns stays in this format inside a query, or internal topics turn to JSON.
bool holds_internal_key(const Format& format, std::span<const SchemaColumn> columns);
// The last check: a known format whose body is missing here.
Result<void> check_format_available(const Format& format);
// A single key column stands bare wherever the format has both styles.
Wrapping key_wrapping(const Format& format, std::size_t column_count);

}  // namespace thalweg::planner
