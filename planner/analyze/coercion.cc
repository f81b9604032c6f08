#include "planner/analyze/coercion.h"

#include <algorithm>
#include <cctype>

#include "planner/analyze/rewrite.h"
#include "planner/types/text.h"

namespace thalweg::planner {
namespace {

constexpr std::string_view kNullListLink = "https://github.com/confluentinc/ksql/issues/4239";

bool is_null_literal(const ast::ExpressionPtr& item) { return node_as<ast::NullLiteral>(item) != nullptr; }

bool is_plain_literal(const ast::Expression& item) {
  return std::holds_alternative<ast::BooleanLiteral>(item.node) ||
         std::holds_alternative<ast::IntegerLiteral>(item.node) ||
         std::holds_alternative<ast::BigintLiteral>(item.node) ||
         std::holds_alternative<ast::DoubleLiteral>(item.node) ||
         std::holds_alternative<ast::DecimalLiteral>(item.node);
}

// True for a non-empty prefix of true or yes, false for one of false or no, any case.
std::optional<bool> boolean_text(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text.empty()) return std::nullopt;
  for (const std::string_view word : {"true", "yes"}) {
    if (word.starts_with(text)) return true;
  }
  for (const std::string_view word : {"false", "no"}) {
    if (word.starts_with(text)) return false;
  }
  return std::nullopt;
}

struct Number {
  SqlType type;
  Decimal value;
};

// INTEGER, else BIGINT, else DECIMAL.
std::optional<Number> number_text(const std::string& text) {
  if (const auto small = parse_int(text)) return Number{SqlKind::kInteger, from_int(*small)};
  if (const auto large = parse_bigint(text)) return Number{SqlKind::kBigint, from_int(*large)};
  const auto exact = parse_decimal(text);
  if (!exact) return std::nullopt;
  const auto scale = std::max(exact->scale, 0);
  const auto plain = set_scale(*exact, scale, Rounding::kUnnecessary);
  if (!plain) return std::nullopt;
  return Number{SqlType::decimal(
                    std::max(precision_of(*plain), scale + (precision_of(*plain) <= scale ? 1 : 0)), scale),
                *plain};
}

Value number_as(const Number& number, const SqlType& type) {
  switch (type.kind()) {
    case SqlKind::kInteger:
    case SqlKind::kBigint: return to_bigint(number.value);
    case SqlKind::kDouble: return to_double(number.value);
    default: {
      const auto scaled = set_scale(number.value, type.scale(), Rounding::kHalfUp);
      return scaled ? Value{*scaled} : Value{};
    }
  }
}

std::string literal_as_text(const ast::Expression& item) {
  if (const auto* decimal = std::get_if<ast::DecimalLiteral>(&item.node)) return decimal->text;
  if (const auto* number = std::get_if<ast::DoubleLiteral>(&item.node))
    return double_to_string(number->value);
  if (const auto* flag = std::get_if<ast::BooleanLiteral>(&item.node)) return flag->value ? "true" : "false";
  if (const auto* small = std::get_if<ast::IntegerLiteral>(&item.node)) return std::to_string(small->value);
  return std::to_string(std::get<ast::BigintLiteral>(item.node).value);
}

const Field* find_field(const std::vector<Field>& fields, const std::string& name) {
  for (const auto& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::optional<SqlType> unify(const SqlType& a, const SqlType& b);

std::optional<SqlType> unify_structs(const SqlType& a, const SqlType& b) {
  auto fields = a.fields();
  for (const auto& field : b.fields()) {
    const auto known =
        std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field.name; });
    if (known == fields.end()) {
      fields.push_back(field);
      continue;
    }
    const auto type = unify(known->type, field.type);
    if (!type) return std::nullopt;
    known->type = *type;
  }
  return SqlType::structure(std::move(fields));
}

std::optional<SqlType> unify(const SqlType& a, const SqlType& b) {
  if (a == b) return a;
  if (a.is_numeric() && b.is_numeric()) return wider_numeric(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  if (a.is(SqlKind::kArray)) {
    const auto element = unify(a.element(), b.element());
    return element ? std::optional(SqlType::array(*element)) : std::nullopt;
  }
  if (a.is(SqlKind::kMap)) {
    const auto key = unify(a.key(), b.key());
    const auto value = unify(a.value(), b.value());
    return key && value ? std::optional(SqlType::map(*key, *value)) : std::nullopt;
  }
  return a.is(SqlKind::kStruct) ? unify_structs(a, b) : std::nullopt;
}

}  // namespace

Error Coercion::mismatch(const SqlType& common, const ast::ExpressionPtr& item) {
  auto type = type_of(item);
  const auto shown = type ? to_string(*type) : std::string("null");
  return Error(ErrorCode::kStatement,
               prefix_ + "operator does not exist: " + to_string(common) + " = " + shown + " (" +
                   analyzer_.print(*item) + ")\nHint: You might need to add explicit type casts.",
               item->at);
}

Result<std::optional<SqlType>> Coercion::fold_all(std::optional<SqlType> common,
                                                  std::span<const ast::ExpressionPtr> items, bool& agreed) {
  agreed = true;
  for (const auto& item : items) {
    if (is_null_literal(item)) continue;
    if (!common) {
      THALWEG_TRY(auto first, type_of(item));
      common = std::move(first);
      continue;
    }
    THALWEG_TRY(auto folded, fold(*common, item));
    if (!folded) {
      agreed = false;
      return common;
    }
    common = std::move(folded);
  }
  return common;
}

Result<std::optional<SqlType>> Coercion::common_type(std::span<const ast::ExpressionPtr> items) {
  std::optional<SqlType> common;
  for (std::size_t i = 0; i < items.size(); ++i) {
    bool agreed = true;
    THALWEG_TRY(auto next, fold_all(common, items.subspan(i, 1), agreed));
    if (!agreed) return mismatch(*common, items[i]);
    common = std::move(next);
  }
  return common;
}

Result<Coercion::Folded> Coercion::fold_string(const SqlType& common, const std::string& text,
                                               SourcePosition at) {
  const auto invalid = [&] {
    return Error(
        ErrorCode::kStatement,
        prefix_ + "invalid input syntax for type " + base_name(common.kind()) + ": \"" + text + "\".", at);
  };
  if (common.is_numeric()) {
    const auto number = number_text(text);
    if (!number) return invalid();
    return Folded(wider_numeric(common, number->type));
  }
  switch (common.kind()) {
    case SqlKind::kBoolean:
      if (!boolean_text(text)) return invalid();
      return Folded(common);
    case SqlKind::kString:
    case SqlKind::kBytes:
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return Folded(common);
    default: return Folded();
  }
}

Result<Coercion::Folded> Coercion::fold_struct(const SqlType& common, const ast::StructConstructor& node) {
  auto fields = common.fields();
  for (const auto& [name, value] : node.fields) {
    const auto known =
        std::find_if(fields.begin(), fields.end(), [&, &n = name](const Field& f) { return f.name == n; });
    if (known == fields.end()) {
      THALWEG_TRY(auto type, type_of(value));
      fields.push_back(Field{name, std::move(type)});
    } else if (!is_null_literal(value)) {
      THALWEG_TRY(auto folded, fold(known->type, value));
      if (!folded) return Folded();
      known->type = *folded;
    }
  }
  return Folded(SqlType::structure(std::move(fields)));
}

Result<Coercion::Folded> Coercion::fold_constructor(const SqlType& common, const ast::ExpressionPtr& item) {
  bool agreed = true;
  if (const auto* array = node_as<ast::ArrayConstructor>(item)) {
    THALWEG_TRY(auto element, fold_all(common.element(), array->items, agreed));
    return agreed ? Folded(SqlType::array(*element)) : Folded();
  }
  if (const auto* map = node_as<ast::MapConstructor>(item)) {
    std::vector<ast::ExpressionPtr> keys, values;
    for (const auto& [key, value] : map->entries) {
      keys.push_back(key);
      values.push_back(value);
    }
    THALWEG_TRY(auto key, fold_all(common.key(), keys, agreed));
    if (!agreed) return Folded();
    THALWEG_TRY(auto value, fold_all(common.value(), values, agreed));
    return agreed ? Folded(SqlType::map(*key, *value)) : Folded();
  }
  return fold_struct(common, std::get<ast::StructConstructor>(item->node));
}

Result<Coercion::Folded> Coercion::fold(const SqlType& common, const ast::ExpressionPtr& item) {
  if (is_null_literal(item)) return Folded(common);
  if ((node_as<ast::ArrayConstructor>(item) && common.is(SqlKind::kArray)) ||
      (node_as<ast::MapConstructor>(item) && common.is(SqlKind::kMap)) ||
      (node_as<ast::StructConstructor>(item) && common.is(SqlKind::kStruct))) {
    return fold_constructor(common, item);
  }
  if (const auto* text = node_as<ast::StringLiteral>(item)) return fold_string(common, text->value, item->at);
  if (common.is(SqlKind::kString) && is_plain_literal(*item)) return Folded(common);
  THALWEG_TRY(auto type, type_of(item));
  return unify(common, type);
}

Result<SqlType> Coercion::type_of_map(const ast::MapConstructor& node, SourcePosition at) {
  std::vector<ast::ExpressionPtr> keys, values;
  for (const auto& [key, value] : node.entries) {
    keys.push_back(key);
    values.push_back(value);
  }
  if (keys.empty()) {
    return Error(ErrorCode::kStatement,
                 "Map constructor cannot be empty. Please supply at least one key value pair (see " +
                     std::string(kNullListLink) + ").",
                 at);
  }
  const auto all_null = [&](const char* what) {
    return Error(ErrorCode::kStatement,
                 std::string("Cannot construct a map with all NULL ") + what + " (see " +
                     std::string(kNullListLink) +
                     "). As a workaround, you may cast a NULL value to the desired type.",
                 at);
  };
  THALWEG_TRY(auto key, common_type(keys));
  if (!key) return all_null("keys");
  THALWEG_TRY(auto value, common_type(values));
  if (!value) return all_null("values");
  return SqlType::map(*key, *value);
}

Result<SqlType> Coercion::type_of(const ast::ExpressionPtr& item) {
  if (const auto* array = node_as<ast::ArrayConstructor>(item)) {
    if (array->items.empty()) {
      return Error(ErrorCode::kStatement,
                   "Array constructor cannot be empty. Please supply at least one element (see " +
                       std::string(kNullListLink) + ").",
                   item->at);
    }
    THALWEG_TRY(auto element, common_type(array->items));
    if (element) return SqlType::array(*element);
    return Error(ErrorCode::kStatement,
                 "Cannot construct an array with all NULL elements (see " + std::string(kNullListLink) +
                     "). As a workaround, you may cast a NULL value to the desired type.",
                 item->at);
  }
  if (const auto* map = node_as<ast::MapConstructor>(item)) return type_of_map(*map, item->at);
  if (const auto* structure = node_as<ast::StructConstructor>(item)) {
    std::vector<Field> fields;
    for (const auto& [name, value] : structure->fields) {
      if (find_field(fields, name)) {
        return Error(ErrorCode::kStatement, "Duplicate field names found in STRUCT", item->at);
      }
      THALWEG_TRY(auto type, type_of(value));
      fields.push_back(Field{name, std::move(type)});
    }
    return SqlType::structure(std::move(fields));
  }
  THALWEG_TRY(auto typed, analyzer_.analyze(item));
  return typed->type;
}

Result<TypedPtr> Coercion::convert_struct(const ast::ExpressionPtr& item, const ast::StructConstructor& node,
                                          const SqlType& type) {
  TypedStruct typed;
  for (const auto& field : type.fields()) {
    const auto given = std::find_if(node.fields.begin(), node.fields.end(),
                                    [&](const auto& entry) { return entry.first == field.name; });
    if (given == node.fields.end()) {
      typed.fields.push_back(null_of(field.type));
      continue;
    }
    THALWEG_TRY(auto value, convert(given->second, field.type));
    typed.fields.push_back(std::move(value));
  }
  return make_typed(std::move(typed), type, analyzer_.print(*item));
}

Result<TypedPtr> Coercion::convert(const ast::ExpressionPtr& item, const SqlType& type) {
  if (is_null_literal(item)) return null_of(type);
  const auto text = analyzer_.print(*item);
  if (const auto* array = node_as<ast::ArrayConstructor>(item); array && type.is(SqlKind::kArray)) {
    TypedArray typed;
    for (const auto& element : array->items) {
      THALWEG_TRY(auto value, convert(element, type.element()));
      typed.items.push_back(std::move(value));
    }
    return make_typed(std::move(typed), type, text);
  }
  if (const auto* map = node_as<ast::MapConstructor>(item); map && type.is(SqlKind::kMap)) {
    TypedMap typed;
    for (const auto& [key, value] : map->entries) {
      THALWEG_TRY(auto typed_key, convert(key, type.key()));
      THALWEG_TRY(auto typed_value, convert(value, type.value()));
      typed.entries.emplace_back(std::move(typed_key), std::move(typed_value));
    }
    return make_typed(std::move(typed), type, text);
  }
  if (const auto* structure = node_as<ast::StructConstructor>(item); structure && type.is(SqlKind::kStruct)) {
    return convert_struct(item, *structure, type);
  }
  if (const auto* literal = node_as<ast::StringLiteral>(item)) {
    if (type.is_numeric()) {
      const auto number = number_text(literal->value);
      if (number) return make_typed(Constant{number_as(*number, type)}, type, text);
    }
    if (type.is(SqlKind::kBoolean)) {
      if (const auto flag = boolean_text(literal->value))
        return make_typed(Constant{Value{*flag}}, type, text);
    }
  }
  if (type.is(SqlKind::kString) && is_plain_literal(*item)) {
    return make_typed(Constant{Value{literal_as_text(*item)}}, type, text);
  }
  THALWEG_TRY(auto typed, analyzer_.analyze(item));
  return cast_to_type(typed, type);
}

Result<TypedPtr> Coercion::constructor(const ast::ExpressionPtr& expression) {
  THALWEG_TRY(const auto type, type_of(expression));
  return convert(expression, type);
}

}  // namespace thalweg::planner
