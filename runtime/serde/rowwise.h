// What all formats share when they read: records one by one, NULLs for null payloads, single payloads
// through a batch of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/serde/serde.h"

namespace thalweg::runtime {

class RowwiseDeserializer : public Deserializer {
 public:
  RowwiseDeserializer(const SideSchema& schema, std::span<const std::int32_t> needed);
  void decode(const RecordBatch& batch, std::uint32_t first_record, Rows rows, std::span<Column> out,
              Arena& arena, std::vector<DecodeError>& errors) override;
  Result<planner::ValueList> decode_one(std::string_view payload, bool null_payload) override;

 protected:
  // Decodes a payload that is not null, followed by 64 readable bytes, into row `row`; or appends an error.
  virtual void decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out,
                              Arena& arena, std::vector<DecodeError>& errors) = 0;

  // A needed field: its place among all fields, and itself.
  struct Needed {
    std::size_t position;
    planner::SqlType type;
  };
  const SideSchema schema_;
  std::vector<Needed> needed_;
  std::string_view target() const { return schema_.side == Side::kKey ? "key" : "value"; }
};

// Whether the single column of a side stands bare, given the format's own way.
bool is_bare(const SideSchema& schema, bool bare_by_default);

}  // namespace thalweg::runtime
