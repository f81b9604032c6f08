#include "runtime/operators/deliver.h"

namespace thalweg::runtime {

Result<void> DeliverOperator::process(int, Batch& batch) {
  const auto& step = std::get<planner::DeliverStep>(step_.node);
  const Rows rows = rows_of(batch);
  std::uint64_t delivered = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    ResultRow result;
    result.tombstone = !batch.is_new(row);
    if (result.tombstone && !step_.table) {
      bump(context_.counters->filtered, 1);
      continue;
    }
    result.values.reserve(step.columns.size());
    for (const std::int32_t c : step.columns) {
      const auto column = static_cast<std::size_t>(c);
      const bool known = !result.tombstone || column < input_.key_count;
      result.values.push_back(known ? value_at(batch.columns[column], input_.columns[column].type, row)
                                    : planner::Value{});
    }
    staged_.push_back(std::move(result));
    ++delivered;
  }
  bump(context_.counters->out, delivered);
  return {};
}

void DeliverOperator::committed() {
  if (!staged_.empty()) context_.push_queue->publish(std::move(staged_));
  staged_.clear();
}

Result<void> DeliverOperator::roll_back() {
  staged_.clear();
  return {};
}

}  // namespace thalweg::runtime
