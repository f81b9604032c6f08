// Where the shell prints: results to stdout, everything else to stderr; SPOOL copies both to a file.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

#include "base/result.h"

namespace thalweg::shell {

class Screen {
 public:
  Screen();
  void print(std::string_view text);  // to stdout, at once
  void note(std::string_view text);   // to stderr: progress and messages
  void error(std::string_view text);  // to stderr, red on a terminal
  void typed(std::string_view text);  // into the spool only
  bool is_terminal() const { return out_is_terminal_; }
  std::size_t width() const;  // of the terminal, or 120
  void clear();               // empties a terminal

  Result<void> spool_to(const std::string& path);
  void spool_off() { spool_.close(); }

 private:
  bool out_is_terminal_;
  bool error_is_terminal_;
  std::ofstream spool_;
};

}  // namespace thalweg::shell
