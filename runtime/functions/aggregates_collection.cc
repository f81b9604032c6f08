// COLLECT_LIST, COLLECT_SET, HISTOGRAM, ATTR.
#include <algorithm>
#include <charconv>
#include <limits>

#include "runtime/functions/boxed_state.h"
#include "runtime/functions/families.h"

namespace thalweg::runtime {

std::size_t collection_limit(const FunctionEnvironment& environment, const std::string& property) {
  const auto found = environment.properties.find(property);
  std::int64_t limit = -1;
  if (found != environment.properties.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), limit);
  }
  return limit < 0 ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(limit);
}

namespace {

using planner::FunctionKind;
using planner::MapEntries;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

bool contains(const ValueList& list, const Value& wanted) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Value& item) { return planner::equal(item, wanted); });
}

class CollectListKernel final : public AggregateKernel {
 public:
  CollectListKernel(SqlType result, std::size_t limit) : result_(std::move(result)), limit_(limit) {}
  Value initial() const override { return empty_list(); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    if (state.is_null() || state.as_list().size() < limit_) writable_list(state).push_back(arguments[0]);
    return {};
  }
  // Removes the last equal element.
  Result<void> undo(std::span<const Value> arguments, Value& state) override {
    ValueList& list = writable_list(state);
    const auto last = std::find_if(list.rbegin(), list.rend(),
                                   [&](const Value& item) { return planner::equal(item, arguments[0]); });
    if (last != list.rend()) list.erase(std::next(last).base());
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    ValueList& list = writable_list(state);
    for (const Value& item : other.as_list()) {
      if (list.size() >= limit_) break;
      list.push_back(item);
    }
    return {};
  }
  SqlType state_type() const override { return result_; }

 private:
  SqlType result_;
  std::size_t limit_;
};

class CollectSetKernel final : public AggregateKernel {
 public:
  CollectSetKernel(SqlType result, std::size_t limit) : result_(std::move(result)), limit_(limit) {}
  Value initial() const override { return empty_list(); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    insert(arguments[0], state);
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    for (const Value& item : other.as_list()) insert(item, state);
    return {};
  }
  SqlType state_type() const override { return result_; }

 private:
  void insert(const Value& value, Value& state) const {
    ValueList& list = writable_list(state);
    if (list.size() < limit_ && !contains(list, value)) list.push_back(value);
  }
  SqlType result_;
  std::size_t limit_;
};

class HistogramKernel final : public AggregateKernel {
 public:
  Value initial() const override { return empty_map(); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    count(arguments[0], 1, state);
    return {};
  }
  Result<void> undo(std::span<const Value> arguments, Value& state) override {
    MapEntries& entries = writable_map(state);
    const auto found = find(entries, key_of(arguments[0]));
    if (found == entries.end()) return {};
    if (found->second.as_int() <= 1) {
      entries.erase(found);
    } else {
      found->second = Value(found->second.as_int() - 1);
    }
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    for (const auto& [key, number] : other.as_map()) count(key, number.as_int(), state);
    return {};
  }
  Value result(const Value& state) const override {
    return planner::make_map(state.as_map(), SqlKind::kString, 16);
  }
  SqlType state_type() const override { return SqlType::map(SqlKind::kString, SqlKind::kBigint); }

 private:
  static constexpr std::size_t kKeysMax = 1000;
  static Value key_of(const Value& value) { return value.is_null() ? Value(std::string("null")) : value; }
  static MapEntries::iterator find(MapEntries& entries, const Value& key) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const auto& entry) { return planner::equal(entry.first, key); });
  }
  static void count(const Value& value, std::int64_t number, Value& state) {
    MapEntries& entries = writable_map(state);
    const Value key = key_of(value);
    const auto found = find(entries, key);
    if (found != entries.end()) {
      found->second = Value(found->second.as_int() + number);
    } else if (entries.size() < kKeysMax) {
      entries.emplace_back(key, Value(number));
    }
  }
};

// Keeps every distinct value with its count, so that rows can be taken back.
class AttrKernel final : public AggregateKernel {
 public:
  explicit AttrKernel(SqlType type) : type_(std::move(type)) {}
  Value initial() const override { return empty_list(); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    count(arguments[0], 1, state);
    return {};
  }
  Result<void> undo(std::span<const Value> arguments, Value& state) override {
    count(arguments[0], -1, state);
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    for (const Value& entry : other.as_list()) count(entry.as_list()[0], entry.as_list()[1].as_int(), state);
    return {};
  }
  Value result(const Value& state) const override {
    const ValueList& entries = state.as_list();
    return entries.size() == 1 ? entries[0].as_list()[0] : Value();
  }
  SqlType state_type() const override {
    return SqlType::array(SqlType::structure({{"VALUE", type_}, {"COUNT", SqlKind::kInteger}}));
  }

 private:
  static void count(const Value& value, std::int64_t change, Value& state) {
    ValueList& entries = writable_list(state);
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Value& entry) {
      return planner::equal(entry.as_list()[0], value);
    });
    const std::int64_t total = (found == entries.end() ? 0 : found->as_list()[1].as_int()) + change;
    if (found == entries.end()) {
      if (total > 0) entries.push_back(planner::make_list({value, Value(total)}));
    } else if (total <= 0) {
      entries.erase(found);
    } else {
      *found = planner::make_list({value, Value(total)});
    }
  }
  SqlType type_;
};

template <typename Kernel>
AggregateFactory make_limited(std::string property) {
  return [property](std::span<const SqlType>, std::span<const Value>, const SqlType& result,
                    const FunctionEnvironment& environment) -> Result<std::unique_ptr<AggregateKernel>> {
    return std::unique_ptr<AggregateKernel>(
        std::make_unique<Kernel>(result, collection_limit(environment, property)));
  };
}

Result<std::unique_ptr<AggregateKernel>> make_histogram(std::span<const SqlType>, std::span<const Value>,
                                                        const SqlType&, const FunctionEnvironment&) {
  return std::unique_ptr<AggregateKernel>(std::make_unique<HistogramKernel>());
}

Result<std::unique_ptr<AggregateKernel>> make_attr(std::span<const SqlType>, std::span<const Value>,
                                                   const SqlType& result, const FunctionEnvironment&) {
  return std::unique_ptr<AggregateKernel>(std::make_unique<AttrKernel>(result));
}

}  // namespace

void add_collection_aggregates(FunctionLibrary& library) {
  library.add({.name = "collect_list",
               .category = "AGGREGATE",
               .doc = "Gathers all values of a column, NULLs included, into an array in order of arrival.",
               .arguments = {"val1"},
               .overloads = {own_aggregate(
                   {.parameters = {{"", any_type("T")}}, .result = array_of("T"), .undoable = true},
                   make_limited<CollectListKernel>("ksql.functions.collect_list.limit"))},
               .kind = FunctionKind::kAggregate});

  library.add(
      {.name = "collect_set",
       .category = "AGGREGATE",
       .doc = "Gathers the distinct values of a column, in order of first arrival, into an array.",
       .arguments = {"val1"},
       .overloads = {own_aggregate({.parameters = {{"", any_type("T")}}, .result = array_of("T")},
                                   make_limited<CollectSetKernel>("ksql.functions.collect_set.limit"))},
       .kind = FunctionKind::kAggregate});

  Overload histogram = own_aggregate(
      {.parameters = {{"", varchar()}}, .result = map_of(varchar(), sql(SqlKind::kBigint)), .undoable = true},
      make_histogram);
  library.add({.name = "histogram",
               .category = "AGGREGATE",
               .doc = "Counts how often each text occurs, for at most 1000 different texts.",
               .arguments = {"val1"},
               .overloads = {std::move(histogram)},
               .kind = FunctionKind::kAggregate});

  Overload attr = own_aggregate(
      {.parameters = {{"", any_type("T")}}, .result = any_type("T"), .undoable = true}, make_attr);
  attr.structured_state = true;
  library.add({.name = "ATTR",
               .category = "AGGREGATE",
               .doc = "The value all rows of the group share, or NULL if they differ.",
               .arguments = {"val1"},
               .overloads = {std::move(attr)},
               .kind = FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
