#include "runtime/serde/json_convert.h"

#include "planner/types/text.h"
#include "runtime/serde/time_bounds.h"

namespace thalweg::runtime {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

std::string JsonConverter::refusal(std::string_view node, const SqlType& type) {
  return "Can't convert type. sourceType: " + std::string(node) +
         ", requiredType: " + planner::to_string(type);
}

std::string_view JsonConverter::node_name(const JsonDocument& document, Token at) {
  switch (document.lead(at)) {
    case '"': return "TextNode";
    case '{': return "ObjectNode";
    case '[': return "ArrayNode";
    case 't':
    case 'f': return "BooleanNode";
    case 'n': return "NullNode";
    default: break;
  }
  switch (number_node(document.scalar(at))) {
    case NumberNode::kInt: return "IntNode";
    case NumberNode::kLong: return "LongNode";
    case NumberNode::kBigInteger: return "BigIntegerNode";
    case NumberNode::kDecimal: return "DecimalNode";
  }
  return "MissingNode";
}

void JsonConverter::refuse_text(const SqlType& type) {
  detail_ = "Can't coerce string to type. targetType: " + planner::to_string(type);
}

std::string_view JsonConverter::text(Token at) {
  const std::string_view body = document_->string_body(at);
  if (!document_->has_escapes() || body.find('\\') == body.npos) return body;
  scratch_.clear();
  append_unescaped(scratch_, body);
  return scratch_;
}

bool JsonConverter::store(const JsonDocument& document, Token at, const SqlType& type, Column& column,
                          std::uint32_t row, Arena& arena) {
  document_ = &document;
  path_.clear();
  const char lead = document.lead(at);
  if (lead == 'n') {
    column.set_null(row);
    return true;
  }
  switch (column.physical) {
    case Physical::kString: {
      if (type.is(SqlKind::kBytes)) {
        const auto decoded = bytes(at, type);
        if (!decoded) return false;
        column.set(row, arena.copy(*decoded));
        return true;
      }
      const std::string_view result = lead == '"' ? text(at) : as_text(at);
      column.set(row, result.data() == scratch_.data() ? arena.copy(result) : result);
      return true;
    }
    case Physical::kInt64: {
      if (is_number(at)) {  // BIGINT and TIMESTAMP agree on whole numbers
        if (const auto fast = short_integer(document.scalar(at))) [[likely]] {
          column.set(row, *fast);
          return true;
        }
      }
      const auto number = integer(at, type);
      if (!number) return false;
      column.set(row, *number);
      return true;
    }
    case Physical::kInt32: {
      const auto number = integer(at, type);
      if (!number) return false;
      column.set(row, static_cast<std::int32_t>(*number));
      return true;
    }
    case Physical::kDouble: {
      const auto number = floating(at);
      if (!number) return false;
      column.set(row, *number);
      return true;
    }
    case Physical::kBool: {
      const auto truth = boolean(at);
      if (!truth) return false;
      column.set(row, static_cast<std::uint8_t>(*truth));
      return true;
    }
    case Physical::kDecimal: {
      const auto number = decimal(at, type);
      if (!number) return false;
      column.set(row, number->unscaled);
      return true;
    }
    case Physical::kBoxed: break;
  }
  at_ = at;
  auto nested = value(type);
  if (!nested) return false;
  column.set(row, box(arena, std::move(*nested)));
  return true;
}

std::optional<bool> JsonConverter::boolean(Token at) {
  const char lead = document_->lead(at);
  if (lead == 't' || lead == 'f') return lead == 't';
  refuse(at, SqlKind::kBoolean);
  return std::nullopt;
}

std::optional<std::int64_t> JsonConverter::integer(Token at, const SqlType& type) {
  if (!type.is(SqlKind::kInteger) && !type.is(SqlKind::kBigint)) return whole_number(at, type);
  const bool wide = type.is(SqlKind::kBigint);
  if (is_number(at)) {
    const std::int64_t number = number_to_int64(document_->scalar(at));
    return wide ? number : static_cast<std::int32_t>(number);
  }
  if (document_->lead(at) != '"') {
    refuse(at, type);
    return std::nullopt;
  }
  const std::string_view digits = text(at);
  std::optional<std::int64_t> number;
  if (wide) {
    number = planner::parse_bigint(digits);
  } else if (const auto narrow = planner::parse_int(digits)) {
    number = *narrow;
  }
  if (!number) refuse_text(type);
  return number;
}

// DATE, TIME, TIMESTAMP.
std::optional<std::int64_t> JsonConverter::whole_number(Token at, const SqlType& type) {
  std::optional<std::int64_t> number;
  if (document_->lead(at) == '"') {
    number = planner::parse_bigint(text(at));
    if (!number) refuse_text(type);
  } else if (is_number(at) && number_node(document_->scalar(at)) != NumberNode::kDecimal) {
    number = number_to_int64(document_->scalar(at));
  } else {
    refuse(at, type);
  }
  if (!number) return std::nullopt;
  if (type.is(SqlKind::kTime) && !is_time_of_day(*number)) {
    detail_ = kTimeBoundsMessage;
    return std::nullopt;
  }
  if (type.is(SqlKind::kDate) && *number != static_cast<std::int32_t>(*number)) {
    document_->lead(at) == '"' ? refuse_text(type) : refuse(at, type);
    return std::nullopt;
  }
  return number;
}

std::optional<double> JsonConverter::floating(Token at) {
  if (is_number(at)) return number_to_double(document_->scalar(at));
  if (document_->lead(at) != '"') {
    refuse(at, SqlKind::kDouble);
    return std::nullopt;
  }
  const auto number = planner::parse_java_double(text(at));
  if (!number) refuse_text(SqlKind::kDouble);
  return number;
}

std::optional<planner::Decimal> JsonConverter::decimal(Token at, const SqlType& type) {
  std::string_view digits;
  if (is_number(at)) {
    digits = document_->scalar(at);
  } else if (document_->lead(at) == '"') {
    digits = text(at);
    if (!is_decimal_text(digits)) {
      refuse_text(type);
      return std::nullopt;
    }
  } else {
    refuse(at, type);
    return std::nullopt;
  }
  auto fitted = number_to_decimal(digits, type.precision(), type.scale());
  if (fitted) return *fitted;
  detail_ = fitted.error().message;
  return std::nullopt;
}

std::optional<std::string> JsonConverter::bytes(Token at, const SqlType& type) {
  if (document_->lead(at) != '"') {
    refuse(at, type);
    return std::nullopt;
  }
  const std::string_view encoded = text(at);
  auto decoded = planner::base64_decode(encoded);
  if (!decoded) detail_ = "Value is not a valid Base64 encoded string: " + std::string(encoded);
  return decoded;
}

void JsonConverter::skip_value() {
  // The document has been checked, so containers can be left by counting brackets.
  std::size_t depth = 0;
  do {
    const char lead = document_->lead(at_++);
    if (lead == '{' || lead == '[') ++depth;
    if (lead == '}' || lead == ']') --depth;
  } while (depth != 0);
}

std::optional<Value> JsonConverter::value(const SqlType& type) {
  if (document_->lead(at_) == 'n') {
    ++at_;
    return Value{};
  }
  switch (type.kind()) {
    case SqlKind::kArray: return array(type);
    case SqlKind::kMap: return map(type);
    case SqlKind::kStruct: return structure(type);
    default: break;
  }
  auto result = flat_value(type);
  if (result) skip_value();
  return result;
}

std::optional<Value> JsonConverter::flat_value(const SqlType& type) {
  const auto wrap = [](auto&& result) { return result ? std::optional<Value>(*result) : std::nullopt; };
  switch (type.kind()) {
    case SqlKind::kBoolean: return wrap(boolean(at_));
    case SqlKind::kDouble: return wrap(floating(at_));
    case SqlKind::kDecimal: return wrap(decimal(at_, type));
    case SqlKind::kBytes: return wrap(bytes(at_, type));
    case SqlKind::kString: {
      const Token before = at_;
      Value result = std::string(document_->lead(at_) == '"' ? text(at_) : as_text(at_));
      at_ = before;
      return result;
    }
    default: return wrap(integer(at_, type));
  }
}

std::optional<Value> JsonConverter::array(const SqlType& type) {
  if (document_->lead(at_) != '[') {
    refuse(at_, type);
    return std::nullopt;
  }
  planner::ValueList items;
  ++at_;
  while (document_->lead(at_) != ']') {
    if (document_->lead(at_) == ',') ++at_;
    auto item = value(type.element());
    if (!item) {
      path_.insert(0, "[" + std::to_string(items.size()) + "]");
      return std::nullopt;
    }
    items.push_back(std::move(*item));
  }
  ++at_;
  return planner::make_list(std::move(items));
}

std::optional<Value> JsonConverter::map(const SqlType& type) {
  if (document_->lead(at_) != '{') {
    refuse(at_, type);
    return std::nullopt;
  }
  // Where the last value of each name stands; earlier ones do not count, not even as errors.
  std::vector<std::pair<std::string, Token>> last;
  std::unordered_map<std::string, std::size_t> places;
  ++at_;
  while (document_->lead(at_) != '}') {
    if (document_->lead(at_) == ',') ++at_;
    std::string name(text(at_));
    at_ += 2;
    const auto [place, fresh] = places.try_emplace(name, last.size());
    if (fresh) last.emplace_back(std::move(name), at_);
    last[place->second].second = at_;
    skip_value();
  }
  const Token behind = at_ + 1;
  planner::MapEntries entries;
  entries.reserve(last.size());
  for (auto& [name, at] : last) {
    at_ = at;
    auto item = value(type.value());
    if (!item) {
      path_.insert(0, "." + name + ".value");
      return std::nullopt;
    }
    entries.emplace_back(std::move(name), std::move(*item));
  }
  at_ = behind;
  return planner::make_map(std::move(entries), type.key());
}

JsonFields& JsonConverter::names_of(const std::vector<planner::Field>& fields) {
  const auto found = names_.find(&fields);
  if (found != names_.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.name);
  return *names_.emplace(&fields, std::make_unique<JsonFields>(std::move(names))).first->second;
}

std::optional<Value> JsonConverter::structure(const SqlType& type) {
  if (document_->lead(at_) != '{') {
    refuse(at_, type);
    return std::nullopt;
  }
  const auto& fields = type.fields();
  JsonFields& names = names_of(fields);
  std::vector<Token> exact(fields.size()), upper(fields.size());
  ++at_;
  for (std::size_t position = 0; document_->lead(at_) != '}'; ++position) {
    if (document_->lead(at_) == ',') ++at_;
    const std::string_view name = text(at_);
    const auto match = name.data() == scratch_.data() ? names.find(name) : names.find(position, name);
    at_ += 2;
    if (match.exact >= 0) exact[static_cast<std::size_t>(match.exact)] = at_;
    if (match.upper >= 0) upper[static_cast<std::size_t>(match.upper)] = at_;
    skip_value();
  }
  const Token behind = at_ + 1;
  planner::ValueList items(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    at_ = exact[i] != 0 ? exact[i] : upper[i];
    if (at_ == 0) continue;
    auto item = value(fields[i].type);
    if (!item) {
      path_.insert(0, "." + fields[i].name);
      return std::nullopt;
    }
    items[i] = std::move(*item);
  }
  at_ = behind;
  return planner::make_list(std::move(items));
}

}  // namespace thalweg::runtime
