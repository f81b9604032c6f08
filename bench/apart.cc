#include "bench/apart.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace thalweg::bench {
namespace {

constexpr char kSucceeded = '+', kFailed = '-';

// The child never returns: it tells, and waits to be killed.
[[noreturn]] void work_and_wait(const Work& work, int out) {
  const auto result = work();
  const std::string text = result ? kSucceeded + *result : kFailed + describe(result.error());
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t wrote = write(out, text.data() + at, text.size() - at);
    if (wrote <= 0) _exit(1);
    at += static_cast<std::size_t>(wrote);
  }
  close(out);
  for (;;) pause();
}

}  // namespace

Result<std::string> run_apart(const Work& work) {
  int ends[2];
  std::fflush(nullptr);
  if (pipe(ends) != 0) return Error{ErrorCode::kIo, "cannot make a pipe"};
  const pid_t child = fork();
  if (child < 0) return Error{ErrorCode::kIo, "cannot fork"};
  if (child == 0) {
    close(ends[0]);
    work_and_wait(work, ends[1]);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  if (text.empty()) return Error{ErrorCode::kInternal, "the measuring process died"};
  if (text[0] != kSucceeded) return Error{ErrorCode::kInternal, text.substr(1)};
  return text.substr(1);
}

}  // namespace thalweg::bench
