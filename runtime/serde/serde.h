// Bytes ↔ columns, one format per file pair. A Deserializer decodes just the fields somebody needs;
// a record that cannot be read costs one error and never its neighbours.
//
// Thread: one task each; they hold scratch memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/catalog/catalog.h"
#include "planner/types/schema.h"
#include "runtime/columns/batch.h"
#include "runtime/log/record_batch.h"

namespace thalweg::runtime {

enum class Side : std::uint8_t { kKey, kValue };

// One side of a topic: its format and its declared fields, in order.
struct SideSchema {
  Side side = Side::kValue;
  std::string topic;  // for messages
  planner::SideFormat format;
  std::vector<planner::SchemaColumn> fields;
};

struct DecodeError {
  std::uint32_t row;                // position in the output columns
  std::string message;              // outer message of the format (reference, formats §3)
  std::vector<std::string> causes;  // inner messages, outermost first
};

class Deserializer {
 public:
  virtual ~Deserializer() = default;
  // Decodes record first_record + r of `batch` into row r of every column of `out` (one per needed
  // field, in the order they were asked for), for each r in `rows`. A null payload gives NULLs and is no
  // error. Rows that fail are appended to `errors`; their columns are undefined. Strings may point into
  // the batch, which the caller keeps alive. Columns must be nullable (make_column).
  virtual void decode(const RecordBatch& batch, std::uint32_t first_record, Rows rows, std::span<Column> out,
                      Arena& arena, std::vector<DecodeError>& errors) = 0;
  // One payload from elsewhere (INSERT checks, tests, PRINT). Same rules; null_payload: no bytes at all.
  virtual Result<planner::ValueList> decode_one(std::string_view payload, bool null_payload) = 0;
};

class Serializer {
 public:
  virtual ~Serializer() = default;
  // Appends the bytes of one row (one column per field, in order) to `out`. Returns false if the payload
  // is null and nothing was appended (bare NULL column, NONE). Values that the format cannot hold:
  // kBadRecord.
  virtual Result<bool> append(std::span<const Column> columns, std::uint32_t row, std::string& out) = 0;
  virtual Result<bool> append_values(std::span<const planner::Value> values, std::string& out) = 0;
};

// `needed`: positions in schema.fields, in output order.
Result<std::unique_ptr<Deserializer>> make_deserializer(const SideSchema& schema,
                                                        std::span<const std::int32_t> needed);
Result<std::unique_ptr<Serializer>> make_serializer(const SideSchema& schema);

// The window suffix of key bytes: start (time windows) or end then start (sessions), 8 bytes each,
// big-endian.
void append_window(std::string& key, ast::WindowType type, std::int64_t start_ms, std::int64_t end_ms);
struct WindowedKey {
  std::string_view key;
  std::int64_t start_ms;
  std::int64_t end_ms;  // time windows: start + size
};
Result<WindowedKey> split_window(std::string_view key, const planner::WindowInfo& window);

}  // namespace thalweg::runtime
