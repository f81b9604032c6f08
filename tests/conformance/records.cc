#include "tests/conformance/records.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "planner/types/text.h"
#include "runtime/serde/serde.h"

namespace thalweg::conformance {
namespace {

using planner::SqlKind;

runtime::SideSchema side_of(const planner::DataSource& source, bool key) {
  runtime::SideSchema side{
      key ? runtime::Side::kKey : runtime::Side::kValue, source.topic, key ? source.key : source.value, {}};
  for (std::size_t i = 0; i < source.schema.size(); ++i) {
    const auto& column = source.schema.columns[i];
    const bool header = std::any_of(source.headers.begin(), source.headers.end(),
                                    [&](const auto& h) { return h.name == column.name; });
    if (!header && (i < source.schema.key_count) == key) side.fields.push_back(column);
  }
  return side;
}

// KAFKA payloads are typed by the column.
Result<Payload> encode_kafka(const Json& value, const runtime::SideSchema& side) {
  if (side.fields.empty()) return Payload{value.text};
  const auto& type = side.fields.front().type;
  planner::Value typed;
  switch (type.kind()) {
    case SqlKind::kString:
    case SqlKind::kBytes: return Payload{value.text};
    case SqlKind::kDouble: typed = planner::Value(std::strtod(value.text.c_str(), nullptr)); break;
    default: {
      std::int64_t number = 0;
      const char* end = value.text.data() + value.text.size();
      if (std::from_chars(value.text.data(), end, number).ptr != end)
        return Error{ErrorCode::kBadRecord, "not a whole number: " + value.text};
      typed = planner::Value(number);
    }
  }
  THALWEG_TRY(const auto writer, runtime::make_serializer(side));
  std::string bytes;
  THALWEG_TRY(const bool some, writer->append_values({&typed, 1}, bytes));
  static_cast<void>(some);
  return Payload{bytes};
}

Json text_node(Json::Kind kind, std::string text) {
  Json json;
  json.kind = kind;
  json.text = std::move(text);
  return json;
}

Result<Json> decode_kafka(std::string_view bytes, const runtime::SideSchema& side) {
  if (side.fields.empty()) return text_node(Json::Kind::kString, std::string(bytes));
  THALWEG_TRY(const auto reader, runtime::make_deserializer(side, std::vector<std::int32_t>{0}));
  THALWEG_TRY(const auto values, reader->decode_one(bytes, false));
  const auto& value = values.front();
  if (value.is_null()) return Json{};
  switch (side.fields.front().type.kind()) {
    case SqlKind::kString:
    case SqlKind::kBytes: return text_node(Json::Kind::kString, value.as_string());
    case SqlKind::kDouble:
      return text_node(Json::Kind::kDecimal, planner::double_to_string(value.as_double()));
    default: return text_node(Json::Kind::kInteger, std::to_string(value.as_int()));
  }
}

}  // namespace

Result<Payload> encode(const Json* value, const planner::DataSource& source, bool key, const Json* window) {
  if (value == nullptr || value->is_null()) return Payload{};
  const auto side = side_of(source, key);
  Payload payload;
  if (side.format.format.name == "KAFKA") {
    THALWEG_TRY(payload, encode_kafka(*value, side));
  } else if (side.format.format.name == "DELIMITED") {
    if (value->kind != Json::Kind::kString)
      return Error{ErrorCode::kBadRecord, "a DELIMITED record is given as text"};
    payload.bytes = value->text;
  } else if (side.format.format.name == "NONE") {
    return Payload{};
  } else {
    payload.bytes = dump(*value);
  }
  if (window != nullptr && payload.bytes) {
    const bool session =
        window->string_or("type", "time") == "session" || window->string_or("type", "time") == "SESSION";
    runtime::append_window(*payload.bytes, session ? ast::WindowType::kSession : ast::WindowType::kTumbling,
                           window->integer_or("start", 0), window->integer_or("end", 0));
  }
  return payload;
}

Result<Json> decode(std::string_view bytes, bool null, const planner::DataSource& source, bool key) {
  if (null) return Json{};
  const auto side = side_of(source, key);
  if (side.format.format.name == "KAFKA") return decode_kafka(bytes, side);
  if (side.format.format.name == "DELIMITED") return text_node(Json::Kind::kString, std::string(bytes));
  if (side.format.format.name == "NONE") return Json{};
  return parse_json(bytes);
}

std::string encode_headers(const Json* headers) {
  std::string encoded;
  if (headers == nullptr) return encoded;
  for (const Json& header : headers->items) {
    std::optional<std::string> value;
    const Json* given = header.find("VALUE");
    if (given != nullptr && !given->is_null())
      value = planner::base64_decode(given->text, planner::Base64Padding::kOptional);
    runtime::append_header(encoded, header.string_or("KEY", ""),
                           value ? std::optional<std::string_view>(*value) : std::nullopt);
  }
  return encoded;
}

}  // namespace thalweg::conformance
