// Result rows as JSON in the three wire forms (docs/server.md):
//
//   delimited   {"queryId":"q","columnNames":["A"],"columnTypes":["STRING"]}\n["x"]\n
//   JSON array  [{"queryId":…},["x"],["y"]]
//   streamed    [{"header":{"queryId":"q","schema":"`A`
//   STRING"}},\n{"row":{"columns":["x"]}},\n{"finalMessage":"…"}]
//
// Values inside a STRUCT are encoded differently from those outside: DATE, TIME and TIMESTAMP as
// integers there, as ISO text here; MAPs with other keys than STRING as [[k,v]] there, as objects here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "planner/types/schema.h"
#include "planner/types/value.h"

namespace thalweg::server {

enum class RowFormat : std::uint8_t { kDelimited, kJsonArray, kStreamed };
std::string_view media_type(RowFormat format);

struct ResultHead {
  std::string query_id;
  planner::Schema schema;
  std::vector<std::string> marks;  // pull queries: KEY, HEADERS, HEADER('k'); empty for push queries
};

void append_value(std::string& out, const planner::Value& value, const planner::SqlType& type);
void append_columns(std::string& out, const planner::ValueList& values,
                    const planner::Schema& schema);  // ["x",1]
// "`ID` STRING KEY, `N` BIGINT". As in the dialect, columns marked HEADER are named right behind the keys,
// although the rows have them last.
std::string header_schema(const ResultHead& head);

// Writes one response. Each call appends one piece that is sent as one chunk.
//
// A streamed push response ends every line with ",\n" at once, so that line readers see it; its end
// therefore always brings a last object. Pull responses know their last row instead (`last`).
class RowWriter {
 public:
  RowWriter(RowFormat format, ResultHead head, bool push)
      : format_(format), head_(std::move(head)), push_(push) {}

  void head(std::string& out, bool last) const;
  void row(std::string& out, const planner::ValueList& values, bool tombstone,
           bool last) const;  // may append nothing
  void end(std::string& out, std::string_view final_message) const;
  void error(std::string& out, int code, std::string_view message) const;  // and ends
  // Whether a final message is an object of its own behind the last row.
  bool writes_final_message() const { return format_ == RowFormat::kStreamed; }

 private:
  RowFormat format_;
  ResultHead head_;
  bool push_;
};

}  // namespace thalweg::server
