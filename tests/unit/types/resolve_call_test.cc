#include <gtest/gtest.h>

#include "planner/catalog/function_catalog.h"

namespace thalweg::planner {
namespace {

Signature signature(std::vector<ParamType> types, ParamType result, std::int32_t variadic = -1) {
  Signature out;
  const char* names[] = {"a", "b", "c", "d", "e"};
  for (std::size_t i = 0; i < types.size(); ++i) out.parameters.push_back({types[i], names[i], "", false});
  out.result = std::move(result);
  out.variadic = variadic;
  return out;
}

FunctionDescription function(std::string name, std::vector<Signature> overloads,
                             FunctionKind kind = FunctionKind::kScalar) {
  FunctionDescription out;
  out.name = std::move(name);
  out.kind = kind;
  out.overloads = std::move(overloads);
  return out;
}

ParamType p(SqlKind kind) { return ParamType::of(kind); }
ArgumentType arg(const SqlType& type) { return {ArgumentType::Kind::kSql, type, 0}; }
const ArgumentType kNullArgument{ArgumentType::Kind::kNull, {}, 0};
ArgumentType lambda_arg(std::int32_t arity) { return {ArgumentType::Kind::kLambda, {}, arity}; }

// "overload:result" or the first line of the error.
std::string resolve(const FunctionDescription& f, std::vector<ArgumentType> arguments) {
  const auto call = resolve_call(f, arguments);
  if (!call) return call.error().message.substr(0, call.error().message.find('\n'));
  return std::to_string(call->overload) + ":" + to_string(call->result);
}

FunctionDescription greatest() {
  std::vector<Signature> overloads;
  for (const SqlKind kind : {SqlKind::kInteger, SqlKind::kBigint, SqlKind::kDouble, SqlKind::kString}) {
    overloads.push_back(signature({p(kind), p(kind)}, p(kind), 1));
  }
  overloads.push_back(
      signature({ParamType::any_decimal(), ParamType::any_decimal()}, ParamType::any_decimal(), 1));
  overloads.back().result_rule = [](std::span<const SqlType> types) -> Result<SqlType> {
    SqlType out = types[0];
    for (const SqlType& type : types) out = wider_numeric(out, type);
    return out;
  };
  return function("greatest", std::move(overloads));
}

TEST(ResolveCall, exact_first_then_conversion_then_ambiguity) {
  const auto f = greatest();
  EXPECT_EQ(resolve(f, {arg(SqlKind::kInteger), arg(SqlKind::kInteger), arg(SqlKind::kInteger)}),
            "0:INTEGER");
  EXPECT_EQ(resolve(f, {arg(SqlKind::kInteger), arg(SqlKind::kDouble)}), "2:DOUBLE");
  EXPECT_EQ(resolve(f, {arg(SqlType::decimal(9, 2)), arg(SqlType::decimal(7, 6))}), "4:DECIMAL(13, 6)");
  EXPECT_EQ(resolve(f, {arg(SqlKind::kInteger), arg(SqlKind::kBigint), arg(SqlType::decimal(50, 30))}),
            "Function 'greatest' cannot be resolved due to ambiguous method parameters (INTEGER, BIGINT, "
            "DECIMAL(50, 30)).");
  EXPECT_EQ(resolve(f, {kNullArgument, kNullArgument}),
            "Function 'greatest' cannot be resolved due to ambiguous method parameters (null, null).");
  EXPECT_EQ(resolve(f, {}), "Function 'greatest' does not accept parameters ().");
  EXPECT_EQ(resolve(f, {arg(SqlKind::kString), arg(SqlType::structure({{"A", SqlKind::kString}}))}),
            "Function 'greatest' does not accept parameters (STRING, STRUCT<A STRING>).");
}

TEST(ResolveCall, converted_arguments_name_their_target) {
  const auto f =
      function("f", {signature({ParamType::any_decimal(), p(SqlKind::kTimestamp)}, p(SqlKind::kString))});
  const std::vector<ArgumentType> arguments = {arg(SqlKind::kInteger), arg(SqlKind::kString)};
  const auto call = resolve_call(f, arguments);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->argument_types[0], SqlType::decimal(10, 0));
  EXPECT_EQ(call->argument_types[1], SqlType(SqlKind::kTimestamp));
  const auto aggregate =
      function("SUM", {signature({p(SqlKind::kBigint)}, p(SqlKind::kBigint))}, FunctionKind::kAggregate);
  EXPECT_EQ(resolve(aggregate, {arg(SqlKind::kInteger)}),
            "Function 'SUM' does not accept parameters (INTEGER).");
}

TEST(ResolveCall, generics_bind_one_exact_type) {
  const ParamType t = ParamType::type_variable("T");
  const auto contains =
      function("ARRAY_CONTAINS", {signature({ParamType::array(t), t}, p(SqlKind::kBoolean))});
  EXPECT_EQ(resolve(contains, {arg(SqlType::array(SqlKind::kBigint)), arg(SqlKind::kBigint)}), "0:BOOLEAN");
  EXPECT_EQ(resolve(contains, {arg(SqlType::array(SqlKind::kBigint)), arg(SqlKind::kInteger)}),
            "Function 'ARRAY_CONTAINS' does not accept parameters (ARRAY<BIGINT>, INTEGER).");
  const std::vector<ArgumentType> with_null = {arg(SqlType::array(SqlKind::kBigint)), kNullArgument};
  EXPECT_EQ(resolve_call(contains, with_null)->argument_types[1], SqlType(SqlKind::kBigint));
  const auto coalesce = function("COALESCE", {signature({t, t}, t, 1)});
  EXPECT_EQ(resolve(coalesce, {arg(SqlKind::kString), kNullArgument}), "0:STRING");
  EXPECT_EQ(resolve(coalesce, {kNullArgument, arg(SqlKind::kString), kNullArgument}), "0:STRING");
  EXPECT_EQ(resolve(coalesce, {arg(SqlKind::kString)}), "0:STRING");
  EXPECT_EQ(resolve(coalesce, {}), "Function 'COALESCE' does not accept parameters ().");
  EXPECT_EQ(resolve(coalesce, {kNullArgument}), "Could not find mapping for generic type: T");
}

TEST(ResolveCall, lists_alternatives_most_specific_first) {
  const ParamType t = ParamType::type_variable("T");
  auto explode = function("explode",
                          {signature({ParamType::array(t)}, t),
                           signature({ParamType::array(ParamType::any_decimal())}, ParamType::any_decimal())},
                          FunctionKind::kTable);
  explode.overloads[0].parameters[0].name = "list";
  explode.overloads[1].parameters[0].name = "input";
  const std::vector<ArgumentType> map = {arg(SqlType::map(SqlKind::kString, SqlKind::kInteger))};
  EXPECT_EQ(resolve_call(explode, map).error().message,
            "Function 'explode' does not accept parameters (MAP<STRING, INTEGER>).\nValid alternatives are:\n"
            "explode(ARRAY<DECIMAL> input)\nexplode(ARRAY<T> list)\n"
            "For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;");
  EXPECT_EQ(resolve(explode, {arg(SqlType::array(SqlType::decimal(3, 1)))}).substr(0, 1), "1");
  EXPECT_EQ(resolve(explode, {arg(SqlType::array(SqlKind::kInteger))}), "0:INTEGER");
}

TEST(ResolveCall, variadics) {
  const auto mid = function(
      "MID_VAR_ARG",
      {signature({p(SqlKind::kBigint), p(SqlKind::kString), p(SqlKind::kInteger), p(SqlKind::kInteger)},
                 p(SqlKind::kBigint), 1)},
      FunctionKind::kAggregate);
  const auto big = arg(SqlKind::kBigint), str = arg(SqlKind::kString), num = arg(SqlKind::kInteger);
  EXPECT_EQ(resolve(mid, {big, num, num}), "0:BIGINT");
  EXPECT_EQ(resolve(mid, {big, str, str, num, num}), "0:BIGINT");
  EXPECT_EQ(resolve(mid, {big, num, num, num}),
            "Function 'MID_VAR_ARG' does not accept parameters (BIGINT, INTEGER, INTEGER, INTEGER).");
  const std::vector<ArgumentType> as_array = {big, arg(SqlType::array(SqlKind::kString)), num, num};
  EXPECT_TRUE(resolve_call(mid, as_array)->variadic_as_array);

  // Non-variadic wins over variadic, concrete over generic, an ANY variadic comes last.
  const auto text = p(SqlKind::kString);
  const auto ranked =
      function("f", {signature({text, ParamType::any()}, text, 1), signature({text, text}, text, 1),
                     signature({text, ParamType::type_variable("T")}, text)});
  EXPECT_EQ(resolve(ranked, {str, str}), "2:STRING");
  EXPECT_EQ(resolve(ranked, {str, str, str}), "1:STRING");
  EXPECT_EQ(resolve(ranked, {str, num, str}), "0:STRING");
}

TEST(ResolveCall, structs_and_units) {
  const auto st = function(
      "f", {signature({ParamType::of(SqlType::structure({{"A", SqlKind::kString}}))}, p(SqlKind::kString))});
  EXPECT_EQ(resolve(st, {arg(SqlType::structure({{"A", SqlKind::kString}}))}), "0:STRING");
  EXPECT_EQ(resolve(st, {arg(SqlType::structure({}))}), "0:STRING");
  EXPECT_NE(resolve(st, {arg(SqlType::structure({{"B", SqlKind::kString}}))}), "0:STRING");
  const auto dateadd =
      function("dateadd",
               {signature({ParamType::unit(), p(SqlKind::kInteger), p(SqlKind::kDate)}, p(SqlKind::kDate))});
  EXPECT_EQ(
      resolve(dateadd, {{ArgumentType::Kind::kUnit, {}, 0}, arg(SqlKind::kInteger), arg(SqlKind::kDate)}),
      "0:DATE");
  EXPECT_EQ(resolve(dateadd, {arg(SqlKind::kDate), arg(SqlKind::kInteger), arg(SqlKind::kDate)}),
            "Function 'dateadd' does not accept parameters (DATE, INTEGER, DATE).");
}

TEST(ResolveCall, lambdas) {
  const ParamType t = ParamType::type_variable("T"), r = ParamType::type_variable("R"),
                  s = ParamType::type_variable("S");
  const auto transform = function(
      "transform", {signature({ParamType::array(t), ParamType::lambda({t}, r)}, ParamType::array(r))});
  const std::vector<ArgumentType> arguments = {arg(SqlType::array(SqlKind::kInteger)), lambda_arg(1)};
  auto call = resolve_call(transform, arguments);
  ASSERT_TRUE(call && call->needs_lambdas);
  EXPECT_EQ(lambda_parameter_types(transform, *call, 1)->front(), SqlType(SqlKind::kInteger));
  ASSERT_TRUE(bind_lambda_result(transform, *call, 1, SqlKind::kDouble));
  EXPECT_EQ(to_string(*result_type(transform, *call)), "ARRAY<DOUBLE>");
  EXPECT_EQ(resolve(transform, {arg(SqlType::array(SqlKind::kInteger)), lambda_arg(2)}),
            "Function 'transform' does not accept parameters (ARRAY<INTEGER>, LAMBDA).");
  const auto reduce =
      function("reduce", {signature({ParamType::array(t), s, ParamType::lambda({s, t}, s)}, s)});
  EXPECT_EQ(to_string(reduce.overloads[0].parameters[2].type), "LAMBDA (S, T) => S");
  const std::vector<ArgumentType> more = {arg(SqlType::array(SqlKind::kInteger)), arg(SqlKind::kInteger),
                                          lambda_arg(2)};
  auto fold = resolve_call(reduce, more);
  ASSERT_TRUE(fold);
  EXPECT_EQ(bind_lambda_result(reduce, *fold, 2, SqlKind::kDouble).error().message,
            "Found invalid instance of generic schema when mapping S to DOUBLE. Cannot map S to both INTEGER "
            "and DOUBLE");
}

TEST(FunctionCatalog, finds_in_any_case) {
  FunctionCatalog catalog;
  ASSERT_TRUE(catalog.add(greatest()));
  EXPECT_FALSE(catalog.add(greatest()));
  EXPECT_EQ(catalog.add(function("select", {})).error().message,
            "select is not a valid function name. Function names must be valid java identifiers and not a "
            "KSQL reserved word");
  EXPECT_FALSE(catalog.add(function("1st", {})));
  EXPECT_EQ(catalog.find("Greatest")->name, "greatest");
  EXPECT_EQ(catalog.find("nope"), nullptr);
  EXPECT_EQ(catalog.similar_names("gretest"), std::vector<std::string>{"GREATEST"});
}

}  // namespace
}  // namespace thalweg::planner
