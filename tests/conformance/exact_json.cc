#include "tests/conformance/exact_json.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "planner/types/decimal.h"
#include "planner/types/text.h"

namespace thalweg::conformance {
namespace {

// Builds the tree from parse events; the library hands over the text of non-integers.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Json root;
  std::string failure;

  bool null() override { return add({}); }
  bool boolean(bool value) override {
    Json json;
    json.kind = Json::Kind::kBool;
    json.boolean = value;
    return add(std::move(json));
  }
  bool number_integer(number_integer_t value) override {
    return add(number(Json::Kind::kInteger, std::to_string(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(number(Json::Kind::kInteger, std::to_string(value)));
  }
  bool number_float(number_float_t, const string_t& text) override {
    const bool integer = text.find_first_of(".eE") == std::string::npos;
    return add(number(integer ? Json::Kind::kInteger : Json::Kind::kDecimal, text));
  }
  bool string(string_t& value) override { return add(number(Json::Kind::kString, value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::Kind::kObject); }
  bool start_array(std::size_t) override { return open(Json::Kind::kArray); }
  bool key(string_t& name) override {
    names_.push_back(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    failure = error.what();
    return false;
  }

 private:
  static Json number(Json::Kind kind, std::string text) {
    Json json;
    json.kind = kind;
    json.text = std::move(text);
    return json;
  }
  bool open(Json::Kind kind) {
    Json json;
    json.kind = kind;
    open_.push_back(std::move(json));
    return true;
  }
  bool close() {
    Json done = std::move(open_.back());
    open_.pop_back();
    return add(std::move(done));
  }
  bool add(Json json) {
    if (open_.empty()) {
      root = std::move(json);
    } else if (open_.back().kind == Json::Kind::kArray) {
      open_.back().items.push_back(std::move(json));
    } else {
      open_.back().members.push_back({std::move(names_.back()), std::move(json)});
      names_.pop_back();
    }
    return true;
  }
  std::vector<Json> open_;
  std::vector<std::string> names_;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Json::string_or(std::string_view name, std::string fallback) const {
  const Json* found = find(name);
  return found == nullptr || found->is_null() ? fallback : found->text;
}

std::int64_t Json::integer_or(std::string_view name, std::int64_t fallback) const {
  const Json* found = find(name);
  if (found == nullptr || found->kind != Kind::kInteger) return fallback;
  std::from_chars(found->text.data(), found->text.data() + found->text.size(), fallback);
  return fallback;
}

Result<Json> parse_json(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text, &builder, nlohmann::json::input_format_t::json, true, true)) {
    return Error{ErrorCode::kBadRecord, builder.failure};
  }
  return std::move(builder.root);
}

std::string dump(const Json& json) {
  std::string out;
  switch (json.kind) {
    case Json::Kind::kNull: return "null";
    case Json::Kind::kBool: return json.boolean ? "true" : "false";
    case Json::Kind::kInteger: return json.text;
    case Json::Kind::kDecimal: {
      const auto decimal = planner::parse_decimal(json.text);
      return decimal ? planner::to_plain_string(*decimal) : json.text;
    }
    case Json::Kind::kString: planner::append_json_string(out, json.text); return out;
    case Json::Kind::kArray:
      out = "[";
      for (const Json& item : json.items) out += (out.size() > 1 ? "," : "") + dump(item);
      return out + "]";
    case Json::Kind::kObject:
      out = "{";
      for (const auto& [name, value] : json.members) {
        if (out.size() > 1) out += ",";
        planner::append_json_string(out, name);
        out += ":" + dump(value);
      }
      return out + "}";
  }
  return out;
}

}  // namespace thalweg::conformance
