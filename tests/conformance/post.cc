#include "tests/conformance/post.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "parser/parser.h"

namespace thalweg::conformance {
namespace {

Error unmet(std::string text) { return Error{ErrorCode::kInternal, std::move(text)}; }

std::string window_name(const planner::WindowInfo& window) {
  static constexpr const char* kNames[] = {"TUMBLING", "HOPPING", "SESSION"};
  return kNames[static_cast<std::size_t>(window.type)];
}

std::set<std::string> features_of(planner::Wrapping wrapping) {
  if (wrapping == planner::Wrapping::kWrapped) return {"WRAP_SINGLES"};
  if (wrapping == planner::Wrapping::kUnwrapped) return {"UNWRAP_SINGLES"};
  return {};
}

std::set<std::string> texts(const Json* list) {
  std::set<std::string> result;
  if (list == nullptr) return result;
  for (const Json& item : list->items) result.insert(item.text);
  return result;
}

std::map<std::string, std::string> properties(const Json* object) {
  std::map<std::string, std::string> result;
  if (object == nullptr) return result;
  for (const auto& [name, value] : object->members) result[name] = value.text;
  return result;
}

Result<void> check_source_formats(const Json& expected, const planner::DataSource& source) {
  if (const Json* key = expected.find("keyFormat"); key != nullptr && !key->is_null()) {
    if (key->string_or("format", source.key.format.name) != source.key.format.name) {
      return unmet("post: key format of " + source.name + " is " + source.key.format.name);
    }
    const std::string window = key->string_or("windowType", "");
    const std::string actual = source.window ? window_name(*source.window) : "";
    if (window != actual) return unmet("post: window type of " + source.name + " is '" + actual + "'");
    const auto size_ms = source.window ? source.window->size_ms.value_or(-1) : -1;
    if (key->integer_or("windowSize", -1) != size_ms) return unmet("post: window size of " + source.name);
  }
  if (const Json* value = expected.find("valueFormat"); value != nullptr && !value->is_null()) {
    const std::string wanted = value->kind == Json::Kind::kString
                                   ? value->text
                                   : value->string_or("format", source.value.format.name);
    if (wanted != source.value.format.name)
      return unmet("post: value format of " + source.name + " is " + source.value.format.name);
  }
  for (const auto& [property, wrapping] :
       {std::pair{"keyFeatures", source.key.wrapping}, std::pair{"valueFeatures", source.value.wrapping}}) {
    const Json* features = expected.find(property);
    if (features == nullptr || features->is_null()) continue;
    if (texts(features) != features_of(wrapping))
      return unmet(std::string("post: ") + property + " of " + source.name);
  }
  return {};
}

Result<void> check_source(const Json& expected, const runtime::Engine& engine) {
  const std::string name = expected.string_or("name", "");
  const auto source = engine.catalog()->find(name);
  if (source == nullptr) return unmet("post: source " + name + " does not exist");
  std::string type = expected.string_or("type", "");
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!type.empty() && type != (source->kind == ast::SourceKind::kStream ? "stream" : "table"))
    return unmet("post: " + name + " is no " + type);
  if (const Json* schema = expected.find("schema"); schema != nullptr && !schema->is_null()) {
    THALWEG_TRY(const auto columns, parser::parse_columns(schema->text));
    planner::Schema wanted;
    for (const bool keys : {true, false}) {
      for (const auto& column : columns) {
        const bool is_key =
            column.role == ast::ColumnRole::kKey || column.role == ast::ColumnRole::kPrimaryKey;
        if (is_key != keys) continue;
        THALWEG_TRY(const auto resolved, planner::resolve_type(column.type, *engine.catalog()));
        wanted.columns.push_back({column.name, resolved});
        wanted.key_count += is_key;
      }
    }
    if (!(wanted == source->schema))
      return unmet("post: " + name + " has schema " + to_string(source->schema) + ", expected " +
                   to_string(wanted));
  }
  THALWEG_CHECK(check_source_formats(expected, *source));
  if (const Json* read_only = expected.find("isSource");
      read_only != nullptr && read_only->kind == Json::Kind::kBool) {
    if (read_only->boolean != source->read_only) return unmet("post: " + name + " isSource");
  }
  return {};
}

// The whole description of a topic's format: what is absent is empty.
bool is_exactly(const Json* wanted, const planner::SideFormat& side,
                const std::optional<planner::WindowInfo>& window) {
  if (wanted == nullptr || wanted->is_null()) return false;
  const Json* wanted_window = wanted->find("windowInfo");
  const bool windowed = wanted_window != nullptr && !wanted_window->is_null();
  if (windowed != window.has_value()) return false;
  if (windowed && wanted_window->string_or("type", "") != window_name(*window)) return false;
  if (windowed && wanted_window->integer_or("size", 0) * 1000 != window->size_ms.value_or(0)) return false;
  return wanted->string_or("format", "") == side.format.name &&
         properties(wanted->find("properties")) == side.format.properties &&
         texts(wanted->find("features")) == features_of(side.wrapping);
}

Result<void> check_topic_state(const Json& expected, runtime::Engine& engine) {
  const std::string name = expected.string_or("name", "");
  if (name.starts_with("_confluent-ksql-")) return {};
  const auto config = engine.log().topic(name);
  if (!config) return unmet("post: topic " + name + " does not exist");
  if (const Json* partitions = expected.find("partitions"); partitions != nullptr && !partitions->is_null()) {
    if (expected.integer_or("partitions", 0) != config->partitions)
      return unmet("post: topic " + name + " has " + std::to_string(config->partitions) + " partitions");
  }
  // Schemas and their ids live in a registry, which this build does not have.
  for (const char* registered : {"keySchema", "valueSchema", "keySchemaId", "valueSchemaId"}) {
    const Json* wanted = expected.find(registered);
    if (wanted != nullptr && !wanted->is_null())
      return unmet("post: " + std::string(registered) + " of topic " + name + ": there is no registry");
  }
  const auto* source = owner_of(name, engine);
  if (source == nullptr) return unmet("post: topic " + name + " belongs to no source");
  const bool same = is_exactly(expected.find("keyFormat"), source->key, source->window) &&
                    is_exactly(expected.find("valueFormat"), source->value, std::nullopt);
  return same ? Result<void>() : unmet("post: formats of topic " + name);
}

}  // namespace

const planner::DataSource* owner_of(const std::string& topic, const runtime::Engine& engine) {
  for (const auto& [name, source] : engine.catalog()->sources()) {
    if (source->topic == topic) return source.get();
  }
  return nullptr;
}

Result<void> check_post(const Json& post, runtime::Engine& engine, bool repartitions) {
  if (const Json* sources = post.find("sources")) {
    for (const Json& source : sources->items) THALWEG_CHECK(check_source(source, engine));
  }
  const Json* topics = post.find("topics");
  if (topics == nullptr) return {};
  if (const Json* blacklist = topics->find("blacklist"); blacklist != nullptr && !blacklist->is_null()) {
    if (blacklist->text != ".*-repartition")
      return unmet("post: only repartition topics can be forbidden, not " + blacklist->text);
    if (repartitions) return unmet("post: the plan repartitions");
  }
  if (const Json* list = topics->find("topics")) {
    for (const Json& topic : list->items) THALWEG_CHECK(check_topic_state(topic, engine));
  }
  return {};
}

}  // namespace thalweg::conformance
