#include "server/api/json_value.h"

#include <nlohmann/json.hpp>

namespace thalweg::server {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kDepthMax = 64;

// Builds a JsonValue from nlohmann's events; number events hand over the text.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return place({}); }
  bool boolean(bool value) override {
    JsonValue node;
    node.kind = JsonValue::Kind::kBoolean;
    node.boolean = value;
    return place(std::move(node));
  }
  bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return number(text); }
  bool string(string_t& value) override {
    JsonValue node;
    node.kind = JsonValue::Kind::kString;
    node.text = std::move(value);
    return place(std::move(node));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonValue::Kind::kObject); }
  bool key(string_t& name) override {
    open_.back()->names.push_back(std::move(name));
    return true;
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::kArray); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  JsonValue take() { return std::move(root_); }

 private:
  bool number(std::string text) {
    JsonValue node;
    node.kind = JsonValue::Kind::kNumber;
    node.text = std::move(text);
    return place(std::move(node));
  }
  JsonValue* put(JsonValue node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    return &open_.back()->items.emplace_back(std::move(node));
  }
  bool place(JsonValue node) {
    put(std::move(node));
    return true;
  }
  bool open(JsonValue::Kind kind) {
    if (open_.size() >= kDepthMax) return false;
    JsonValue node;
    node.kind = kind;
    open_.push_back(put(std::move(node)));
    return true;
  }
  bool leave() {
    open_.pop_back();
    return true;
  }

  JsonValue root_;
  std::vector<JsonValue*> open_;  // parents of what comes next; a parent grows only at its end
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  for (std::size_t i = names.size(); i-- > 0;) {
    if (names[i] == name) return &items[i];
  }
  return nullptr;
}

bool JsonValue::is_integer() const {
  return is(Kind::kNumber) && text.find_first_of(".eE") == std::string::npos;
}

Result<JsonValue> parse_json(std::string_view text) {
  Builder builder;
  try {
    if (Json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  } catch (const std::exception&) {
    // falls through
  }
  return Error{ErrorCode::kParse, "invalid JSON"};
}

std::string_view kind_name(JsonValue::Kind kind) {
  switch (kind) {
    case JsonValue::Kind::kNull: return "null";
    case JsonValue::Kind::kBoolean: return "boolean";
    case JsonValue::Kind::kNumber: return "number";
    case JsonValue::Kind::kString: return "string";
    case JsonValue::Kind::kArray: return "array";
    case JsonValue::Kind::kObject: return "object";
  }
  return "unknown";
}

}  // namespace thalweg::server
