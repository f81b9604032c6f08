#include "shell/line_editor.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <utility>

#include <histedit.h>
#include <unistd.h>

namespace thalweg::shell {
namespace {

constexpr int kHistoryEntriesMax = 1000;

}  // namespace

struct LineEditor::Impl {
  EditLine* editor = nullptr;  // null: not a terminal
  History* history = nullptr;
  std::string history_file;
  std::string prompt;
  bool cancelled = false;
};

LineEditor::LineEditor(std::string history_file) : impl_(std::make_unique<Impl>()) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) return;
  impl_->history_file = std::move(history_file);
  impl_->history = history_init();
  HistEvent event;
  ::history(impl_->history, &event, H_SETSIZE, kHistoryEntriesMax);
  ::history(impl_->history, &event, H_SETUNIQUE, 1);
  if (!impl_->history_file.empty()) ::history(impl_->history, &event, H_LOAD, impl_->history_file.c_str());

  impl_->editor = el_init("thalweg", stdin, stdout, stderr);
  el_set(impl_->editor, EL_CLIENTDATA, impl_.get());
  char* (*prompt)(EditLine*) = [](EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return static_cast<LineEditor::Impl*>(data)->prompt.data();
  };
  el_set(impl_->editor, EL_PROMPT, prompt);
  el_set(impl_->editor, EL_EDITOR, "emacs");
  el_set(impl_->editor, EL_HIST, ::history, impl_->history);
  // Ctrl-C is a key here, not a signal: it drops the line.
  unsigned char (*cancel)(EditLine*, int) = [](EditLine* editor, int) -> unsigned char {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    static_cast<LineEditor::Impl*>(data)->cancelled = true;
    return CC_EOF;
  };
  el_set(impl_->editor, EL_ADDFN, "cancel-line", "drops the line", cancel);
  el_set(impl_->editor, EL_BIND, "^C", "cancel-line", nullptr);
  el_set(impl_->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(impl_->editor, EL_SETTY, "-d", "-isig", nullptr);
}

LineEditor::~LineEditor() {
  if (impl_->editor != nullptr) el_end(impl_->editor);
  if (impl_->history != nullptr) history_end(impl_->history);
}

bool LineEditor::is_terminal() const { return impl_->editor != nullptr; }

LineEditor::Read LineEditor::read(const std::string& prompt) {
  if (impl_->editor == nullptr) {
    std::string line;
    if (!std::getline(std::cin, line)) return {Event::kEnd, ""};
    return {Event::kLine, std::move(line)};
  }
  impl_->prompt = prompt;
  impl_->cancelled = false;
  int length = 0;
  const char* text = el_gets(impl_->editor, &length);
  if (impl_->cancelled) {
    el_reset(impl_->editor);
    return {Event::kCancelled, ""};
  }
  if (text == nullptr || length <= 0) return {Event::kEnd, ""};
  std::string line(text, static_cast<std::size_t>(length));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return {Event::kLine, std::move(line)};
}

void LineEditor::remember(const std::string& input) {
  if (impl_->history == nullptr || input.empty()) return;
  std::string entry = input;
  std::replace(entry.begin(), entry.end(), '\n', ' ');
  HistEvent event;
  ::history(impl_->history, &event, H_ENTER, entry.c_str());
  if (!impl_->history_file.empty()) ::history(impl_->history, &event, H_SAVE, impl_->history_file.c_str());
}

std::vector<std::string> LineEditor::history() const {
  std::vector<std::string> entries;
  if (impl_->history == nullptr) return entries;
  HistEvent event;
  for (int more = ::history(impl_->history, &event, H_LAST); more != -1;
       more = ::history(impl_->history, &event, H_PREV)) {
    entries.emplace_back(event.str);
  }
  return entries;
}

std::string expand_history(const std::string& line, const std::vector<std::string>& history) {
  if (line.size() < 2 || line[0] != '!') return line;
  if (line == "!!") return history.empty() ? "" : history.back();
  std::size_t number = 0;
  const auto [end, code] = std::from_chars(line.data() + 1, line.data() + line.size(), number);
  if (code != std::errc{} || end != line.data() + line.size()) return line;
  return number >= 1 && number <= history.size() ? history[number - 1] : "";
}

}  // namespace thalweg::shell
