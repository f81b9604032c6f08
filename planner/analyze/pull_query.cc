// Pull queries: one table or stream, read once.
#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/pull_where.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/analyze/scope.h"
#include "planner/catalog/located.h"
#include "planner/catalog/switches.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

constexpr std::string_view kMore =
    " See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to "
    "issue a push query.";

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

Result<void> check_clauses(const ast::Query& query, const PropertyMap& properties) {
  const auto refused = [&](const char* clause, SourcePosition at) {
    return statement_error(
        std::string("Pull queries don't support ") + clause + " clauses." + std::string(kMore), at);
  };
  if (!query.joins.empty()) return refused("JOIN", query.joins[0].at);
  if (query.window) return refused("WINDOW", query.window->at);
  if (query.group_by) return refused("GROUP BY", query.group_by_at);
  if (query.partition_by) return refused("PARTITION BY", query.partition_by_at);
  if (query.having) return refused("HAVING", query.having_at);
  if (!query.limit) return {};
  if (switched_off(properties, "ksql.query.pull.limit.clause.enabled")) {
    return statement_error(
        "LIMIT clause in pull queries is currently disabled. You can enable them by setting "
        "ksql.query.pull.limit.clause.enabled=true." +
            std::string(kMore),
        query.limit_at);
  }
  if (*query.limit < 0) {
    return statement_error(
        "Pull queries don't support negative integers in the LIMIT clause." + std::string(kMore),
        query.limit_at);
  }
  return {};
}

Result<void> check_pseudo_columns(const ast::ExpressionPtr& expression, const char* clause) {
  std::set<std::string> found;
  visit(expression, [&](const ast::ExpressionPtr& e) {
    const auto* ref = node_as<ast::ColumnRef>(e);
    if (ref && (ref->name == "ROWPARTITION" || ref->name == "ROWOFFSET")) found.insert("`" + ref->name + "`");
    return true;
  });
  if (found.empty()) return {};
  return statement_error(std::string("Pull queries don't support the following columns in ") + clause +
                             " clauses: " + list_names({found.begin(), found.end()}, ", "),
                         expression->at);
}

bool queryable(const DataSource& source) {
  if (source.kind == ast::SourceKind::kStream || source.read_only) return true;
  return !source.created_by.empty();
}

// Key columns, window bounds, value columns, ROWTIME; streams add ROWPARTITION and ROWOFFSET.
Schema input_schema(const DataSource& source) {
  Schema input;
  const auto& columns = source.schema.columns;
  const auto keys = static_cast<std::ptrdiff_t>(source.schema.key_count);
  input.columns.assign(columns.begin(), columns.begin() + keys);
  input.key_count = source.schema.key_count;
  if (source.window) {
    input.columns.push_back({"WINDOWSTART", SqlKind::kBigint});
    input.columns.push_back({"WINDOWEND", SqlKind::kBigint});
  }
  input.columns.insert(input.columns.end(), columns.begin() + keys, columns.end());
  input.columns.push_back({"ROWTIME", SqlKind::kBigint});
  if (source.kind == ast::SourceKind::kStream) {
    input.columns.push_back({"ROWPARTITION", SqlKind::kInteger});
    input.columns.push_back({"ROWOFFSET", SqlKind::kBigint});
  }
  return input;
}

// How the answer's head marks a column: the window belongs to the key, and a table's star tells of headers.
std::string mark_of(const PullPlan& plan, const TypedExpression& column, const OutputItem& item,
                    const DataSource& source) {
  const auto* input = std::get_if<InputColumn>(&column.node);
  if (input == nullptr || plan.stream) return {};
  if (static_cast<std::size_t>(input->index) < plan.input.key_count + (plan.windowed ? 2 : 0)) return "KEY";
  const auto header = std::find_if(source.headers.begin(), source.headers.end(), [&](const HeaderColumn& h) {
    return item.from_star && h.name == plan.input.columns[static_cast<std::size_t>(input->index)].name;
  });
  if (header == source.headers.end()) return {};
  return header->key ? "HEADER('" + *header->key + "')" : "HEADERS";
}

class PullPlanner {
 public:
  PullPlanner(const ast::Query& query, const PlanningContext& context) : query_(query), context_(context) {}

  Result<PullPlan> plan();

 private:
  Result<void> resolve();
  Result<void> project(PullPlan& plan);
  Result<void> condition(PullPlan& plan);
  ExpressionAnalyzer analyzer(const Schema& input) const;
  Error in_where(Error error) const;

  const ast::Query& query_;
  const PlanningContext& context_;
  LogicalQuery logical_;
};

Result<void> PullPlanner::resolve() {
  logical_.use = QueryUse::kPush;
  logical_.canonical = query_;
  THALWEG_CHECK(resolve_sources(logical_, query_, context_));
  // Columns that pull queries never show are refused before anything else is looked at.
  for (const auto& item : query_.items) {
    if (const auto* single = std::get_if<ast::ExpressionItem>(&item.node)) {
      THALWEG_CHECK(check_pseudo_columns(single->expression, "SELECT"));
    }
  }
  THALWEG_CHECK(check_pseudo_columns(query_.where, "WHERE"));
  THALWEG_CHECK(resolve_items(logical_, query_, context_));
  THALWEG_TRY(logical_.where, Scope(logical_).qualify(query_.where, Clause::kWhere));
  const auto& source = *logical_.sources[0].source;
  const bool table = source.kind == ast::SourceKind::kTable;
  const auto star = std::find_if(query_.items.begin(), query_.items.end(), [](const ast::SelectItem& item) {
    return std::holds_alternative<ast::StarItem>(item.node);
  });
  if (table && star != query_.items.end() && query_.items.size() > 1) {
    return statement_error(
        "Pull queries only support wildcards in the projects if they are the only expression", star->at);
  }
  return {};
}

ExpressionAnalyzer PullPlanner::analyzer(const Schema& input) const {
  auto options =
      analyzer_options(context_, [&input](const ast::ColumnRef& ref, SourcePosition at) -> Result<TypedPtr> {
        const auto index = input.index_of(ref.name);
        if (!index)
          return statement_error(location(at) + "column '" + ref.name + "' cannot be resolved.", at);
        return make_typed(InputColumn{static_cast<std::int32_t>(*index)}, input.columns[*index].type,
                          parser::quote_if_needed(ref.name));
      });
  options.print = [this](const ast::Expression& e) { return display(logical_, e); };
  options.is_column = [&input](const std::string& name) { return input.index_of(name).has_value(); };
  options.cast_prefix = "Invalid Select: ";
  options.time_literals = true;
  const auto& window = logical_.sources[0].source->window;
  options.window_times = !window || !window->counts_rows;
  options.null_text = false;
  return ExpressionAnalyzer(std::move(options));
}

Result<void> PullPlanner::project(PullPlan& plan) {
  auto expressions = analyzer(plan.input);
  std::set<std::string> names;
  for (const auto& item : logical_.items) {
    THALWEG_TRY(auto typed, expressions.analyze(item.expression));
    if (!names.insert(item.name).second) {
      return statement_error(
          "Duplicate value columns found in schema: `" + item.name + "` " + to_string(typed->type), item.at);
    }
    plan.output_marks.push_back(mark_of(plan, *typed, item, *logical_.sources[0].source));
    plan.output.columns.push_back({item.name, typed->type});
    plan.projection.push_back(std::move(typed));
  }
  return {};
}

Error PullPlanner::in_where(Error error) const {
  if (node_as<ast::Between>(logical_.where)) error.message = "Invalid expression: " + error.message;
  error.message =
      "Error in WHERE expression: " + error.message + "\nStatement: " + display(logical_, *logical_.where);
  return error;
}

Result<void> PullPlanner::condition(PullPlan& plan) {
  auto expressions = analyzer(plan.input);
  if (!plan.stream) {
    // IN on keys and LIKE have messages of their own, which come before type coercion.
    PullWhere where(logical_, context_, expressions);
    if (logical_.where) {
      auto condition = expressions.analyze(logical_.where);
      auto access = where.access(logical_.where);
      const bool own_message =
          !access && (access.error().message.starts_with("Primary key columns") ||
                      access.error().message.starts_with("The column type for Like") ||
                      access.error().message.find("can not be converted") != std::string::npos);
      if (own_message) return std::move(access).error();
      if (!condition) return in_where(std::move(condition).error());
      if (!access) return std::move(access).error();
      plan.access = std::move(*access);
      plan.predicate = *condition;
    } else {
      THALWEG_TRY(plan.access, where.access(nullptr));
    }
  } else if (logical_.where) {
    auto condition = expressions.analyze(logical_.where);
    if (!condition) return in_where(std::move(condition).error());
    plan.predicate = *condition;
  }
  if (!plan.predicate || plan.predicate->type.is(SqlKind::kBoolean)) return {};
  return statement_error("Type error in WHERE expression: Should evaluate to boolean but is " +
                             display(logical_, *logical_.where) + " (" + to_string(plan.predicate->type) +
                             ") instead.",
                         logical_.where->at);
}

Result<PullPlan> PullPlanner::plan() {
  THALWEG_CHECK(check_clauses(query_, context_.properties));
  THALWEG_CHECK(resolve());
  const auto& source = *logical_.sources[0].source;
  PullPlan plan;
  plan.source = source.name;
  plan.stream = source.kind == ast::SourceKind::kStream;
  plan.windowed = source.window.has_value();
  plan.input = input_schema(source);
  plan.limit = query_.limit;
  THALWEG_CHECK(project(plan));
  if (!queryable(source)) {
    return statement_error(
        "The `" + source.name +
            "` table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_" +
            source.name + " AS SELECT * FROM " + source.name +
            "'. See https://cnfl.io/queries for more info.",
        query_.from.at);
  }
  THALWEG_CHECK(condition(plan));
  const bool session = source.window && source.window->type == ast::WindowType::kSession;
  if (session && !plan.stream && plan.access.kind != PullAccess::Kind::kKeys) {
    return statement_error("Table scans over session-windowed tables are not supported.",
                           query_.where ? query_.where->at : query_.from.at);
  }
  return plan;
}

}  // namespace

Result<PullPlan> plan_pull_query(const ast::Query& query, const PlanningContext& context) {
  return located(PullPlanner(query, context).plan(), query.where ? query.where->at : query.from.at);
}

}  // namespace thalweg::planner
