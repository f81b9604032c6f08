// VAR_ARG, MID_VAR_ARG, MULTI_ARG, FOUR_ARG, FIVE_ARG, OBJ_COL_ARG, GENERIC_VAR_ARG, TEST_UDAF.
#include <charconv>
#include <memory>

#include "planner/types/decimal.h"
#include "planner/types/text.h"
#include "runtime/functions/boxed_state.h"
#include "tests/conformance/test_functions.h"

namespace thalweg::conformance {
namespace {

using planner::FunctionKind;
using planner::ParamType;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;
using runtime::AggregateFactory;
using runtime::AggregateKernel;
using runtime::FunctionEnvironment;
using runtime::Overload;
using runtime::Param;

ParamType integer() { return runtime::sql(SqlKind::kInteger); }
ParamType bigint() { return runtime::sql(SqlKind::kBigint); }

// What a value adds to a total: a number itself, a text its length, NULL nothing.
std::int64_t weight(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) {
    return static_cast<std::int64_t>(planner::utf16_length(*text));
  }
  return 0;
}

std::int64_t weight(std::span<const Value> values) {
  std::int64_t total = 0;
  for (const Value& value : values) total += weight(value);
  return total;
}

// A BIGINT that begins at `start`, grows by every argument's weight and is shown with `bonus` on top.
class WeightKernel final : public AggregateKernel {
 public:
  WeightKernel(std::int64_t start, std::int64_t bonus) : start_(start), bonus_(bonus) {}
  Value initial() const override { return Value(start_); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    state = Value(state.as_int() + weight(arguments));
    return {};
  }
  Result<void> undo(std::span<const Value> arguments, Value& state) override {
    state = Value(state.as_int() - weight(arguments));
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    state = Value(state.as_int() + other.as_int());
    return {};
  }
  Value result(const Value& state) const override { return Value(state.as_int() + bonus_); }
  SqlType state_type() const override { return SqlKind::kBigint; }

 private:
  std::int64_t start_;
  std::int64_t bonus_;
};

enum class Literals { kStart, kBonus };

AggregateFactory weigh(Literals literals, std::string start_property = {}) {
  return [=](std::span<const SqlType>, std::span<const Value> constants, const SqlType&,
             const FunctionEnvironment& environment) -> Result<std::unique_ptr<AggregateKernel>> {
    const std::int64_t constant = weight(constants);
    std::int64_t start = literals == Literals::kStart ? constant : 0;
    if (const auto found = environment.properties.find(start_property);
        found != environment.properties.end()) {
      const std::string& text = found->second;
      std::from_chars(text.data(), text.data() + text.size(), start);
    }
    return std::unique_ptr<AggregateKernel>(
        std::make_unique<WeightKernel>(start, literals == Literals::kBonus ? constant : 0));
  };
}

// The first argument of every row that has no NULL.
class FirstOfFullRows final : public AggregateKernel {
 public:
  explicit FirstOfFullRows(SqlType result) : result_(std::move(result)) {}
  Value initial() const override { return runtime::empty_list(); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    for (const Value& value : arguments) {
      if (value.is_null()) return {};
    }
    runtime::writable_list(state).push_back(arguments[0]);
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    for (const Value& item : other.as_list()) runtime::writable_list(state).push_back(item);
    return {};
  }
  SqlType state_type() const override { return result_; }

 private:
  SqlType result_;
};

// The sum of numbers, or of structs field by field.
class SumKernel final : public AggregateKernel {
 public:
  explicit SumKernel(SqlType result) : result_(std::move(result)) {}
  Value initial() const override { return {}; }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    state = plus(state, arguments[0]);
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    state = plus(state, other);
    return {};
  }
  Value result(const Value& state) const override { return state.is_null() ? zero(result_) : state; }
  SqlType state_type() const override { return result_; }

 private:
  static Value zero(const SqlType& type) {
    if (type.is(SqlKind::kDouble)) return Value(0.0);
    if (type.is(SqlKind::kInteger) || type.is(SqlKind::kBigint)) return Value(std::int64_t{0});
    if (!type.is(SqlKind::kStruct)) return {};
    ValueList fields;
    for (const auto& field : type.fields()) fields.push_back(zero(field.type));
    return planner::make_list(std::move(fields));
  }
  static Value plus(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() ? b : a;
    if (const auto* number = std::get_if<std::int64_t>(&a)) return Value(*number + b.as_int());
    if (const auto* number = std::get_if<double>(&a)) return Value(*number + b.as_double());
    if (!std::holds_alternative<planner::ListPtr>(a)) return b;
    ValueList fields;
    for (std::size_t i = 0; i < a.as_list().size(); ++i)
      fields.push_back(plus(a.as_list()[i], b.as_list()[i]));
    return planner::make_list(std::move(fields));
  }
  SqlType result_;
};

template <typename Kernel>
Result<std::unique_ptr<AggregateKernel>> make(std::span<const SqlType>, std::span<const Value>,
                                              const SqlType& result, const FunctionEnvironment&) {
  return std::unique_ptr<AggregateKernel>(std::make_unique<Kernel>(result));
}

void add(runtime::FunctionLibrary& library, std::string name, std::string doc,
         std::vector<Overload> overloads) {
  library.add({.name = std::move(name),
               .category = "AGGREGATE",
               .doc = std::move(doc),
               .overloads = std::move(overloads),
               .kind = FunctionKind::kAggregate});
}

// Columns, then an INT and any number of texts that are literals.
Overload with_initial_literals(std::vector<Param> columns) {
  columns.push_back({"init", integer()});
  columns.push_back({"more", runtime::varchar(), runtime::Nulls::kSeen, true});
  return runtime::own_aggregate({.parameters = std::move(columns), .result = bigint(), .literal_count = 2},
                                weigh(Literals::kStart));
}

void add_variadic(runtime::FunctionLibrary& library) {
  const Param number{"number", bigint()};
  const Param texts{"texts", runtime::varchar(), runtime::Nulls::kSeen, true};
  add(library, "VAR_ARG", "A number and the lengths of texts, summed.",
      {runtime::own_aggregate({.parameters = {number, texts}, .result = bigint()}, weigh(Literals::kStart))});
  add(library, "MID_VAR_ARG", "A number and the lengths of texts, summed; two constants on top.",
      {runtime::own_aggregate({.parameters = {number, texts, {"one", integer()}, {"two", integer()}},
                               .result = bigint(),
                               .literal_count = 2},
                              weigh(Literals::kBonus))});
  const Param text{"text", runtime::varchar()};
  const std::string doc = "Numbers and the lengths of texts, summed from a start that literals give.";
  add(library, "MULTI_ARG", doc, {with_initial_literals({number, text})});
  add(library, "FOUR_ARG", doc, {with_initial_literals({number, text, text, text})});
  add(library, "FIVE_ARG", doc, {with_initial_literals({number, text, text, text, {"int", integer()}})});
  add(library, "OBJ_COL_ARG", "The first arguments of rows without NULLs.",
      {runtime::own_aggregate(
          {.parameters = {{"first", integer()}, {"others", ParamType::any(), runtime::Nulls::kSeen, true}},
           .result = runtime::array_of(integer())},
          make<FirstOfFullRows>)});
  add(library, "GENERIC_VAR_ARG", "The first arguments of rows without NULLs.",
      {runtime::own_aggregate({.parameters = {{"a", runtime::any_type("A")},
                                              {"b", runtime::any_type("B")},
                                              {"c", runtime::any_type("C"), runtime::Nulls::kSeen, true}},
                               .result = runtime::array_of("A")},
                              make<FirstOfFullRows>)});
}

}  // namespace

void add_test_aggregates(runtime::FunctionLibrary& library) {
  add_variadic(library);
  const ParamType pair =
      ParamType::of(SqlType::structure({{"A", SqlKind::kInteger}, {"B", SqlKind::kInteger}}));
  const ParamType number = runtime::sql(SqlKind::kDouble);
  const auto sum = [](ParamType type) {
    return runtime::own_aggregate({.parameters = {{"val", type}}, .result = type}, make<SumKernel>);
  };
  add(library, "test_udaf", "Sums numbers, the lengths of texts, or structs field by field.",
      {runtime::own_aggregate({.parameters = {{"val", bigint()}}, .result = bigint(), .undoable = true},
                              weigh(Literals::kStart)),
       runtime::own_aggregate({.parameters = {{"val", integer()}}, .result = bigint(), .undoable = true},
                              weigh(Literals::kStart, "ksql.functions.test_udaf.init")),
       sum(number), sum(runtime::any_type("T")), sum(pair),
       runtime::own_aggregate({.parameters = {{"val", runtime::varchar()}, {"init", runtime::varchar()}},
                               .result = bigint(),
                               .literal_count = 1},
                              weigh(Literals::kStart))});
}

}  // namespace thalweg::conformance
