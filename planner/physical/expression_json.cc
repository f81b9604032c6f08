// Types, values and expressions as JSON.
#include <array>

#include "planner/physical/json_archive.h"
#include "planner/types/decimal.h"
#include "planner/types/text.h"

namespace thalweg::planner {
namespace {

template <typename N, typename T>
concept Is = std::is_same_v<std::remove_const_t<N>, T>;

}  // namespace

// Field names of the nodes: const when written, mutable when read.
template <typename A, typename N>
requires Is<N, InputColumn>
void describe(A& a, N& n) { a("index", n.index); }
template <typename A, typename N>
requires Is<N, LambdaParameter>
void describe(A& a, N& n) { a("slot", n.slot); }
template <typename A, typename N>
requires Is<N, Constant>
void describe(A& a, N& n) { a("value", n.value); }
template <typename A, typename N>
requires Is<N, TypedCall>
void describe(A& a, N& n) {
  a("function", n.function);
  a("overload", n.overload);
  a("arguments", n.arguments);
}
template <typename A, typename N>
requires Is<N, TypedLambda>
void describe(A& a, N& n) {
  a("slots", n.slots);
  a("slot_types", n.slot_types);
  a("body", n.body);
}
template <typename A, typename N>
requires Is<N, TypedUnit>
void describe(A& a, N& n) {
  a("unit_ms", n.unit_ms);
  a("unit", n.unit);
}
template <typename A, typename N>
requires Is<N, TypedArithmetic>
void describe(A& a, N& n) {
  a("op", n.op);
  a("left", n.left);
  a("right", n.right);
  a("null_text", n.null_text);
}
template <typename A, typename N>
requires Is<N, TypedNegate>
void describe(A& a, N& n) { a("operand", n.operand); }
template <typename A, typename N>
requires Is<N, TypedComparison>
void describe(A& a, N& n) {
  a("op", n.op);
  a("left", n.left);
  a("right", n.right);
}
template <typename A, typename N>
requires Is<N, TypedLogical>
void describe(A& a, N& n) {
  a("is_and", n.is_and);
  a("left", n.left);
  a("right", n.right);
}
template <typename A, typename N>
requires Is<N, TypedNot>
void describe(A& a, N& n) { a("operand", n.operand); }
template <typename A, typename N>
requires Is<N, TypedIsNull>
void describe(A& a, N& n) {
  a("operand", n.operand);
  a("negated", n.negated);
}
template <typename A, typename N>
requires Is<N, TypedBetween>
void describe(A& a, N& n) {
  a("operand", n.operand);
  a("low", n.low);
  a("high", n.high);
}
template <typename A, typename N>
requires Is<N, TypedIn>
void describe(A& a, N& n) {
  a("operand", n.operand);
  a("items", n.items);
}
template <typename A, typename N>
requires Is<N, TypedLike>
void describe(A& a, N& n) {
  a("operand", n.operand);
  a("pattern", n.pattern);
  a("escape", n.escape);
}
template <typename A, typename N>
requires Is<N, TypedCase>
void describe(A& a, N& n) {
  a("whens", n.whens);
  a("otherwise", n.otherwise);
}
template <typename A, typename N>
requires Is<N, TypedCast>
void describe(A& a, N& n) { a("operand", n.operand); }
template <typename A, typename N>
requires Is<N, TypedSubscript>
void describe(A& a, N& n) {
  a("base", n.base);
  a("index", n.index);
}
template <typename A, typename N>
requires Is<N, TypedField>
void describe(A& a, N& n) {
  a("base", n.base);
  a("index", n.index);
}
template <typename A, typename N>
requires Is<N, TypedArray>
void describe(A& a, N& n) { a("items", n.items); }
template <typename A, typename N>
requires Is<N, TypedMap>
void describe(A& a, N& n) { a("entries", n.entries); }
template <typename A, typename N>
requires Is<N, TypedStruct>
void describe(A& a, N& n) { a("fields", n.fields); }

namespace archive {
namespace {

constexpr const char* kNodeNames[] = {
    "column.v1",     "parameter.v1", "constant.v1",   "call.v1",    "lambda.v1", "unit.v1",
    "arithmetic.v1", "negate.v1",    "comparison.v1", "logical.v1", "not.v1",    "is_null.v1",
    "between.v1",    "in.v1",        "like.v1",       "case.v1",    "cast.v1",   "subscript.v1",
    "field.v1",      "array.v1",     "map.v1",        "struct.v1"};

constexpr std::pair<SqlKind, const char*> kPrimitives[] = {
    {SqlKind::kBoolean, "BOOLEAN"}, {SqlKind::kInteger, "INTEGER"}, {SqlKind::kBigint, "BIGINT"},
    {SqlKind::kDouble, "DOUBLE"},   {SqlKind::kString, "STRING"},   {SqlKind::kBytes, "BYTES"},
    {SqlKind::kDate, "DATE"},       {SqlKind::kTime, "TIME"},       {SqlKind::kTimestamp, "TIMESTAMP"}};

}  // namespace

Json encode_type(const SqlType& type) {
  switch (type.kind()) {
    case SqlKind::kDecimal: return Json{{"decimal", {type.precision(), type.scale()}}};
    case SqlKind::kArray: return Json{{"array", encode_type(type.element())}};
    case SqlKind::kMap:
      return Json{{"map", Json::array({encode_type(type.key()), encode_type(type.value())})}};
    case SqlKind::kStruct: {
      Json fields = Json::array();
      for (const auto& field : type.fields())
        fields.push_back(Json::array({field.name, encode_type(field.type)}));
      return Json{{"struct", std::move(fields)}};
    }
    default: break;
  }
  for (const auto& [kind, name] : kPrimitives) {
    if (kind == type.kind()) return name;
  }
  throw std::runtime_error("a type without a name");
}

SqlType decode_type(const Json& json) {
  if (json.is_string()) {
    for (const auto& [kind, name] : kPrimitives) {
      if (json == name) return SqlType(kind);
    }
    throw std::runtime_error("unknown type " + json.dump());
  }
  if (json.contains("decimal")) return SqlType::decimal(json["decimal"].at(0), json["decimal"].at(1));
  if (json.contains("array")) return SqlType::array(decode_type(json["array"]));
  if (json.contains("map"))
    return SqlType::map(decode_type(json["map"].at(0)), decode_type(json["map"].at(1)));
  std::vector<Field> fields;
  for (const auto& field : json.at("struct")) fields.push_back({field.at(0), decode_type(field.at(1))});
  return SqlType::structure(std::move(fields));
}

Json encode_value(const Value& value) {
  struct Visitor {
    Json operator()(const Null&) const { return nullptr; }
    Json operator()(bool v) const { return v; }
    Json operator()(std::int64_t v) const { return v; }
    Json operator()(double v) const { return Json{{"double", double_to_string(v)}}; }
    Json operator()(const Decimal& v) const { return Json{{"decimal", to_plain_string(v)}}; }
    Json operator()(const std::string& v) const { return v; }
    Json operator()(const ListPtr& v) const {
      Json list = Json::array();
      for (const auto& item : *v) list.push_back(encode_value(item));
      return Json{{"list", std::move(list)}};
    }
    Json operator()(const MapPtr& v) const {
      Json entries = Json::array();
      for (const auto& [key, item] : *v)
        entries.push_back(Json::array({encode_value(key), encode_value(item)}));
      return Json{{"entries", std::move(entries)}};
    }
  };
  return std::visit(Visitor{}, static_cast<const Value::Base&>(value));
}

Value decode_value(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (json.contains("double")) {
    const auto text = json["double"].get<std::string>();
    if (const auto number = parse_java_double(text)) return *number;
    throw std::runtime_error("not a number: " + text);
  }
  if (json.contains("decimal")) {
    const auto text = json["decimal"].get<std::string>();
    if (const auto number = parse_decimal(text)) return *number;
    throw std::runtime_error("not a number: " + text);
  }
  if (json.contains("list")) {
    ValueList list;
    for (const auto& item : json["list"]) list.push_back(decode_value(item));
    return make_list(std::move(list));
  }
  MapEntries entries;
  for (const auto& entry : json.at("entries"))
    entries.emplace_back(decode_value(entry.at(0)), decode_value(entry.at(1)));
  return Value{std::make_shared<const MapEntries>(std::move(entries))};
}

Json encode_expression(const TypedPtr& expression) {
  if (!expression) return nullptr;
  auto json = encode_variant(expression->node, kNodeNames);
  json["type"] = encode_type(expression->type);
  json["text"] = expression->text;
  return json;
}

TypedPtr decode_expression(const Json& json) {
  if (json.is_null()) return nullptr;
  TypedExpression expression;
  expression.node = decode_variant<TypedNode>(json, kNodeNames);
  expression.type = decode_type(json.at("type"));
  expression.text = json.at("text").get<std::string>();
  return std::make_shared<const TypedExpression>(std::move(expression));
}

}  // namespace archive
}  // namespace thalweg::planner
