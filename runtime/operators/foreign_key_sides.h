// The foreign-key join where its sides are spread over several tasks: left rows lie by their own key, right
// rows by theirs, so a left task asks the task of the right row by message and gets its answers likewise.
//
//   left task    change → request, to the partition of its foreign key
//   right task   request → (un)subscribes the left key, answers; change → answers every subscriber
//   left task    answer → joined with the left row as it is by then; dropped if it is for a former one
//
// What becomes of a change is as in foreign_key_join.h. Changes of one left row that follow each other
// faster than the answers come may leave one result between them: the last.
//
// Source of the protocol: Kafka Streams, KIP-213 and its amendments; that a row is in the result is
// remembered here ("-joined" store, inner joins only), so that an answer which arrives too late and is
// dropped cannot leave a stale row behind.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/operators/foreign_keys.h"
#include "runtime/operators/merge.h"
#include "runtime/operators/sink.h"
#include "runtime/operators/table_rows.h"

namespace thalweg::runtime {

// Where a side sends its messages.
struct MessageHop {
  std::string topic;
  std::int32_t partitions;
};

class ForeignKeyLeftOperator final : public MergingOperator {
 public:
  static constexpr int kChanges = 0, kAnswers = 2;
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::QueryPlan& plan,
                                                std::size_t step, MessageHop requests);
  StateStore* store() override { return &left_rows_->store(); }

 private:
  void admit(int port, Batch& batch) override {
    if (port == kChanges) drop_null_keys(batch, left_.key_count, context_);
  }
  Result<void> take(int port, Batch& batch) override;
  ForeignKeyLeftOperator(TaskContext& context, const planner::Step& step, const planner::Schema& left,
                         const planner::Schema& right, MessageHop requests);
  Result<void> change(Batch& batch);
  // A change's result that needs no right row, if it has one at once.
  enum class Outcome : std::uint8_t { kNothing, kRow, kDeletion, kAsk };
  Outcome outcome(const Batch& batch, std::uint32_t row, bool names_one, bool named_one) const;
  Result<void> ask(const ForeignKeys& keys, const Batch& batch, std::uint32_t row, ForeignKeyRequest request);
  Result<void> answer(Batch& batch);
  std::uint64_t version_of(std::span<const Column> columns, std::uint32_t row);
  Result<bool> is_joined(std::string_view left_key);
  Result<void> set_joined(std::string_view left_key, bool joined);

  planner::Schema left_, right_;
  bool keep_unmatched_ = false;
  MessageHop requests_;
  Partitioner partitioner_;
  std::unique_ptr<Serializer> key_writer_;  // of the right topic: decides the partition
  std::unique_ptr<ForeignKeyExpression> foreign_key_;
  std::unique_ptr<TableRows> left_rows_;
  std::unique_ptr<StateStore> joined_;  // left keys whose row is in the result; inner joins only
  KeyCodec left_codec_;
  RowCodec left_row_codec_, right_row_codec_;
  std::string row_bytes_, key_bytes_;
};

class ForeignKeyRightOperator final : public MergingOperator {
 public:
  static constexpr int kRequests = 0, kChanges = 1;
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::QueryPlan& plan,
                                                std::size_t step, MessageHop answers);
  StateStore* store() override { return &right_rows_->store(); }

 private:
  void admit(int port, Batch& batch) override {
    if (port == kChanges) drop_null_keys(batch, right_.key_count, context_);
  }
  Result<void> take(int port, Batch& batch) override;
  ForeignKeyRightOperator(TaskContext& context, const planner::Step& step, const planner::Schema& right,
                          MessageHop answers);
  Result<void> request(Batch& batch);
  Result<void> change(Batch& batch);
  Result<void> answer(std::int32_t partition, std::int64_t timestamp, const ForeignKeyResponse& response);

  planner::Schema right_;
  MessageHop answers_;
  std::unique_ptr<ForeignKeyExpression> foreign_key_;
  std::unique_ptr<TableRows> right_rows_;
  std::unique_ptr<Subscriptions> subscriptions_;  // row: [u64 version][i32 partition of the left row]
  KeyCodec right_codec_;
  RowCodec right_row_codec_;
};

}  // namespace thalweg::runtime
