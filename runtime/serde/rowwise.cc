#include "runtime/serde/rowwise.h"

namespace thalweg::runtime {

RowwiseDeserializer::RowwiseDeserializer(const SideSchema& schema, std::span<const std::int32_t> needed)
    : schema_(schema) {
  for (const std::int32_t i : needed) {
    const auto position = static_cast<std::size_t>(i);
    needed_.push_back({position, schema_.fields[position].type});
  }
}

void RowwiseDeserializer::decode(const RecordBatch& batch, std::uint32_t first_record, Rows rows,
                                 std::span<Column> out, Arena& arena, std::vector<DecodeError>& errors) {
  const bool key = schema_.side == Side::kKey;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    const std::uint32_t record = first_record + row;
    if (key ? batch.key_is_null(record) : batch.value_is_null(record)) {
      for (Column& column : out) column.set_null(row);
    } else {
      decode_payload(key ? batch.key(record) : batch.value(record), row, out, arena, errors);
    }
  }
}

Result<planner::ValueList> RowwiseDeserializer::decode_one(std::string_view payload, bool null_payload) {
  planner::ValueList values(needed_.size());
  if (null_payload) return values;
  Arena arena;
  std::vector<Column> columns;
  for (const auto& field : needed_) columns.push_back(make_column(arena, field.type, 1));
  std::string padded(payload);
  padded.append(64, '\0');
  std::vector<DecodeError> errors;
  decode_payload(std::string_view(padded).substr(0, payload.size()), 0, columns, arena, errors);
  if (!errors.empty()) {
    Error error{ErrorCode::kBadRecord, std::move(errors.front().message)};
    if (!errors.front().causes.empty()) error.cause = std::move(errors.front().causes.front());
    return error;
  }
  for (std::size_t i = 0; i < needed_.size(); ++i) values[i] = value_at(columns[i], needed_[i].type, 0);
  return values;
}

bool is_bare(const SideSchema& schema, bool bare_by_default) {
  if (schema.fields.size() != 1) return false;
  switch (schema.format.wrapping) {
    case planner::Wrapping::kWrapped: return false;
    case planner::Wrapping::kUnwrapped: return true;
    case planner::Wrapping::kDefault: break;
  }
  return bare_by_default;
}

}  // namespace thalweg::runtime
