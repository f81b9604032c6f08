// Java's regular expressions on ICU's engine: \w \d \s \b are ASCII, `.` excludes Java's line terminators.
// Matching is bounded in time and stack, so that no pattern can stop a query.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace thalweg::runtime {

class JavaRegex {
 public:
  // "Invalid regular expression pattern: …".
  static Result<std::shared_ptr<JavaRegex>> compile(std::string_view pattern);
  ~JavaRegex();

  std::int32_t group_count() const;
  bool matches_empty() const;  // the empty text

  struct Match {
    std::int32_t begin;  // in UTF-16 code units
    std::int32_t end;
    std::optional<std::string> group;  // the wanted one, if it took part
  };
  // The first match, or all of them; `group` ≤ group_count().
  Result<std::optional<Match>> find(std::string_view text, std::int32_t group);
  Result<std::vector<Match>> find_all(std::string_view text, std::int32_t group);
  // $n, ${name} and backslash escapes in `replacement`.
  Result<std::string> replace_all(std::string_view text, std::string_view replacement);

 private:
  struct Impl;
  explicit JavaRegex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The last patterns of one call site, by text.
class RegexCache {
 public:
  RegexCache();
  Result<JavaRegex*> get(std::string_view pattern);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace thalweg::runtime
