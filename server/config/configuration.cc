#include "server/config/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "planner/catalog/similar_names.h"
#include "server/config/properties_file.h"
#include "server/config/property_table.h"
#include "server/http/request.h"

namespace thalweg::server {
namespace {

// KSQL_KSQL_SERVICE_ID → ksql.service.id. The JVM's own variables are no properties.
std::string property_of_variable(std::string_view name) {
  static constexpr std::string_view kNotProperties[] = {"KSQL_OPTS",
                                                        "KSQL_HEAP_OPTS",
                                                        "KSQL_JVM_PERFORMANCE_OPTS",
                                                        "KSQL_LOG4J_OPTS",
                                                        "KSQL_JMX_OPTS",
                                                        "KSQL_CLASSPATH",
                                                        "KSQL_LOG4J_LOGGERS",
                                                        "KSQL_LOG4J_ROOT_LOGLEVEL",
                                                        "KSQL_LOG4J_PROCESSING_LOG_BROKERLIST"};
  if (!name.starts_with("KSQL_") ||
      std::find(std::begin(kNotProperties), std::end(kNotProperties), name) != std::end(kNotProperties)) {
    return {};
  }
  auto property = lower_case(name.substr(5));
  std::replace(property.begin(), property.end(), '_', '.');
  return property;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (const char c : text) {
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == c) {
      quote = 0;
    } else if (quote == 0 && c == ' ') {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (const auto item = trim(text.substr(0, end)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (std::string_view(*variable).starts_with("KSQL_")) variables.emplace_back(*variable);
  }
  return variables;
}

void Configuration::add(const std::string& name, const std::string& value) {
  const auto canonical = canonical_name(name);
  const bool known = find_property(canonical) != nullptr || is_client_property(canonical) ||
                     canonical.starts_with("ksql.functions.");
  if (!known) warnings_.push_back("unknown property " + name + " is ignored");
  given_[canonical] = value;
}

Result<Configuration> Configuration::load(const ConfigurationSources& sources) {
  Configuration configuration;
  for (const auto& path : sources.files) {
    THALWEG_TRY(const auto properties, read_properties_file(path));
    for (const auto& [name, value] : properties) configuration.add(name, value);
  }
  std::string options;
  for (const auto& variable : sources.environment) {
    const auto equals = variable.find('=');
    if (equals == variable.npos) continue;
    if (variable.starts_with("KSQL_OPTS=")) options = variable.substr(equals + 1);
    const auto name = property_of_variable(std::string_view(variable).substr(0, equals));
    if (!name.empty()) configuration.add(name, variable.substr(equals + 1));
  }
  for (const auto& word : words_of(options)) {
    const auto equals = word.find('=');
    if (word.starts_with("-D") && equals != word.npos)
      configuration.add(word.substr(2, equals - 2), word.substr(equals + 1));
  }
  for (const auto& setting : sources.settings) {
    const auto equals = setting.find('=');
    if (equals == setting.npos || equals == 0) {
      return Error{ErrorCode::kParse, "expected name=value, got \"" + setting + "\""};
    }
    configuration.add(setting.substr(0, equals), setting.substr(equals + 1));
  }
  for (const auto& [name, value] : configuration.given_) {
    const auto* info = find_property(name);
    if (info == nullptr) continue;
    if (const auto problem = value_problem(*info, value)) {
      return Error{ErrorCode::kQuery, "invalid value " + value + " for property " + name + ": " + *problem};
    }
  }
  return configuration;
}

std::string Configuration::text(std::string_view name) const {
  if (const auto place = given_.find(std::string(name)); place != given_.end()) return place->second;
  const auto* info = find_property(name);
  return info == nullptr ? std::string() : std::string(info->default_value);
}

std::int64_t Configuration::number(std::string_view name) const {
  const auto value = text(name);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

bool Configuration::flag(std::string_view name) const { return equal_ignoring_case(text(name), "true"); }

// A server-only property stays one behind "consumer." and the like; ssl.* is never a request's business.
bool Configuration::denied(std::string_view name) const {
  const auto bare = without_client_prefix(name);
  if (bare.starts_with("ssl.") || bare == "ksql.service.id") return true;
  if (const auto* info = find_property(bare); info != nullptr && info->scope == PropertyScope::kServer)
    return true;
  return false;
}

Result<std::string> Configuration::check_override_name(std::string_view name) const {
  auto canonical = canonical_name(name);
  const auto bare = std::string(without_client_prefix(canonical));
  auto listed = split_list(text("ksql.properties.overrides.denylist"));
  listed.emplace_back("ksql.service.id");
  for (const auto& entry : listed) {
    const auto denied_name = canonical_name(entry);
    if (canonical == denied_name || bare == denied_name) {
      return Error{
          ErrorCode::kQuery,
          "One or more properties overrides set locally are prohibited by the KSQL server (use UNSET to "
          "reset their default value): [" +
              std::string(name) + "]"};
    }
  }
  if (text("ksql.properties.overrides.validation.mode") == "allowlist") {
    const auto allowed = split_list(text("ksql.properties.overrides.allowlist"));
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return Error{ErrorCode::kQuery,
                   "Property is not on the list of allowed overrides: " + std::string(name)};
    }
  }
  if (denied(canonical))
    return Error{ErrorCode::kQuery, "Cannot override property '" + std::string(name) + "'"};
  const auto* info = find_property(canonical);
  const bool known = info != nullptr || is_client_property(canonical) ||
                     canonical.starts_with("ksql.functions.") || canonical.starts_with("request.ksql.");
  if (!known) {
    std::vector<std::string> names;
    for (const auto& property : known_properties()) names.emplace_back(property.name);
    return Error{ErrorCode::kQuery, "Not recognizable as ksql, streams, consumer, or producer property: '" +
                                        std::string(name) + "'"}
        .with_hint(planner::did_you_mean(canonical, names));
  }
  return canonical;
}

Result<std::string> Configuration::check_override(std::string_view name, std::string_view value) const {
  THALWEG_TRY(auto canonical, check_override_name(name));
  const auto* info = find_property(without_client_prefix(canonical));
  if (info == nullptr) return canonical;
  if (const auto problem = value_problem(*info, value)) {
    return Error{ErrorCode::kQuery, "Invalid value " + std::string(value) + " for property " +
                                        std::string(name) + ": " + *problem};
  }
  return canonical;
}

Limits Configuration::limits(bool loopback_only) const {
  Limits limits;
  const auto size = [this](std::string_view name) {
    return static_cast<std::size_t>(std::max<std::int64_t>(number(name), 0));
  };
  limits.header_timeout_ms = number("thalweg.http.header.timeout.ms");
  limits.body_idle_ms = number("thalweg.http.body.idle.ms");
  limits.idle_ms = number("thalweg.http.idle.ms");
  limits.stream_idle_ms = number("ksql.idle.connection.timeout.seconds") * 1000;
  limits.head_max_bytes = std::min(size("thalweg.http.head.max.bytes"), std::size_t{60} << 10);
  limits.head_max_fields = size("thalweg.http.head.max.fields");
  limits.body_max_bytes = size("thalweg.http.body.max.bytes");
  limits.line_max_bytes = size("thalweg.http.line.max.bytes");
  limits.connections_max = size("thalweg.http.connections.max");
  limits.connections_per_address_max = size("thalweg.http.connections.per.address.max");
  limits.websocket_message_max_bytes = size("thalweg.websocket.message.max.bytes");
  limits.websocket_idle_ms = number("thalweg.websocket.idle.ms");
  limits.websocket_lifetime_ms = number("ksql.websocket.connection.max.timeout.ms");
  limits.allowed_origins = split_list(text("access.control.allow.origin"));
  for (const auto& host : split_list(text("thalweg.http.allowed.hosts")))
    limits.allowed_hosts.push_back(lower_case(host));
  if (limits.allowed_hosts.empty() && loopback_only) {
    limits.allowed_hosts = {"localhost", "127.0.0.1", "[::1]"};
  }
  return limits;
}

}  // namespace thalweg::server
