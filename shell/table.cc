#include "shell/table.h"

#include <algorithm>
#include <string_view>

#include "planner/types/utf8.h"

namespace thalweg::shell {
namespace {

constexpr std::size_t kColumnWidthMin = 5;

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  const std::size_t has = display_width(text);
  if (has < width) out.append(width - has, ' ');
  return out;
}

// Bytes that hold the first `columns` code points.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns && at < text.size(); ++i) planner::next_code_point(text, at);
  return at;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  do {
    const std::size_t newline = text.find('\n');
    const std::size_t cut = std::min({bytes_of(text, width), newline, text.size()});
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut == newline ? cut + 1 : cut);
  } while (!text.empty());
  return lines;
}

std::string shortened(std::string_view text, std::size_t width) {
  std::string one_line(text);
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  if (display_width(one_line) <= width) return one_line;
  const std::string_view dots("...", std::min<std::size_t>(width, 3));
  return one_line.substr(0, bytes_of(one_line, width - dots.size())).append(dots);
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++width) planner::next_code_point(text, i);
  return width;
}

std::string EntityTable::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < headers_.size(); ++c) {
    std::size_t width = display_width(headers_[c]);
    for (const auto& row : rows_) {
      for (const auto& line : wrapped(row[c], row[c].size() + 1))
        width = std::max(width, display_width(line));
    }
    widths.push_back(width);
  }
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + 3;
  const std::string rule = std::string(total > 0 ? total - 1 : 0, '-') + "\n";

  std::string out;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c)
      out += (c == 0 ? " " : "| ") + padded(cells[c], widths[c]) + " ";
    out += "\n";
  };
  add_line(headers_);
  out += rule;
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (const std::string& cell : row) {
      cells.push_back(wrapped(cell, cell.size() + 1));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t i = 0; i < height; ++i) {
      std::vector<std::string> line;
      for (const auto& cell : cells) line.push_back(i < cell.size() ? cell[i] : "");
      add_line(line);
    }
  }
  return out + rule;
}

RowBox::RowBox(std::vector<std::string> names, std::size_t terminal_width, std::size_t column_width,
               bool wrap)
    : names_(std::move(names)), width_(column_width), wrap_(wrap) {
  const std::size_t columns = std::max<std::size_t>(names_.size(), 1);
  const std::size_t share = terminal_width / columns;
  if (width_ == 0) width_ = std::max(kColumnWidthMin, share > 2 ? share - 2 : 0);
}

std::string RowBox::head() const {
  std::string rule = "+";
  for (std::size_t i = 0; i < names_.size(); ++i) rule += std::string(width_, '-') + "+";
  rule += "\n";
  return rule + row(names_) + rule;
}

std::string RowBox::line(const std::vector<std::string>& cells) const {
  std::string out = "|";
  for (const std::string& cell : cells) out += padded(cell, width_) + "|";
  return out + "\n";
}

std::string RowBox::row(const std::vector<std::string>& cells) const {
  if (!wrap_) {
    std::vector<std::string> cut;
    for (const std::string& cell : cells) cut.push_back(shortened(cell, width_));
    return line(cut);
  }
  std::vector<std::vector<std::string>> parts;
  std::size_t height = 1;
  for (const std::string& cell : cells) {
    parts.push_back(wrapped(cell, width_));
    height = std::max(height, parts.back().size());
  }
  std::string out;
  for (std::size_t i = 0; i < height; ++i) {
    std::vector<std::string> pieces;
    for (const auto& part : parts) pieces.push_back(i < part.size() ? part[i] : "");
    out += line(pieces);
  }
  return out;
}

}  // namespace thalweg::shell
