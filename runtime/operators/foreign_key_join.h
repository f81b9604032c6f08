// A table joined to another by an expression over its own columns: every left row subscribes to the key of
// the right row it names. Port 0: left. Port 1: right. Output key: the left one.
//
//   rows            both sides', see table_rows.h
//   subscriptions   see foreign_keys.h; row: one byte
//
// In a round all keys are looked up before the first turn, and each row is changed at its own. A left change
// makes at most one output row; a right change one for each subscriber, in the order of their
// keys' bytes. This operator is for sides that lie in one task; foreign_key_sides.h has the others.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/operators/foreign_keys.h"
#include "runtime/operators/gather.h"
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
  // What is known of an arrival's rows before their turn comes; by selected row, or by position where said.
  struct Prepared {
    std::vector<Slot> own;                // of the row's key
    ForeignKeys named;                    // left: by position
    Batch foreign;                        // left: the named keys as its only column, by position
    std::vector<Slot> right;              // left: of the row named
    std::vector<Slot> subscription;       // left: to the row named
    std::vector<std::string> subscribed;  // right: see ForeignKeyExpression::of_right
  };
  struct Pair {
    RowRef cause;
    bool of_left;  // the cause
    bool is_row;   // or a deletion
    std::int64_t time;
    RowRef right_key;           // none: no right row
    std::string_view left_key;  // if the cause is a right row
    std::string_view other;     // the other side's values, if there is a pair
  };
  // Whether a left change leaves, and as a row or a deletion.
  enum class Outcome : std::uint8_t { kNothing, kRow, kDeletion };
  void admit(int port, Batch& batch) override {
    drop_null_keys(batch, port == 0 ? left_.key_count : right_.key_count, context_);
  }
  Result<void> take(int port, Batch& batch) override;
  Result<void> take_round(std::span<Arrival> arrivals, std::span<const Run> runs) override;
  Result<std::vector<Prepared>> prepare(std::span<Arrival> arrivals);
  void prefetch(const Prepared& prepared, const Run& run) const;
  Result<void> prepare_left(Batch& batch, Prepared& prepared);
  Result<void> find_named(const Batch& batch, Prepared& prepared);
  Result<void> join_left(Batch& batch, const Prepared& prepared, const Run& run);
  Result<ForeignKeys> exchange_left(Batch& batch, const Prepared& prepared, const Run& run);
  Result<void> resubscribe(const Batch& batch, std::uint32_t row, const std::string& former,
                           const std::string& named, Slot subscription);
  Result<Slot> find_right(std::string_view foreign_key);
  Outcome outcome(const Batch& batch, std::uint32_t row, const std::string& now, const std::string& before,
                  bool found) const;
  Result<void> join_right(Batch& batch, const Prepared& prepared, const Run& run);
  Result<void> pair_subscribers(const RowRef& right);
  Result<void> emit_pairs();
  Result<std::vector<Column>> left_columns(Arena& arena) const;
  Result<std::vector<Column>> right_columns(Arena& arena) const;

  planner::Schema left_, right_;
  bool keep_unmatched_ = false;
  std::unique_ptr<ForeignKeyExpression> foreign_key_;
  std::unique_ptr<TableRows> left_rows_, right_rows_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<KeyCodec> left_codec_;

  // Scratch of one round.
  std::vector<Pair> pairs_;
  std::shared_ptr<Arena> pair_bytes_;
  KeyList subscribers_;
  std::vector<Slot> slots_;
  std::string key_bytes_;
};

}  // namespace thalweg::runtime
