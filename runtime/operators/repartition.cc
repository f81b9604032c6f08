#include <cstring>

#include "runtime/operators/sink.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {
namespace {

enum Flag : std::uint8_t { kNew = 1, kOld = 2, kKeyNull = 4, kWindowed = 8 };

Error damaged(const RecordBatch& records, std::uint32_t record) {
  return Error{ErrorCode::kFatal, "an internal record cannot be read (offset " +
                                      std::to_string(records.base_offset().value + record) + ")"};
}

}  // namespace

std::string application_id(const std::string& service_id, const std::string& query_id) {
  return "_confluent-ksql-" + service_id + "query_" + query_id;
}

RepartitionWriter::RepartitionWriter(TaskContext& context, const planner::Step& step, std::string topic,
                                     std::int32_t partitions)
    : Operator(context, step),
      topic_(std::move(topic)),
      codec_(all_types(step.schema)),
      partitioner_(partitions, context.single_partition) {}

Result<std::unique_ptr<Operator>> RepartitionWriter::make(TaskContext& context, const planner::Step& step,
                                                          std::string topic, std::int32_t partitions) {
  std::unique_ptr<RepartitionWriter> made(new RepartitionWriter(context, step, std::move(topic), partitions));
  SideSchema key{Side::kKey, made->topic_, std::get<planner::RepartitionStep>(step.node).key, {}};
  key.fields.assign(step.schema.columns.begin(),
                    step.schema.columns.begin() + static_cast<std::ptrdiff_t>(step.schema.key_count));
  THALWEG_TRY(made->key_writer_, make_serializer(key));
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> RepartitionWriter::process(int, Batch& batch) {
  const bool drop_null_keys = std::get<planner::RepartitionStep>(step_.node).drop_null_keys;
  const Rows rows = rows_of(batch);
  std::string key;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    key.clear();
    bool has_key = false;
    if (!batch.is_key_null(row)) {
      THALWEG_TRY(has_key, key_writer_->append({batch.columns.data(), step_.schema.key_count}, row, key));
    }
    if (!has_key && drop_null_keys) {
      bump(context_.counters->filtered, 1);
      continue;
    }
    RecordBatchBuilder& builder = context_.produce({topic_, partitioner_.of(key, !has_key)});
    builder.key_bytes().append(key);
    std::string& value = builder.value_bytes();
    std::uint8_t flags = 0;
    if (batch.is_new(row)) flags |= kNew;
    if (batch.is_old(row) && !batch.old_columns.empty()) flags |= kOld;
    if (!has_key) flags |= kKeyNull;
    if (batch.window_start != nullptr) flags |= kWindowed;
    value.push_back(static_cast<char>(flags));
    if (flags & kWindowed) {
      value.append(reinterpret_cast<const char*>(&batch.window_start[row]), 8);
      value.append(reinterpret_cast<const char*>(&batch.window_end[row]), 8);
    }
    if (flags & kNew) {
      codec_.encode(batch.columns, row, value);
    } else {
      // Only the key columns of a deletion are defined.
      std::vector<planner::Value> values(step_.schema.size());
      for (std::size_t c = 0; c < step_.schema.key_count; ++c) {
        values[c] = value_at(batch.columns[c], step_.schema.columns[c].type, row);
      }
      codec_.encode_values(values, value);
    }
    if (flags & kOld) codec_.encode(batch.old_columns, row, value);
    if (batch.headers != nullptr) builder.header_bytes().append(batch.headers[row]);
    builder.finish_record(batch.timestamps[row], !has_key, false);
  }
  return {};
}

RepartitionReader::RepartitionReader(const planner::Schema& schema)
    : schema_(schema), codec_(all_types(schema)) {}

Result<Batch> RepartitionReader::read(const RecordBatchPtr& records, std::uint32_t first, std::uint32_t count,
                                      bool table) const {
  Batch batch = make_batch(count);
  Arena& arena = *batch.arena;
  arena.keep(records);
  std::memcpy(batch.timestamps, records->timestamps() + first, count * sizeof(std::int64_t));
  batch.has_new = arena.array<std::uint8_t>(count);
  batch.key_null = arena.array<std::uint8_t>(count);
  auto* headers = arena.array<std::string_view>(count);
  batch.headers = headers;
  for (const auto& column : schema_.columns) {
    batch.columns.push_back(make_column(arena, column.type, count));
    if (table) batch.old_columns.push_back(make_column(arena, column.type, count));
  }
  if (table) batch.has_old = arena.array<std::uint8_t>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view bytes = records->value(first + i);
    if (bytes.empty()) return damaged(*records, first + i);
    const auto flags = static_cast<std::uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    if (flags & kWindowed) {
      if (bytes.size() < 16) return damaged(*records, first + i);
      if (batch.window_start == nullptr) {
        batch.window_start = arena.array<std::int64_t>(count);
        batch.window_end = arena.array<std::int64_t>(count);
      }
      std::memcpy(&batch.window_start[i], bytes.data(), 8);
      std::memcpy(&batch.window_end[i], bytes.data() + 8, 8);
      bytes.remove_prefix(16);
    }
    auto used = codec_.decode(bytes, batch.columns, i, arena);
    if (!used) return damaged(*records, first + i);
    bytes.remove_prefix(*used);
    if ((flags & kOld) && table && !codec_.decode(bytes, batch.old_columns, i, arena))
      return damaged(*records, first + i);
    batch.has_new[i] = (flags & kNew) != 0;
    batch.key_null[i] = (flags & kKeyNull) != 0;
    if (table) batch.has_old[i] = (flags & kOld) != 0;
    headers[i] = records->headers(first + i);
  }
  return batch;
}

}  // namespace thalweg::runtime
