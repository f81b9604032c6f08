// What became of recent commands, for /status and for commandSequenceNumber. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "runtime/engine.h"

namespace thalweg::server {

struct CommandStatus {
  std::string status;  // SUCCESS, ERROR
  std::string message;
  std::string query_id;  // empty: none
};

class CommandStatuses {
 public:
  void record(const runtime::CommandOutcome& outcome);
  // Falls back on the catalog for commands of earlier runs of the process.
  std::optional<CommandStatus> find(const std::string& command_id, const runtime::Engine& engine) const;
  std::map<std::string, CommandStatus> all(const runtime::Engine& engine) const;
  // The command with this number has been applied.
  bool reached(std::int64_t sequence, const runtime::Engine& engine) const;

 private:
  static constexpr std::size_t kEntriesMax = 10'000;  // the oldest are forgotten

  mutable Mutex mutex_;
  std::map<std::string, CommandStatus> statuses_ THALWEG_GUARDED_BY(mutex_);
  std::deque<std::string> order_ THALWEG_GUARDED_BY(mutex_);
  std::int64_t sequence_max_ THALWEG_GUARDED_BY(mutex_) = -1;
};

}  // namespace thalweg::server
