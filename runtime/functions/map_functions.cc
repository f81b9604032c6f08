// AS_MAP, MAP_KEYS, MAP_VALUES, MAP_UNION, ENTRIES.
#include <algorithm>

#include "planner/types/text.h"
#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::MapEntries;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

Result<Value> as_map(const ValueCall& call) {
  const ValueList& keys = call[0].as_list();
  const ValueList& values = call[1].as_list();
  MapEntries entries;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    entries.emplace_back(keys[i], i < values.size() ? values[i] : Value());
  }
  return planner::make_map(std::move(entries), SqlKind::kString);
}

Result<Value> keys_of(const ValueCall& call) {
  ValueList keys;
  for (const auto& [key, value] : call[0].as_map()) keys.push_back(key);
  return planner::make_list(std::move(keys));
}

Result<Value> values_of(const ValueCall& call) {
  ValueList values;
  for (const auto& [key, value] : call[0].as_map()) values.push_back(value);
  return planner::make_list(std::move(values));
}

Result<Value> union_of(const ValueCall& call) {
  if (call[0].is_null() || call[1].is_null()) return call[0].is_null() ? call[1] : call[0];
  MapEntries entries = call[0].as_map();
  entries.insert(entries.end(), call[1].as_map().begin(), call[1].as_map().end());
  return planner::make_map(std::move(entries), SqlKind::kString, 16);
}

Result<Value> entries_of(const ValueCall& call) {
  MapEntries entries = call[0].as_map();
  if (call[1].as_bool()) {
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return planner::compare(a.first, b.first, SqlKind::kString) < 0;
    });
  }
  ValueList rows;
  for (auto& [key, value] : entries) rows.push_back(planner::make_list({key, value}));
  return planner::make_list(std::move(rows));
}

Overload entries_overload(SqlKind kind) {
  const SqlType row = SqlType::structure({{"K", SqlKind::kString}, {"V", kind}});
  return on_values(
      {{"map", map_of(varchar(), sql(kind))}, {"sorted", sql(SqlKind::kBoolean), Nulls::kRefused}},
      array_of(planner::ParamType::of(row)), entries_of);
}

}  // namespace

void add_map_functions(FunctionLibrary& library) {
  const planner::ParamType map = map_of(varchar(), any_type("T"));

  library.add(
      {.name = "AS_MAP",
       .category = "MAP",
       .doc = "A map of an array of keys and an array of values.",
       .overloads = {on_values({{"keys", array_of(varchar())}, {"values", array_of("T")}}, map, as_map)},
       .examples = {{"as_map(ARRAY['a', 'b'], ARRAY[1, 2])", "{a=1, b=2}"}}});

  library.add({.name = "map_keys",
               .category = "MAP",
               .doc = "The keys of a map.",
               .overloads = {on_values({{"input", map}}, array_of(varchar()), keys_of)},
               .examples = {{"map_keys(MAP('a' := 1))", "[a]"}}});

  library.add({.name = "map_values",
               .category = "MAP",
               .doc = "The values of a map, in the order of MAP_KEYS.",
               .overloads = {on_values({{"input", map}}, array_of("T"), values_of)},
               .examples = {{"map_values(MAP('a' := 1))", "[1]"}}});

  library.add(
      {.name = "map_union",
       .category = "MAP",
       .doc = "The entries of both maps; on equal keys `map2` wins. A NULL map counts as absent.",
       .overloads = {on_values({{"map1", map, Nulls::kSeen}, {"map2", map, Nulls::kSeen}}, map, union_of)},
       .examples = {{"map_union(MAP('a' := 1), MAP('a' := 2))", "{a=2}"}}});

  library.add(
      {.name = "ENTRIES",
       .category = "MAP",
       .doc = "The entries of a map as structs with fields K and V, by key if `sorted`.",
       .overloads = {entries_overload(SqlKind::kInteger), entries_overload(SqlKind::kBigint),
                     entries_overload(SqlKind::kDouble), entries_overload(SqlKind::kBoolean),
                     entries_overload(SqlKind::kString)},
       .examples = {{"entries(MAP('b' := 1, 'a' := 2), true)", "[Struct{K=a,V=2}, Struct{K=b,V=1}]"}}});
}

}  // namespace thalweg::runtime
