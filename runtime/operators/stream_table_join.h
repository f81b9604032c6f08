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
                                                const std::optional<planner::WindowInfo>& table_window);

 private:
  using MergingOperator::MergingOperator;
  // What is known of an arrival, by selected row, and of stream rows also after their turn, by position.
  struct Prepared {
    std::vector<Slot> slots;       // of the row's key; kNoSlot: none
    std::uint8_t* matched;         // stream only
    std::vector<Column> partners;  // stream only: the table's value columns
  };
  Result<void> take(int port, Batch& batch) override;
  Result<void> take_round(std::span<Arrival> arrivals, std::span<const Run> runs) override;
  Result<void> prepare(std::span<Arrival> arrivals, std::vector<Prepared>& prepared);
  Result<void> find_partners(Batch& batch, Prepared& prepared);
  Result<void> take_run(const Arrival& arrival, Prepared& prepared, const Run& run);
  Result<void> emit_joined(Batch& batch, Prepared& prepared);

  std::unique_ptr<TableRows> rows_;
  planner::Schema left_, right_;
  bool keep_unmatched_ = false;
};

// Keeps the rows of a table edge: for pull queries, and so that old values are known downstream.
class MaterializeOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const std::optional<planner::WindowInfo>& window);
  Result<void> process(int port, Batch& batch) override;
  StateStore* store() override { return &rows_->store(); }
  Result<Batch> read(const ReadRequest& request) override { return rows_->read(request); }

 private:
  using Operator::Operator;
  std::unique_ptr<TableRows> rows_;
};

}  // namespace thalweg::runtime
