// TEST_UDTF, THROWING_UDTF.
#include <memory>

#include "planner/types/text.h"
#include "runtime/functions/generic.h"
#include "tests/conformance/test_functions.h"

namespace thalweg::conformance {
namespace {

using planner::FunctionKind;
using planner::ParamType;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;
using runtime::Overload;
using runtime::Param;
using runtime::sql;

using TableBody = Result<ValueList> (*)(std::span<const Value>, std::span<const SqlType>);

class BodyKernel final : public runtime::TableKernel {
 public:
  BodyKernel(TableBody body, std::span<const SqlType> types)
      : body_(body), types_(types.begin(), types.end()) {}
  Result<ValueList> rows(std::span<const Value> arguments) override { return body_(arguments, types_); }

 private:
  TableBody body_;
  std::vector<SqlType> types_;
};

Overload table(const std::vector<Param>& parameters, ParamType result, TableBody body) {
  Overload overload;
  overload.signature = runtime::make_signature(parameters, std::move(result));
  overload.table = [body](std::span<const SqlType> types, const SqlType&,
                          const runtime::FunctionEnvironment&) -> std::unique_ptr<runtime::TableKernel> {
    return std::make_unique<BodyKernel>(body, types);
  };
  return overload;
}

std::string text_of(const Value& value, const SqlType& type) {
  return value.is_null() ? "null" : planner::cast_to_string(value, type);
}

// One row of text per argument.
Result<ValueList> texts(std::span<const Value> arguments, std::span<const SqlType> types) {
  ValueList rows;
  for (std::size_t i = 0; i < arguments.size(); ++i) rows.emplace_back(text_of(arguments[i], types[i]));
  return rows;
}

// The same of each argument's first element.
Result<ValueList> texts_of_first(std::span<const Value> arguments, std::span<const SqlType> types) {
  ValueList rows;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool map = types[i].is(SqlKind::kMap);
    if (arguments[i].is_null() || (map ? arguments[i].as_map().empty() : arguments[i].as_list().empty())) {
      return Error{ErrorCode::kBadRecord, "an argument has no first element"};
    }
    const Value& first = map ? arguments[i].as_map().front().second : arguments[i].as_list().front();
    rows.emplace_back(text_of(first, map ? types[i].value() : types[i].element()));
  }
  return rows;
}

Result<ValueList> itself(std::span<const Value> arguments, std::span<const SqlType>) {
  return ValueList{arguments[0]};
}

Result<ValueList> itself_not_null(std::span<const Value> arguments, std::span<const SqlType>) {
  if (arguments[0].is_null())
    return Error{ErrorCode::kBadRecord, "an argument that must not be NULL is NULL"};
  return ValueList{arguments[0]};
}

Result<ValueList> itself_rescaled(std::span<const Value> arguments, std::span<const SqlType> types) {
  THALWEG_TRY(auto value, planner::cast_value(arguments[0], types[0], SqlType::decimal(30, 10)));
  return ValueList{std::move(value)};
}

std::vector<ParamType> seven_types() {
  return {sql(SqlKind::kInteger),
          sql(SqlKind::kBigint),
          sql(SqlKind::kDouble),
          sql(SqlKind::kBoolean),
          sql(SqlKind::kString),
          ParamType::any_decimal(),
          ParamType::of(SqlType::structure({{"A", SqlKind::kString}}))};
}

template <typename Wrap>
std::vector<Param> seven_parameters(Wrap wrap) {
  static constexpr const char* kNames[] = {"i", "l", "d", "b", "s", "bd", "struct"};
  std::vector<Param> parameters;
  for (const ParamType& type : seven_types()) parameters.push_back({kNames[parameters.size()], wrap(type)});
  return parameters;
}

std::vector<Overload> test_udtf() {
  const auto plain = [](const ParamType& type) { return type; };
  const auto array = [](const ParamType& type) { return runtime::array_of(type); };
  const auto map = [](const ParamType& type) { return runtime::map_of(runtime::varchar(), type); };
  std::vector<Param> wide_keys = seven_parameters(map);
  wide_keys.front().type = runtime::map_of(sql(SqlKind::kBigint), sql(SqlKind::kInteger));
  std::vector<Overload> overloads{table(seven_parameters(plain), runtime::varchar(), texts),
                                  table(seven_parameters(array), runtime::varchar(), texts_of_first),
                                  table(seven_parameters(map), runtime::varchar(), texts_of_first),
                                  table(wide_keys, runtime::varchar(), texts_of_first)};
  for (const ParamType& type : seven_types()) {
    const SqlKind kind = type.sql.kind();
    if (kind == SqlKind::kDecimal) {
      overloads.push_back(table({{"d", type}}, ParamType::of(SqlType::decimal(30, 10)), itself_rescaled));
    } else {
      const bool reference = kind == SqlKind::kString || kind == SqlKind::kStruct;
      overloads.push_back(table({{"value", type}}, type, reference ? itself : itself_not_null));
    }
  }
  return overloads;
}

Result<ValueList> throws_on_true(std::span<const Value> arguments, std::span<const SqlType>) {
  if (arguments[0].is_null() || arguments[0].as_bool()) {
    return Error{ErrorCode::kBadRecord, "You asked me to throw..."};
  }
  return ValueList{arguments[0]};
}

}  // namespace

void add_test_table_functions(runtime::FunctionLibrary& library) {
  library.add({.name = "test_udtf",
               .category = "TABLE",
               .doc = "The arguments as rows: several of them as text, a single one as itself.",
               .overloads = test_udtf(),
               .kind = FunctionKind::kTable});
  library.add({.name = "throwing_udtf",
               .category = "TABLE",
               .doc = "Fails when told to.",
               .overloads = {table({{"should_throw", sql(SqlKind::kBoolean)}}, sql(SqlKind::kBoolean),
                                   throws_on_true)},
               .kind = FunctionKind::kTable});
}

}  // namespace thalweg::conformance
