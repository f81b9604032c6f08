// COUNT, SUM, SUM_LIST, AVG.
#include "runtime/functions/aggregate.h"
#include "runtime/functions/families.h"
#include "runtime/functions/wide_integer.h"

namespace thalweg::runtime {
namespace {

using planner::Decimal;
using planner::FunctionKind;
using planner::Int128;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;

// Sums in the argument's own width; integers wrap.
template <typename T>
T wrapping_add(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Bits>(a) + static_cast<Bits>(b));
  } else {
    return a + b;
  }
}
template <typename T>
T wrapping_subtract(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Bits>(a) - static_cast<Bits>(b));
  } else {
    return a - b;
  }
}

// Counts rows whose argument is not NULL, of whatever type.
class CountKernel final : public AggregateKernel {
 public:
  std::size_t state_bytes() const override { return sizeof(std::int64_t); }
  void initialize(char* state) const override { count(state) = 0; }
  Result<void> add(std::span<const Column> arguments, Rows rows, char* const* states) override {
    const Column& column = arguments[0];
    if (column.valid == nullptr) {
      for (std::size_t i = 0; i < rows.count; ++i) ++count(states[i]);
    } else {
      for (std::size_t i = 0; i < rows.count; ++i) count(states[i]) += column.is_null(rows[i]) ? 0 : 1;
    }
    return {};
  }
  Result<void> undo(std::span<const Column> arguments, std::uint32_t row, char* state) override {
    if (!arguments[0].is_null(row)) --count(state);
    return {};
  }
  Result<void> merge(const char* other, char* state) override {
    count(state) += *reinterpret_cast<const std::int64_t*>(other);
    return {};
  }
  void result(const char* state, Arena&, Column& out, std::uint32_t row) const override {
    out.set(row, *reinterpret_cast<const std::int64_t*>(state));
  }

 private:
  static std::int64_t& count(char* state) { return *reinterpret_cast<std::int64_t*>(state); }
};

template <typename T>
struct Sum {
  using Arguments = std::tuple<T>;
  struct State {
    alignas(8) T sum = 0;
  };
  void add(State& state, T value) const { state.sum = wrapping_add(state.sum, value); }
  void undo(State& state, T value) const { state.sum = wrapping_subtract(state.sum, value); }
  void merge(const State& other, State& state) const { add(state, other.sum); }
  T result(const State& state) const { return state.sum; }
};

// A sum that outgrows its type stops the query; merge and undo are not checked, as in the reference.
struct SumOfDecimals {
  using Arguments = std::tuple<Decimal>;
  struct State {
    WideInteger sum;
  };
  SumOfDecimals(std::span<const SqlType>, const SqlType& result) : type(result) {
    limit = 1;
    for (std::int32_t i = 0; i < std::min(type.precision(), kDigitsMax); ++i) limit *= 10;
  }
  Result<void> add(State& state, const Decimal& value) const {
    const Int128 sum = state.sum.get() + value.unscaled;
    if (sum >= limit || sum <= -limit) [[unlikely]] {
      auto overflow = planner::cast_to(Decimal{sum, type.scale()}, type.precision(), type.scale());
      return Error{ErrorCode::kFatal, "Exception caught in process. " +
                                          (overflow ? "Numeric field overflow" : overflow.error().message)};
    }
    state.sum.set(sum);
    return {};
  }
  void undo(State& state, const Decimal& value) const { state.sum.set(state.sum.get() - value.unscaled); }
  void merge(const State& other, State& state) const { state.sum.set(state.sum.get() + other.sum.get()); }
  Decimal result(const State& state) const { return {state.sum.get(), type.scale()}; }

  static constexpr std::int32_t kDigitsMax = 38;  // of an Int128
  SqlType type;
  Int128 limit;
};

template <typename T>
struct Average {
  using Arguments = std::tuple<T>;
  struct State {
    alignas(8) T sum = 0;
    std::int64_t count = 0;
  };
  void add(State& state, T value) const { state.sum = wrapping_add(state.sum, value), ++state.count; }
  void undo(State& state, T value) const { state.sum = wrapping_subtract(state.sum, value), --state.count; }
  void merge(const State& other, State& state) const {
    state.sum = wrapping_add(state.sum, other.sum), state.count += other.count;
  }
  double result(const State& state) const {
    return state.count == 0 ? 0.0 : static_cast<double>(state.sum) / static_cast<double>(state.count);
  }
};

// The sum of all elements of all arrays; NULL arrays and elements are skipped.
template <typename T>
class SumListKernel final : public AggregateKernel {
 public:
  std::size_t state_bytes() const override { return 8; }
  void initialize(char* state) const override { std::memset(state, 0, 8); }
  Result<void> add(std::span<const Column> arguments, Rows rows, char* const* states) override {
    for (std::size_t i = 0; i < rows.count; ++i) {
      sum(states[i]) = wrapping_add(sum(states[i]), total(arguments[0], rows[i]));
    }
    return {};
  }
  Result<void> undo(std::span<const Column> arguments, std::uint32_t row, char* state) override {
    sum(state) = wrapping_subtract(sum(state), total(arguments[0], row));
    return {};
  }
  Result<void> merge(const char* other, char* state) override {
    sum(state) = wrapping_add(sum(state), *reinterpret_cast<const T*>(other));
    return {};
  }
  void result(const char* state, Arena&, Column& out, std::uint32_t row) const override {
    out.set(row, *reinterpret_cast<const T*>(state));
  }

 private:
  static T& sum(char* state) { return *reinterpret_cast<T*>(state); }
  static T total(const Column& column, std::size_t row) {
    T sum = 0;
    if (column.is_null(row)) return sum;
    for (const Value& item : column.get<Boxed>(row)->as_list()) {
      if (item.is_null()) continue;
      if constexpr (std::is_floating_point_v<T>) {
        sum += item.as_double();
      } else {
        sum = wrapping_add(sum, static_cast<T>(item.as_int()));
      }
    }
    return sum;
  }
};

template <typename Kernel>
AggregateFactory make_plainly() {
  return [](std::span<const SqlType>, std::span<const Value>, const SqlType&,
            const FunctionEnvironment&) -> Result<std::unique_ptr<AggregateKernel>> {
    return std::unique_ptr<AggregateKernel>(std::make_unique<Kernel>());
  };
}

template <typename T>
Overload sum_list(SqlKind element) {
  return own_aggregate(
      {.parameters = {{"val", array_of(sql(element))}}, .result = sql(element), .undoable = true},
      make_plainly<SumListKernel<T>>());
}

template <typename T>
Overload average() {
  Overload overload = fixed_aggregate<Average<T>>();
  overload.structured_state = true;
  return overload;
}

}  // namespace

void add_counting_aggregates(FunctionLibrary& library) {
  library.add({.name = "COUNT",
               .category = "AGGREGATE",
               .doc = "Counts rows. With an argument, rows where it is NULL are not counted.",
               .arguments = {"val1"},
               .overloads = {own_aggregate(
                   {.parameters = {{"", any_type("T")}}, .result = sql(SqlKind::kBigint), .undoable = true},
                   make_plainly<CountKernel>())},
               .kind = FunctionKind::kAggregate});

  library.add({.name = "SUM",
               .category = "AGGREGATE",
               .doc = "Adds up the values of a column; NULLs are skipped, and no values give 0.",
               .arguments = {"val1"},
               .overloads = {fixed_aggregate<Sum<std::int32_t>>(), fixed_aggregate<Sum<std::int64_t>>(),
                             fixed_aggregate<Sum<double>>(),
                             fixed_aggregate<SumOfDecimals>(
                                 [](std::span<const SqlType> types) -> Result<SqlType> { return types[0]; })},
               .kind = FunctionKind::kAggregate});

  library.add({.name = "sum_list",
               .category = "AGGREGATE",
               .doc = "Adds up all elements of all arrays of a column; NULL arrays and elements are skipped.",
               .arguments = {"val1"},
               .overloads = {sum_list<std::int32_t>(SqlKind::kInteger),
                             sum_list<std::int64_t>(SqlKind::kBigint), sum_list<double>(SqlKind::kDouble)},
               .kind = FunctionKind::kAggregate});

  library.add({.name = "avg",
               .category = "AGGREGATE",
               .doc = "The arithmetic mean of a column; NULLs are skipped, and no values give 0.0.",
               .arguments = {"val1"},
               .overloads = {average<std::int32_t>(), average<std::int64_t>(), average<double>()},
               .kind = FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
