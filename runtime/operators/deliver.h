// Where rows leave a push query: to the queue its client reads, once their epoch is complete.
#pragma once

#include <vector>

#include "runtime/operators/operator.h"
#include "runtime/tasks/push_queue.h"

namespace thalweg::runtime {

class DeliverOperator final : public Operator {
 public:
  DeliverOperator(TaskContext& context, const planner::Step& step, const planner::Schema& input)
      : Operator(context, step), input_(input) {}
  Result<void> process(int port, Batch& batch) override;
  void committed() override;
  Result<void> roll_back() override;

 private:
  const planner::Schema& input_;
  std::vector<ResultRow> staged_;  // of the running epoch
};

}  // namespace thalweg::runtime
