// The aggregate functions of one AGGREGATE step, and how a group's row lies in the state.
//
//   row   [i64 newest event time, ms][fixed states, 8-byte multiples, in call order]
//         [RowCodec: carried columns, then growing states in call order]
//
// Without carried columns and growing states a row has a fixed size and is updated in place.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "planner/physical/steps.h"
#include "runtime/columns/batch.h"
#include "runtime/serde/row_codec.h"
#include "runtime/tasks/task_context.h"

namespace thalweg::runtime {

class AggregateCalls {
 public:
  static Result<std::unique_ptr<AggregateCalls>> make(TaskContext& context,
                                                      const planner::AggregateStep& step,
                                                      const planner::Schema& input);

  bool fixed_only() const { return carried_.empty() && boxed_.empty(); }
  std::size_t fixed_bytes() const { return fixed_bytes_; }
  void initialize(std::string& row) const;

  // Fixed-size rows: adds the batch's row rows[i] to states[i], in place, for all i in order.
  Result<void> add(const Batch& batch, Rows rows, char* const* states);
  // Any row: `state` becomes what it is after the changes, in order. Growing states are decoded and encoded
  // once, however many changes there are.
  struct Change {
    std::uint32_t row;  // of the batch
    bool undo_old, add_new;
  };
  Result<void> apply(const Batch& batch, std::span<const Change> changes, std::string& state);
  Result<void> merge(std::string_view other, std::string& state);
  // Writes carried columns and results at position `at`; strings may point into `state` unless copied.
  Result<void> results(std::string_view state, Arena& arena, std::span<Column> out, std::uint32_t at) const;

  // Types of the columns `results` fills: carried, then one per call.
  const std::vector<planner::SqlType>& result_types() const { return result_types_; }

  // The highest number that a function gives its next row, see AggregateKernel; 0: none numbers rows.
  std::int64_t next_number() const;
  void continue_at(std::int64_t number);

  static std::int64_t time_of(std::string_view state);
  static void set_time(char* state, std::int64_t time);

 private:
  struct Call {
    std::unique_ptr<AggregateKernel> kernel;
    std::vector<std::int32_t> arguments;
    std::vector<planner::SqlType> argument_types;
    planner::SqlType result;
    std::size_t offset = 0;       // fixed: into the row
    std::size_t boxed_index = 0;  // growing: among the growing states
    bool fixed = true;
  };
  Result<void> apply(const Batch& batch, const Change& change, std::string& state, planner::ValueList& tail);
  void carry(const Batch& batch, const Change& change, planner::ValueList& tail) const;
  std::span<const Column> arguments_of(const Call& call, const std::vector<Column>& columns);
  void values_of(const Call& call, const std::vector<Column>& columns, std::uint32_t row);

  std::vector<Call> calls_;
  std::vector<std::int32_t> carried_;
  std::vector<std::size_t> boxed_;  // positions in calls_
  std::size_t fixed_bytes_ = 8;
  std::unique_ptr<RowCodec> tail_codec_;
  std::vector<planner::SqlType> tail_types_, result_types_;
  planner::Schema input_;
  std::vector<Column> argument_columns_;
  planner::ValueList argument_values_;
  std::vector<char*> state_pointers_;
};

}  // namespace thalweg::runtime
