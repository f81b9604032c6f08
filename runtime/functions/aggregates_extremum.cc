// MIN, MAX.
#include <cmath>

#include "planner/types/text.h"
#include "runtime/functions/aggregate.h"
#include "runtime/functions/families.h"
#include "runtime/functions/wide_integer.h"

namespace thalweg::runtime {
namespace {

using planner::Decimal;
using planner::FunctionKind;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;

// -0.0 < 0.0, NaN greatest.
bool before(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  if (a == 0 && b == 0) return std::signbit(a) && !std::signbit(b);
  return a < b;
}
template <typename Integer>
requires std::is_integral_v<Integer>
bool before(Integer a, Integer b) { return a < b; }

template <typename T, bool kGreatest>
struct Extremum {
  using Element = typename Flat<T>::Element;
  using Arguments = std::tuple<T>;
  struct State {
    alignas(8) Element value = 0;
    std::int64_t seen = 0;
  };
  void add(State& state, T value) const { take(state, Flat<T>::element(value)); }
  void merge(const State& other, State& state) const {
    if (other.seen != 0) take(state, other.value);
  }
  std::optional<T> result(const State& state) const {
    if (state.seen == 0) return std::nullopt;
    return T{state.value};
  }

 private:
  static void take(State& state, Element value) {
    const bool better = kGreatest ? before(state.value, value) : before(value, state.value);
    if (state.seen == 0 || better) state.value = value;
    state.seen = 1;
  }
};

template <bool kGreatest>
struct DecimalExtremum {
  using Arguments = std::tuple<Decimal>;
  struct State {
    WideInteger value;
    std::int64_t seen = 0;
  };
  DecimalExtremum(std::span<const SqlType>, const SqlType& result) : scale(result.scale()) {}
  void add(State& state, const Decimal& value) const {
    const auto held = state.value.get();
    if (state.seen == 0 || (kGreatest ? held < value.unscaled : value.unscaled < held)) {
      state.value.set(value.unscaled);
    }
    state.seen = 1;
  }
  void merge(const State& other, State& state) const {
    if (other.seen != 0) add(state, {other.value.get(), scale});
  }
  std::optional<Decimal> result(const State& state) const {
    if (state.seen == 0) return std::nullopt;
    return Decimal{state.value.get(), scale};
  }
  std::int32_t scale;
};

// STRING and BYTES.
template <bool kGreatest>
class TextExtremumKernel final : public AggregateKernel {
 public:
  explicit TextExtremumKernel(SqlType type) : type_(std::move(type)) {}
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    take(arguments[0], state);
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    take(other, state);
    return {};
  }
  SqlType state_type() const override { return type_; }

 private:
  void take(const Value& value, Value& state) const {
    if (value.is_null()) return;
    if (!state.is_null()) {
      const int order = planner::compare(value, state, type_);
      if (kGreatest ? order <= 0 : order >= 0) return;
    }
    state = value;
  }
  SqlType type_;
};

template <bool kGreatest>
Overload text_extremum(SqlKind kind) {
  return own_aggregate(
      {.parameters = {{"", sql(kind)}}, .result = sql(kind)},
      [](std::span<const SqlType>, std::span<const Value>, const SqlType& result,
         const FunctionEnvironment&) -> Result<std::unique_ptr<AggregateKernel>> {
        return std::unique_ptr<AggregateKernel>(std::make_unique<TextExtremumKernel<kGreatest>>(result));
      });
}

template <bool kGreatest>
std::vector<Overload> extremum_overloads() {
  const auto same = [](std::span<const SqlType> types) -> Result<SqlType> { return types[0]; };
  return {fixed_aggregate<Extremum<std::int32_t, kGreatest>>(),
          fixed_aggregate<Extremum<std::int64_t, kGreatest>>(),
          fixed_aggregate<Extremum<double, kGreatest>>(),
          fixed_aggregate<DecimalExtremum<kGreatest>>(same),
          fixed_aggregate<Extremum<Date, kGreatest>>(),
          fixed_aggregate<Extremum<Time, kGreatest>>(),
          fixed_aggregate<Extremum<Timestamp, kGreatest>>(),
          text_extremum<kGreatest>(SqlKind::kString),
          text_extremum<kGreatest>(SqlKind::kBytes)};
}

}  // namespace

void add_extremum_aggregates(FunctionLibrary& library) {
  library.add({.name = "MAX",
               .category = "AGGREGATE",
               .doc = "The greatest value of a column; NULLs are skipped.",
               .arguments = {"val1"},
               .overloads = extremum_overloads<true>(),
               .kind = FunctionKind::kAggregate});
  library.add({.name = "MIN",
               .category = "AGGREGATE",
               .doc = "The smallest value of a column; NULLs are skipped.",
               .arguments = {"val1"},
               .overloads = extremum_overloads<false>(),
               .kind = FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
