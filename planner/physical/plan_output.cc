// Projection, key rules, sinks and deliveries of PlanBuilder.
#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

enum class KeyKind : std::uint8_t { kNone, kSource, kForeign, kJoin, kPartition, kGroup };

KeyKind key_kind(const LogicalQuery& query) {
  if (query.aggregated()) return KeyKind::kGroup;
  if (query.partition_by_null) return KeyKind::kNone;
  if (!query.partition_by.empty()) return KeyKind::kPartition;
  if (!query.joined()) return KeyKind::kSource;
  // Only the last join decides; a foreign-key join in front of others leaves an ordinary key.
  return is_foreign_key_join(query, query.joins.size() - 1) ? KeyKind::kForeign : KeyKind::kJoin;
}

TypedPtr input_column(const Schema& schema, std::size_t index) {
  const auto& column = schema.columns[index];
  return make_typed(InputColumn{static_cast<std::int32_t>(index)}, column.type, column.name);
}

}  // namespace

// For each key column the expressions that may stand for it in the projection, best first.
std::vector<std::vector<ExpressionPtr>> PlanBuilder::key_candidates() const {
  std::vector<std::vector<ExpressionPtr>> candidates;
  const auto each = [&](const std::vector<ExpressionPtr>& list) {
    for (const auto& expression : list) candidates.push_back({expression});
  };
  switch (key_kind(query_)) {
    case KeyKind::kNone: break;
    case KeyKind::kGroup:
      if (query_.group_by) each(*query_.group_by);
      break;
    case KeyKind::kPartition: each(query_.partition_by); break;
    case KeyKind::kSource:
    case KeyKind::kForeign: each(source_keys(query_.sources[0])); break;
    case KeyKind::kJoin: {
      std::vector<ExpressionPtr> viable;
      if (!query_.synthetic_key.empty()) {
        viable.push_back(ast::make_expression(ast::ColumnRef{std::nullopt, query_.synthetic_key}));
      } else {
        viable = key_columns(query_, query_.joins.size() - 1);
      }
      candidates.push_back(std::move(viable));
      break;
    }
  }
  return candidates;
}

Error PlanBuilder::missing_keys(const std::vector<std::size_t>& missing) const {
  const auto kind = key_kind(query_);
  const auto candidates = key_candidates();
  std::vector<std::string> names;
  std::string what, separator = " and ";
  if (kind == KeyKind::kForeign) {
    std::string columns;
    for (const auto i : missing) {
      const auto& ref = std::get<ast::ColumnRef>(candidates[i][0]->node);
      columns += (columns.empty() ? "`" : ", `") + ref.name + "`";
    }
    const auto* plural = missing.size() > 1 ? "s" : "";
    return statement_error(
        std::string("Primary key column") + plural +
            " missing in projection. For foreign-key table-table joins, the projection must include all "
            "primary key columns from the left input table (`" +
            query_.sources[0].alias + "`). Missing column" + plural + ": " + columns + ".",
        query_.items[0].at);
  }
  if (kind == KeyKind::kJoin) {
    what = "join expression";
    separator = " or ";
    for (const auto& key : candidates[0]) names.push_back(parser::print(*key));
  } else if (kind == KeyKind::kGroup) {
    what = "grouping expression";
    for (const auto i : missing) names.push_back(display(query_, *candidates[i][0]));
  } else {
    what = kind == KeyKind::kPartition ? "partitioning expression" : "key column";
    for (const auto& key : candidates) {
      names.push_back(kind == KeyKind::kPartition ? parser::print(*key[0]) : display(query_, *key[0]));
    }
  }
  const bool several = names.size() > 1;
  const auto example = kind == KeyKind::kJoin ? names[0] : list_names(names, ", ");
  auto text =
      std::string(several && kind != KeyKind::kJoin ? "Keys" : "Key") +
      " missing from projection (ie, SELECT). See https://cnfl.io/2LV7ouS.\nThe query used to build `" +
      query_.sink + "` must include the " + what + (several ? "s " : " ") +
      list_names(names, separator.c_str()) + " in its projection (eg, SELECT " + example + "...).";
  if (kind == KeyKind::kJoin && !query_.synthetic_key.empty()) {
    text += "\n" + query_.synthetic_key +
            " was added as a synthetic key column because the join criteria did not match any source column. "
            "This "
            "expression must be included in the projection and may be aliased.";
  }
  return statement_error(std::move(text), query_.items[0].at);
}

Error PlanBuilder::repeated_key(const ExpressionPtr& key, const std::vector<std::size_t>& items) const {
  std::vector<std::string> names;
  for (const auto i : items) names.push_back(query_.items[i].name);
  if (key_kind(query_) == KeyKind::kGroup) {
    for (auto& name : names) name = "`" + name + "`";
    return statement_error("The projection contains a key column more than once: " + list_names(names) + ".",
                           query_.items[items[1]].at);
  }
  std::sort(names.begin(), names.end());
  return statement_error("The projection contains a key column (`" + display(query_, *key) +
                             "`) more than once, aliased as: " + list_names(names) + ".",
                         query_.items[items[1]].at);
}

Result<std::vector<std::size_t>> PlanBuilder::key_items() const {
  std::vector<std::size_t> chosen, missing;
  const auto candidates = key_candidates();
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    std::vector<std::size_t> items;
    for (const auto& candidate : candidates[k]) {
      for (std::size_t i = 0; i < query_.items.size(); ++i) {
        if (ast::equal(*query_.items[i].expression, *candidate)) items.push_back(i);
      }
      if (items.size() > 1) return repeated_key(candidate, items);
      if (!items.empty()) break;
    }
    if (items.empty()) {
      missing.push_back(k);
    } else {
      chosen.push_back(items[0]);
    }
  }
  if (!missing.empty()) return missing_keys(missing);
  return chosen;
}

// Where the last of the items that share a name is written.
SourcePosition PlanBuilder::last_item_at(const std::string& name) const {
  const auto found = std::find_if(query_.items.rbegin(), query_.items.rend(),
                                  [&](const OutputItem& item) { return item.name == name; });
  return found == query_.items.rend() ? SourcePosition{} : found->at;
}

Result<void> PlanBuilder::check_output_names(const Schema& schema) const {
  std::set<std::string> keys, values;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const auto& column = schema.columns[i];
    const bool key = i < schema.key_count;
    const auto shown = "`" + column.name + "` " + to_string(column.type);
    if (key && !keys.insert(column.name).second) {
      return statement_error("Duplicate key columns found in schema: " + shown, last_item_at(column.name));
    }
    if (key) continue;
    if (!values.insert(column.name).second || (keys.contains(column.name) && query_.aggregated())) {
      return statement_error("Duplicate value columns found in schema: " + shown, last_item_at(column.name));
    }
    if (keys.contains(column.name)) {
      return statement_error("Value columns clash with key columns: `" + column.name + "`",
                             last_item_at(column.name));
    }
  }
  return {};
}

Result<PlanBuilder::Projection> PlanBuilder::project_sink(const Relation& relation) {
  THALWEG_TRY(const auto keys, key_items());
  ProjectStep step;
  Schema result;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    step.columns.push_back(input_column(schema(relation), k));
    result.columns.push_back({query_.items[keys[k]].name, schema(relation).columns[k].type});
  }
  result.key_count = keys.size();
  for (std::size_t i = 0; i < query_.items.size(); ++i) {
    if (std::find(keys.begin(), keys.end(), i) != keys.end()) continue;
    const auto& item = query_.items[i];
    auto value = typed(relation, item.expression, "Invalid Select: ");
    if (!value) return std::move(value).error();
    result.columns.push_back({item.name, (*value)->type});
    step.columns.push_back(*value);
  }
  if (result.key_count == result.size())
    return statement_error("The projection contains no value columns.", query_.items[0].at);
  THALWEG_CHECK(check_output_names(result));
  Projection projection;
  projection.schema = result;
  projection.step = add(over(relation, relation.aggregated ? "Aggregate-Project" : "Project", std::move(step),
                             std::move(result)));
  // A joined table has no store of its own: its projection is kept, for reading and for what follows.
  if (relation.table && !relation.aggregated && query_.joined()) {
    Relation projected = relation;
    projected.step = projection.step;
    materialize(projected, "Project-Last");
    projection.step = projected.step;
  }
  return projection;
}

Result<void> PlanBuilder::deliver(const Relation& relation) {
  const auto input = schema(relation);
  ProjectStep step;
  Schema whole, result;
  for (std::size_t k = 0; k < input.key_count; ++k) {
    step.columns.push_back(input_column(input, k));
    whole.columns.push_back(input.columns[k]);
  }
  // The bounds of a table's windows belong to the key: a row that goes away still tells them.
  std::vector<std::pair<ExpressionPtr, std::int32_t>> bounds;
  for (const auto* name : {"WINDOWSTART", "WINDOWEND"}) {
    const auto found = relation.columns.find({query_.sources[0].alias, name});
    if (!relation.table || !relation.window || found == relation.columns.end()) continue;
    const auto index = static_cast<std::size_t>(found->second);
    bounds.emplace_back(ast::make_expression(ast::ColumnRef{query_.sources[0].alias, name}),
                        static_cast<std::int32_t>(whole.columns.size()));
    step.columns.push_back(input_column(input, index));
    whole.columns.push_back(input.columns[index]);
  }
  whole.key_count = whole.columns.size();
  DeliverStep delivery;
  delivery.limit = query_.limit;
  const auto candidates = key_candidates();
  for (const auto& item : query_.items) {
    std::optional<std::size_t> key;
    for (std::size_t k = 0; k < candidates.size() && k < input.key_count; ++k) {
      if (!candidates[k].empty() && ast::equal(*candidates[k][0], *item.expression)) key = k;
    }
    const auto bound = std::find_if(bounds.begin(), bounds.end(), [&](const auto& known) {
      return ast::equal(*known.first, *item.expression);
    });
    if (bound != bounds.end()) {
      delivery.columns.push_back(bound->second);
      result.columns.push_back({item.name, SqlKind::kBigint});
      continue;
    }
    auto value = typed(relation, item.expression, "Invalid Select: ");
    if (!value) return std::move(value).error();
    // In a join the other candidates hold their own side's value, and so does a column that was widened.
    if (key && input.columns[*key].type == (*value)->type) {
      delivery.columns.push_back(static_cast<std::int32_t>(*key));
      result.columns.push_back({item.name, (*value)->type});
      continue;
    }
    delivery.columns.push_back(static_cast<std::int32_t>(whole.columns.size()));
    result.columns.push_back({item.name, (*value)->type});
    whole.columns.push_back(result.columns.back());
    step.columns.push_back(*value);
  }
  THALWEG_CHECK(check_output_names(result));
  Relation projected = relation;
  projected.step = add(over(relation, "Project", std::move(step), std::move(whole)));
  add(over(projected, "Deliver", std::move(delivery), std::move(result)));
  return {};
}

void PlanBuilder::convert_columns(Projection& projection, const Schema& target) {
  for (auto i = projection.step; i >= 0; i = plan_.steps[static_cast<std::size_t>(i)].inputs[0]) {
    auto& step = plan_.steps[static_cast<std::size_t>(i)];
    for (std::size_t c = 0; c < target.size(); ++c) step.schema.columns[c].type = target.columns[c].type;
    auto* project = std::get_if<ProjectStep>(&step.node);
    if (!project) continue;
    for (std::size_t c = 0; c < target.size(); ++c) {
      project->columns[c] = cast_to_type(project->columns[c], target.columns[c].type);
    }
    break;
  }
  projection.schema = target;
}

void PlanBuilder::add_sink(const Relation& relation, const Projection& projection, const DataSource& sink) {
  SinkStep node;
  node.table = sink.kind == ast::SourceKind::kTable;
  node.sink = sink.name;
  node.topic = sink.topic;
  node.key = sink.key;
  node.value = sink.value;
  node.window = sink.window;
  node.timestamp = sink.timestamp;
  const auto& schema = projection.schema;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    (i < schema.key_count ? node.key_columns : node.value_columns).push_back(static_cast<std::int32_t>(i));
  }
  if (sink.timestamp)
    node.timestamp_column = static_cast<std::int32_t>(*schema.index_of(sink.timestamp->column));
  Relation last = relation;
  last.step = projection.step;
  add(over(last, sink.name, std::move(node), schema));
  plan_.sink = sink.name;
}

void PlanBuilder::choose_materialization(std::int32_t projection) {
  Materialization found;
  for (auto i = projection; i >= 0;) {
    const auto& step = plan_.steps[static_cast<std::size_t>(i)];
    if (const auto* source = std::get_if<SourceStep>(&step.node)) found.store = source->store;
    if (const auto* kept = std::get_if<MaterializeStep>(&step.node)) found.store = kept->store;
    if (const auto* aggregate = std::get_if<AggregateStep>(&step.node)) found.store = aggregate->store;
    if (!found.store.empty()) {
      found.step = i;
      std::reverse(found.above.begin(), found.above.end());
      plan_.materialization = std::move(found);
      return;
    }
    if (step.inputs.size() != 1) return;
    found.above.push_back(i);
    i = step.inputs[0];
  }
}

}  // namespace thalweg::planner
