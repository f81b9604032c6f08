// Each stream row meets the table's current row of its key; only stream rows make output.
// Port 0: the stream. Port 1: the table's changes.
#pragma once

#include <memory>

#include "runtime/operators/merge.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {

class StreamTableJoinOperator final : public MergingOperator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& left, const planner::Schema& right,
                                                bool windowed);

 private:
  using MergingOperator::MergingOperator;
  Result<void> take(int port, Batch& batch) override;
  Result<void> join(Batch& batch);

  std::unique_ptr<TableRows> rows_;
  planner::Schema left_, right_;
  bool keep_unmatched_ = false;
};

// Keeps the rows of a table edge: for pull queries, and so that old values are known downstream.
class MaterializeOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step);
  Result<void> process(int port, Batch& batch) override;
  StateStore* store() override { return &rows_->store(); }
  Result<Batch> read(const ReadRequest& request) override { return rows_->read(request, 0); }

 private:
  using Operator::Operator;
  std::unique_ptr<TableRows> rows_;
};

}  // namespace thalweg::runtime
