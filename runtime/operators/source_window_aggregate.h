// GROUP BY the key of a windowed source without a WINDOW clause: one group per key and window of the source.
// The windows are those that the records' keys name; no row is late, and no window ever goes.
#pragma once

#include "runtime/operators/aggregate.h"

namespace thalweg::runtime {

class SourceWindowAggregateOperator final : public AggregateOperator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& input);

 protected:
  using AggregateOperator::AggregateOperator;
  Result<void> find_hits(const Batch& batch) override;
  Result<void> expire() override { return {}; }
  std::int64_t first_visible_start() const override { return 0; }
};

}  // namespace thalweg::runtime
