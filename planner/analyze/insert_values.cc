// INSERT VALUES: rows of expressions by the target's columns.
#include <algorithm>

#include "parser/print.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/catalog/located.h"
#include "planner/catalog/similar_names.h"
#include "planner/catalog/switches.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

bool same_ignoring_case(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

Error unknown_target(const ast::InsertValues& statement, const Catalog& catalog) {
  auto text = "Cannot insert values into an unknown stream/table: `" + statement.target + "`";
  for (const auto& [name, source] : catalog.sources()) {
    if (!same_ignoring_case(name, statement.target)) continue;
    const bool bare = parser::quote_if_needed(name) == name;
    text += bare ? "\nDid you mean " + name + "? Hint: try removing double quotes from the source name."
                 : "\nDid you mean \"" + name +
                       "\"? Hint: wrap the source name in double quotes to make it case-sensitive.";
  }
  auto error = statement_error(std::move(text), statement.target_at);
  error.hint = unknown_source_hint(statement.target, catalog);
  return error;
}

Result<void> check_target(const DataSource& target) {
  const std::string kind = target.kind == ast::SourceKind::kStream ? "stream" : "table";
  if (target.read_only)
    return statement_error("Cannot insert values into read-only " + kind + ": " + target.name);
  if (target.window) return statement_error("Cannot insert values into windowed stream/table!");
  return {};
}

bool is_header(const DataSource& target, const std::string& name) {
  return std::any_of(target.headers.begin(), target.headers.end(),
                     [&](const HeaderColumn& header) { return header.name == name; });
}

Error header_error(const std::vector<std::string>& names, SourcePosition at) {
  return statement_error("Cannot insert into HEADER columns: " + list_names(names, ", "), at);
}

Error count_error(std::size_t columns, std::size_t values) {
  return Error(ErrorCode::kParse,
               "Failed to prepare statement: Expected number columns and values to match: " +
                   std::to_string(columns) + ", " + std::to_string(values));
}

Error unknown_column(const std::string& name, const DataSource& target, SourcePosition at) {
  std::vector<std::string> known;
  for (const auto& column : target.schema.columns) known.push_back(column.name);
  return statement_error("Column name `" + name + "` does not exist.", at)
      .with_hint(did_you_mean(name, known));
}

// Columns named in the statement: known, writable, each once.
Result<void> check_named_columns(const ast::InsertValues& statement, const DataSource& target) {
  std::vector<std::string> headers;
  SourcePosition header_at;
  for (std::size_t i = 0; i < statement.columns.size(); ++i) {
    const auto& name = statement.columns[i];
    const auto at = i < statement.columns_at.size() ? statement.columns_at[i] : statement.target_at;
    if (name == "ROWPARTITION" || name == "ROWOFFSET") {
      return statement_error("Inserting into column `" + name + "` is not allowed.", at);
    }
    if (name != "ROWTIME" && !target.schema.index_of(name)) return unknown_column(name, target, at);
    if (std::count(statement.columns.begin(), statement.columns.begin() + static_cast<std::ptrdiff_t>(i),
                   name) > 0)
      return statement_error("Column name `" + name + "` is given more than once.", at);
    if (!is_header(target, name)) continue;
    if (headers.empty()) header_at = at;
    headers.push_back(name);
  }
  if (headers.empty()) return {};
  return header_error(headers, header_at);
}

// The columns a row's values belong to; ROWTIME may be among them.
Result<std::vector<std::string>> target_columns(const ast::InsertValues& statement, const DataSource& target,
                                                const std::vector<ast::ExpressionPtr>& values) {
  std::vector<std::string> headers, names;
  if (!statement.columns.empty()) {
    if (statement.columns.size() != values.size())
      return located(count_error(statement.columns.size(), values.size()), values[0]->at);
    THALWEG_CHECK(check_named_columns(statement, target));
    return statement.columns;
  }
  for (const auto& column : target.schema.columns) {
    (is_header(target, column.name) ? headers : names).push_back(column.name);
  }
  if (values.size() == names.size()) return names;
  if (!headers.empty() && values.size() == target.schema.size())
    return header_error(headers, values[names.size()]->at);
  return located(count_error(names.size(), values.size()), values[0]->at);
}

// Numbers widen (a DECIMAL to one with room for all its digits), strings become times and bytes, collections
// follow their elements.
bool fits(const SqlType& from, const SqlType& to) {
  const auto rank = [](const SqlType& type) {
    switch (type.kind()) {
      case SqlKind::kInteger: return 1;
      case SqlKind::kBigint: return 2;
      case SqlKind::kDecimal: return 3;
      default: return 4;
    }
  };
  if (from == to) return true;
  if (from.is(SqlKind::kDecimal) && to.is(SqlKind::kDecimal)) {
    return from.scale() <= to.scale() && from.precision() - from.scale() <= to.precision() - to.scale();
  }
  if (from.is_numeric() && to.is_numeric()) return rank(from) <= rank(to);
  if (from.kind() != to.kind()) return from.is(SqlKind::kString) && converts_implicitly(from, to);
  if (from.is(SqlKind::kArray)) return fits(from.element(), to.element());
  if (from.is(SqlKind::kMap)) return fits(from.key(), to.key()) && fits(from.value(), to.value());
  if (!from.is(SqlKind::kStruct)) return true;
  return std::all_of(from.fields().begin(), from.fields().end(), [&](const Field& field) {
    return std::any_of(to.fields().begin(), to.fields().end(), [&](const Field& wanted) {
      return wanted.name == field.name && fits(field.type, wanted.type);
    });
  });
}

class RowReader {
 public:
  RowReader(const DataSource& target, const PlanningContext& context) : target_(target), context_(context) {}

  Result<InsertRow> read(const std::vector<std::string>& columns,
                         const std::vector<ast::ExpressionPtr>& values) {
    InsertRow row;
    row.columns.resize(target_.schema.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto index =
          columns[i] == "ROWTIME" ? std::optional<std::size_t>() : target_.schema.index_of(columns[i]);
      const auto type = index ? target_.schema.columns[*index].type : SqlType(SqlKind::kBigint);
      THALWEG_TRY(auto value, convert(columns[i], values[i], type));
      (index ? row.columns[*index] : row.rowtime) = std::move(value);
    }
    THALWEG_CHECK(check_keys(row));
    return row;
  }

 private:
  Result<TypedPtr> convert(const std::string& column, const ast::ExpressionPtr& value, const SqlType& type) {
    const auto resolve = [](const ast::ColumnRef& ref, SourcePosition at) -> Result<TypedPtr> {
      return Error(ErrorCode::kParse,
                   "Failed to prepare statement: '" + ref.qualifier.value_or(ref.name) +
                       "' is not a valid stream/table name or alias.",
                   at);
    };
    auto options = analyzer_options(context_, resolve);
    options.null_text = false;
    THALWEG_TRY(auto typed, ExpressionAnalyzer(std::move(options)).analyze_nullable(value));
    if (!typed) return TypedPtr{};
    if (fits(typed->type, type)) return cast_to_type(typed, type);
    return statement_error("Failed to insert values into '" + target_.name + "'. Expected type " +
                               to_string(type) + " for field `" + column + "` but got " +
                               to_string(typed->type) + "(" + parser::print(*value) + ")",
                           value->at);
  }

  Result<void> check_keys(const InsertRow& row) const {
    if (target_.kind != ast::SourceKind::kTable) return {};
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < target_.schema.key_count; ++i) {
      if (!row.columns[i]) missing.push_back(target_.schema.columns[i].name);
    }
    if (missing.empty()) return {};
    return statement_error("Failed to insert values into '" + target_.name +
                           "'. Value for primary key column(s) " + list_names(missing, ", ") +
                           " is required for tables");
  }

  const DataSource& target_;
  const PlanningContext& context_;
};

}  // namespace

namespace {

Result<std::vector<InsertRow>> plan_rows(const ast::InsertValues& statement, const PlanningContext& context) {
  if (switched_off(context.properties, "ksql.insert.into.values.enabled")) {
    return statement_error(
        "The server has disabled INSERT INTO ... VALUES functionality. To enable it, set "
        "ksql.insert.into.values.enabled to true.");
  }
  const auto target = context.catalog.find(statement.target);
  if (!target) return unknown_target(statement, context.catalog);
  THALWEG_CHECK(check_target(*target));
  RowReader reader(*target, context);
  std::vector<InsertRow> rows;
  for (const auto& values : statement.rows) {
    THALWEG_TRY(const auto columns, target_columns(statement, *target, values));
    THALWEG_TRY(auto row, reader.read(columns, values));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Result<std::vector<InsertRow>> plan_insert_values(const ast::InsertValues& statement,
                                                  const PlanningContext& context) {
  return located(plan_rows(statement, context), statement.target_at);
}

}  // namespace thalweg::planner
