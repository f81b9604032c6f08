// Time comes in through a Clock; base/clock.cc is the only file that asks the machine.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/ids.h"

namespace thalweg {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;            // ms since epoch
  virtual std::int64_t steady_ns() const = 0;  // never goes back; for durations only
};

// The machine's clock. Thread-safe.
const Clock& system_clock();

// A clock that moves only when told to: tests and the simulated world. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{0}) : now_ms_(start.value) {}
  WallTime now() const override { return WallTime{now_ms_.load()}; }
  std::int64_t steady_ns() const override { return now_ms_.load() * 1'000'000; }
  void set(WallTime time) { now_ms_.store(time.value); }
  void advance_ms(std::int64_t ms) { now_ms_.fetch_add(ms); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

}  // namespace thalweg
