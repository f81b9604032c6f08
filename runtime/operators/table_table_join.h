// Two tables with the same primary key, joined row by row: a change of either side meets the other's current
// row. Each side's rows are kept here. Port 0: left. Port 1: right.
//
//   the other side has no row   a preserved trigger leaves padded with NULLs, or as a deletion if it had a
//   row it has one                  the new pair leaves, or a deletion if nothing remains; even if it is the
//   same
#pragma once

#include <array>
#include <memory>

#include "runtime/operators/merge.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {

class TableTableJoinOperator final : public MergingOperator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& left, const planner::Schema& right);
  StateStore* store() override { return &sides_[0].rows->store(); }

 private:
  using MergingOperator::MergingOperator;
  void admit(int port, Batch& batch) override {
    drop_null_keys(batch, sides_[static_cast<std::size_t>(port)].schema.key_count, context_);
  }
  Result<void> take(int port, Batch& batch) override;
  struct Side {
    planner::Schema schema;
    std::unique_ptr<TableRows> rows;
    bool preserved = false;  // its rows make output without a partner
  };
  // What is known of the other side, by position.
  struct Partner {
    std::uint8_t* found;
    std::vector<Column> columns;
  };
  Result<Partner> find_partners(int port, Batch& batch);
  std::vector<Column> join_columns(int port, const Batch& batch, std::vector<Column> own,
                                   const Partner& partner) const;

  std::array<Side, 2> sides_;
};

}  // namespace thalweg::runtime
