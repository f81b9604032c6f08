// Rows of .test files as text, both ways.
//
//   @0:05 ada | /home | 3         time, then one cell per column, key columns first
//   @0:05 - ada                   a null value: a deleted row of a table
//   [0:00,1:00) ada | 1           a windowed key: [start,end) for time windows, [start,end] for sessions
//   … | ^trace=abc ^empty         record headers in the last cell; one without '=' has a null value
//
// A cell is NULL, a bare text, or a text in single quotes ('' inside) when it would read as something else.
// Numbers and times are plain; ARRAY, MAP and STRUCT are JSON. Times count from the epoch: 1:04 is
// one minute four seconds, 0:00.250 a quarter second, 1:02:03 hours; from one day on, ISO text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "planner/types/schema.h"
#include "planner/types/value.h"
#include "runtime/log/record_batch.h"

namespace thalweg::shell {

struct RowText {
  std::optional<std::int64_t> time_ms;
  bool null_value = false;
  std::optional<std::pair<std::int64_t, std::int64_t>> window;  // start, end: ms, or numbers of rows
  std::vector<std::string> cells;                               // still quoted
  std::vector<runtime::Header> headers;
};
Result<RowText> parse_row(std::string_view line);

std::string time_text(std::int64_t ms);
Result<std::int64_t> parse_time_text(std::string_view text);
std::string window_text(std::int64_t start, std::int64_t end, const planner::WindowInfo& window);

Result<planner::Value> parse_cell(std::string_view cell, const planner::SqlType& type);
std::string cell_text(const planner::Value& value, const planner::SqlType& type);
// "ada | /home | 3"
std::string cells_text(const planner::ValueList& values, const std::vector<planner::SchemaColumn>& columns);
std::string headers_text(const std::vector<runtime::Header>& headers);

// Bytes for people: as they are when printable UTF-8, else \x00 escapes.
std::string bytes_text(std::string_view bytes);
Result<std::string> parse_bytes_text(std::string_view text);

}  // namespace thalweg::shell
