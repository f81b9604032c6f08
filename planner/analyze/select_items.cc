// The select list: stars expanded, outputs named.
#include <algorithm>
#include <cctype>
#include <set>

#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/analyze/scope.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;

ExpressionPtr column_of(const QuerySource& source, const std::string& name, SourcePosition at) {
  return ast::make_expression(ast::ColumnRef{source.alias, name}, at);
}

// "F_2" names the same family as "F".
std::string without_number(const std::string& name) {
  const auto cut = name.find_last_of('_');
  if (cut == std::string::npos || cut == 0 || cut + 1 == name.size()) return name;
  const bool digits = std::all_of(name.begin() + static_cast<std::ptrdiff_t>(cut) + 1, name.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0; });
  return digits ? name.substr(0, cut) : name;
}

class ItemBuilder {
 public:
  ItemBuilder(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context)
      : logical_(logical), query_(query), context_(context), scope_(logical) {
    for (const auto& source : logical.sources) {
      for (const auto& column : source.source->schema.columns) taken_.insert(column.name);
    }
  }

  Result<void> build();

 private:
  Result<void> add(const ast::SelectItem& item);
  Result<void> add_star(const std::optional<std::string>& qualifier, SourcePosition at);
  Result<void> add_struct_star(const ExpressionPtr& base, SourcePosition at);
  void add_source_columns(const QuerySource& source, SourcePosition at);
  void add_star_column(const QuerySource& source, const std::string& name, SourcePosition at);
  void add_item(ExpressionPtr expression, std::optional<std::string> alias, bool from_star,
                SourcePosition at);
  std::string name_of(const ExpressionPtr& expression);
  std::string field_name(const std::string& field);
  std::string next_generated();
  bool is_partition_key(const ExpressionPtr& expression) const {
    return contains(logical_.partition_by, expression);
  }

  LogicalQuery& logical_;
  const ast::Query& query_;
  const PlanningContext& context_;
  Scope scope_;
  std::set<std::string> taken_;  // source columns and names given so far
  int generated_ = 0;
};

std::string ItemBuilder::next_generated() {
  for (;;) {
    auto name = "KSQL_COL_" + std::to_string(generated_++);
    const bool clash =
        std::any_of(logical_.sources.begin(), logical_.sources.end(),
                    [&](const QuerySource& s) { return s.source->schema.index_of(name).has_value(); });
    if (!clash) return name;
  }
}

std::string ItemBuilder::field_name(const std::string& field) {
  const auto base = without_number(field);
  auto name = base;
  for (int n = 1; taken_.contains(name); ++n) name = base + "_" + std::to_string(n);
  return name;
}

std::string ItemBuilder::name_of(const ExpressionPtr& expression) {
  if (const auto* ref = node_as<ast::ColumnRef>(expression)) {
    if (!logical_.joined() || !ref->qualifier) return ref->name;
    return scope_.count_sources(ref->name) > 1 ? *ref->qualifier + "_" + ref->name : ref->name;
  }
  if (const auto* field = node_as<ast::Dereference>(expression)) return field_name(field->field);
  return next_generated();
}

void ItemBuilder::add_item(ExpressionPtr expression, std::optional<std::string> alias, bool from_star,
                           SourcePosition at) {
  const bool aliased = alias.has_value();
  auto name = aliased ? *alias : name_of(expression);
  taken_.insert(name);
  logical_.items.push_back({std::move(expression), std::move(name), aliased, from_star, at});
}

void ItemBuilder::add_star_column(const QuerySource& source, const std::string& name, SourcePosition at) {
  auto column = column_of(source, name, at);
  if (is_partition_key(column)) return;  // stands in front
  std::optional<std::string> alias;
  if (logical_.joined()) alias = source.alias + "_" + name;
  add_item(std::move(column), std::move(alias), true, at);
}

// Behind PARTITION BY the former keys follow the values, and a join shows its pseudo columns.
void ItemBuilder::add_source_columns(const QuerySource& source, SourcePosition at) {
  const auto& schema = source.source->schema;
  const bool rekeyed = !logical_.partition_by.empty();
  const bool push = logical_.use == QueryUse::kPush;
  const auto keys = [&] {
    for (std::size_t i = 0; i < schema.key_count; ++i) add_star_column(source, schema.columns[i].name, at);
  };
  if (!rekeyed) keys();
  if (source.source->window && (push || logical_.joined()) && !logical_.window) {
    add_star_column(source, "WINDOWSTART", at);
    add_star_column(source, "WINDOWEND", at);
  }
  for (std::size_t i = schema.key_count; i < schema.size(); ++i)
    add_star_column(source, schema.columns[i].name, at);
  if (rekeyed && logical_.joined()) {
    for (const auto* name : {"ROWTIME", "ROWPARTITION", "ROWOFFSET"}) add_star_column(source, name, at);
  }
  if (rekeyed) keys();
}

Result<void> ItemBuilder::add_star(const std::optional<std::string>& qualifier, SourcePosition at) {
  if (qualifier) {
    auto index = scope_.find_source(*qualifier);
    if (!index) {
      auto error = std::move(index).error();
      error.at = at;
      return error;
    }
  }
  for (const auto& key : logical_.partition_by) {
    const auto* ref = node_as<ast::ColumnRef>(key);
    if (qualifier && !(ref && ref->qualifier == qualifier)) continue;
    std::optional<std::string> alias;
    if (ref && ref->qualifier && logical_.joined()) alias = *ref->qualifier + "_" + ref->name;
    add_item(key, std::move(alias), true, at);
  }
  if (!qualifier && !logical_.synthetic_key.empty() && logical_.partition_by.empty()) {
    add_item(ast::make_expression(ast::ColumnRef{std::nullopt, logical_.synthetic_key}, at), std::nullopt,
             true, at);
  }
  for (const auto& source : logical_.sources) {
    if (!qualifier || source.alias == *qualifier) add_source_columns(source, at);
  }
  return {};
}

Result<void> ItemBuilder::add_struct_star(const ExpressionPtr& base, SourcePosition at) {
  THALWEG_TRY(auto qualified, scope_.qualify(base, Clause::kSelect));
  AnalyzerOptions options{
      .functions = context_.functions,
      .catalog = context_.catalog,
      .resolve = [&](const ast::ColumnRef& ref, SourcePosition where) -> Result<TypedPtr> {
        for (const auto& source : logical_.sources) {
          if (source.alias != ref.qualifier) continue;
          const auto type = Scope::column_type(source, ref.name);
          if (type) return make_typed(InputColumn{0}, *type, ref.name);
        }
        return Error(ErrorCode::kStatement, "SELECT column '" + ref.name + "' cannot be resolved.", where);
      }};
  THALWEG_TRY(const auto typed, ExpressionAnalyzer(std::move(options)).analyze(qualified));
  if (!typed->type.is(SqlKind::kStruct)) {
    return Error(ErrorCode::kStatement,
                 "Cannot use the '->*' operator on a non-STRUCT expression: " +
                     display(logical_, *qualified) + " is " + to_string(typed->type),
                 at);
  }
  for (const auto& field : typed->type.fields()) {
    add_item(ast::make_expression(ast::Dereference{qualified, field.name}, at), std::nullopt, false, at);
  }
  return {};
}

Result<void> ItemBuilder::add(const ast::SelectItem& item) {
  if (const auto* star = std::get_if<ast::StarItem>(&item.node)) return add_star(star->qualifier, item.at);
  if (const auto* fields = std::get_if<ast::StructStarItem>(&item.node))
    return add_struct_star(fields->base, item.at);
  const auto& single = std::get<ast::ExpressionItem>(item.node);
  THALWEG_TRY(auto qualified, scope_.qualify(single.expression, Clause::kSelect));
  add_item(std::move(qualified), single.alias, false, item.at);
  return {};
}

Result<void> ItemBuilder::build() {
  auto& canonical = logical_.canonical.items;
  canonical.clear();
  for (const auto& item : query_.items) {
    const auto first = logical_.items.size();
    THALWEG_CHECK(add(item));
    if (std::holds_alternative<ast::StarItem>(item.node)) {
      canonical.push_back(item);
      continue;
    }
    for (auto i = first; i < logical_.items.size(); ++i) {
      const auto& output = logical_.items[i];
      canonical.push_back({ast::ExpressionItem{output.expression, output.name, output.at}, item.at});
    }
  }
  return {};
}

}  // namespace

Result<void> resolve_items(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context) {
  return ItemBuilder(logical, query, context).build();
}

}  // namespace thalweg::planner
