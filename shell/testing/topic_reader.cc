#include "shell/testing/topic_reader.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/serde/serde.h"
#include "shell/testing/row_text.h"

namespace thalweg::shell {
namespace {

using planner::DataSource;
using runtime::RecordBatch;

struct Side {
  std::vector<planner::SchemaColumn> columns;
  std::unique_ptr<runtime::Deserializer> reader;
};

Result<Side> make_side(const DataSource& source, runtime::Side side) {
  Side out;
  for (std::size_t i = 0; i < source.schema.size(); ++i) {
    const auto& column = source.schema.columns[i];
    const bool is_key = i < source.schema.key_count;
    const bool is_header = std::any_of(source.headers.begin(), source.headers.end(),
                                       [&](const auto& header) { return header.name == column.name; });
    if (!is_header && is_key == (side == runtime::Side::kKey)) out.columns.push_back(column);
  }
  if (out.columns.empty()) return out;
  runtime::SideSchema schema{side, source.topic, side == runtime::Side::kKey ? source.key : source.value,
                             out.columns};
  std::vector<std::int32_t> needed(out.columns.size());
  std::iota(needed.begin(), needed.end(), 0);
  THALWEG_TRY(out.reader, runtime::make_deserializer(schema, needed));
  return out;
}

Result<std::string> side_text(const Side& side, std::string_view payload, bool null_payload) {
  if (!side.reader) return std::string{};
  THALWEG_TRY(const auto values, side.reader->decode_one(payload, null_payload));
  return cells_text(values, side.columns);
}

Result<std::string> record_text(const DataSource& source, const Side& key, const Side& value,
                                const RecordBatch& batch, std::uint32_t i) {
  std::string text;
  std::string_view key_bytes = batch.key(i);
  if (source.window && !batch.key_is_null(i)) {
    THALWEG_TRY(const auto windowed, runtime::split_window(key_bytes, *source.window));
    text = window_text(windowed.start_ms, windowed.end_ms, *source.window) + " ";
    key_bytes = windowed.key;
  }
  THALWEG_TRY(const auto key_text, side_text(key, key_bytes, batch.key_is_null(i)));
  text += key_text;
  if (batch.value_is_null(i)) return text;
  THALWEG_TRY(const auto value_text, side_text(value, batch.value(i), false));
  if (!key_text.empty() && !value_text.empty()) text += " | ";
  return text + value_text;
}

std::string sign(const DataSource& source, std::set<std::string>& known, const RecordBatch& batch,
                 std::uint32_t i) {
  const bool gone = batch.value_is_null(i);
  if (source.kind == ast::SourceKind::kStream) return gone ? "- " : "";
  const std::string key(batch.key(i));
  if (gone) {
    known.erase(key);
    return "- ";
  }
  return known.insert(key).second ? "+ " : "~ ";
}

std::string message_of(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.contains("message")) return std::string(line);
  for (const char* kind :
       {"deserializationError", "recordProcessingError", "productionError", "serializationError"}) {
    const auto found = json["message"].find(kind);
    if (found == json["message"].end() || !found->is_object()) continue;
    std::string text = found->value("errorMessage", "");
    if (found->contains("cause")) {
      for (const auto& cause : (*found)["cause"]) text += ": " + cause.get<std::string>();
    }
    return text;
  }
  return std::string(line);
}

}  // namespace

template <typename Visit>
Result<void> TopicReader::read_new(runtime::Log& log, const std::string& topic, Positions& positions,
                                   Visit&& visit) {
  const auto config = log.topic(topic);
  if (!config) return Error(ErrorCode::kNotFound, "no topic " + topic);
  for (std::int32_t p = 0; p < config->partitions; ++p) {
    const TopicPartition partition{topic, PartitionId{p}};
    Offset& next = positions[partition];
    for (;;) {
      THALWEG_TRY(const auto batches, log.read(partition, next, 1 << 20));
      if (batches.empty()) break;
      for (const auto& batch : batches) {
        for (std::uint32_t i = 0; i < batch->size(); ++i) {
          if (batch->base_offset().value + i < next.value) continue;
          THALWEG_CHECK(visit(*batch, i));
        }
        next = std::max(next, batch->next_offset());
      }
    }
  }
  return {};
}

Result<std::vector<std::string>> TopicReader::rows(runtime::Log& log, const DataSource& source,
                                                   ShowOptions show) {
  THALWEG_TRY(const auto key, make_side(source, runtime::Side::kKey));
  THALWEG_TRY(const auto value, make_side(source, runtime::Side::kValue));
  std::vector<std::string> rows;
  auto& known = known_keys_[source.topic];
  THALWEG_CHECK(read_new(log, source.topic, row_positions_,
                         [&](const RecordBatch& batch, std::uint32_t i) -> Result<void> {
                           std::string row = sign(source, known, batch, i);
                           if (show.time) row = "@" + time_text(batch.timestamp_ms(i)) + " " + row;
                           auto text = record_text(source, key, value, batch, i);
                           row += text ? *text : "unreadable: " + text.error().message;
                           const auto headers = runtime::parse_headers(batch.headers(i));
                           if (show.headers && !headers.empty()) row += " | " + headers_text(headers);
                           rows.push_back(std::move(row));
                           return {};
                         }));
  return rows;
}

Result<std::vector<std::string>> TopicReader::raw(runtime::Log& log, const std::string& topic) {
  std::vector<std::string> rows;
  THALWEG_CHECK(
      read_new(log, topic, raw_positions_, [&](const RecordBatch& batch, std::uint32_t i) -> Result<void> {
        rows.push_back("@" + time_text(batch.timestamp_ms(i)) + " " +
                       (batch.key_is_null(i) ? "NULL" : bytes_text(batch.key(i))) + " | " +
                       (batch.value_is_null(i) ? "NULL" : bytes_text(batch.value(i))));
        return {};
      }));
  return rows;
}

Result<std::vector<std::string>> TopicReader::log_lines(runtime::Log& log, const std::string& topic) {
  std::vector<std::string> lines;
  if (!log.topic(topic)) return lines;
  THALWEG_CHECK(
      read_new(log, topic, row_positions_, [&](const RecordBatch& batch, std::uint32_t i) -> Result<void> {
        lines.push_back(message_of(batch.value(i)));
        return {};
      }));
  return lines;
}

void TopicReader::forget_vanished(const runtime::Log& log) {
  for (Positions* positions : {&row_positions_, &raw_positions_}) {
    std::erase_if(*positions, [&](const auto& entry) { return !log.topic(entry.first.topic); });
  }
  std::erase_if(known_keys_, [&](const auto& entry) { return !log.topic(entry.first); });
}

}  // namespace thalweg::shell
