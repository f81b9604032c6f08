// ARRAY_CONCAT, ARRAY_DISTINCT, ARRAY_UNION, ARRAY_EXCEPT, ARRAY_INTERSECT, ARRAY_REMOVE.
#include <algorithm>
#include <unordered_set>

#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::Value;
using planner::ValueList;

struct HashOfValue {
  std::size_t operator()(const Value& value) const { return planner::hash_value(value); }
};
struct SameValue {
  bool operator()(const Value& a, const Value& b) const { return planner::equal(a, b); }
};
using ValueSet = std::unordered_set<Value, HashOfValue, SameValue>;

ValueSet set_of(const Value& array) { return {array.as_list().begin(), array.as_list().end()}; }

// The distinct values for which keep(value) holds, in order of first occurrence.
template <typename Keep>
Value distinct(const ValueList& items, ValueSet seen, Keep keep) {
  ValueList result;
  for (const Value& item : items) {
    if (keep(item) && seen.insert(item).second) result.push_back(item);
  }
  return planner::make_list(std::move(result));
}
constexpr auto kAll = [](const Value&) { return true; };

ValueList joined(const Value& left, const Value& right) {
  ValueList items = left.as_list();
  items.insert(items.end(), right.as_list().begin(), right.as_list().end());
  return items;
}

Result<Value> concat(const ValueCall& call) {
  if (call[0].is_null() || call[1].is_null()) return call[0].is_null() ? call[1] : call[0];
  return planner::make_list(joined(call[0], call[1]));
}

Result<Value> remove(const ValueCall& call) {
  ValueList items;
  for (const Value& item : call[0].as_list()) {
    if (!planner::equal(item, call[1])) items.push_back(item);
  }
  return planner::make_list(std::move(items));
}

}  // namespace

void add_array_set_functions(FunctionLibrary& library) {
  const std::vector<Param> both{{"left", array_of("T")}, {"right", array_of("T")}};

  library.add({.name = "array_concat",
               .category = "ARRAY",
               .doc = "The elements of both arrays; a NULL array counts as absent.",
               .overloads = {on_values(
                   {{"left", array_of("T"), Nulls::kSeen}, {"right", array_of("T"), Nulls::kSeen}},
                   array_of("T"), concat)},
               .examples = {{"array_concat(ARRAY[1, 2], ARRAY[2])", "[1, 2, 2]"}}});

  library.add({.name = "array_distinct",
               .category = "ARRAY",
               .doc = "The different elements, NULL among them, in order of first occurrence.",
               .overloads = {on_values({{"array", array_of("T")}}, array_of("T"),
                                       [](const ValueCall& call) -> Result<Value> {
                                         return distinct(call[0].as_list(), {}, kAll);
                                       })},
               .examples = {{"array_distinct(ARRAY[1, 2, 1])", "[1, 2]"}}});

  library.add({.name = "array_union",
               .category = "ARRAY",
               .doc = "The different elements of both arrays, those of `left` first.",
               .overloads = {on_values(both, array_of("T"),
                                       [](const ValueCall& call) -> Result<Value> {
                                         return distinct(joined(call[0], call[1]), {}, kAll);
                                       })},
               .examples = {{"array_union(ARRAY[1, 2], ARRAY[3, 2])", "[1, 2, 3]"}}});

  library.add({.name = "array_except",
               .category = "ARRAY",
               .doc = "The different elements of `left` that are not in `right`.",
               .overloads = {on_values(both, array_of("T"),
                                       [](const ValueCall& call) -> Result<Value> {
                                         return distinct(call[0].as_list(), set_of(call[1]), kAll);
                                       })},
               .examples = {{"array_except(ARRAY[1, 2, 3], ARRAY[2])", "[1, 3]"}}});

  library.add({.name = "array_intersect",
               .category = "ARRAY",
               .doc = "The different elements of `left` that are also in `right`.",
               .overloads = {on_values(both, array_of("T"),
                                       [](const ValueCall& call) -> Result<Value> {
                                         const ValueSet right = set_of(call[1]);
                                         return distinct(call[0].as_list(), {}, [&](const Value& item) {
                                           return right.contains(item);
                                         });
                                       })},
               .examples = {{"array_intersect(ARRAY[1, 2, 3], ARRAY[3, 2])", "[2, 3]"}}});

  library.add({.name = "array_remove",
               .category = "ARRAY",
               .doc = "The elements that differ from `victim`.",
               .overloads = {on_values({{"array", array_of("T")}, {"victim", any_type("T"), Nulls::kSeen}},
                                       array_of("T"), remove)},
               .examples = {{"array_remove(ARRAY[1, 2, 1], 1)", "[2]"}}});
}

}  // namespace thalweg::runtime
