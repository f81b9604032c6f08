// STDDEV_SAMP, STDDEV_SAMPLE, CORRELATION. Results are compared digit by digit: keep the order of operations.
#include <cmath>
#include <limits>

#include "runtime/functions/aggregate.h"
#include "runtime/functions/families.h"

namespace thalweg::runtime {
namespace {

using planner::FunctionKind;
using planner::SqlKind;
using planner::SqlType;

// Running sum and sum of squared deviations. kRoot false gives the variance, as STDDEV_SAMP does.
template <typename T, bool kRoot>
struct Deviation {
  using Arguments = std::tuple<T>;
  // Integer sums wrap at 64 bits.
  using Wide = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
  struct State {
    Wide sum = 0;
    std::int64_t count = 0;
    double m2 = 0;
  };

  void add(State& state, T value) const {
    const double n = static_cast<double>(state.count);
    const double sum = static_cast<double>(state.sum) + static_cast<double>(value);
    if (state.count > 0) {
      const double delta = static_cast<double>(value) * (n + 1) - sum;
      state.m2 += delta * delta / ((n + 1) * n);
    }
    state.sum = plus(state.sum, static_cast<Wide>(value));
    ++state.count;
  }
  void undo(State& state, T value) const {
    const double n = static_cast<double>(state.count);
    if (state.count > 1) {
      const double delta = static_cast<double>(value) * n - static_cast<double>(state.sum);
      state.m2 -= delta * delta / ((n - 1) * n);
    }
    state.sum = plus(state.sum, -static_cast<Wide>(value));
    --state.count;
  }
  void merge(const State& other, State& state) const {
    if (other.count == 0) return;
    if (state.count == 0) {
      state = other;
      return;
    }
    const double na = static_cast<double>(state.count);
    const double nb = static_cast<double>(other.count);
    const double gap = static_cast<double>(state.sum) / na - static_cast<double>(other.sum) / nb;
    state.m2 = state.m2 + other.m2 + na * nb * gap * gap / (na + nb);
    state.sum = plus(state.sum, other.sum);
    state.count += other.count;
  }
  static Wide plus(Wide a, Wide b) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<Wide>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    } else {
      return a + b;
    }
  }
  double result(const State& state) const {
    if (state.count < 2) return 0.0;
    const double variance = state.m2 / static_cast<double>(state.count - 1);
    return kRoot ? std::sqrt(variance) : variance;
  }
};

template <typename T>
struct Correlation {
  using Arguments = std::tuple<T, T>;
  struct State {
    double count = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double yy = 0;
    double xy = 0;
  };
  void add(State& state, T x_value, T y_value) const { accumulate(state, x_value, y_value, 1.0); }
  void undo(State& state, T x_value, T y_value) const { accumulate(state, x_value, y_value, -1.0); }
  void merge(const State& other, State& state) const {
    state.count += other.count;
    state.x += other.x;
    state.y += other.y;
    state.xx += other.xx;
    state.yy += other.yy;
    state.xy += other.xy;
  }
  double result(const State& state) const {
    if (state.count < 2) return std::numeric_limits<double>::quiet_NaN();
    const double n = state.count;
    const double numerator = n * state.xy - state.x * state.y;
    const double spread = (n * state.xx - state.x * state.x) * (n * state.yy - state.y * state.y);
    return numerator / std::sqrt(spread);
  }

 private:
  static void accumulate(State& state, T x_value, T y_value, double sign) {
    const double x = static_cast<double>(x_value);
    const double y = static_cast<double>(y_value);
    state.count += sign;
    state.x += sign * x;
    state.y += sign * y;
    state.xx += sign * (x * x);
    state.yy += sign * (y * y);
    state.xy += sign * (x * y);
  }
};

template <typename T, bool kRoot>
Overload deviation() {
  Overload overload = fixed_aggregate<Deviation<T, kRoot>>();
  overload.structured_state = true;
  return overload;
}

template <typename T>
Overload correlation() {
  Overload overload = fixed_aggregate<Correlation<T>>();
  overload.structured_state = true;
  return overload;
}

}  // namespace

void add_statistics_aggregates(FunctionLibrary& library) {
  library.add(
      {.name = "STDDEV_SAMP",
       .category = "AGGREGATE",
       .doc = "The sample variance of a column (historical name; see STDDEV_SAMPLE for the deviation).",
       .arguments = {"val1"},
       .overloads = {deviation<std::int32_t, false>(), deviation<std::int64_t, false>(),
                     deviation<double, false>()},
       .kind = FunctionKind::kAggregate});
  library.add({.name = "STDDEV_SAMPLE",
               .category = "AGGREGATE",
               .doc = "The sample standard deviation of a column; fewer than two values give 0.0.",
               .arguments = {"val1"},
               .overloads = {deviation<std::int32_t, true>(), deviation<std::int64_t, true>(),
                             deviation<double, true>()},
               .kind = FunctionKind::kAggregate});
  library.add({.name = "correlation",
               .category = "AGGREGATE",
               .doc = "Pearson's correlation coefficient of two columns; NaN for fewer than two rows.",
               .arguments = {"val1", "val2"},
               .overloads = {correlation<std::int32_t>(), correlation<std::int64_t>(), correlation<double>()},
               .kind = FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
