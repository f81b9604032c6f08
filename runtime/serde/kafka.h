// The KAFKA format, one bare column in the encodings of Kafka's own serializers (reference, formats §5),
// and NONE, no columns at all (§4).
#pragma once

#include "runtime/serde/rowwise.h"

namespace thalweg::runtime {

class KafkaDeserializer final : public RowwiseDeserializer {
 public:
  using RowwiseDeserializer::RowwiseDeserializer;

 private:
  void decode_payload(std::string_view payload, std::uint32_t row, std::span<Column> out, Arena& arena,
                      std::vector<DecodeError>& errors) override;
};

class KafkaSerializer final : public Serializer {
 public:
  explicit KafkaSerializer(const SideSchema& schema);
  Result<bool> append(std::span<const Column> columns, std::uint32_t row, std::string& out) override;
  Result<bool> append_values(std::span<const planner::Value> values, std::string& out) override;

 private:
  planner::SqlKind kind_;
};

class NoneDeserializer final : public RowwiseDeserializer {
 public:
  using RowwiseDeserializer::RowwiseDeserializer;

 private:
  void decode_payload(std::string_view, std::uint32_t, std::span<Column>, Arena&,
                      std::vector<DecodeError>&) override {}
};

class NoneSerializer final : public Serializer {
 public:
  Result<bool> append(std::span<const Column>, std::uint32_t, std::string&) override { return false; }
  Result<bool> append_values(std::span<const planner::Value>, std::string&) override { return false; }
};

}  // namespace thalweg::runtime
