// What a query wrote, in a form that two programs can be compared by.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "runtime/log/log.h"

namespace thalweg::bench {

// Of a stream: all records. Of a table: the last record of every key, deletions left out, since how many
// changes of an epoch share one record is up to the writer.
struct Answer {
  std::uint64_t rows = 0;
  std::uint64_t checksum = 0;  // of key, value and timestamp of each row, in any order
  bool operator==(const Answer&) const = default;
};
Result<Answer> answer_in(runtime::Log& log, const std::string& topic, bool table);

// A row that one topic holds and the other does not, to look at when answers differ.
Result<std::string> first_difference(runtime::Log& log, const std::string& engine_topic,
                                     const std::string& limit_topic, bool table);

}  // namespace thalweg::bench
