// Ctrl-C while something runs: remembered, and asked for by whoever waits.
#pragma once

#include <signal.h>

namespace thalweg::shell {

// Makes SIGINT set the flag instead of ending the process, until the object goes.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  struct sigaction before_ = {};
};

bool interrupted();
void clear_interrupt();

}  // namespace thalweg::shell
