#include "server/api/request_body.h"

#include <charconv>

#include "server/http/request.h"

namespace thalweg::server {
namespace {

Error refuse(std::string message) { return {ErrorCode::kQuery, std::move(message)}; }

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

Result<std::int64_t> parse_sequence(const JsonValue* value) {
  if (value == nullptr || value->is(JsonValue::Kind::kNull)) return std::int64_t{-1};
  std::int64_t sequence = 0;
  const auto& text = value->text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
  if (!value->is_integer() || error != std::errc{} || end != text.data() + text.size()) {
    return refuse("\"commandSequenceNumber\" must be an integer");
  }
  return sequence;
}

}  // namespace

Result<std::map<std::string, std::string>> parse_text_map(const JsonValue* object, std::string_view field) {
  std::map<std::string, std::string> entries;
  if (object == nullptr || object->is(JsonValue::Kind::kNull)) return entries;
  if (!object->is(JsonValue::Kind::kObject))
    return refuse("\"" + std::string(field) + "\" must be an object");
  for (std::size_t i = 0; i < object->names.size(); ++i) {
    const auto& name = object->names[i];
    const auto& value = object->items[i];
    switch (value.kind) {
      case JsonValue::Kind::kNull: entries.erase(name); break;
      case JsonValue::Kind::kBoolean: entries[name] = value.boolean ? "true" : "false"; break;
      case JsonValue::Kind::kNumber:
      case JsonValue::Kind::kString: entries[name] = value.text; break;
      case JsonValue::Kind::kArray:
      case JsonValue::Kind::kObject:
        return refuse("the value of \"" + name + "\" in \"" + std::string(field) + "\" must be a scalar");
    }
  }
  return entries;
}

Result<StatementRequest> parse_request(std::string_view body, RequestShape shape,
                                       const Configuration& configuration) {
  const auto document = parse_json(body);
  if (!document || !document->is(JsonValue::Kind::kObject)) return refuse("Invalid JSON in request body");
  const bool ksql = shape == RequestShape::kKsql;
  const std::string_view text_field = ksql ? "ksql" : "sql";
  const auto* text = document->find(text_field);
  if (text == nullptr || !text->is(JsonValue::Kind::kString) || blank(text->text)) {
    if (ksql) return refuse("\"ksql\" field must be populated");
    return refuse(text == nullptr ? "No sql in arguments" : "\"sql\" field must be populated");
  }
  StatementRequest request;
  request.sql = text->text;
  const std::string_view properties_field = ksql ? "streamsProperties" : "properties";
  THALWEG_TRY(const auto properties, parse_text_map(document->find(properties_field), properties_field));
  for (const auto& [name, value] : properties) {
    THALWEG_TRY(auto canonical, configuration.check_override(name, value));
    request.properties[std::move(canonical)] = value;
  }
  THALWEG_TRY(request.variables, parse_text_map(document->find("sessionVariables"), "sessionVariables"));
  THALWEG_TRY(request.sequence, parse_sequence(document->find("commandSequenceNumber")));
  return request;
}

}  // namespace thalweg::server
