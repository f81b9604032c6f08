#include "shell/screen.h"

#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace thalweg::shell {
namespace {

constexpr std::size_t kWidthWithoutTerminal = 120;

void write_all(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

Screen::Screen()
    : out_is_terminal_(isatty(STDOUT_FILENO) != 0), error_is_terminal_(isatty(STDERR_FILENO) != 0) {}

void Screen::print(std::string_view text) {
  write_all(stdout, text);
  typed(text);
}

void Screen::note(std::string_view text) {
  write_all(stderr, text);
  typed(text);
}

void Screen::error(std::string_view text) {
  if (error_is_terminal_) write_all(stderr, "\033[31m");
  write_all(stderr, text);
  if (error_is_terminal_) write_all(stderr, "\033[0m");
  typed(text);
}

void Screen::typed(std::string_view text) {
  if (spool_.is_open()) spool_ << text << std::flush;
}

std::size_t Screen::width() const {
  winsize size = {};
  if (out_is_terminal_ && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kWidthWithoutTerminal;
}

void Screen::clear() {
  if (out_is_terminal_) write_all(stdout, "\033[H\033[2J");
}

Result<void> Screen::spool_to(const std::string& path) {
  spool_.close();
  spool_.clear();
  spool_.open(path, std::ios::app);
  if (!spool_) return Error(ErrorCode::kIo, "cannot write " + path);
  return {};
}

}  // namespace thalweg::shell
