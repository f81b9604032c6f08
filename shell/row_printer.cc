#include "shell/row_printer.h"

#include <vector>

#include <nlohmann/json.hpp>

#include "shell/json_text.h"

namespace thalweg::shell {

std::string_view streamed_object(std::string_view line) {
  while (!line.empty() && (line.front() == '[' || line.front() == ' ' || line.front() == ','))
    line.remove_prefix(1);
  while (!line.empty() && line.back() != '}') line.remove_suffix(1);
  return line;
}

bool RowPrinter::line(std::string_view text) {
  const std::string_view object = streamed_object(text);
  if (object.empty()) return true;
  if (object.starts_with("{\"errorMessage\"")) {
    const auto json = nlohmann::json::parse(object, nullptr, false);
    error_ = json.is_object() ? json["errorMessage"].dump() : std::string(object);
    return false;
  }
  if (object.starts_with("{\"@type\":\"generic_error\"")) {
    error_ = std::string(object);
    return false;
  }
  if (style_.json) {
    screen_.print(pretty_json(object) + "\n");
    row_count_ += object.starts_with("{\"row\"") ? 1 : 0;
  } else if (object.starts_with("{\"header\"")) {
    header(object);
  } else if (object.starts_with("{\"row\"")) {
    row(object);
  } else if (object.starts_with("{\"finalMessage\"")) {
    const auto json = nlohmann::json::parse(object, nullptr, false);
    if (json.is_object()) screen_.note(json.value("finalMessage", "") + "\n");
  }
  return true;
}

void RowPrinter::header(std::string_view object) {
  const auto json = nlohmann::json::parse(object, nullptr, false);
  std::string schema;
  if (json.is_object() && json["header"].is_object()) schema = json["header"].value("schema", "");
  box_.emplace(schema_names(schema), screen_.width(), style_.column_width, style_.wrap);
  screen_.print(box_->head());
}

void RowPrinter::row(std::string_view object) {
  const bool tombstone = object.find("],\"tombstone\":true") != object.npos;
  std::vector<std::string> cells;
  for (const auto element : array_elements(object, "columns")) {
    cells.push_back(tombstone && element == "null" ? "<TOMBSTONE>" : cell_of(element));
  }
  if (!box_) box_.emplace(cells, screen_.width(), style_.column_width, style_.wrap);
  screen_.print(box_->row(cells));
  ++row_count_;
}

}  // namespace thalweg::shell
