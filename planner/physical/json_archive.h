// One description of a struct's fields serves writing and reading: describe(archive, value) names them once.
//
//   optional: null when empty · variant: {"kind": "filter.v1", …fields} · enums: their names
//   Value: null, true, 1, "text", {"double": "1.5"}, {"decimal": "1.50"}, {"list": […]}, {"entries": [[k, v],
//   …]} SqlType: "INTEGER", {"decimal": [4, 2]}, {"array": T}, {"map": [K, V]}, {"struct": [[name, T], …]}
//
// Reading throws nlohmann's exceptions or std::runtime_error; the public functions catch them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "planner/expression/typed_expression.h"
#include "planner/physical/steps.h"

namespace thalweg::planner::archive {

using Json = nlohmann::ordered_json;

struct Writer {
  static constexpr bool kReading = false;
  Json json = Json::object();
  template <typename T>
  void operator()(const char* name, const T& value);
};

struct Reader {
  static constexpr bool kReading = true;
  const Json& json;
  template <typename T>
  void operator()(const char* name, T& value);
};

// Names of an enumeration, in order of its values.
template <typename E>
struct Names;
template <>
struct Names<ast::JoinType> {
  static constexpr const char* kList[] = {"inner", "left", "right", "full"};
};
template <>
struct Names<ast::WindowType> {
  static constexpr const char* kList[] = {"tumbling", "hopping", "session"};
};
template <>
struct Names<ast::SourceKind> {
  static constexpr const char* kList[] = {"stream", "table"};
};
template <>
struct Names<ast::ArithmeticOp> {
  static constexpr const char* kList[] = {"add", "subtract", "multiply", "divide", "modulus"};
};
template <>
struct Names<ast::ComparisonOp> {
  static constexpr const char* kList[] = {"equal",         "not_equal",        "less",
                                          "less_or_equal", "greater",          "greater_or_equal",
                                          "distinct_from", "not_distinct_from"};
};
template <>
struct Names<Wrapping> {
  static constexpr const char* kList[] = {"default", "wrapped", "unwrapped"};
};
template <>
struct Names<SourceColumn::Origin> {
  static constexpr const char* kList[] = {"key",           "value",      "row_time",
                                          "row_partition", "row_offset", "window_start",
                                          "window_end",    "headers",    "header"};
};
template <>
struct Names<QueryKind> {
  static constexpr const char* kList[] = {"create_stream_as", "create_table_as", "insert_into",
                                          "source_table", "push"};
};

Json encode_type(const SqlType& type);
SqlType decode_type(const Json& json);
Json encode_value(const Value& value);
Value decode_value(const Json& json);
Json encode_expression(const TypedPtr& expression);
TypedPtr decode_expression(const Json& json);

// ---- values ------------------------------------------------------------------------------------------

template <typename T>
struct Codec {  // structs with a description, and everything JSON knows by itself
  static Json encode(const T& value) {
    if constexpr (requires(Writer & w) { describe(w, value); }) {
      Writer writer;
      describe(writer, value);
      return std::move(writer.json);
    } else if constexpr (std::is_enum_v<T>) {
      return Names<T>::kList[static_cast<std::size_t>(value)];
    } else {
      return Json(value);
    }
  }
  static void decode(const Json& json, T& value) {
    if constexpr (requires(Reader & r) { describe(r, value); }) {
      Reader reader{json};
      describe(reader, value);
    } else if constexpr (std::is_enum_v<T>) {
      const auto name = json.template get<std::string>();
      for (std::size_t i = 0; i < std::size(Names<T>::kList); ++i) {
        if (name != Names<T>::kList[i]) continue;
        value = static_cast<T>(i);
        return;
      }
      throw std::runtime_error("unknown word \"" + name + "\"");
    } else {
      json.get_to(value);
    }
  }
};
template <>
struct Codec<SqlType> {
  static Json encode(const SqlType& value) { return encode_type(value); }
  static void decode(const Json& json, SqlType& value) { value = decode_type(json); }
};
template <>
struct Codec<Value> {
  static Json encode(const Value& value) { return encode_value(value); }
  static void decode(const Json& json, Value& value) { value = decode_value(json); }
};
template <>
struct Codec<TypedPtr> {
  static Json encode(const TypedPtr& value) { return encode_expression(value); }
  static void decode(const Json& json, TypedPtr& value) { value = decode_expression(json); }
};
template <typename T>
struct Codec<std::optional<T>> {
  static Json encode(const std::optional<T>& value) {
    return value ? Codec<T>::encode(*value) : Json(nullptr);
  }
  static void decode(const Json& json, std::optional<T>& value) {
    if (json.is_null()) {
      value.reset();
    } else {
      Codec<T>::decode(json, value.emplace());
    }
  }
};
template <typename T>
struct Codec<std::vector<T>> {
  static Json encode(const std::vector<T>& value) {
    Json list = Json::array();
    for (const auto& item : value) list.push_back(Codec<T>::encode(item));
    return list;
  }
  static void decode(const Json& json, std::vector<T>& value) {
    value.clear();
    for (const auto& item : json) Codec<T>::decode(item, value.emplace_back());
  }
};
template <typename A, typename B>
struct Codec<std::pair<A, B>> {
  static Json encode(const std::pair<A, B>& value) {
    return Json::array({Codec<A>::encode(value.first), Codec<B>::encode(value.second)});
  }
  static void decode(const Json& json, std::pair<A, B>& value) {
    Codec<A>::decode(json.at(0), value.first);
    Codec<B>::decode(json.at(1), value.second);
  }
};
template <>
struct Codec<std::map<std::string, std::string>> {
  static Json encode(const std::map<std::string, std::string>& value) {
    Json object = Json::object();
    for (const auto& [name, text] : value) object[name] = text;
    return object;
  }
  static void decode(const Json& json, std::map<std::string, std::string>& value) {
    value.clear();
    for (const auto& [name, text] : json.items()) value[name] = text.get<std::string>();
  }
};

template <typename T>
void Writer::operator()(const char* name, const T& value) {
  json[name] = Codec<T>::encode(value);
}
template <typename T>
void Reader::operator()(const char* name, T& value) {
  Codec<T>::decode(json.at(name), value);
}

// A variant as an object that starts with the alternative's name. `names` stands in the variant's order.
template <typename Variant, std::size_t N>
Json encode_variant(const Variant& variant, const char* const (&names)[N]) {
  static_assert(N == std::variant_size_v<Variant>);
  Json object = Json::object();
  object["kind"] = names[variant.index()];
  std::visit([&]<typename T>(const T& node) { object.update(Codec<T>::encode(node)); }, variant);
  return object;
}

template <typename Variant, std::size_t I = 0, std::size_t N>
Variant decode_variant(const Json& json, const char* const (&names)[N]) {
  if constexpr (I == N) {
    throw std::runtime_error("unknown kind \"" + json.at("kind").template get<std::string>() +
                             "\": the plan was made by another version");
  } else {
    if (json.at("kind") != names[I]) return decode_variant<Variant, I + 1>(json, names);
    std::variant_alternative_t<I, Variant> node{};
    Codec<std::variant_alternative_t<I, Variant>>::decode(json, node);
    return Variant(std::in_place_index<I>, std::move(node));
  }
}

}  // namespace thalweg::planner::archive
