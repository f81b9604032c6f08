#include "server/api/topic_patterns.h"

#include <unicode/regex.h>

#include <algorithm>

#include "server/config/configuration.h"

namespace thalweg::server {

struct TopicPatterns::Compiled {
  std::vector<std::unique_ptr<icu::RegexPattern>> patterns;
};

Result<TopicPatterns> TopicPatterns::parse(const std::vector<std::string>& patterns) {
  TopicPatterns result;
  auto compiled = std::make_shared<Compiled>();
  for (const auto& text : patterns) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::RegexPattern> pattern(
        icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(text), 0, status));
    if (U_FAILURE(status)) return Error{ErrorCode::kQuery, "Invalid pattern: " + text};
    compiled->patterns.push_back(std::move(pattern));
  }
  result.compiled_ = std::move(compiled);
  result.names_ = patterns;
  return result;
}

TopicPatterns::TopicPatterns(std::string_view comma_list) {
  names_ = split_list(comma_list);
  std::vector<std::string> usable;
  for (const auto& name : names_) {
    if (parse({name})) usable.push_back(name);
  }
  if (auto parsed = parse(usable)) compiled_ = parsed->compiled_;
}

bool TopicPatterns::match(const std::string& topic) const {
  if (std::find(names_.begin(), names_.end(), topic) != names_.end()) return true;
  if (!compiled_) return false;
  const auto text = icu::UnicodeString::fromUTF8(topic);
  for (const auto& pattern : compiled_->patterns) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::RegexMatcher> matcher(pattern->matcher(text, status));
    if (U_FAILURE(status)) continue;
    matcher->setTimeLimit(1000, status);  // a hostile pattern ends here
    const bool matched = matcher->matches(status) != 0;
    if (matched && U_SUCCESS(status)) return true;
  }
  return false;
}

}  // namespace thalweg::server
