// Rows of a /query response (one object per line) as they arrive, in either style.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shell/screen.h"
#include "shell/table.h"

namespace thalweg::shell {

struct RowStyle {
  bool json = false;
  bool wrap = true;
  std::size_t column_width = 0;  // 0: automatic
};

class RowPrinter {
 public:
  RowPrinter(Screen& screen, const RowStyle& style) : screen_(screen), style_(style) {}
  // One line of the response, commas and brackets between objects included. False: an error came.
  bool line(std::string_view text);
  std::int64_t row_count() const { return row_count_; }
  const std::string& error() const { return error_; }  // body of an error in the stream; empty: none

 private:
  void header(std::string_view object);
  void row(std::string_view object);

  Screen& screen_;
  RowStyle style_;
  std::optional<RowBox> box_;
  std::int64_t row_count_ = 0;
  std::string error_;
};

// The object in a line of a streamed array: without "[" in front and "," or "]" behind it.
std::string_view streamed_object(std::string_view line);

}  // namespace thalweg::shell
