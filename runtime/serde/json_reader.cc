#include "runtime/serde/json_reader.h"

#include <algorithm>

namespace thalweg::runtime {

namespace {

constexpr JsonDocument::Token kExact = 0x8000'0000;

planner::SqlType payload_type(const SideSchema& schema, bool bare) {
  if (bare) return schema.fields[0].type;
  std::vector<planner::Field> fields;
  for (const auto& column : schema.fields) fields.push_back({column.name, column.type});
  return planner::SqlType::structure(std::move(fields));
}

std::vector<std::string> needed_names(const SideSchema& schema, std::span<const std::int32_t> needed) {
  std::vector<std::string> names;
  for (const std::int32_t i : needed) names.push_back(schema.fields[static_cast<std::size_t>(i)].name);
  return names;
}

}  // namespace

JsonDeserializer::JsonDeserializer(const SideSchema& schema, std::span<const std::int32_t> needed)
    : RowwiseDeserializer(schema, needed),
      bare_(is_bare(schema, schema.side == Side::kKey)),
      whole_type_(payload_type(schema, bare_)),
      fields_(needed_names(schema, needed)),
      found_(needed.size()) {}

void JsonDeserializer::decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out,
                                      Arena& arena, std::vector<DecodeError>& errors) {
  bool good = false;
  switch (document_.load(payload)) {
    case JsonDocument::Loaded::kTokens:
      good = bare_ ? decode_bare(row, out, arena) : decode_object(row, out, arena);
      break;
    case JsonDocument::Loaded::kEmpty: refuse("MissingNode"); break;
    case JsonDocument::Loaded::kMalformed: malformed(); break;
  }
  if (good) [[likely]]
    return;
  errors.push_back(
      {row,
       "Failed to deserialize " + std::string(target()) + " from topic: " + schema_.topic + ". " + detail_,
       {detail_}});
}

bool JsonDeserializer::decode_object(std::uint32_t row, std::span<Column> out, Arena& arena) {
  if (document_.lead(0) != '{') {
    if (document_.skip(0) == 0) return malformed();
    return refuse(JsonConverter::node_name(document_, 0));
  }
  if (!find_properties()) return malformed();
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    const Token at = found_[i] & ~kExact;
    if (at == 0) {
      out[i].set_null(row);
    } else if (!converter_.store(document_, at, needed_[i].type, out[i], row, arena)) {
      detail_ = converter_.detail() + ", path: $." + fields_.name(i) + converter_.path();
      return false;
    }
  }
  return true;
}

bool JsonDeserializer::decode_bare(std::uint32_t row, std::span<Column> out, Arena& arena) {
  if (document_.skip(0) == 0) return malformed();
  if (needed_.empty()) return true;
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    if (!converter_.store(document_, 0, needed_[i].type, out[i], row, arena)) {
      detail_ = converter_.detail() + ", path: $" + converter_.path();
      return false;
    }
  }
  return true;
}

bool JsonDeserializer::find_properties() {
  std::fill(found_.begin(), found_.end(), 0);
  Token at = 1;
  if (at < document_.size() && document_.lead(at) == '}') return true;
  for (std::size_t position = 0;; ++position) {
    // A name, a colon, a value and what follows it.
    if (at + 3 >= document_.size() || document_.lead(at) != '"' || document_.lead(at + 1) != ':')
      return false;
    if (!document_.has_escapes()) [[likely]] {
      note(fields_.find(position, document_.string_body(at)), at + 2);
    } else {
      if (!document_.check_scalar(at, '"')) return false;
      note(match_escaped(at), at + 2);
    }
    at = document_.skip(at + 2);
    if (at == 0 || at >= document_.size()) return false;
    const char next = document_.lead(at++);
    if (next == '}') return true;
    if (next != ',') return false;
  }
}

JsonFields::Match JsonDeserializer::match_escaped(Token name) {
  const std::string_view body = document_.string_body(name);
  if (body.find('\\') == body.npos) return fields_.find(body);
  std::string text;
  append_unescaped(text, body);
  return fields_.find(text);
}

// The last property wins, but an identical name beats one that only matches in upper case.
inline void JsonDeserializer::note(JsonFields::Match match, Token at) {
  if (match.exact >= 0) found_[static_cast<std::size_t>(match.exact)] = at | kExact;
  if (match.upper >= 0) {
    Token& found = found_[static_cast<std::size_t>(match.upper)];
    if ((found & kExact) == 0) found = at;
  }
}

bool JsonDeserializer::refuse(std::string_view node) {
  detail_ = JsonConverter::refusal(node, whole_type_) + ", path: $";
  return false;
}

bool JsonDeserializer::malformed() {
  detail_ = "Malformed JSON";
  return false;
}

}  // namespace thalweg::runtime
