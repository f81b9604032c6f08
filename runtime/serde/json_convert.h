// One checked JSON value → one SQL value, by the table of the reference, formats §7.
//
// Thread: one; scratch memory. Types passed in must outlive the converter (it remembers STRUCTs by address).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "planner/types/value.h"
#include "runtime/columns/column.h"
#include "runtime/serde/json_document.h"
#include "runtime/serde/json_fields.h"

namespace thalweg::runtime {

class JsonConverter {
 public:
  // Stores the value at token `at` into a cell. `document` has been checked from there on. Strings point
  // into the text where they hold no escapes. False: refused, see detail() and path().
  bool store(const JsonDocument& document, JsonDocument::Token at, const planner::SqlType& type,
             Column& column, std::uint32_t row, Arena& arena);

  // "Can't convert type. sourceType: TextNode, requiredType: INTEGER".
  const std::string& detail() const { return detail_; }
  // Below the cell: "[2].F"; the caller puts "$.COLUMN" in front.
  const std::string& path() const { return path_; }
  // The refusal of the whole value by what it is.
  static std::string refusal(std::string_view node, const planner::SqlType& type);
  static std::string_view node_name(const JsonDocument& document, JsonDocument::Token at);

 private:
  using Token = JsonDocument::Token;

  // Nested values; the cursor at_ ends behind the value.
  std::optional<planner::Value> value(const planner::SqlType& type);
  std::optional<planner::Value> flat_value(const planner::SqlType& type);
  std::optional<planner::Value> array(const planner::SqlType& type);
  std::optional<planner::Value> map(const planner::SqlType& type);
  std::optional<planner::Value> structure(const planner::SqlType& type);

  std::optional<bool> boolean(Token at);
  std::optional<std::int64_t> integer(Token at, const planner::SqlType& type);
  std::optional<std::int64_t> whole_number(Token at, const planner::SqlType& type);
  std::optional<double> floating(Token at);
  std::optional<planner::Decimal> decimal(Token at, const planner::SqlType& type);
  std::optional<std::string> bytes(Token at, const planner::SqlType& type);
  // A string's text: a view into the document or into scratch_.
  std::string_view text(Token at);
  // Any value as STRING; the same views, or scratch_.
  std::string_view as_text(Token at);
  void append_as_text(std::string& out);
  void append_compact(std::string& out);
  void append_compact_object(std::string& out);
  void append_compact_array(std::string& out);

  // The property names of a STRUCT type, by the identity of its field list.
  JsonFields& names_of(const std::vector<planner::Field>& fields);
  void skip_value();
  void refuse(Token at, const planner::SqlType& type) { detail_ = refusal(node_name(*document_, at), type); }
  void refuse_text(const planner::SqlType& type);
  bool is_number(Token at) const { return document_->lead(at) == '-' || is_digit(document_->lead(at)); }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  const JsonDocument* document_ = nullptr;
  Token at_ = 0;
  std::string detail_;
  std::string path_;
  std::string scratch_;
  std::unordered_map<const void*, std::unique_ptr<JsonFields>> names_;
};

}  // namespace thalweg::runtime
