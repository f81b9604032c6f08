// A table joined to another by an expression over its own columns: every left row subscribes to the key of
// the right row it names. Port 0: left. Port 1: right. Output key: the left one.
//
//   rows            both sides', see table_rows.h
//   subscriptions   see foreign_keys.h; row: one byte
//
// A left change makes at most one output row; a right change one for each subscriber, in the order of their
// keys' bytes. This operator is for sides that lie in one task; foreign_key_sides.h has the others.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/operators/foreign_keys.h"
#include "runtime/operators/merge.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {

class ForeignKeyJoinOperator final : public MergingOperator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::QueryPlan& plan,
                                                std::size_t step);
  StateStore* store() override { return &left_rows_->store(); }

 private:
  using MergingOperator::MergingOperator;
  Result<void> take(int port, Batch& batch) override;
  struct RightRows {  // by position
    std::uint8_t* found;
    std::int64_t* timestamps;
    std::vector<Column> columns;
  };
  Result<void> join_left(Batch& batch);
  Result<void> join_right(Batch& batch);
  Result<RightRows> find_right(Batch& batch, const ForeignKeys& now, const ForeignKeys& before);
  // Whether a left change leaves, and as a row or a deletion.
  enum class Outcome : std::uint8_t { kNothing, kRow, kDeletion };
  Outcome outcome(const Batch& batch, std::uint32_t row, const std::string& now, const std::string& before,
                  bool found) const;
  Result<void> emit_subscribers(const Batch& batch, std::span<const std::uint32_t> right_rows,
                                std::span<const std::string> left_keys);

  planner::Schema left_, right_;
  bool keep_unmatched_ = false;
  std::unique_ptr<ForeignKeyExpression> foreign_key_;
  std::unique_ptr<TableRows> left_rows_, right_rows_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<KeyCodec> left_codec_;
};

}  // namespace thalweg::runtime
