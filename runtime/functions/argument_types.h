// The C++ types of function bodies and the SQL types they declare.
//
//   bool BOOLEAN · std::int32_t INTEGER · std::int64_t BIGINT · double DOUBLE · planner::Decimal DECIMAL
//   std::string_view VARCHAR · Bytes BYTES · Date DATE · Time TIME · Timestamp TIMESTAMP · TimeUnit a unit
//   std::optional<T> the body sees NULL · NotNull<T> NULL is an error · Variadic<T> last, sees NULLs
//   as results also: std::string, OwnedBytes, ArrayOf<T>
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "planner/types/decimal.h"
#include "planner/types/value.h"
#include "runtime/functions/library.h"

namespace thalweg::runtime {

struct Bytes {
  std::string_view view;
};
struct OwnedBytes {
  std::string bytes;
};
struct Date {
  std::int32_t days;
};
struct Time {
  std::int32_t ms_of_day;
};
struct Timestamp {
  std::int64_t epoch_ms;
};
struct TimeUnit {
  std::int64_t ms;
};
template <typename T>
struct NotNull {
  T value;
  operator T() const { return value; }  // NOLINT: implicit
};
template <typename T>
struct ArrayOf {
  planner::ValueList items;
};

// Flat<T>: how a T lies in a column. `scale` is the DECIMAL type's, else 0.
template <typename T>
struct Flat;

template <typename T, typename ElementType, planner::SqlKind kKind>
struct PlainFlat {
  using Element = ElementType;
  static planner::ParamType parameter() { return planner::ParamType::of(kKind); }
  static T load(const Element& element, std::int32_t) { return T{element}; }
};
template <>
struct Flat<bool> {
  using Element = std::uint8_t;
  static planner::ParamType parameter() { return planner::ParamType::of(planner::SqlKind::kBoolean); }
  static bool load(Element element, std::int32_t) { return element != 0; }
  static Element element(bool value) { return value ? 1 : 0; }
};
template <>
struct Flat<std::int32_t> : PlainFlat<std::int32_t, std::int32_t, planner::SqlKind::kInteger> {
  static Element element(std::int32_t value) { return value; }
};
template <>
struct Flat<std::int64_t> : PlainFlat<std::int64_t, std::int64_t, planner::SqlKind::kBigint> {
  static Element element(std::int64_t value) { return value; }
};
template <>
struct Flat<double> : PlainFlat<double, double, planner::SqlKind::kDouble> {
  static Element element(double value) { return value; }
};
template <>
struct Flat<std::string_view> : PlainFlat<std::string_view, std::string_view, planner::SqlKind::kString> {
  static Element element(std::string_view value) { return value; }
};
template <>
struct Flat<Bytes> : PlainFlat<Bytes, std::string_view, planner::SqlKind::kBytes> {
  static Element element(Bytes value) { return value.view; }
};
template <>
struct Flat<Date> : PlainFlat<Date, std::int32_t, planner::SqlKind::kDate> {
  static Element element(Date value) { return value.days; }
};
template <>
struct Flat<Time> : PlainFlat<Time, std::int32_t, planner::SqlKind::kTime> {
  static Element element(Time value) { return value.ms_of_day; }
};
template <>
struct Flat<Timestamp> : PlainFlat<Timestamp, std::int64_t, planner::SqlKind::kTimestamp> {
  static Element element(Timestamp value) { return value.epoch_ms; }
};
template <>
struct Flat<planner::Decimal> {
  using Element = planner::Int128;
  static planner::ParamType parameter() { return planner::ParamType::any_decimal(); }
  static planner::Decimal load(const Element& element, std::int32_t scale) { return {element, scale}; }
};

// The values of a variadic parameter in one row.
template <typename T>
class Variadic {
 public:
  Variadic(std::span<const Column> columns, std::span<const planner::SqlType> types, std::size_t row)
      : columns_(columns), types_(types), row_(row) {}
  std::size_t size() const { return columns_.size(); }
  std::optional<T> operator[](std::size_t index) const {
    const Column& column = columns_[index];
    if (column.is_null(row_)) return std::nullopt;
    return Flat<T>::load(column.get<typename Flat<T>::Element>(row_), types_[index].scale());
  }

 private:
  std::span<const Column> columns_;
  std::span<const planner::SqlType> types_;
  std::size_t row_;
};

// What the arguments of one row allow.
enum class ArgumentState : std::uint8_t { kPresent, kNullOut, kRefused };

// Reader<A>: takes the argument of parameter type A out of a call.
template <typename A>
class Reader {
 public:
  using Element = typename Flat<A>::Element;
  Reader(const CallArguments& call, std::size_t index)
      : column_(call.columns[index]), scale_(call.types[index].scale()) {}
  ArgumentState state(std::size_t row) const {
    return column_.is_null(row) ? ArgumentState::kNullOut : ArgumentState::kPresent;
  }
  A get(std::size_t row) const { return Flat<A>::load(column_.get<Element>(row), scale_); }
  static void declare(planner::Signature& signature) {
    signature.parameters.push_back({.type = Flat<A>::parameter()});
  }

 private:
  const Column& column_;
  std::int32_t scale_;
};

template <typename A>
class Reader<std::optional<A>> : private Reader<A> {
 public:
  using Reader<A>::Reader;
  using Reader<A>::declare;
  ArgumentState state(std::size_t) const { return ArgumentState::kPresent; }
  std::optional<A> get(std::size_t row) const {
    if (Reader<A>::state(row) != ArgumentState::kPresent) return std::nullopt;
    return Reader<A>::get(row);
  }
};

template <typename A>
class Reader<NotNull<A>> : private Reader<A> {
 public:
  using Reader<A>::Reader;
  ArgumentState state(std::size_t row) const {
    return Reader<A>::state(row) == ArgumentState::kPresent ? ArgumentState::kPresent
                                                            : ArgumentState::kRefused;
  }
  NotNull<A> get(std::size_t row) const { return {Reader<A>::get(row)}; }
  static void declare(planner::Signature& signature) {
    signature.parameters.push_back({.type = Flat<A>::parameter(), .not_null = true});
  }
};

template <typename A>
class Reader<Variadic<A>> {
 public:
  Reader(const CallArguments& call, std::size_t index)
      : columns_(call.columns.subspan(index)), types_(call.types.subspan(index)) {}
  ArgumentState state(std::size_t) const { return ArgumentState::kPresent; }
  Variadic<A> get(std::size_t row) const { return {columns_, types_, row}; }
  static void declare(planner::Signature& signature) {
    signature.variadic = static_cast<std::int32_t>(signature.parameters.size());
    signature.parameters.push_back({.type = Flat<A>::parameter()});
  }

 private:
  std::span<const Column> columns_;
  std::span<const planner::SqlType> types_;
};

template <>
class Reader<TimeUnit> {
 public:
  Reader(const CallArguments& call, std::size_t index) : unit_{call.unit_ms[index]} {}
  ArgumentState state(std::size_t) const { return ArgumentState::kPresent; }
  TimeUnit get(std::size_t) const { return unit_; }
  static void declare(planner::Signature& signature) {
    signature.parameters.push_back({.type = planner::ParamType::unit()});
  }

 private:
  TimeUnit unit_;
};

}  // namespace thalweg::runtime
