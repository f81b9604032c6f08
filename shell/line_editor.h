// Lines from a person (editing, history, search) or from a pipe (plain). Wraps libedit.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace thalweg::shell {

class LineEditor {
 public:
  // `history_file` is read now and kept up to date; empty: none.
  explicit LineEditor(std::string history_file);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  enum class Event : std::uint8_t { kLine, kCancelled, kEnd };  // Ctrl-C, Ctrl-D or end of input
  struct Read {
    Event event;
    std::string line;  // without the newline
  };
  Read read(const std::string& prompt);

  bool is_terminal() const;
  void remember(const std::string& input);   // one entry, newlines become blanks
  std::vector<std::string> history() const;  // oldest first

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "!!" and "!3" stand for earlier input, counted from 1; anything else is itself. Empty: no such entry.
std::string expand_history(const std::string& line, const std::vector<std::string>& history);

}  // namespace thalweg::shell
