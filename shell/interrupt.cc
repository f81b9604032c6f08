#include "shell/interrupt.h"

namespace thalweg::shell {
namespace {

volatile sig_atomic_t interrupt_flag = 0;

void on_interrupt(int) { interrupt_flag = 1; }

}  // namespace

InterruptScope::InterruptScope() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_);
}

InterruptScope::~InterruptScope() { sigaction(SIGINT, &before_, nullptr); }

bool interrupted() { return interrupt_flag != 0; }
void clear_interrupt() { interrupt_flag = 0; }

}  // namespace thalweg::shell
