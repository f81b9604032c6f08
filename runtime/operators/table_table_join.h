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
                                                const planner::Schema& left, const planner::Schema& right,
                                                const std::optional<planner::WindowInfo>& window);
  StateStore* store() override { return &sides_[0].rows->store(); }

 private:
  using MergingOperator::MergingOperator;
  void admit(int port, Batch& batch) override {
    drop_null_keys(batch, sides_[static_cast<std::size_t>(port)].schema.key_count, context_);
  }
  struct Side {
    planner::Schema schema;
    std::unique_ptr<TableRows> rows;
    bool preserved = false;  // its rows make output without a partner
  };
  // What is known of an arrival's rows, by selected row; from `old_values` on by position, after their turn.
  struct Prepared {
    std::vector<Slot> own, other;    // of the row's key, on each side
    std::vector<Column> old_values;  // of the row it replaces, if wanted
    std::uint8_t* had_row;
    std::uint8_t* found;           // whether there is a partner
    std::int64_t* timestamps;      // of the pair
    std::vector<Column> partners;  // value columns of the other side
  };
  Result<void> take(int port, Batch& batch) override;
  Result<void> take_round(std::span<Arrival> arrivals, std::span<const Run> runs) override;
  Result<void> prepare(std::span<Arrival> arrivals, std::vector<Prepared>& prepared);
  Result<void> take_run(const Arrival& arrival, Prepared& prepared, const Run& run);
  // What the rows of an arrival make; rows that make nothing are not selected.
  Batch results_of(int port, const Batch& batch, const Prepared& prepared) const;
  Result<void> emit_in_turn(std::span<const Arrival> arrivals, std::span<const Batch> results,
                            std::span<const Run> runs);
  std::vector<Column> join_columns(int port, const Batch& batch, std::vector<Column> own,
                                   const Prepared& prepared) const;
  bool wants_old(int port) const {
    return sides_[static_cast<std::size_t>(port)].preserved || step_.needs_old;
  }
  Side& own_side(int port) { return sides_[static_cast<std::size_t>(port)]; }
  Side& other_side(int port) { return sides_[static_cast<std::size_t>(1 - port)]; }

  std::array<Side, 2> sides_;
};

}  // namespace thalweg::runtime
