// TRANSFORM, FILTER, REDUCE. A body that fails fails the whole call.
#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::MapEntries;
using planner::ParamType;
using planner::SqlKind;
using planner::Value;
using planner::ValueList;

Result<Value> transform_array(const ValueCall& call) {
  ValueList results;
  for (const Value& item : call[0].as_list()) {
    THALWEG_TRY(Value result, call.call(1, std::span(&item, 1)));
    results.push_back(std::move(result));
  }
  return planner::make_list(std::move(results));
}

Result<Value> transform_map(const ValueCall& call) {
  MapEntries results;
  for (const auto& [key, value] : call[0].as_map()) {
    const Value tuple[] = {key, value};
    THALWEG_TRY(Value new_key, call.call(1, tuple));
    THALWEG_TRY(Value new_value, call.call(2, tuple));
    if (new_value.is_null()) return row_error("a new value of a map is NULL");
    if (planner::find_in_map(results, new_key) != nullptr)
      return row_error("two entries of a map have the same new key");
    results.emplace_back(std::move(new_key), std::move(new_value));
  }
  return planner::make_map(std::move(results), call.result.key(), 16);
}

Result<bool> holds(const ValueCall& call, std::span<const Value> tuple) {
  THALWEG_TRY(const Value truth, call.call(1, tuple));
  if (truth.is_null()) return row_error("a filter's condition is NULL");
  return truth.as_bool();
}

Result<Value> filter_array(const ValueCall& call) {
  ValueList kept;
  for (const Value& item : call[0].as_list()) {
    THALWEG_TRY(const bool keep, holds(call, std::span(&item, 1)));
    if (keep) kept.push_back(item);
  }
  return planner::make_list(std::move(kept));
}

Result<Value> filter_map(const ValueCall& call) {
  MapEntries kept;
  for (const auto& [key, value] : call[0].as_map()) {
    const Value tuple[] = {key, value};
    THALWEG_TRY(const bool keep, holds(call, tuple));
    if (keep) kept.emplace_back(key, value);
  }
  return planner::make_map(std::move(kept), call.result.key(), 16);
}

// A NULL state gives NULL, a NULL collection the initial state.
Result<Value> reduce_array(const ValueCall& call) {
  if (call[1].is_null() || call[0].is_null()) return call[1];
  Value state = call[1];
  for (const Value& item : call[0].as_list()) {
    const Value tuple[] = {state, item};
    THALWEG_TRY(state, call.call(2, tuple));
  }
  return state;
}

Result<Value> reduce_map(const ValueCall& call) {
  if (call[1].is_null() || call[0].is_null()) return call[1];
  Value state = call[1];
  for (const auto& [key, value] : call[0].as_map()) {
    const Value tuple[] = {state, key, value};
    THALWEG_TRY(state, call.call(2, tuple));
  }
  return state;
}

ParamType variable(const char* name) { return ParamType::type_variable(name); }

Param body(std::string name, std::vector<ParamType> parameters, ParamType result) {
  return {std::move(name), ParamType::lambda(std::move(parameters), std::move(result)), Nulls::kSeen};
}

}  // namespace

void add_lambda_functions(FunctionLibrary& library) {
  const ParamType key = variable("K");
  const ParamType value = variable("V");
  const ParamType item = variable("T");
  const ParamType state = variable("S");
  const ParamType result = variable("R");
  const ParamType truth = sql(SqlKind::kBoolean);

  library.add(
      {.name = "transform",
       .category = "LAMBDA",
       .doc = "Applies a lambda to every element of an array, or two to every entry of a map: one for the "
              "new key, one for the new value.",
       .overloads = {on_values({{"array", array_of(item)}, body("lambda", {item}, result)}, array_of(result),
                               transform_array),
                     on_values({{"map", map_of(key, value)},
                                body("lambda1", {key, value}, result),
                                body("lambda2", {key, value}, item)},
                               map_of(result, item), transform_map)},
       .examples = {{"transform(ARRAY[1, 2], x => x * 10)", "[10, 20]"},
                    {"transform(MAP('a' := 1), (k, v) => ucase(k), (k, v) => v + 5)", "{A=6}"}}});

  library.add({.name = "filter",
               .category = "LAMBDA",
               .doc = "Keeps the elements of an array, or the entries of a map, for which a lambda is true.",
               .overloads = {on_values({{"array", array_of(item)}, body("lambda", {item}, truth)},
                                       array_of(item), filter_array),
                             on_values({{"map", map_of(key, value)}, body("lambda", {key, value}, truth)},
                                       map_of(key, value), filter_map)},
               .examples = {{"filter(ARRAY[1, 2, 3], x => x > 1)", "[2, 3]"}}});

  library.add({.name = "reduce",
               .category = "LAMBDA",
               .doc = "Folds an array or a map into one value, starting from an initial state.",
               .overloads = {on_values({{"list", array_of(item), Nulls::kSeen},
                                        {"initialState", state, Nulls::kSeen},
                                        body("reduceFunction", {state, item}, state)},
                                       state, reduce_array),
                             on_values({{"map", map_of(key, value), Nulls::kSeen},
                                        {"initialState", state, Nulls::kSeen},
                                        body("reduceFunction", {state, key, value}, state)},
                                       state, reduce_map)},
               .examples = {{"reduce(ARRAY[1, 2, 3], 10, (s, x) => s + x)", "16"}}});
}

}  // namespace thalweg::runtime
