// Every property the server knows: default, kind of value, who may set it and where.
//
// Names are canonical: stream-runtime properties stand bare ("auto.offset.reset") and are listed as
// "ksql.streams.auto.offset.reset".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thalweg::server {

enum class PropertyKind : std::uint8_t {
  kText,
  kBoolean,
  kInteger,
  kOffsetReset,
  kGuarantee,
  kStrictness,
  kTaskIdle
};
// kRequest: SET, streamsProperties and configuration; kServer: configuration only.
enum class PropertyScope : std::uint8_t { kRequest, kServer };

struct PropertyInfo {
  std::string_view name;
  std::string_view default_value;
  PropertyKind kind = PropertyKind::kText;
  PropertyScope scope = PropertyScope::kRequest;
  bool streams = false;  // listed below ksql.streams.
};

std::span<const PropertyInfo> known_properties();                    // by name
const PropertyInfo* find_property(std::string_view canonical_name);  // null: not in the table

// "ksql.streams.auto.offset.reset" → "auto.offset.reset"; others unchanged.
std::string canonical_name(std::string_view name);

// Without client prefixes: "consumer.ssl.key" → "ssl.key".
std::string_view without_client_prefix(std::string_view name);

// A name of Kafka's stream runtime, consumer or producer that has no meaning here but is accepted.
bool is_client_property(std::string_view canonical_name);

// Unset when `value` is not of the property's kind; says what was expected.
std::optional<std::string> value_problem(const PropertyInfo& property, std::string_view value);

}  // namespace thalweg::server
