// ARRAY_LENGTH, ARRAY_CONTAINS, ARRAY_MAX, ARRAY_MIN, ARRAY_SORT, ARRAY_JOIN, SLICE, GENERATE_SERIES.
#include <algorithm>

#include "planner/types/text.h"
#include "runtime/functions/families.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

Result<Value> contains(const ValueCall& call) {
  if (call[0].is_null()) return Value(false);
  const ValueList& items = call[0].as_list();
  return Value(std::any_of(items.begin(), items.end(),
                           [&](const Value& item) { return planner::equal(item, call[1]); }));
}

Result<Value> extremum(const ValueCall& call, bool greatest) {
  const SqlType& type = call.types[0].element();
  if (type.is_nested()) return row_error("elements of type " + to_string(type) + " cannot be compared");
  const Value* best = nullptr;
  for (const Value& item : call[0].as_list()) {
    if (item.is_null()) continue;
    if (best != nullptr) {
      const int order = planner::compare(item, *best, type);
      if (greatest ? order <= 0 : order >= 0) continue;
    }
    best = &item;
  }
  return best == nullptr ? Value() : *best;
}

// NULLs go last in both directions.
Result<Value> sort(const ValueCall& call) {
  bool descending = false;
  if (call.arguments.size() > 1) {
    std::string direction = call[1].as_string();
    std::transform(direction.begin(), direction.end(), direction.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    descending = direction == "DESC" || direction == "DESCENDING";
    if (!descending && direction != "ASC" && direction != "ASCENDING") return Value();
  }
  const SqlType& type = call.types[0].element();
  if (type.is_nested()) return row_error("elements of type " + to_string(type) + " cannot be compared");
  ValueList items = call[0].as_list();
  std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return !a.is_null() && b.is_null();
    const int order = planner::compare(a, b, type);
    return descending ? order > 0 : order < 0;
  });
  return planner::make_list(std::move(items));
}

bool can_join(SqlKind kind) {
  return kind == SqlKind::kBoolean || kind == SqlKind::kInteger || kind == SqlKind::kBigint ||
         kind == SqlKind::kDouble || kind == SqlKind::kDecimal || kind == SqlKind::kString;
}

Result<Value> join(const ValueCall& call) {
  const SqlType& type = call.types[0].element();
  std::string delimiter = ",";
  if (call.arguments.size() > 1) delimiter = call[1].is_null() ? "" : call[1].as_string();
  std::string out;
  bool first = true;
  for (const Value& item : call[0].as_list()) {
    if (!first) out += delimiter;
    first = false;
    if (item.is_null()) {
      out += "null";
    } else if (!can_join(type.kind())) {
      return row_error("error: hit element of type " + to_string(type) + " which is currently not supported");
    } else if (type.is(SqlKind::kDecimal)) {
      out += planner::to_scientific_string(item.as_decimal());
    } else {
      out += planner::cast_to_string(item, type);
    }
  }
  return Value(std::move(out));
}

// Both ends inclusive, counted from 1; NULL means the respective end.
Result<Value> slice(const ValueCall& call) {
  const ValueList& items = call[0].as_list();
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t from = call[1].is_null() ? 1 : call[1].as_int();
  const std::int64_t to = call[2].is_null() ? size : call[2].as_int();
  if (from < 1 || to > size) return Value();
  if (from > to + 1) {
    return row_error("slice: from (" + std::to_string(from) + ") lies behind to (" + std::to_string(to) +
                     ")");
  }
  return planner::make_list(ValueList(items.begin() + (from - 1), items.begin() + to));
}

constexpr std::int64_t kSeriesMax = 1'000'000;

Result<Value> generate_series(const ValueCall& call) {
  const std::int64_t start = call[0].as_int();
  const std::int64_t end = call[1].as_int();
  const std::int64_t step = call.arguments.size() > 2 ? call[2].as_int() : (end >= start ? 1 : -1);
  if (step == 0) return row_error("GENERATE_SERIES step cannot be zero");
  if ((start < end && step < 0) || (start > end && step > 0)) {
    return row_error("GENERATE_SERIES step has wrong sign");
  }
  const __int128 count = (static_cast<__int128>(end) - start) / step + 1;
  if (count > kSeriesMax) {
    return row_error("GENERATE_SERIES would have more than " + std::to_string(kSeriesMax) + " elements");
  }
  ValueList items;
  items.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) items.emplace_back(start + i * step);
  return planner::make_list(std::move(items));
}

Overload series(SqlKind kind, bool with_step) {
  std::vector<Param> parameters{{"start", sql(kind), Nulls::kRefused}, {"end", sql(kind), Nulls::kRefused}};
  if (with_step) parameters.push_back({"step", sql(SqlKind::kInteger), Nulls::kRefused});
  return on_values(parameters, array_of(sql(kind)), generate_series);
}

void add_extrema_and_order(FunctionLibrary& library) {
  const Param array{"array", array_of("T")};
  library.add({.name = "array_max",
               .category = "ARRAY",
               .doc = "The greatest element; NULLs are skipped.",
               .overloads = {on_values({array}, any_type("T"),
                                       [](const ValueCall& call) { return extremum(call, true); })},
               .examples = {{"array_max(ARRAY[1, 3, 2])", "3"}}});
  library.add({.name = "array_min",
               .category = "ARRAY",
               .doc = "The smallest element; NULLs are skipped.",
               .overloads = {on_values({array}, any_type("T"),
                                       [](const ValueCall& call) { return extremum(call, false); })},
               .examples = {{"array_min(ARRAY['b', 'a'])", "a"}}});
  library.add({.name = "array_sort",
               .category = "ARRAY",
               .doc = "The elements in order, NULLs last. `direction` is ASC or DESC.",
               .overloads = {on_values({array}, array_of("T"), sort),
                             on_values({array, {"direction", varchar()}}, array_of("T"), sort)},
               .examples = {{"array_sort(ARRAY[2, 1, 3], 'DESC')", "[3, 2, 1]"}}});
}

}  // namespace

void add_array_functions(FunctionLibrary& library) {
  const Param array{"array", array_of("T")};
  library.add({.name = "ARRAY_LENGTH",
               .category = "ARRAY",
               .doc = "The number of elements, NULLs included.",
               .overloads = {on_values({array}, sql(SqlKind::kInteger),
                                       [](const ValueCall& call) -> Result<Value> {
                                         return Value(static_cast<std::int64_t>(call[0].as_list().size()));
                                       })},
               .examples = {{"array_length(ARRAY[1, NULL, 3])", "3"}}});

  library.add(
      {.name = "ARRAY_CONTAINS",
       .category = "ARRAY",
       .doc = "Whether an element equals `val`; a NULL array contains nothing.",
       .overloads = {on_values({{"array", array_of("T"), Nulls::kSeen}, {"val", any_type("T"), Nulls::kSeen}},
                               sql(SqlKind::kBoolean), contains)},
       .examples = {{"array_contains(ARRAY[1, 2], 2)", "true"}}});

  add_extrema_and_order(library);

  library.add({.name = "ARRAY_JOIN",
               .category = "ARRAY",
               .doc = "The elements as texts with a delimiter (a comma by default) between them.",
               .overloads = {on_values({array}, varchar(), join),
                             on_values({array, {"delimiter", varchar(), Nulls::kSeen}}, varchar(), join)},
               .examples = {{"array_join(ARRAY[1, NULL, 3], '-')", "1-null-3"}}});

  library.add({.name = "slice",
               .category = "ARRAY",
               .doc = "The elements from one position to another, both inclusive and counted from 1.",
               .overloads = {on_values({{"in", array_of("T")},
                                        {"from", sql(SqlKind::kInteger), Nulls::kSeen},
                                        {"to", sql(SqlKind::kInteger), Nulls::kSeen}},
                                       array_of("T"), slice)},
               .examples = {{"slice(ARRAY[1, 2, 3, 4], 2, 3)", "[2, 3]"}}});

  library.add({.name = "GENERATE_SERIES",
               .category = "ARRAY",
               .doc = "The numbers from `start` to `end`, both inclusive.",
               .overloads = {series(SqlKind::kInteger, false), series(SqlKind::kInteger, true),
                             series(SqlKind::kBigint, false), series(SqlKind::kBigint, true)},
               .examples = {{"generate_series(1, 7, 3)", "[1, 4, 7]"}, {"generate_series(2, 1)", "[2, 1]"}}});
}

}  // namespace thalweg::runtime
