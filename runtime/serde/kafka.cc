#include "runtime/serde/kafka.h"

#include "runtime/serde/byte_order.h"
#include "runtime/serde/utf8_text.h"

namespace thalweg::runtime {

using planner::SqlKind;

namespace {

template <typename T>
bool store_number(std::string_view payload, std::uint32_t row, std::span<Column> out) {
  if (payload.size() != sizeof(T)) return false;
  for (Column& column : out) column.set(row, load_big<T>(payload.data()));
  return true;
}

std::string wrong_size(SqlKind kind) {
  switch (kind) {
    case SqlKind::kInteger: return "Size of data received by IntegerDeserializer is not 4";
    case SqlKind::kBigint: return "Size of data received by LongDeserializer is not 8";
    default: return "Size of data received by Deserializer is not 8";
  }
}

}  // namespace

void KafkaDeserializer::decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out,
                                       Arena& arena, std::vector<DecodeError>& errors) {
  const SqlKind kind = schema_.fields[0].type.kind();
  bool good = true;
  if (kind == SqlKind::kInteger) {
    good = store_number<std::int32_t>(payload, row, out);
  } else if (kind == SqlKind::kBigint) {
    good = store_number<std::int64_t>(payload, row, out);
  } else if (kind == SqlKind::kDouble) {
    good = store_number<double>(payload, row, out);
  } else {
    const std::string_view text = kind == SqlKind::kString ? readable_text(payload, arena) : payload;
    for (Column& column : out) column.set(row, text);
  }
  if (!good) {
    errors.push_back(
        {row, "Error deserializing KAFKA message from topic: " + schema_.topic, {wrong_size(kind)}});
  }
}

KafkaSerializer::KafkaSerializer(const SideSchema& schema) : kind_(schema.fields[0].type.kind()) {}

Result<bool> KafkaSerializer::append(std::span<const Column> columns, std::uint32_t row, std::string& out) {
  const Column& column = columns[0];
  if (column.is_null(row)) return false;
  switch (kind_) {
    case SqlKind::kInteger: append_big(out, column.get<std::int32_t>(row)); break;
    case SqlKind::kBigint: append_big(out, column.get<std::int64_t>(row)); break;
    case SqlKind::kDouble: append_big(out, canonical(column.get<double>(row))); break;
    default: out += column.get<std::string_view>(row); break;
  }
  return true;
}

Result<bool> KafkaSerializer::append_values(std::span<const planner::Value> values, std::string& out) {
  const planner::Value& value = values[0];
  if (value.is_null()) return false;
  switch (kind_) {
    case SqlKind::kInteger: append_big(out, static_cast<std::int32_t>(value.as_int())); break;
    case SqlKind::kBigint: append_big(out, value.as_int()); break;
    case SqlKind::kDouble: append_big(out, canonical(value.as_double())); break;
    default: out += value.as_string(); break;
  }
  return true;
}

}  // namespace thalweg::runtime
