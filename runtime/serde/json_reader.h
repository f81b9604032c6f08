// JSON payloads → columns (reference, formats §7).
#pragma once

#include "runtime/serde/json_convert.h"
#include "runtime/serde/json_fields.h"
#include "runtime/serde/rowwise.h"

namespace thalweg::runtime {

// A payload is tokenised and checked whole, in one walk that notes where the needed properties stand;
// then just those are converted, straight from the record's bytes.
class JsonDeserializer final : public RowwiseDeserializer {
 public:
  JsonDeserializer(const SideSchema& schema, std::span<const std::int32_t> needed);

 private:
  using Token = JsonDocument::Token;

  void decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out, Arena& arena,
                      std::vector<DecodeError>& errors) override;
  bool decode_object(std::uint32_t row, std::span<Column> out, Arena& arena);
  bool decode_bare(std::uint32_t row, std::span<Column> out, Arena& arena);
  // Walks the top-level object and fills found_. False: malformed.
  bool find_properties();
  void note(JsonFields::Match match, Token at);
  JsonFields::Match match_escaped(Token name);
  bool refuse(std::string_view node);
  bool malformed();

  bool bare_;
  planner::SqlType whole_type_;  // of the payload, for messages
  JsonFields fields_;
  JsonDocument document_;
  JsonConverter converter_;
  std::vector<Token>
      found_;           // per needed field: its value, 0 if missing; kExact set if the names are identical
  std::string detail_;  // of the failure at hand
};

}  // namespace thalweg::runtime
