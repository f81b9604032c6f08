// GROUP BY over windows of a number of rows: WINDOW TUMBLING (SIZE 100 ROWS).
//
// The rows of a group are numbered from 0 as they arrive; window k × advance holds the `size` rows from
// there on. WINDOWSTART and WINDOWEND are such numbers: of the first row and behind the last. EMIT FINAL: a
// window leaves with its last row. Of each group those windows are kept that hold any of the `size` rows
// before the newest window, and that one.
//
//   groups   as in aggregate.h, the window start being a row number
//   rows     key: [KeyCodec of the group key]   row: [u64 rows seen]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/operators/aggregate.h"

namespace thalweg::runtime {

class RowWindowAggregateOperator final : public AggregateOperator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& input);
  Result<void> roll_back() override;

 protected:
  Result<void> find_hits(const Batch& batch) override;
  Result<void> emit_closed() override;
  Result<void> expire() override;
  std::int64_t first_visible_start() const override { return 0; }

 private:
  using AggregateOperator::AggregateOperator;
  void hit_windows(std::uint32_t row, std::int64_t number, std::string_view group);

  std::unique_ptr<StateStore> rows_seen_;
  std::vector<std::size_t> closed_;   // hits that filled their window
  std::vector<std::string> expired_;  // store keys
};

}  // namespace thalweg::runtime
