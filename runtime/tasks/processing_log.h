// Faults of single records, as JSON records in a topic that SQL can read (KSQL_PROCESSING_LOG). Lines are
// produced in the epoch of the task they come from, so each fault is logged exactly once.
// Thread: stateless; called by tasks on their workers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace thalweg::runtime {

struct TaskContext;

class ProcessingLog {
 public:
  // `topic` empty: faults are counted only.
  explicit ProcessingLog(std::string topic, bool include_rows)
      : topic_(std::move(topic)), include_rows_(include_rows) {}

  struct Where {
    std::string topic;  // source topic, when known
    std::int32_t partition = -1;
    std::int64_t offset = -1;
  };
  void deserialization_error(TaskContext& context, const std::string& step, bool key,
                             std::string_view message, const std::vector<std::string>& causes,
                             std::string_view payload, const Where& where);
  void record_error(TaskContext& context, const std::string& step, std::string_view message,
                    const Where& where);
  void serialization_error(TaskContext& context, const std::string& step, bool key, std::string_view message,
                           const std::string& topic);

  const std::string& topic() const { return topic_; }

 private:
  void write(TaskContext& context, const std::string& step, const std::string& message_json);

  std::string topic_;
  bool include_rows_;
};

}  // namespace thalweg::runtime
