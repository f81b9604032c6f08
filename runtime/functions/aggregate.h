// How a policy becomes an overload of an aggregate function with a fixed-size state.
//
//   struct SumOfDoubles {
//     using Arguments = std::tuple<double>;
//     struct State { double sum = 0; };                         // trivially copyable, multiple of 8 bytes
//     void add(State& state, double value) const { state.sum += value; }
//     void undo(State& state, double value) const { state.sum -= value; }      // optional: usable over
//     tables void merge(const State& other, State& state) const { state.sum += other.sum; } double
//     result(const State& state) const { return state.sum; }
//   };
//   fixed_aggregate<SumOfDoubles>()
//
// Rows with a NULL argument are skipped. A policy may be made from (argument types, result type), and
// add/undo may return Result<void>: a failure stops the query. States that grow are boxed: a class of its
// own derived from AggregateKernel, wrapped by own_aggregate.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/functions/argument_types.h"
#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace internal {

template <typename Policy, typename Tuple>
struct CanUndo;
template <typename Policy, typename... A>
struct CanUndo<Policy, std::tuple<A...>> {
  static constexpr bool value =
      requires(const Policy& policy, typename Policy::State& state, A... arguments) {
    policy.undo(state, arguments...);
  };
};
template <typename Policy>
inline constexpr bool kUndoable = CanUndo<Policy, typename Policy::Arguments>::value;

template <typename R>
void write_result(const R& value, Arena& arena, Column& out, std::uint32_t row) {
  if constexpr (requires { value.has_value(); }) {
    if (!value) return out.set_null(row);
    write_result(*value, arena, out, row);
  } else if constexpr (std::is_same_v<R, planner::Decimal>) {
    out.set(row, value.unscaled);
  } else {
    out.set<typename Flat<R>::Element>(row, Flat<R>::element(value));
  }
}

template <typename Policy>
class FixedKernel final : public AggregateKernel {
 public:
  explicit FixedKernel(Policy policy) : policy_(std::move(policy)) {}

  std::size_t state_bytes() const override { return sizeof(State); }
  void initialize(char* state) const override { new (state) State(); }
  Result<void> add(std::span<const Column> arguments, Rows rows, char* const* states) override {
    return add_rows(kIndexes, arguments, rows, states);
  }
  Result<void> undo(std::span<const Column> arguments, std::uint32_t row, char* state) override {
    if constexpr (kUndoable<Policy>) return undo_row(kIndexes, arguments, row, at(state));
    return Error{ErrorCode::kInternal, "this aggregate cannot take rows back"};
  }
  Result<void> merge(const char* other, char* state) override {
    policy_.merge(*reinterpret_cast<const State*>(other), at(state));
    return {};
  }
  void result(const char* state, Arena& arena, Column& out, std::uint32_t row) const override {
    write_result(policy_.result(*reinterpret_cast<const State*>(state)), arena, out, row);
  }

 private:
  using State = typename Policy::State;
  using Arguments = typename Policy::Arguments;
  template <std::size_t I>
  using Argument = std::tuple_element_t<I, Arguments>;
  static_assert(std::is_trivially_copyable_v<State> && sizeof(State) % 8 == 0 && alignof(State) <= 8);
  static constexpr auto kIndexes = std::make_index_sequence<std::tuple_size_v<Arguments>>{};

  static State& at(char* state) { return *reinterpret_cast<State*>(state); }

  template <std::size_t I>
  static Argument<I> take(const Column& column, std::size_t row) {
    return Flat<Argument<I>>::load(column.get<typename Flat<Argument<I>>::Element>(row), 0);
  }

  template <std::size_t... I>
  Result<void> add_rows(std::index_sequence<I...>, std::span<const Column> arguments, Rows rows,
                        char* const* states) {
    const bool nullable = (... || (arguments[I].valid != nullptr));
    for (std::size_t i = 0; i < rows.count; ++i) {
      const std::size_t row = rows[i];
      if (nullable && (... || arguments[I].is_null(row))) continue;
      if constexpr (std::is_void_v<decltype(policy_.add(at(states[i]), take<I>(arguments[I], row)...))>) {
        policy_.add(at(states[i]), take<I>(arguments[I], row)...);
      } else {
        THALWEG_CHECK(policy_.add(at(states[i]), take<I>(arguments[I], row)...));
      }
    }
    return {};
  }

  template <std::size_t... I>
  Result<void> undo_row(std::index_sequence<I...>, std::span<const Column> arguments, std::uint32_t row,
                        State& state) {
    if (!(... || arguments[I].is_null(row))) policy_.undo(state, take<I>(arguments[I], row)...);
    return {};
  }

  Policy policy_;
};

template <typename... A>
void declare_columns(planner::Signature& signature, std::tuple<A...>*) {
  (signature.parameters.push_back({.type = Flat<A>::parameter()}), ...);
}

}  // namespace internal

// An overload of a policy. Its result type is that of Policy::result, or as `rule` says.
template <typename Policy>
Overload fixed_aggregate(planner::ResultTypeRule rule = {}) {
  Overload overload;
  internal::declare_columns(overload.signature, static_cast<typename Policy::Arguments*>(nullptr));
  using Returned =
      decltype(std::declval<const Policy&>().result(std::declval<const typename Policy::State&>()));
  overload.signature.result = Writer<Returned>::parameter();
  overload.signature.result_rule = std::move(rule);
  overload.undoable = internal::kUndoable<Policy>;
  overload.aggregate = [](std::span<const planner::SqlType> types, std::span<const planner::Value>,
                          const planner::SqlType& result,
                          const FunctionEnvironment&) -> Result<std::unique_ptr<AggregateKernel>> {
    if constexpr (std::is_constructible_v<Policy, std::span<const planner::SqlType>,
                                          const planner::SqlType&>) {
      return std::unique_ptr<AggregateKernel>(
          std::make_unique<internal::FixedKernel<Policy>>(Policy(types, result)));
    } else {
      static_cast<void>(types), static_cast<void>(result);
      return std::unique_ptr<AggregateKernel>(std::make_unique<internal::FixedKernel<Policy>>(Policy{}));
    }
  };
  return overload;
}

// The overload of a kernel of its own class.
struct AggregateShape {
  std::vector<Param> parameters;
  planner::ParamType result;
  std::int32_t literal_count = 0;
  bool undoable = false;
};
inline Overload own_aggregate(AggregateShape shape, AggregateFactory factory) {
  Overload overload;
  overload.signature = make_signature(shape.parameters, std::move(shape.result));
  overload.signature.literal_count = shape.literal_count;
  overload.undoable = shape.undoable;
  overload.aggregate = std::move(factory);
  return overload;
}

}  // namespace thalweg::runtime
