// The server's properties: defaults < files (later ones win) < KSQL_ variables < KSQL_OPTS < --set.
// Immutable once built; shared by all threads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/planner.h"
#include "server/http/limits.h"

namespace thalweg::server {

struct ConfigurationSources {
  std::vector<std::string> files;
  std::vector<std::string>
      environment;  // "KSQL_KSQL_SERVICE_ID=x"; names that do not begin with KSQL_ are ignored
  std::vector<std::string> settings;  // "name=value"
};
std::vector<std::string> process_environment();

class Configuration {
 public:
  // kQuery: unreadable file; kParse: malformed text; kQuery: a value that is not of its property's kind.
  static Result<Configuration> load(const ConfigurationSources& sources);

  std::string text(std::string_view canonical_name) const;  // given, else the default, else ""
  std::int64_t number(std::string_view canonical_name) const;
  bool flag(std::string_view canonical_name) const;
  bool is_given(std::string_view canonical_name) const {
    return given_.contains(std::string(canonical_name));
  }
  void set(std::string_view name, std::string value) { given_[std::string(name)] = std::move(value); }

  // What was given, by canonical name.
  const planner::PropertyMap& given() const { return given_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

  // May a request set this? Returns the canonical name. kQuery: unknown, denied, or a bad value.
  Result<std::string> check_override(std::string_view name, std::string_view value) const;
  Result<std::string> check_override_name(std::string_view name) const;

  Limits limits(bool loopback_only) const;

 private:
  void add(const std::string& name, const std::string& value);
  bool denied(std::string_view canonical_name) const;

  planner::PropertyMap given_;
  std::vector<std::string> warnings_;
};

// "a, b,c" → {"a", "b", "c"}.
std::vector<std::string> split_list(std::string_view text);

}  // namespace thalweg::server
