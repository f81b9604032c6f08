#include "runtime/operators/source.h"

#include <algorithm>
#include <cstring>

#include "runtime/operators/gather.h"

namespace thalweg::runtime {
namespace {

using Origin = planner::SourceColumn::Origin;

planner::Value headers_value(std::string_view encoded) {
  planner::ValueList list;
  for (const Header& header : parse_headers(encoded)) {
    planner::Value value = header.value ? planner::Value(*header.value) : planner::Value{};
    list.push_back(planner::make_list({planner::Value(header.name), std::move(value)}));
  }
  return planner::make_list(std::move(list));
}

planner::Value last_header(std::string_view encoded, const std::string& name) {
  planner::Value found;
  for (const Header& header : parse_headers(encoded)) {
    if (header.name == name) found = header.value ? planner::Value(*header.value) : planner::Value{};
  }
  return found;
}

}  // namespace

Result<std::optional<SourceOperator::Part>> SourceOperator::make_part(
    bool key, const std::vector<std::int32_t>& columns) const {
  std::vector<std::int32_t> needed;
  Part part;
  part.key = key;
  for (const std::int32_t column : columns) {
    const auto& origin = source().columns[static_cast<std::size_t>(column)];
    if (origin.origin != (key ? Origin::kKey : Origin::kValue)) continue;
    part.columns.push_back(column);
    needed.push_back(origin.index);
  }
  const auto& fields = key ? source().key_fields : source().value_fields;
  if (needed.empty() && (key || columns.size() != source().columns.size())) return std::optional<Part>{};
  SideSchema schema{key ? Side::kKey : Side::kValue, source().topic, key ? source().key : source().value,
                    fields};
  THALWEG_TRY(part.reader, make_deserializer(schema, needed));
  return std::optional<Part>(std::move(part));
}

Result<std::unique_ptr<SourceOperator>> SourceOperator::make(TaskContext& context, const planner::Step& step,
                                                             const planner::Step* filter, bool materialize) {
  std::unique_ptr<SourceOperator> made(new SourceOperator(context, step));
  const auto& source = made->source();
  made->meters_ = context.traffic->of(source.topic);
  std::vector<std::int32_t> all(source.columns.size()), early, late;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
  THALWEG_TRY(made->keys_, made->make_part(true, all));
  if (filter != nullptr) {
    const auto& predicate = *std::get<planner::FilterStep>(filter->node).predicate;
    THALWEG_TRY(made->predicate_, compile(predicate, *context.library, context.environment));
    made->filter_name_ = filter->name;
    early = planner::input_columns(predicate);
    std::set_difference(all.begin(), all.end(), early.begin(), early.end(), std::back_inserter(late));
    THALWEG_TRY(made->early_values_, made->make_part(false, early));
    THALWEG_TRY(made->late_values_, made->make_part(false, late));
  } else {
    THALWEG_TRY(made->late_values_, made->make_part(false, all));
  }
  if (source.timestamp) {
    const bool key = source.timestamp->column.origin == Origin::kKey;
    Part part;
    part.key = key;
    const std::int32_t needed[] = {source.timestamp->column.index};
    SideSchema schema{key ? Side::kKey : Side::kValue, source.topic, key ? source.key : source.value,
                      key ? source.key_fields : source.value_fields};
    THALWEG_TRY(part.reader, make_deserializer(schema, needed));
    made->timestamp_ = std::move(part);
    if (source.timestamp->format) {
      THALWEG_TRY(made->timestamp_pattern_, planner::DateTimePattern::compile(*source.timestamp->format));
    }
  }
  if (materialize) {
    THALWEG_TRY(auto store, made->open_store(source.store, kind_of_store(step.windowed)));
    made->rows_ = std::make_unique<TableRows>(std::move(store), step.schema, source.window);
  }
  return made;
}

Result<SourceInput> SourceOperator::prepare(RecordBatchPtr records, std::uint32_t first,
                                            std::uint32_t count) {
  SourceInput input;
  input.first = first;
  input.count = count;
  Batch& batch = input.batch;
  batch = make_batch(count);
  Arena& arena = *batch.arena;
  std::memcpy(batch.timestamps, records->timestamps() + first, count * sizeof(std::int64_t));
  auto* offsets = arena.array<std::int64_t>(count);
  bool any_headers = false, any_null_value = false, any_null_key = false, any_negative = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    offsets[i] = records->base_offset().value + first + i;
    any_headers |= !records->headers(first + i).empty();
    any_null_value |= records->value_is_null(first + i);
    any_null_key |= records->key_is_null(first + i);
    any_negative |= batch.timestamps[i] < 0;
  }
  batch.source_offsets = offsets;
  batch.source_partition = context_.partition.value;
  if (any_headers) {
    auto* headers = arena.array<std::string_view>(count);
    for (std::uint32_t i = 0; i < count; ++i) headers[i] = records->headers(first + i);
    batch.headers = headers;
  }
  if (any_null_value) {
    batch.has_new = arena.array<std::uint8_t>(count);
    for (std::uint32_t i = 0; i < count; ++i) batch.has_new[i] = !records->value_is_null(first + i);
  }
  if (any_null_key) {
    batch.key_null = arena.array<std::uint8_t>(count);
    for (std::uint32_t i = 0; i < count; ++i) batch.key_null[i] = records->key_is_null(first + i);
  }
  arena.keep(records);
  input.records = std::move(records);

  if (source().window) split_windows(input);
  if (timestamp_) THALWEG_CHECK(extract_timestamps(input));
  if (any_negative || timestamp_) {
    if (input.dropped.empty()) input.dropped.assign(count, 0);
    for (std::uint32_t i = 0; i < count; ++i) input.dropped[i] |= batch.timestamps[i] < 0;
    if (std::none_of(input.dropped.begin(), input.dropped.end(), [](std::uint8_t d) { return d != 0; }))
      input.dropped.clear();
  }
  return input;
}

Result<void> SourceOperator::extract_timestamps(SourceInput& input) {
  Batch& batch = input.batch;
  const auto& where = source().timestamp->column;
  const auto& fields = timestamp_->key ? source().key_fields : source().value_fields;
  Column column = make_column(*batch.arena, fields[static_cast<std::size_t>(where.index)].type, input.count);
  decode_errors_.clear();
  timestamp_->reader->decode(*input.records, input.first, {nullptr, input.count}, {&column, 1}, *batch.arena,
                             decode_errors_);
  std::vector<std::uint8_t> unreadable(input.count, 0);
  for (const auto& error : decode_errors_) unreadable[error.row] = 1;  // reported when the row is decoded
  for (std::uint32_t i = 0; i < input.count; ++i) {
    if (unreadable[i]) continue;
    std::optional<std::int64_t> time;
    std::string reason = "the timestamp column is null";
    if (!column.is_null(i) && timestamp_pattern_) {
      auto parsed =
          timestamp_pattern_->parse_timestamp(column.get<std::string_view>(i), planner::TimeZone::utc());
      if (parsed) {
        time = *parsed;
      } else {
        reason = parsed.error().message;
      }
    } else if (!column.is_null(i)) {
      time = column.get<std::int64_t>(i);
    }
    batch.timestamps[i] = time.value_or(-1);
    if (time && *time >= 0) continue;
    if (context_.throw_on_invalid_timestamp) {
      return Error{ErrorCode::kFatal,
                   "Fatal user code error in TimestampExtractor callback for record at offset " +
                       std::to_string(batch.source_offsets[i]) + " of topic " + source().topic + ": " +
                       reason};
    }
    if (!time)
      input.bad.push_back({{i, "Failed to extract timestamp from row. " + reason, {}}, timestamp_->key});
  }
  return {};
}

// Readers of keys know nothing of windows, so the records go on without the suffix.
void SourceOperator::split_windows(SourceInput& input) {
  Batch& batch = input.batch;
  batch.window_start = batch.arena->array<std::int64_t>(input.count);
  batch.window_end = batch.arena->array<std::int64_t>(input.count);
  RecordBatchBuilder stripped;
  for (std::uint32_t i = 0; i < input.count; ++i) {
    const std::uint32_t record = input.first + i;
    std::optional<std::string_view> key, value;
    if (!input.records->value_is_null(record)) value = input.records->value(record);
    batch.window_start[i] = batch.window_end[i] = 0;
    if (!input.records->key_is_null(record)) {
      auto parts = split_window(input.records->key(record), *source().window);
      if (parts) {
        key = parts->key;
        batch.window_start[i] = parts->start_ms;
        batch.window_end[i] = parts->end_ms;
      } else {
        input.bad.push_back({{i, parts.error().message, {}}, true});
        if (input.dropped.empty()) input.dropped.assign(input.count, 0);
        input.dropped[i] = 1;
      }
    }
    stripped.append(batch.timestamps[i], key, value, input.records->headers(record));
  }
  input.records = stripped.share(Offset{input.records->base_offset().value + input.first});
  input.first = 0;
  batch.arena->keep(input.records);
}

void SourceOperator::note_bad(const RecordBatch& records, std::uint32_t record, const DecodeError& error,
                              bool key) {
  ProcessingLog::Where where{source().topic, context_.partition.value, records.base_offset().value + record};
  bump(context_.counters->errors, 1);
  meters_->unreadable.add(1, context_.clock->now());
  context_.processing_log->deserialization_error(context_, step_.name + ".Source", key, error.message,
                                                 error.causes,
                                                 key ? records.key(record) : records.value(record), where);
}

void SourceOperator::drop_bad_rows(const RecordBatch& records, std::uint32_t first, Batch& batch,
                                   std::vector<DecodeError>& errors, bool key) {
  if (errors.empty()) return;
  std::vector<std::uint8_t> bad(batch.rows, 0);
  for (const auto& error : errors) {
    bad[error.row] = 1;
    note_bad(records, first + error.row, error, key);
  }
  auto* kept = batch.arena->array<std::uint32_t>(batch.selected);
  std::size_t count = 0;
  for (std::size_t i = 0; i < batch.selected; ++i) {
    if (!bad[batch.row_at(i)]) kept[count++] = batch.row_at(i);
  }
  bump(context_.counters->bad, batch.selected - count);
  select(batch, kept, count);
  errors.clear();
}

Result<void> SourceOperator::decode(const Part& part, const RecordBatch& records, std::uint32_t first,
                                    Batch& batch) {
  std::vector<Column> out;
  for (const std::int32_t column : part.columns) {
    out.push_back(
        make_column(*batch.arena, step_.schema.columns[static_cast<std::size_t>(column)].type, batch.rows));
  }
  decode_errors_.clear();
  part.reader->decode(records, first, rows_of(batch), out, *batch.arena, decode_errors_);
  if (!decode_errors_.empty() && context_.fail_on_deserialization_error) {
    return Error{ErrorCode::kFatal, decode_errors_.front().message};
  }
  drop_bad_rows(records, first, batch, decode_errors_, part.key);
  for (std::size_t i = 0; i < out.size(); ++i)
    batch.columns[static_cast<std::size_t>(part.columns[i])] = out[i];
  return {};
}

void SourceOperator::fill_pseudo_columns(const RecordBatch& records, std::uint32_t first, Batch& batch) {
  Arena& arena = *batch.arena;
  const Rows rows = rows_of(batch);
  for (std::size_t c = 0; c < source().columns.size(); ++c) {
    const auto& origin = source().columns[c];
    const auto& type = step_.schema.columns[c].type;
    Column& column = batch.columns[c];
    switch (origin.origin) {
      case Origin::kKey:
      case Origin::kValue: continue;
      case Origin::kRowTime: column = Column{Physical::kInt64, 1, batch.timestamps, nullptr}; continue;
      case Origin::kRowPartition:
        column = make_constant(arena, type, planner::Value(std::int64_t{context_.partition.value}));
        continue;
      case Origin::kRowOffset:
        column = Column{Physical::kInt64, 1, const_cast<std::int64_t*>(batch.source_offsets), nullptr};
        continue;
      case Origin::kWindowStart: column = Column{Physical::kInt64, 1, batch.window_start, nullptr}; continue;
      case Origin::kWindowEnd: column = Column{Physical::kInt64, 1, batch.window_end, nullptr}; continue;
      case Origin::kHeaders:
      case Origin::kHeader:
        column = make_column(arena, type, batch.rows);
        for (std::size_t i = 0; i < rows.count; ++i) {
          const std::string_view encoded = records.headers(first + rows[i]);
          store_value(arena, column, type, rows[i],
                      origin.origin == Origin::kHeaders ? headers_value(encoded)
                                                        : last_header(encoded, origin.header_key));
        }
        continue;
    }
  }
}

void SourceOperator::drop_null_keys(Batch& batch) {
  auto* kept = batch.arena->array<std::uint32_t>(batch.selected);
  std::size_t count = 0;
  for (std::size_t i = 0; i < batch.selected; ++i) {
    const std::uint32_t row = batch.row_at(i);
    if (!batch.is_key_null(row)) kept[count++] = row;
  }
  bump(context_.counters->filtered, batch.selected - count);
  select(batch, kept, count);
}

Result<void> SourceOperator::run(SourceInput& input, std::uint32_t from, std::uint32_t to) {
  bump(context_.counters->in, to - from);
  meters_->count_read(*input.records, input.first + from, to - from, context_.clock->now());
  Batch batch = input.batch;
  if (from != 0 || to != input.count) batch = slice(batch, from, to - from);
  batch.columns.resize(source().columns.size());
  if (!input.dropped.empty()) {
    auto* positions = batch.arena->array<std::uint32_t>(batch.rows);
    std::size_t count = 0;
    for (std::uint32_t row = from; row < to; ++row) {
      if (!input.dropped[row]) positions[count++] = row - from;
    }
    bump(context_.counters->bad, batch.rows - count);
    select(batch, positions, count);
  }
  for (const auto& bad : input.bad) {
    if (bad.error.row >= from && bad.error.row < to)
      note_bad(*input.records, input.first + bad.error.row, bad.error, bad.key);
  }
  for (std::size_t i = 0; i < batch.selected; ++i) {
    context_.stream_time = std::max(context_.stream_time, batch.timestamps[batch.row_at(i)]);
  }
  return enter(*input.records, input.first + from, batch);
}

Result<void> SourceOperator::enter(const RecordBatch& records, std::uint32_t first, Batch& batch) {
  if (keys_) THALWEG_CHECK(decode(*keys_, records, first, batch));
  if (source().table) drop_null_keys(batch);
  fill_pseudo_columns(records, first, batch);
  if (predicate_) {
    if (early_values_) THALWEG_CHECK(decode(*early_values_, records, first, batch));
    const Rows rows = rows_of(batch);
    auto* with_value = batch.arena->array<std::uint32_t>(rows.count);
    std::size_t value_count = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (batch.is_new(rows[i])) with_value[value_count++] = rows[i];
    }
    auto* passed = batch.arena->array<std::uint32_t>(rows.count);
    EvaluationContext evaluation{*batch.arena, batch.columns, errors_};
    const std::size_t count =
        select_true(*predicate_, evaluation, {with_value, value_count}, batch.rows, passed);
    context_.report(errors_, "Error evaluating predicate ", batch, filter_name_);
    bump(context_.counters->filtered, batch.selected - count);
    select(batch, passed, count);
  }
  if (batch.selected == 0) return {};
  if (late_values_) THALWEG_CHECK(decode(*late_values_, records, first, batch));
  if (rows_) THALWEG_CHECK(rows_->exchange(batch, step_.needs_old));
  return emit(batch);
}

}  // namespace thalweg::runtime
