// What a stream, a table or a topic received since one looked last, as text rows.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "runtime/log/log.h"

namespace thalweg::shell {

struct ShowOptions {
  bool time = false;
  bool headers = false;
};

class TopicReader {
 public:
  // Rows of a stream (plain; "- key" for a null value) or changes of a table (+ new, ~ changed, - removed).
  Result<std::vector<std::string>> rows(runtime::Log& log, const planner::DataSource& source,
                                        ShowOptions show);
  // Raw records: "@0:05 key | value", bytes as text, NULL where there are none.
  Result<std::vector<std::string>> raw(runtime::Log& log, const std::string& topic);
  // Lines of the processing log: the message, its causes behind colons.
  Result<std::vector<std::string>> log_lines(runtime::Log& log, const std::string& topic);
  // A dropped topic starts again at offset 0.
  void forget_vanished(const runtime::Log& log);

 private:
  using Positions = std::map<TopicPartition, Offset>;
  template <typename Visit>
  Result<void> read_new(runtime::Log& log, const std::string& topic, Positions& positions, Visit&& visit);

  Positions row_positions_, raw_positions_;
  std::map<std::string, std::set<std::string>> known_keys_;  // by topic: key bytes of rows that exist
};

}  // namespace thalweg::shell
