// EXPLODE, CUBE_EXPLODE: functions that make several rows of one.
#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::FunctionKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

class ExplodeKernel final : public TableKernel {
 public:
  Result<ValueList> rows(std::span<const Value> arguments) override {
    if (arguments[0].is_null()) return ValueList{};
    return arguments[0].as_list();
  }
};

// All combinations of each column being there or NULL, the first column most significant.
class CubeKernel final : public TableKernel {
 public:
  Result<ValueList> rows(std::span<const Value> arguments) override {
    if (arguments[0].is_null()) return ValueList{};
    const ValueList& columns = arguments[0].as_list();
    if (columns.size() > kColumnsMax) {
      return Error{ErrorCode::kBadRecord, "cube_explode: too many columns (" +
                                              std::to_string(columns.size()) + "); max is " +
                                              std::to_string(kColumnsMax)};
    }
    std::vector<std::size_t> present;  // a NULL column offers one choice only
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].is_null()) present.push_back(i);
    }
    ValueList result;
    result.reserve(std::size_t{1} << present.size());
    for (std::size_t choice = 0; choice < std::size_t{1} << present.size(); ++choice) {
      ValueList row(columns.size());
      for (std::size_t i = 0; i < present.size(); ++i) {
        if ((choice >> (present.size() - 1 - i) & 1) != 0) row[present[i]] = columns[present[i]];
      }
      result.push_back(planner::make_list(std::move(row)));
    }
    return result;
  }

 private:
  static constexpr std::size_t kColumnsMax = 20;
};

template <typename Kernel>
Overload table_overload(Param parameter, planner::ParamType result, planner::ResultTypeRule rule = {}) {
  Overload overload;
  overload.signature = make_signature({std::move(parameter)}, std::move(result));
  overload.signature.result_rule = std::move(rule);
  overload.table = [](std::span<const SqlType>, const SqlType&,
                      const FunctionEnvironment&) -> std::unique_ptr<TableKernel> {
    return std::make_unique<Kernel>();
  };
  return overload;
}

}  // namespace

void add_table_functions(FunctionLibrary& library) {
  const auto element = [](std::span<const SqlType> types) -> Result<SqlType> { return types[0].element(); };
  library.add(
      {.name = "explode",
       .category = "TABLE",
       .doc = "One row per element of an array, NULLs included; a NULL or empty array gives no rows.",
       .overloads = {table_overload<ExplodeKernel>({"input", array_of(planner::ParamType::any_decimal())},
                                                   planner::ParamType::any_decimal(), element),
                     table_overload<ExplodeKernel>({"list", array_of("T")}, any_type("T"))},
       .kind = FunctionKind::kTable});
  library.add({.name = "cube_explode",
               .category = "TABLE",
               .doc = "One row per combination of each element of an array being itself or NULL.",
               .overloads = {table_overload<CubeKernel>({"columns", array_of("T")}, array_of("T"))},
               .kind = FunctionKind::kTable});
}

}  // namespace thalweg::runtime
