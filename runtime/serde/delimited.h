// DELIMITED payloads ↔ columns (reference, formats §6).
#pragma once

#include "runtime/serde/rowwise.h"

namespace thalweg::runtime {

// The UTF-8 bytes of the delimiter a format names; ',' when it names none.
std::string delimiter_of(const planner::Format& format);

class DelimitedDeserializer final : public RowwiseDeserializer {
 public:
  DelimitedDeserializer(const SideSchema& schema, std::span<const std::int32_t> needed);

 private:
  void decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out, Arena& arena,
                      std::vector<DecodeError>& errors) override;
  Result<void> decode_line(std::string_view payload, std::uint32_t row, std::span<Column> out, Arena& arena);
  // Cuts the first non-empty line into fields_.
  Result<void> split(std::string_view payload, Arena& arena);
  // Reads one field at `at` into fields_ and moves behind it.
  Result<void> take_quoted(std::string_view payload, std::size_t& at, Arena& arena);
  void take_plain(std::string_view payload, std::size_t& at);
  bool at_delimiter(std::string_view payload, std::size_t at) const {
    return payload.substr(at, delimiter_.size()) == delimiter_;
  }

  std::string delimiter_;
  std::vector<std::string_view> fields_;
  std::string scratch_;
};

class DelimitedSerializer final : public Serializer {
 public:
  explicit DelimitedSerializer(const SideSchema& schema);
  Result<bool> append(std::span<const Column> columns, std::uint32_t row, std::string& out) override;
  Result<bool> append_values(std::span<const planner::Value> values, std::string& out) override;

 private:
  void append_text(std::string_view text, bool first, std::string& out) const;
  bool needs_quotes(std::string_view text, bool first) const;

  std::vector<planner::SqlType> types_;
  std::string delimiter_;
  std::string scratch_;
};

}  // namespace thalweg::runtime
