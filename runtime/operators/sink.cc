#include "runtime/operators/sink.h"

namespace thalweg::runtime {

Result<std::unique_ptr<Operator>> SinkOperator::make(TaskContext& context, const planner::Step& step,
                                                     const planner::Schema& input) {
  std::unique_ptr<SinkOperator> made(new SinkOperator(context, step));
  const auto& sink = made->sink();
  const auto fields = [&](const std::vector<std::int32_t>& columns) {
    std::vector<planner::SchemaColumn> out;
    for (const std::int32_t column : columns) out.push_back(input.columns[static_cast<std::size_t>(column)]);
    return out;
  };
  // The sink's own names stand in its schema: keys first, then values, in the order of the columns.
  auto key_fields = fields(sink.key_columns);
  auto value_fields = fields(sink.value_columns);
  for (std::size_t i = 0; i < key_fields.size(); ++i) key_fields[i].name = step.schema.columns[i].name;
  for (std::size_t i = 0; i < value_fields.size(); ++i) {
    value_fields[i].name = step.schema.columns[key_fields.size() + i].name;
  }
  THALWEG_TRY(made->key_writer_, make_serializer({Side::kKey, sink.topic, sink.key, key_fields}));
  THALWEG_TRY(made->value_writer_, make_serializer({Side::kValue, sink.topic, sink.value, value_fields}));
  for (const bool key : {true, false}) {
    for (const std::int32_t column : key ? sink.key_columns : sink.value_columns) {
      const auto& type = input.columns[static_cast<std::size_t>(column)].type;
      if (type.is(planner::SqlKind::kDecimal)) made->decimals_.push_back({column, type, key});
    }
  }
  const auto topic = context.log->topic(sink.topic);
  if (!topic) return Error{ErrorCode::kNotFound, "topic " + sink.topic + " does not exist"};
  made->partitioner_ = std::make_unique<Partitioner>(topic->partitions, context.single_partition);
  made->builders_.assign(static_cast<std::size_t>(topic->partitions), nullptr);
  context.wants_stream_times |= sink.timestamp_column >= 0;
  if (sink.timestamp_column >= 0)
    made->timestamp_type_ = input.columns[static_cast<std::size_t>(sink.timestamp_column)].type;
  if (sink.timestamp_column >= 0 && made->timestamp_type_.is(planner::SqlKind::kString)) {
    THALWEG_TRY(made->timestamp_pattern_,
                planner::DateTimePattern::compile(sink.timestamp->format.value_or("")));
  }
  return std::unique_ptr<Operator>(std::move(made));
}

Result<bool> SinkOperator::output_time(const Batch& batch, std::uint32_t row, std::int64_t& time) {
  if (sink().timestamp_column < 0) {
    time = batch.timestamps[row];
    return true;
  }
  if (!batch.is_new(row)) {
    time = batch.stream_times == nullptr ? context_.stream_time : batch.stream_times[row];
    return true;
  }
  const Column& column = batch.columns[static_cast<std::size_t>(sink().timestamp_column)];
  std::string reason = "the timestamp column is null";
  if (!column.is_null(row)) {
    if (timestamp_type_.is(planner::SqlKind::kString)) {
      auto parsed =
          timestamp_pattern_->parse_timestamp(column.get<std::string_view>(row), planner::TimeZone::utc());
      if (parsed && *parsed >= 0) {
        time = *parsed;
        return true;
      }
      reason = parsed ? "the timestamp is negative" : parsed.error().message;
    } else {
      time = column.get<std::int64_t>(row);
      if (time >= 0) return true;
      reason = "the timestamp is negative";
    }
  }
  errors_.push_back({row, "Error writing row with extracted timestamp: " + reason});
  context_.report(errors_, "", batch, step_.name);
  return false;
}

// Functions may give a DECIMAL more digits than its type has (CEIL, ROUND): no format holds those.
Result<void> SinkOperator::check_decimals(const Batch& batch, std::uint32_t row) {
  for (const auto& [column, type, key] : decimals_) {
    const Column& values = batch.columns[static_cast<std::size_t>(column)];
    if (values.is_null(row)) continue;
    auto fitted = planner::fit_exactly({values.get<planner::Int128>(row), type.scale()}, type.precision(),
                                       type.scale());
    if (!fitted) return cannot_write(std::move(fitted).error(), key, batch, row);
  }
  return {};
}

Error SinkOperator::cannot_write(Error error, bool key, const Batch& batch, std::uint32_t row) {
  context_.processing_log->serialization_error(context_, step_.name, key, error.message, sink().topic);
  std::string where = batch.source_offsets == nullptr
                          ? ""
                          : " (source offset " + std::to_string(batch.source_offsets[row]) + ")";
  return Error{ErrorCode::kFatal,
               "Exception caught in process. Unable to serialize record. " + error.message + where};
}

Result<void> SinkOperator::process(int, Batch& batch) {
  key_columns_.clear();
  value_columns_.clear();
  for (const std::int32_t i : sink().key_columns)
    key_columns_.push_back(batch.columns[static_cast<std::size_t>(i)]);
  for (const std::int32_t i : sink().value_columns)
    value_columns_.push_back(batch.columns[static_cast<std::size_t>(i)]);
  std::fill(builders_.begin(), builders_.end(), nullptr);
  const Rows rows = rows_of(batch);
  std::uint64_t written = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    std::int64_t time = 0;
    THALWEG_TRY(const bool timed, output_time(batch, row, time));
    if (!timed) {
      bump(context_.counters->filtered, 1);
      continue;
    }
    if (!decimals_.empty() && batch.is_new(row)) THALWEG_CHECK(check_decimals(batch, row));
    key_bytes_.clear();
    bool has_key = false;
    if (!batch.is_key_null(row)) {
      auto key = key_writer_->append(key_columns_, row, key_bytes_);
      if (!key) return cannot_write(std::move(key).error(), true, batch, row);
      has_key = *key;
    }
    const PartitionId to = partitioner_->of(key_bytes_, !has_key);
    if (has_key && sink().window) {
      append_window(key_bytes_, sink().window->type, batch.window_start[row], batch.window_end[row]);
    }
    RecordBatchBuilder*& builder = builders_[static_cast<std::size_t>(to.value)];
    if (builder == nullptr) builder = &context_.produce({sink().topic, to});
    builder->key_bytes().append(key_bytes_);
    bool has_value = false;
    if (batch.is_new(row)) {
      auto value = value_writer_->append(value_columns_, row, builder->value_bytes());
      if (!value) {
        builder->abandon_record();
        return cannot_write(std::move(value).error(), false, batch, row);
      }
      has_value = *value;
    }
    if (batch.headers != nullptr) builder->header_bytes().append(batch.headers[row]);
    builder->finish_record(time, !has_key, !has_value);
    ++written;
  }
  bump(context_.counters->out, written);
  return {};
}

Result<void> PassThrough::process(int, Batch& batch) {
  const auto& step = std::get<planner::RepartitionStep>(step_.node);
  const Rows rows = rows_of(batch);
  auto* kept = batch.arena->array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  const bool single = step_.schema.key_count == 1;
  auto* key_null = batch.arena->array<std::uint8_t>(batch.rows);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    key_null[row] = batch.is_key_null(row) || (single && batch.columns[0].is_null(row));
    if (!key_null[row] || !step.drop_null_keys) kept[count++] = row;
  }
  bump(context_.counters->filtered, rows.count - count);
  batch.key_null = key_null;
  select(batch, kept, count);
  return emit(batch);
}

}  // namespace thalweg::runtime
