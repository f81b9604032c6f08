// ALTER, and whether a declaration may take another's place.
#include <algorithm>

#include "planner/catalog/format_traits.h"
#include "planner/physical/plan_builder.h"
#include "planner/planner.h"

namespace thalweg::planner {
namespace {

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

std::string kind_word(ast::SourceKind kind) { return kind == ast::SourceKind::kStream ? "STREAM" : "TABLE"; }

Error not_upgradeable(const DataSource& running, const DataSource& replacement, const std::string& what,
                      const std::string& before, const std::string& after, const std::string& why) {
  return statement_error("Cannot upgrade data source: DataSource '`" + running.name + "`' has " + what +
                         " = " + before + " which is not upgradeable to " + after + "." +
                         (why.empty() ? "" : " (" + why + ")") +
                         (replacement.name == running.name ? "" : " as `" + replacement.name + "`"));
}

std::span<const SchemaColumn> value_columns(const DataSource& source) {
  return std::span(source.schema.columns).subspan(source.schema.key_count);
}

// Columns of `before` that `after` changed, lost or moved, as they were.
std::string changed_columns(const DataSource& before, const DataSource& after) {
  const auto old_columns = value_columns(before);
  const auto new_columns = value_columns(after);
  std::string text;
  for (std::size_t i = 0; i < old_columns.size(); ++i) {
    if (i < new_columns.size() && new_columns[i] == old_columns[i]) continue;
    text += (text.empty() ? "`" : ", `") + old_columns[i].name + "` " + to_string(old_columns[i].type);
  }
  return text;
}

}  // namespace

Result<void> check_source_upgrade(const DataSource& running, const DataSource& replacement) {
  if (running.kind != replacement.kind) {
    return not_upgradeable(running, replacement, "type", kind_word(running.kind), kind_word(replacement.kind),
                           "");
  }
  if (running.topic != replacement.topic) {
    return not_upgradeable(running, replacement, "topic", running.topic, replacement.topic, "");
  }
  if (running.timestamp != replacement.timestamp) {
    const auto shown = [](const DataSource& source) {
      return source.timestamp ? "`" + source.timestamp->column + "`" : std::string("none");
    };
    return not_upgradeable(running, replacement, "timestamp column", shown(running), shown(replacement), "");
  }
  const auto before = to_string(running.schema), after = to_string(replacement.schema);
  const auto keys = [](const DataSource& s) {
    return std::span(s.schema.columns).subspan(0, s.schema.key_count);
  };
  if (!std::ranges::equal(keys(running), keys(replacement))) {
    Schema key_schema;
    for (const auto& column : keys(running)) key_schema.columns.push_back(column);
    key_schema.key_count = key_schema.columns.size();
    return not_upgradeable(
        running, replacement, "schema", before, after,
        "Key columns must be identical. (The following key columns are changed, missing or "
        "reordered: [" +
            to_string(key_schema) + "])");
  }
  const auto changed = changed_columns(running, replacement);
  if (!changed.empty()) {
    return not_upgradeable(running, replacement, "schema", before, after,
                           "The following columns are changed, missing or reordered: [" + changed + "]");
  }
  return {};
}

Result<DataSource> plan_alter(const ast::AlterSource& statement, const PlanningContext& context) {
  const auto existing = context.catalog.find(statement.name);
  if (!existing) {
    return statement_error("Source " + statement.name + " does not exist.", statement.name_at)
        .with_hint(unknown_source_hint(statement.name, context.catalog));
  }
  if (existing->kind != statement.kind) {
    return statement_error("Incompatible data source type is " + kind_word(existing->kind) +
                               ", but statement was ALTER " + kind_word(statement.kind),
                           statement.name_at);
  }
  if (existing->read_only) {
    const auto* kind = existing->kind == ast::SourceKind::kStream ? "stream" : "table";
    return statement_error(std::string("Cannot alter ") + kind + " '" + statement.name +
                               "': ALTER operations are not supported on source " + kind + "s.",
                           statement.name_at);
  }
  if (!existing->created_by.empty()) {
    return statement_error("ALTER command is not supported for CREATE ... AS statements.", statement.name_at);
  }
  auto altered = *existing;
  auto& columns = altered.schema.columns;
  for (const auto& column : statement.columns) {
    if (altered.schema.index_of(column.name)) {
      return statement_error(
          "Cannot add column `" + column.name + "` to schema. A column with the same name already exists.",
          column.at);
    }
    if (is_pseudo_column(column.name)) {
      return statement_error(
          "'" + column.name + "' is a reserved column name. You cannot use it as a name for a column.",
          column.at);
    }
    THALWEG_TRY(auto type, resolve_type(column.type, context.catalog));
    columns.insert(columns.end() - static_cast<std::ptrdiff_t>(altered.headers.size()),
                   {column.name, std::move(type)});
  }
  const auto keys = altered.schema.key_count;
  const auto values = columns.size() - keys - altered.headers.size();
  const auto where = [&](const std::string& name) {
    const auto added = std::find_if(statement.columns.begin(), statement.columns.end(),
                                    [&](const ast::ColumnDefinition& column) { return column.name == name; });
    return added == statement.columns.end() ? statement.name_at : added->at;
  };
  THALWEG_CHECK(
      check_format_schema(Side::kValue, altered.value, std::span(columns).subspan(keys, values), where));
  return altered;
}

}  // namespace thalweg::planner
