// A payload of any bytes, read as one row of all flat and nested types. What can be read can be written,
// and what was written reads as the same row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/serde/serde.h"

namespace thalweg::runtime {

class PayloadFuzz {
 public:
  PayloadFuzz(std::string format, std::vector<planner::SchemaColumn> fields) {
    schema_.topic = "t";
    schema_.format.format.name = std::move(format);
    schema_.fields = std::move(fields);
    std::vector<std::int32_t> needed(schema_.fields.size());
    std::iota(needed.begin(), needed.end(), 0);
    reader_ = make_deserializer(schema_, needed).value();
    writer_ = make_serializer(schema_).value();
  }

  void run(std::string_view payload) {
    read_in_place(payload);
    const auto row = reader_->decode_one(payload, false);
    if (!row) {
      THALWEG_ASSERT(!row.error().message.empty());
      return;
    }
    std::string written;
    THALWEG_ASSERT(writer_->append_values(*row, written).value());
    const auto again = reader_->decode_one(written, false);
    THALWEG_ASSERT(again.has_value());
    for (std::size_t i = 0; i < row->size(); ++i) THALWEG_ASSERT(same((*row)[i], (*again)[i]));
  }

 private:
  // Between two neighbours, as records lie in a batch.
  void read_in_place(std::string_view payload) {
    RecordBatchBuilder builder;
    builder.append(0, payload, "\"}]");
    builder.append(0, payload, payload);
    builder.append(0, payload, "}\"]");
    const auto batch = builder.share(Offset{0});
    Arena arena;
    std::vector<Column> columns;
    for (const auto& field : schema_.fields) columns.push_back(make_column(arena, field.type, 3));
    std::vector<DecodeError> errors;
    reader_->decode(*batch, 0, {nullptr, 3}, columns, arena, errors);
    const bool failed =
        std::any_of(errors.begin(), errors.end(), [](const auto& error) { return error.row == 1; });
    THALWEG_ASSERT(failed != reader_->decode_one(payload, false).has_value());
  }

  static bool same(const planner::Value& a, const planner::Value& b) {
    // DELIMITED knows no empty text.
    const auto empty = [](const planner::Value& value) {
      const auto* text = std::get_if<std::string>(&value);
      return text != nullptr && text->empty();
    };
    return planner::equal(a, b) || (empty(a) && b.is_null());
  }

  SideSchema schema_;
  std::unique_ptr<Deserializer> reader_;
  std::unique_ptr<Serializer> writer_;
};

}  // namespace thalweg::runtime
