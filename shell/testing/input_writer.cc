#include "shell/testing/input_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "runtime/serde/serde.h"
#include "shell/testing/row_text.h"
#include "shell/testing/test_file.h"

namespace thalweg::shell {
namespace {

using planner::DataSource;

struct Cells {
  std::vector<planner::SchemaColumn> columns;
  planner::ValueList values;
};

std::vector<planner::SchemaColumn> side_columns(const DataSource& source, bool key) {
  std::vector<planner::SchemaColumn> columns;
  for (std::size_t i = 0; i < source.schema.size(); ++i) {
    const auto& column = source.schema.columns[i];
    const bool is_header = std::any_of(source.headers.begin(), source.headers.end(),
                                       [&](const auto& header) { return header.name == column.name; });
    if (!is_header && (i < source.schema.key_count) == key) columns.push_back(column);
  }
  return columns;
}

Result<std::optional<std::string>> encode(const DataSource& source, bool key,
                                          std::span<const std::string> cells) {
  const auto columns = side_columns(source, key);
  if (columns.empty()) return std::optional<std::string>(key ? std::nullopt : std::optional<std::string>(""));
  planner::ValueList values;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    THALWEG_TRY(auto value, parse_cell(cells[i], columns[i].type));
    values.push_back(std::move(value));
  }
  runtime::SideSchema schema{key ? runtime::Side::kKey : runtime::Side::kValue, source.topic,
                             key ? source.key : source.value, columns};
  THALWEG_TRY(const auto writer, runtime::make_serializer(schema));
  std::string bytes;
  THALWEG_TRY(const bool present, writer->append_values(values, bytes));
  if (!present) return std::optional<std::string>{};
  return std::optional<std::string>(std::move(bytes));
}

std::optional<std::string> raw_side(std::string_view text) {
  if (text == "NULL") return std::nullopt;
  return std::string(text);
}

}  // namespace

struct InputWriter::Record {
  std::int64_t time_ms = 0;
  std::optional<std::string> key, value;
  std::string headers;
};

Result<void> InputWriter::commit(runtime::Log& log, const std::string& topic, const Record& record,
                                 std::string_view partition_key) {
  const auto config = log.topic(topic);
  if (!config) return Error(ErrorCode::kNotFound, "no topic " + topic);
  const PartitionId partition = record.key ? runtime::partition_of(partition_key, config->partitions)
                                           : PartitionId{keyless_count_++ % config->partitions};
  std::array<runtime::Epoch, 1> epochs;
  epochs[0].appends.push_back({TopicPartition{topic, partition}, {}});
  epochs[0].appends[0].records.append(record.time_ms, record.key, record.value, record.headers);
  THALWEG_CHECK(log.commit(epochs));
  return {};
}

Result<void> InputWriter::write(runtime::Log& log, const DataSource& source, std::string_view line) {
  if (line.starts_with("raw ")) return write_raw(log, source.topic, line);
  THALWEG_TRY(const auto row, parse_row(line));
  Record record;
  record.time_ms = last_time_ms_ = row.time_ms.value_or(last_time_ms_);
  const std::size_t key_count = source.schema.key_count;
  const std::size_t expected = row.null_value ? key_count : source.schema.size() - source.headers.size();
  if (row.cells.size() != expected) {
    return Error(ErrorCode::kParse, source.name + " wants " + std::to_string(expected) +
                                        " cells, the row has " + std::to_string(row.cells.size()));
  }
  const std::span<const std::string> cells(row.cells);
  THALWEG_TRY(record.key, encode(source, true, cells.first(key_count)));
  const std::string partition_key = record.key.value_or("");
  if (row.window && record.key && source.window) {
    runtime::append_window(*record.key, source.window->type, row.window->first, row.window->second);
  }
  if (!row.null_value) { THALWEG_TRY(record.value, encode(source, false, cells.subspan(key_count))); }
  for (const auto& header : row.headers) runtime::append_header(record.headers, header.name, header.value);
  return commit(log, source.topic, record, partition_key);
}

Result<void> InputWriter::write_raw(runtime::Log& log, const std::string& topic, std::string_view line) {
  if (!line.starts_with("raw "))
    return Error(ErrorCode::kParse, "only 'raw' rows can go to a topic without a source");
  std::string_view rest = trim(line.substr(4));
  Record record;
  record.time_ms = last_time_ms_;
  if (rest.starts_with('@')) {
    const auto space = rest.find(' ');
    THALWEG_TRY(record.time_ms, parse_time_text(rest.substr(1, space == rest.npos ? rest.npos : space - 1)));
    rest = space == rest.npos ? std::string_view{} : trim(rest.substr(space));
  }
  last_time_ms_ = record.time_ms;
  const auto bar = rest.find(" | ");
  if (bar != rest.npos) {
    THALWEG_TRY(const auto key, parse_bytes_text(trim(rest.substr(0, bar))));
    record.key = raw_side(key);
    rest = trim(rest.substr(bar + 3));
  }
  THALWEG_TRY(const auto value, parse_bytes_text(rest));
  record.value = raw_side(value);
  return commit(log, topic, record, record.key.value_or(""));
}

}  // namespace thalweg::shell
