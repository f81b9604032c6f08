// COALESCE, IFNULL, NULLIF, AS_VALUE: over any type, by copying elements.
#include <cstring>

#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::SqlType;

void take(const Column& from, std::size_t row, Column& to) {
  const std::size_t bytes = element_bytes(to.physical);
  std::memcpy(to.elements<char>() + row * bytes, from.elements<char>() + row * from.stride * bytes, bytes);
  to.valid[row] = 1;
}

class FirstPresentKernel final : public ScalarKernel {
 public:
  void run(const CallArguments& call, Rows rows, Arena&, Column& out, RowErrors&) override {
    for_each_row(rows, [&](std::size_t row) {
      for (const Column& column : call.columns) {
        if (!column.is_null(row)) return take(column, row, out);
      }
      out.set_null(row);
    });
  }
};

class NullIfKernel final : public ScalarKernel {
 public:
  void run(const CallArguments& call, Rows rows, Arena&, Column& out, RowErrors&) override {
    const Column& value = call.columns[0];
    const Column& other = call.columns[1];
    for_each_row(rows, [&](std::size_t row) {
      const bool drop = value.is_null(row) || (!other.is_null(row) && same(call, row));
      drop ? out.set_null(row) : take(value, row, out);
    });
  }

 private:
  static bool same(const CallArguments& call, std::size_t row) {
    if (call.columns[0].physical == Physical::kString) {
      return call.columns[0].get<std::string_view>(row) == call.columns[1].get<std::string_view>(row);
    }
    return planner::equal(value_at(call.columns[0], call.types[0], row),
                          value_at(call.columns[1], call.types[1], row));
  }
};

class IdentityKernel final : public ScalarKernel {
 public:
  void run(const CallArguments& call, Rows, Arena&, Column& out, RowErrors&) override {
    out = call.columns[0];
  }
};

template <typename Kernel>
Overload generic(const std::vector<Param>& parameters) {
  return vectorised(
      make_signature(parameters, any_type("T")),
      [](std::span<const SqlType>, const SqlType&,
         const FunctionEnvironment&) -> std::unique_ptr<ScalarKernel> { return std::make_unique<Kernel>(); });
}

}  // namespace

void add_conditional_functions(FunctionLibrary& library) {
  library.add({.name = "COALESCE",
               .category = "CONDITIONAL",
               .doc = "The first argument that is not NULL. All arguments are evaluated.",
               .overloads = {generic<FirstPresentKernel>(
                   {{"first", any_type("T"), Nulls::kSeen}, {"others", any_type("T"), Nulls::kSeen, true}})},
               .examples = {{"coalesce(CAST(NULL AS INT), 7, 8)", "7"}}});

  library.add({.name = "IFNULL",
               .category = "CONDITIONAL",
               .doc = "`expression`, or `altValue` where it is NULL.",
               .overloads = {generic<FirstPresentKernel>(
                   {{"expression", any_type("T"), Nulls::kSeen}, {"altValue", any_type("T"), Nulls::kSeen}})},
               .examples = {{"ifnull(CAST(NULL AS STRING), 'x')", "x"}}});

  library.add({.name = "NULLIF",
               .category = "CONDITIONAL",
               .doc = "NULL where both arguments are equal, else `expr1`.",
               .overloads = {generic<NullIfKernel>(
                   {{"expr1", any_type("T"), Nulls::kSeen}, {"expr2", any_type("T"), Nulls::kSeen}})},
               .examples = {{"nullif('a', 'a')", "NULL"}, {"nullif(1, 2)", "1"}}});

  library.add({.name = "AS_VALUE",
               .category = "OTHER",
               .doc = "Copies a key column into the value under a new name.",
               .overloads = {generic<IdentityKernel>({{"keyColumn", any_type("T"), Nulls::kSeen}})},
               .examples = {{"as_value(3)", "3"}}});
}

}  // namespace thalweg::runtime
