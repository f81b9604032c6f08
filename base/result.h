// Result<T>: a value or an Error, spelt like std::expected so that one alias can replace it later.
//
//   Result<Plan> plan_query(const ast::Query& query) {
//     THALWEG_TRY(const auto scope, resolve_sources(query));   // returns the error upwards
//     THALWEG_CHECK(validate(scope));                          // the same for Result<void>
//     return to_steps(scope);
//   }
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"

namespace thalweg {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit
  template <typename U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::decay_t<U>, T> &&
           !std::is_same_v<std::decay_t<U>, Error> && !std::is_same_v<std::decay_t<U>, Result>)
      Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT: implicit

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  template <typename U>
  T value_or(U&& fallback) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace thalweg

#define THALWEG_CONCAT_INNER(a, b) a##b
#define THALWEG_CONCAT(a, b) THALWEG_CONCAT_INNER(a, b)
#define THALWEG_TRY_INNER(tmp, declaration, expression) \
  auto tmp = (expression);                              \
  if (!tmp) [[unlikely]]                                \
    return std::move(tmp).error();                      \
  declaration = std::move(tmp).value()
// Declares (or assigns) from a Result, or returns its error from the enclosing function.
#define THALWEG_TRY(declaration, expression) \
  THALWEG_TRY_INNER(THALWEG_CONCAT(result_, __COUNTER__), declaration, expression)
// The same for an expression whose value is not wanted.
#define THALWEG_CHECK(expression)        \
  do {                                   \
    auto checked = (expression);         \
    if (!checked) [[unlikely]]           \
      return std::move(checked).error(); \
  } while (false)
