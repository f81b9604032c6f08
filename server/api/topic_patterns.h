// Lists of regular expressions over topic names: ksql.hidden.topics, deleteTopicList.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace thalweg::server {

class TopicPatterns {
 public:
  explicit TopicPatterns(std::string_view comma_list);  // unusable patterns match only themselves
  static Result<TopicPatterns> parse(const std::vector<std::string>& patterns);  // "Invalid pattern: …"
  bool match(const std::string& topic) const;                                    // a whole name

 private:
  struct Compiled;
  TopicPatterns() = default;
  std::vector<std::string> names_;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace thalweg::server
