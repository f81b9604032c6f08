#include "session.h"

namespace thalweg::planner::test {
namespace {

FunctionDescription described(std::string name, FunctionKind kind, std::vector<Signature> overloads,
                              std::vector<bool> undoable = {}) {
  FunctionDescription function;
  function.name = std::move(name);
  function.kind = kind;
  function.overloads = std::move(overloads);
  function.undoable = std::move(undoable);
  return function;
}

Signature takes(std::vector<ParamType> parameters, ParamType result) {
  Signature signature;
  for (auto& type : parameters) signature.parameters.push_back({std::move(type), "val", "", false});
  signature.result = std::move(result);
  return signature;
}

}  // namespace

FunctionCatalog invented_functions() {
  const auto integer = ParamType::of(SqlKind::kInteger), bigint = ParamType::of(SqlKind::kBigint);
  const auto text = ParamType::of(SqlKind::kString), any = ParamType::type_variable("T");
  FunctionCatalog catalog;
  const auto add = [&](FunctionDescription function) {
    THALWEG_ASSERT(catalog.add(std::move(function)).has_value());
  };
  add(described("twice", FunctionKind::kScalar, {takes({integer}, integer)}));
  add(described("shout", FunctionKind::kScalar, {takes({text}, text)}));
  add(described("AS_VALUE", FunctionKind::kScalar, {takes({any}, any)}));
  add(described("spread", FunctionKind::kTable, {takes({ParamType::array(any)}, any)}));
  add(described("COUNT", FunctionKind::kAggregate, {takes({any}, bigint)}, {true}));
  add(described("TOTAL", FunctionKind::kAggregate, {takes({integer}, bigint)}, {true}));
  auto last = takes({any, integer}, any);
  last.literal_count = 1;
  add(described("LAST", FunctionKind::kAggregate, {takes({any}, any), last}, {false, false}));
  return catalog;
}

Result<void> Session::run(std::string_view sql) {
  THALWEG_TRY(const auto statements, parser::parse_statements(sql));
  for (const auto& statement : statements) {
    if (const auto* create = std::get_if<ast::CreateSource>(&statement.node)) {
      THALWEG_TRY(auto plan, plan_create_source(*create, statement.text, context()));
      if (plan.create_topic) topics.known[plan.source.topic] = *plan.create_topic;
      catalog.put(std::move(plan.source));
    } else if (const auto* as = std::get_if<ast::CreateAsSelect>(&statement.node)) {
      THALWEG_TRY(auto plan, plan_create_as_select(*as, statement.text, context()));
      if (plan.create_topic) topics.known[plan.sink.topic] = *plan.create_topic;
      plan.sink.created_by = "CTAS_" + plan.sink.name + "_0";
      catalog.put(std::move(plan.sink));
      last_query = std::move(plan.query);
    } else if (const auto* insert = std::get_if<ast::InsertInto>(&statement.node)) {
      THALWEG_TRY(last_query, plan_insert_into(*insert, statement.text, context()));
    } else if (const auto* values = std::get_if<ast::InsertValues>(&statement.node)) {
      THALWEG_CHECK(plan_insert_values(*values, context()));
    } else if (const auto* alter = std::get_if<ast::AlterSource>(&statement.node)) {
      THALWEG_TRY(auto altered, plan_alter(*alter, context()));
      catalog.put(std::move(altered));
    } else if (const auto* query = std::get_if<ast::Query>(&statement.node)) {
      if (query->emit == ast::Emit::kNone) {
        THALWEG_CHECK(plan_pull_query(*query, context()));
      } else {
        THALWEG_TRY(last_query, plan_push_query(*query, statement.text, context()));
      }
    }
  }
  return {};
}

std::string error_of(std::string_view sql) {
  Session session;
  auto result = session.run(sql);
  return result ? "no error" : result.error().message;
}

}  // namespace thalweg::planner::test
