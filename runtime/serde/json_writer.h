// Columns → JSON payloads (reference, formats §8).
#pragma once

#include <memory>

#include "runtime/serde/serde.h"

namespace thalweg::runtime {

// Bytes under construction, with room ensured in larger steps than one character.
class JsonBuffer {
 public:
  void clear() { at_ = bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), static_cast<std::size_t>(at_ - bytes_.get())}; }
  // The next `size` bytes may be written with put and append without asking again.
  void reserve(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]]
      grow(size);
  }
  void put(char c) { *at_++ = c; }
  void append(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  // These reserve for themselves.
  void append_integer(std::int64_t value);
  void append_double(double value);
  void append_decimal(planner::Int128 unscaled, std::int32_t scale);
  void append_boolean(bool value);
  void append_string(std::string_view text);  // quoted and escaped
  void append_base64(std::string_view bytes);
  void append_value(const planner::Value& value, const planner::SqlType& type);

 private:
  void grow(std::size_t size);
  void append_escaped(std::string_view text);
  void append_list(const planner::ValueList& items, const planner::SqlType& type);
  void append_structure(const planner::ValueList& items, const planner::SqlType& type);
  void append_map(const planner::MapEntries& entries, const planner::SqlType& type);

  std::unique_ptr<char[]> bytes_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::string scratch_;
};

class JsonSerializer final : public Serializer {
 public:
  explicit JsonSerializer(const SideSchema& schema);
  Result<bool> append(std::span<const Column> columns, std::uint32_t row, std::string& out) override;
  Result<bool> append_values(std::span<const planner::Value> values, std::string& out) override;

 private:
  void append_cell(const Column& column, const planner::SqlType& type, std::uint32_t row);
  void append_flat(const Column& column, const planner::SqlType& type, std::uint32_t row);

  struct Field {
    std::string prefix;  // {"NAME": or ,"NAME":
    planner::SqlType type;
  };
  bool bare_;
  std::vector<Field> fields_;
  JsonBuffer buffer_;
};

}  // namespace thalweg::runtime
