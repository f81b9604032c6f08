// Our own compact bytes for rows and keys inside the engine: state, repartition topics, deltas.
//
//   row   [null bits, (n+7)/8 bytes][per non-null column, in order: 1, 4, 8, 16 bytes little-endian by
//   physical
//         type · strings u32 length, bytes · nested: tagged recursive encoding of the Value]
//   key   one column: order-preserving bytes as in the KAFKA format (big-endian numbers, raw text; BOOLEAN 1,
//         DECIMAL 16 bytes, nested as in rows); several: per column [u32 big-endian length, 0xffffffff for
//         NULL][bytes]
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/types/schema.h"
#include "runtime/columns/batch.h"

namespace thalweg::runtime {

class RowCodec {
 public:
  explicit RowCodec(std::vector<planner::SqlType> types);
  std::size_t size() const { return types_.size(); }
  const std::vector<planner::SqlType>& types() const { return types_; }

  void encode(std::span<const Column> columns, std::uint32_t row, std::string& out) const;
  // Decodes into row `row` of the columns. Strings point into `bytes` unless copy is set; nested values
  // are boxed in the arena. Returns the bytes used; kCorrupted when they do not fit.
  Result<std::size_t> decode(std::string_view bytes, std::span<Column> columns, std::uint32_t row,
                             Arena& arena, bool copy = false) const;
  void encode_values(std::span<const planner::Value> values, std::string& out) const;
  Result<planner::ValueList> decode_values(std::string_view bytes) const;

 private:
  std::vector<planner::SqlType> types_;
  std::vector<Physical> physical_;
};

class KeyCodec {
 public:
  explicit KeyCodec(std::vector<planner::SqlType> types);
  // False (nothing appended) if the single key column is NULL, or any of several when `nulls_allowed` is
  // false.
  bool encode(std::span<const Column> columns, std::uint32_t row, std::string& out,
              bool nulls_allowed = false) const;
  bool encode_values(std::span<const planner::Value> values, std::string& out,
                     bool nulls_allowed = false) const;
  Result<void> decode(std::string_view bytes, std::span<Column> columns, std::uint32_t row,
                      Arena& arena) const;
  Result<planner::ValueList> decode_values(std::string_view bytes) const;
  std::size_t size() const { return types_.size(); }

 private:
  std::vector<planner::SqlType> types_;
  std::vector<Physical> physical_;
};

// The recursive encoding of one value.
void encode_value(const planner::Value& value, const planner::SqlType& type, std::string& out);
Result<planner::Value> decode_value(std::string_view& bytes, const planner::SqlType& type);

}  // namespace thalweg::runtime
