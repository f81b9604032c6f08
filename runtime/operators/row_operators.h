// Operators that look at one row at a time: filter, project, select-key, flat-map, group-by.
#pragma once

#include <memory>
#include <vector>

#include "runtime/operators/operator.h"

namespace thalweg::runtime {

using Expressions = std::vector<std::unique_ptr<CompiledExpression>>;
Result<Expressions> compile_all(const std::vector<planner::TypedPtr>& expressions, TaskContext& context);

// WHERE and HAVING. Streams: rows with a null value or for which the predicate is not true go. Tables: a row
// that stops matching becomes a deletion, one that never matched is nothing.
class FilterOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step);
  Result<void> process(int port, Batch& batch) override;

 private:
  FilterOperator(TaskContext& context, const planner::Step& step,
                 std::unique_ptr<CompiledExpression> predicate)
      : Operator(context, step), predicate_(std::move(predicate)) {}
  Result<void> process_changes(Batch& batch);
  // 1 at the positions of `rows` where the predicate holds over `columns`, else 0.
  std::uint8_t* matches(Batch& batch, const std::vector<Column>& columns, Rows rows);

  std::unique_ptr<CompiledExpression> predicate_;
  std::vector<RowError> errors_;
};

// SELECT list, and PARTITION BY / re-keying: columns are computed, key columns first.
class ProjectOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const std::vector<planner::TypedPtr>& columns, bool new_key,
                                                std::size_t input_key_count);
  Result<void> process(int port, Batch& batch) override;

 private:
  ProjectOperator(TaskContext& context, const planner::Step& step, Expressions expressions, bool new_key)
      : Operator(context, step), expressions_(std::move(expressions)), new_key_(new_key) {}
  // A key computed from values: NULL where the record has none.
  Column evaluate_key(std::size_t index, EvaluationContext& evaluation, Rows all, Rows with_new,
                      std::size_t capacity);

  Expressions expressions_;
  bool new_key_;
  std::vector<bool> reads_values_;  // per new key column
  std::vector<RowError> errors_;
};

// GROUP BY: rows get their group's key. Over a table a change whose group moves leaves as two.
class GroupByOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step);
  Result<void> process(int port, Batch& batch) override;

 private:
  GroupByOperator(TaskContext& context, const planner::Step& step, Expressions expressions)
      : Operator(context, step), expressions_(std::move(expressions)) {}
  Result<void> process_stream(Batch& batch);
  Result<void> process_changes(Batch& batch);
  std::vector<Column> evaluate(Batch& batch, const std::vector<Column>& columns, Rows rows);
  bool key_is_complete(const std::vector<Column>& columns, std::uint32_t row) const;
  void note_excluded(const std::vector<Column>& columns, std::uint32_t row);
  bool same_group(const std::vector<Column>& a, const std::vector<Column>& b, std::uint32_t row) const;

  Expressions expressions_;
  std::vector<RowError> errors_;
  std::vector<std::uint8_t> failed_;  // by row: an expression of the last evaluate() did; empty: none
};

// Table functions: zips the rows they make; shorter lists are padded with NULL.
class FlatMapOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step);
  Result<void> process(int port, Batch& batch) override;

 private:
  struct Call {
    std::string name;
    std::unique_ptr<TableKernel> kernel;
    Expressions arguments;
    planner::SqlType result;
  };
  FlatMapOperator(TaskContext& context, const planner::Step& step, std::vector<Call> calls)
      : Operator(context, step), calls_(std::move(calls)) {}

  std::vector<Call> calls_;
  std::vector<RowError> errors_;
};

}  // namespace thalweg::runtime
