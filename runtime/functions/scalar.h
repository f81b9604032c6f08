// How a C++ lambda becomes an overload of a scalar function.
//
//   scalar(body)                 the signature is read off the lambda's parameter and result types
//   scalar(body, rule)           the same with a computed result type (DECIMAL precision and scale)
//   scalar_per_site(maker)       maker(environment) makes one body, with state of its own, per call site
//
// A plain parameter means NULL in, NULL out, body skipped. A body may return T, std::optional<T> (NULL),
// Result<T> or Result<std::optional<T>> (the row fails). A first parameter `Arena&` gives memory of the
// batch; std::string_view results must point there, into an argument, or to static text.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "runtime/columns/row_loop.h"
#include "runtime/functions/argument_types.h"

namespace thalweg::runtime {

// Writes results of one call into its column. Results without a specialisation are Flat.
template <typename R>
struct Writer {
  static planner::ParamType parameter() { return Flat<R>::parameter(); }
  static void write(const R& value, std::size_t row, Arena&, const planner::SqlType&, Column& out,
                    RowErrors&) {
    out.set<typename Flat<R>::Element>(row, Flat<R>::element(value));
  }
};
template <>
struct Writer<std::string> {
  static planner::ParamType parameter() { return Flat<std::string_view>::parameter(); }
  static void write(const std::string& value, std::size_t row, Arena& arena, const planner::SqlType&,
                    Column& out, RowErrors&) {
    out.set(row, arena.copy(value));
  }
};
template <>
struct Writer<OwnedBytes> {
  static planner::ParamType parameter() { return Flat<Bytes>::parameter(); }
  static void write(const OwnedBytes& value, std::size_t row, Arena& arena, const planner::SqlType&,
                    Column& out, RowErrors&) {
    out.set(row, arena.copy(value.bytes));
  }
};
template <>
struct Writer<planner::Decimal> {
  static planner::ParamType parameter() { return Flat<planner::Decimal>::parameter(); }
  static void write(const planner::Decimal& value, std::size_t row, Arena& arena,
                    const planner::SqlType& type, Column& out, RowErrors&) {
    if (value.scale == type.scale()) return out.set(row, value.unscaled);
    store_value(arena, out, type, row, planner::Value(value));
  }
};
template <typename T>
struct Writer<ArrayOf<T>> {
  static planner::ParamType parameter() { return planner::ParamType::array(Flat<T>::parameter()); }
  static void write(const ArrayOf<T>& value, std::size_t row, Arena& arena, const planner::SqlType&,
                    Column& out, RowErrors&) {
    out.set(row, box(arena, planner::make_list(value.items)));
  }
};
template <typename R>
struct Writer<std::optional<R>> {
  static planner::ParamType parameter() { return Writer<R>::parameter(); }
  static void write(const std::optional<R>& value, std::size_t row, Arena& arena,
                    const planner::SqlType& type, Column& out, RowErrors& errors) {
    if (!value) return out.set_null(row);
    Writer<R>::write(*value, row, arena, type, out, errors);
  }
};
template <typename R>
struct Writer<Result<R>> {
  static planner::ParamType parameter() { return Writer<R>::parameter(); }
  static void write(const Result<R>& value, std::size_t row, Arena& arena, const planner::SqlType& type,
                    Column& out, RowErrors& errors) {
    if (value) return Writer<R>::write(*value, row, arena, type, out, errors);
    errors.add(static_cast<std::uint32_t>(row), value.error().message);
    out.set_null(row);
  }
};

namespace internal {

template <typename Member>
struct BodyTraits;
template <typename Body, typename R, typename... A>
struct BodyTraits<R (Body::*)(A...) const> {
  using Returned = R;
  using Arguments = std::tuple<std::decay_t<A>...>;
  static constexpr bool kWithArena = false;
};
template <typename Body, typename R, typename... A>
struct BodyTraits<R (Body::*)(Arena&, A...) const> {
  using Returned = R;
  using Arguments = std::tuple<std::decay_t<A>...>;
  static constexpr bool kWithArena = true;
};
template <typename Body, typename R, typename... A>
struct BodyTraits<R (Body::*)(A...)> : BodyTraits<R (Body::*)(A...) const> {};
template <typename Body, typename R, typename... A>
struct BodyTraits<R (Body::*)(Arena&, A...)> : BodyTraits<R (Body::*)(Arena&, A...) const> {};
template <typename Body>
using TraitsOf = BodyTraits<decltype(&Body::operator())>;

template <typename Body>
class BodyKernel final : public ScalarKernel {
 public:
  BodyKernel(Body body, planner::SqlType result) : body_(std::move(body)), result_(std::move(result)) {}

  void run(const CallArguments& arguments, Rows rows, Arena& arena, Column& out, RowErrors& errors) override {
    loop(std::make_index_sequence<std::tuple_size_v<Arguments>>{}, arguments, rows, arena, out, errors);
  }

 private:
  using Traits = TraitsOf<Body>;
  using Arguments = typename Traits::Arguments;
  using Returned = typename Traits::Returned;

  template <std::size_t... I>
  void loop(std::index_sequence<I...>, [[maybe_unused]] const CallArguments& arguments, Rows rows,
            Arena& arena, Column& out, RowErrors& errors) {
    const std::tuple<Reader<std::tuple_element_t<I, Arguments>>...> readers{
        Reader<std::tuple_element_t<I, Arguments>>(arguments, I)...};
    for_each_row(rows, [&](std::size_t row) {
      const ArgumentState state = std::max({ArgumentState::kPresent, std::get<I>(readers).state(row)...});
      if (state != ArgumentState::kPresent) return skip(state, row, out, errors);
      if constexpr (Traits::kWithArena) {
        Writer<Returned>::write(body_(arena, std::get<I>(readers).get(row)...), row, arena, result_, out,
                                errors);
      } else {
        Writer<Returned>::write(body_(std::get<I>(readers).get(row)...), row, arena, result_, out, errors);
      }
    });
  }

  static void skip(ArgumentState state, std::size_t row, Column& out, RowErrors& errors) {
    if (state == ArgumentState::kRefused) {
      errors.add(static_cast<std::uint32_t>(row), "an argument that must not be NULL is NULL");
    }
    out.set_null(row);
  }

  Body body_;
  planner::SqlType result_;
};

template <typename... A>
void declare_all(planner::Signature& signature, std::tuple<A...>*) {
  (Reader<A>::declare(signature), ...);
}

template <typename Body>
planner::Signature signature_of(planner::ResultTypeRule rule) {
  planner::Signature signature;
  declare_all(signature, static_cast<typename TraitsOf<Body>::Arguments*>(nullptr));
  signature.result = Writer<typename TraitsOf<Body>::Returned>::parameter();
  signature.result_rule = std::move(rule);
  return signature;
}

}  // namespace internal

template <typename Body>
Overload scalar(Body body, planner::ResultTypeRule rule = {}) {
  Overload overload;
  overload.signature = internal::signature_of<Body>(std::move(rule));
  overload.scalar = [body](std::span<const planner::SqlType>, const planner::SqlType& result,
                           const FunctionEnvironment&) -> std::unique_ptr<ScalarKernel> {
    return std::make_unique<internal::BodyKernel<Body>>(body, result);
  };
  return overload;
}

template <typename Maker>
Overload scalar_per_site(Maker maker, planner::ResultTypeRule rule = {}) {
  using Body = std::invoke_result_t<Maker, const FunctionEnvironment&>;
  Overload overload;
  overload.signature = internal::signature_of<Body>(std::move(rule));
  overload.scalar = [maker](std::span<const planner::SqlType>, const planner::SqlType& result,
                            const FunctionEnvironment& environment) -> std::unique_ptr<ScalarKernel> {
    return std::make_unique<internal::BodyKernel<Body>>(maker(environment), result);
  };
  return overload;
}

// The error of one row.
inline Error row_error(std::string message) { return {ErrorCode::kBadRecord, std::move(message)}; }

}  // namespace thalweg::runtime
