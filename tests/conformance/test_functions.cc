// TEST_UDF, BAD_UDF, WHENCONDITION, WHENRESULT, TOSTRUCT.
#include <memory>

#include "runtime/functions/generic.h"
#include "runtime/functions/scalar.h"
#include "tests/conformance/test_functions.h"

namespace thalweg::conformance {
namespace {

using namespace runtime;  // NOLINT: a file of declarations in the library's own vocabulary
using planner::ParamType;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

ParamType bigint() { return sql(SqlKind::kBigint); }
ParamType integer() { return sql(SqlKind::kInteger); }
ParamType boolean() { return sql(SqlKind::kBoolean); }
ParamType struct_a() { return ParamType::of(SqlType::structure({{"A", SqlKind::kString}})); }

Overload named(const std::vector<Param>& parameters, std::string answer) {
  return on_values(parameters, varchar(),
                   [answer](const ValueCall&) -> Result<Value> { return Value(answer); });
}

}  // namespace

void add_test_scalars(FunctionLibrary& library) {
  library.add(
      {.name = "TEST_UDF",
       .category = "OTHER",
       .doc = "Tells which overload was chosen.",
       .arguments = {},
       .overloads = {named({{"arg1", integer(), Nulls::kRefused}, {"arg2", varchar(), Nulls::kSeen}},
                           "doStuffIntString"),
                     named({{"arg1", bigint(), Nulls::kRefused}, {"arg2", varchar(), Nulls::kSeen}},
                           "doStuffLongString"),
                     named({{"arg1", bigint(), Nulls::kRefused},
                            {"arg2", bigint(), Nulls::kRefused},
                            {"arg3", varchar(), Nulls::kSeen}},
                           "doStuffLongLongString"),
                     named({{"longs", bigint(), Nulls::kSeen, true}}, "doStuffLongVarargs"),
                     on_values({{"struct", struct_a()}}, varchar(),
                               [](const ValueCall& call) -> Result<Value> { return call[0].as_list()[0]; }),
                     on_values({}, struct_a(),
                               [](const ValueCall&) -> Result<Value> {
                                 return planner::make_list({Value(std::string("foo"))});
                               })},
       .examples = {}});
  library.add({.name = "BAD_UDF",
               .category = "OTHER",
               .doc = "Fails.",
               .arguments = {},
               .overloads = {on_values({{"arg1", integer(), Nulls::kRefused}}, varchar(),
                                       [](const ValueCall&) -> Result<Value> {
                                         return Error{ErrorCode::kBadRecord, "boom!"};
                                       }),
                             on_values({{"arg", boolean(), Nulls::kRefused}}, integer(),
                                       [](const ValueCall& call) -> Result<Value> {
                                         if (call[0].as_bool())
                                           return Error{ErrorCode::kBadRecord, "You asked me to throw..."};
                                         return Value(std::int64_t{0});
                                       }),
                             vectorised(make_signature({{"arg", varchar(), Nulls::kSeen}}, varchar()),
                                        [](std::span<const SqlType>, const SqlType&,
                                           const FunctionEnvironment&) -> std::unique_ptr<ScalarKernel> {
                                          struct EverySecond final : ScalarKernel {
                                            int calls = 0;
                                            void run(const CallArguments& arguments, Rows rows, Arena&,
                                                     Column& out, RowErrors&) override {
                                              for (std::size_t i = 0; i < rows.count; ++i) {
                                                const auto row = rows[i];
                                                if (++calls % 2 == 1 || arguments.columns[0].is_null(row))
                                                  out.set_null(row);
                                                else
                                                  out.set(row,
                                                          arguments.columns[0].get<std::string_view>(row));
                                              }
                                            }
                                          };
                                          return std::make_unique<EverySecond>();
                                        })},
               .examples = {}});
  for (const char* name : {"WHENCONDITION", "WHENRESULT"}) {
    const ParamType type = std::string(name) == "WHENCONDITION" ? boolean() : integer();
    library.add(
        {.name = name,
         .category = "OTHER",
         .doc = "Returns its first argument, and fails when it should not have been called.",
         .arguments = {},
         .overloads = {on_values({{"ret", type, Nulls::kRefused}, {"ok", boolean(), Nulls::kRefused}}, type,
                                 [](const ValueCall& call) -> Result<Value> {
                                   if (!call[1].as_bool())
                                     return Error{ErrorCode::kBadRecord, "evaluated without need"};
                                   return call[0];
                                 })},
         .examples = {}});
  }
  library.add({.name = "TOSTRUCT",
               .category = "OTHER",
               .doc = "STRUCT(A:=s).",
               .arguments = {},
               .overloads = {on_values(
                   {{"s", varchar(), Nulls::kSeen}}, struct_a(),
                   [](const ValueCall& call) -> Result<Value> { return planner::make_list({call[0]}); })},
               .examples = {}});
}

void add_test_functions(FunctionLibrary& library) {
  add_test_scalars(library);
  add_test_aggregates(library);
  add_test_table_functions(library);
}

}  // namespace thalweg::conformance
