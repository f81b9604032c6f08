// Where records become rows. The operator decodes only the columns the plan needs; when a filter follows a
// stream directly, the predicate's columns come first and the rest only for the rows that survive.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "planner/types/datetime_format.h"
#include "runtime/operators/operator.h"
#include "runtime/operators/table_rows.h"
#include "runtime/serde/serde.h"

namespace thalweg::runtime {

// A stretch of one partition on its way into the task: row r is record first + r.
struct SourceInput {
  RecordBatchPtr records;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  Batch batch;  // timestamps, offsets, headers; no columns yet
  struct Bad {
    DecodeError error;
    bool key;
  };
  std::vector<Bad> bad;               // rows whose timestamp or window could not be had
  std::vector<std::uint8_t> dropped;  // per row, when any is; rows that never enter the query
};

class SourceOperator final : public Operator {
 public:
  // `filter`: a FilterStep right behind a stream source, run here; null: none.
  static Result<std::unique_ptr<SourceOperator>> make(TaskContext& context, const planner::Step& step,
                                                      const planner::Step* filter, bool materialize);

  // Extracts timestamps, which decide what is processed next.
  Result<SourceInput> prepare(RecordBatchPtr records, std::uint32_t first, std::uint32_t count);
  // Sends rows [from, to) of the input into the graph.
  Result<void> run(SourceInput& input, std::uint32_t from, std::uint32_t to);

  Result<void> process(int, Batch&) override { return Error{ErrorCode::kInternal, "a source has no inputs"}; }
  StateStore* store() override { return rows_ ? &rows_->store() : nullptr; }
  Result<Batch> read(const ReadRequest& request) override {
    if (!rows_) return Operator::read(request);
    return rows_->read(request);
  }

 private:
  using Operator::Operator;
  struct Part {  // a deserializer and the step columns it fills
    std::unique_ptr<Deserializer> reader;
    std::vector<std::int32_t> columns;
    bool key = false;
  };
  Result<std::optional<Part>> make_part(bool key, const std::vector<std::int32_t>& columns) const;
  // From here on row r of the batch is record first + r.
  Result<void> enter(const RecordBatch& records, std::uint32_t first, Batch& batch);
  Result<void> decode(const Part& part, const RecordBatch& records, std::uint32_t first, Batch& batch);
  void fill_pseudo_columns(const RecordBatch& records, std::uint32_t first, Batch& batch);
  void split_windows(SourceInput& input);
  void drop_bad_rows(const RecordBatch& records, std::uint32_t first, Batch& batch,
                     std::vector<DecodeError>& errors, bool key);
  void drop_null_keys(Batch& batch);
  Result<void> extract_timestamps(SourceInput& input);
  void note_bad(const RecordBatch& records, std::uint32_t record, const DecodeError& error, bool key);
  const planner::SourceStep& source() const { return std::get<planner::SourceStep>(step_.node); }

  std::optional<Part> keys_, early_values_, late_values_, timestamp_;
  std::optional<planner::DateTimePattern> timestamp_pattern_;
  std::unique_ptr<CompiledExpression> predicate_;
  std::string filter_name_;
  std::unique_ptr<TableRows> rows_;
  std::shared_ptr<TopicMeters> meters_;
  std::vector<RowError> errors_;
  std::vector<DecodeError> decode_errors_;
};

}  // namespace thalweg::runtime
