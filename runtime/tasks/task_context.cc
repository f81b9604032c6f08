#include "runtime/tasks/task_context.h"

namespace thalweg::runtime {
namespace {
std::string persistent_key(const TaskContext& context, const std::string& name) {
  return "op/" + context.query_id + "/" + std::to_string(context.partition.value) + "/" + name;
}
}  // namespace

void TaskContext::persist(const std::string& name, std::string bytes) {
  if (durable) epoch.state.put(Space::kMeta, persistent_key(*this, name), std::move(bytes));
}

Result<std::string> TaskContext::restore(const std::string& name) const {
  if (!durable || storage == nullptr) return std::string();
  THALWEG_TRY(auto stored, storage->get(Space::kMeta, persistent_key(*this, name)));
  return stored ? std::move(*stored) : std::string();
}

RecordBatchBuilder& TaskContext::produce(const TopicPartition& to) {
  const auto [at, inserted] = append_of_.try_emplace(to, epoch.appends.size());
  if (inserted) epoch.appends.push_back({to, {}});
  return epoch.appends[at->second].records;
}

void TaskContext::forget_epoch() {
  epoch = Epoch{};
  append_of_.clear();
}

void TaskContext::report(std::vector<RowError>& errors, std::string_view prefix, const Batch& batch,
                         const std::string& step) {
  if (errors.empty()) return;
  bump(counters->errors, errors.size());
  for (const RowError& error : errors) {
    ProcessingLog::Where where;
    where.partition = batch.source_partition;
    where.offset = batch.source_offsets == nullptr ? -1 : batch.source_offsets[error.row];
    // A confined error (only an inner value became NULL) says so itself.
    const bool confined = error.message.starts_with("Error processing ");
    processing_log->record_error(*this, step, confined ? error.message : std::string(prefix) + error.message,
                                 where);
  }
  errors.clear();
}

}  // namespace thalweg::runtime
