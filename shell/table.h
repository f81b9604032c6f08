// Tables for a terminal: of what the server has (entities), and of rows as they arrive.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace thalweg::shell {

// Columns on the screen; one per code point.
std::size_t display_width(std::string_view text);

//  Stream Name | Topic
// ---------------------
//  S           | s
// ---------------------
class EntityTable {
 public:
  explicit EntityTable(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

// +-----+-----+
// |A    |B    |
// +-----+-----+
// |x    |1    |
class RowBox {
 public:
  // `column_width` 0: the terminal's width divided by the columns, at least 5 each.
  RowBox(std::vector<std::string> names, std::size_t terminal_width, std::size_t column_width, bool wrap);
  std::string head() const;
  // Long cells go on in further lines, or are cut with "..." when wrapping is off.
  std::string row(const std::vector<std::string>& cells) const;

 private:
  std::string line(const std::vector<std::string>& cells) const;

  std::vector<std::string> names_;
  std::size_t width_;
  bool wrap_;
};

}  // namespace thalweg::shell
