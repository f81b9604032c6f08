// Where rows leave a task: into a topic, into an internal topic on the way to another task, to the client
// of a push query.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "planner/types/datetime_format.h"
#include "runtime/operators/operator.h"
#include "runtime/serde/row_codec.h"
#include "runtime/serde/serde.h"

namespace thalweg::runtime {

// The partition a key's bytes belong to; null keys are spread by their offset in the epoch.
class Partitioner {
 public:
  Partitioner(std::int32_t partition_count, bool single) : count_(single ? 1 : partition_count) {}
  PartitionId of(std::string_view key, bool null_key) {
    if (count_ <= 1) return PartitionId{0};
    return null_key ? PartitionId{next_++ % count_} : partition_of(key, count_);
  }

 private:
  std::int32_t count_;
  std::int32_t next_ = 0;
};

class SinkOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& input);
  Result<void> process(int port, Batch& batch) override;

 private:
  using Operator::Operator;
  // False: the row is dropped (its timestamp cannot be had).
  Result<bool> output_time(const Batch& batch, std::uint32_t row, std::int64_t& time);
  Result<void> check_decimals(const Batch& batch, std::uint32_t row);
  Error cannot_write(Error error, bool key, const Batch& batch, std::uint32_t row);
  const planner::SinkStep& sink() const { return std::get<planner::SinkStep>(step_.node); }

  std::unique_ptr<Serializer> key_writer_, value_writer_;
  std::unique_ptr<Partitioner> partitioner_;
  std::vector<Column> key_columns_, value_columns_;
  struct DecimalColumn {
    std::int32_t column;
    planner::SqlType type;
    bool key;
  };
  std::vector<DecimalColumn> decimals_;        // those that are written
  std::vector<RecordBatchBuilder*> builders_;  // per partition, of the epoch at hand
  planner::SqlType timestamp_type_;
  std::optional<planner::DateTimePattern> timestamp_pattern_;  // of a STRING timestamp column
  std::vector<RowError> errors_;
  std::string key_bytes_;
};

// Writes rows to an internal topic, from where another task of the query takes them.
//
//   key     the key columns in the repartition's format (they decide the partition)
//   value   [u8 flags: 1 has new, 2 has old, 4 key null, 8 windowed][i64 window start, i64 end when windowed]
//           [RowCodec row: key columns and values][the same for the old row]
class RepartitionWriter final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                std::string topic, std::int32_t partitions);
  Result<void> process(int port, Batch& batch) override;

 private:
  RepartitionWriter(TaskContext& context, const planner::Step& step, std::string topic,
                    std::int32_t partitions);

  std::string topic_;
  RowCodec codec_;
  std::unique_ptr<Serializer> key_writer_;
  Partitioner partitioner_;
};

// The other end of an internal topic. Unreadable internal data is fatal.
class InternalReader {
 public:
  virtual ~InternalReader() = default;
  virtual Result<Batch> read(const RecordBatchPtr& records, std::uint32_t first, std::uint32_t count,
                             bool table) const = 0;
};

// Of what a RepartitionWriter has written.
class RepartitionReader final : public InternalReader {
 public:
  explicit RepartitionReader(const planner::Schema& schema);
  Result<Batch> read(const RecordBatchPtr& records, std::uint32_t first, std::uint32_t count,
                     bool table) const override;

 private:
  planner::Schema schema_;
  RowCodec codec_;
};

// Within one task: only what a hop over a topic would do to the rows.
class PassThrough final : public Operator {
 public:
  using Operator::Operator;
  Result<void> process(int port, Batch& batch) override;
};

// Prefix of a query's internal topics.
std::string application_id(const std::string& service_id, const std::string& query_id);

}  // namespace thalweg::runtime
