// INSERT VALUES and /inserts-stream: single rows into a source's topic.
#include <algorithm>

#include "runtime/engine/engine_impl.h"
#include "runtime/expressions/expression.h"
#include "runtime/serde/serde.h"

namespace thalweg::runtime {
namespace {

using planner::Value;

bool is_header(const planner::DataSource& source, const std::string& column) {
  return std::any_of(source.headers.begin(), source.headers.end(),
                     [&](const planner::HeaderColumn& header) { return header.name == column; });
}

}  // namespace

// Collects rows of one target into an epoch.
class EngineImpl::RowWriter {
 public:
  static Result<std::unique_ptr<RowWriter>> make(EngineImpl& engine, const planner::DataSource& target) {
    auto made = std::make_unique<RowWriter>(engine, target);
    SideSchema key{Side::kKey, target.topic, target.key, {}},
        value{Side::kValue, target.topic, target.value, {}};
    for (std::size_t i = 0; i < target.schema.size(); ++i) {
      const auto& column = target.schema.columns[i];
      if (!is_header(target, column.name))
        (i < target.schema.key_count ? key : value).fields.push_back(column);
    }
    THALWEG_TRY(made->key_writer_, make_serializer(key));
    THALWEG_TRY(made->value_writer_, make_serializer(value));
    const auto topic = engine.log_->topic(target.topic);
    if (!topic) return Error{ErrorCode::kNotFound, "topic " + target.topic + " does not exist"};
    made->partitions_ = engine.options_.single_partition ? 1 : topic->partitions;
    made->builders_.resize(static_cast<std::size_t>(made->partitions_));
    engine.traffic_.of(target.topic);
    return made;
  }
  RowWriter(EngineImpl& engine, const planner::DataSource& target) : engine_(engine), target_(target) {}

  Result<void> add(const planner::ValueList& row, std::optional<std::int64_t> time) {
    planner::ValueList keys, values;
    for (std::size_t i = 0; i < target_.schema.size(); ++i) {
      if (!is_header(target_, target_.schema.columns[i].name))
        (i < target_.schema.key_count ? keys : values).push_back(row[i]);
    }
    std::string key_bytes, value_bytes;
    THALWEG_TRY(const bool has_key, key_writer_->append_values(keys, key_bytes));
    THALWEG_TRY(const bool has_value, value_writer_->append_values(values, value_bytes));
    PartitionId partition{0};
    if (partitions_ > 1) {
      MutexLock lock(engine_.state_);
      partition = has_key ? partition_of(key_bytes, partitions_)
                          : PartitionId{static_cast<std::int32_t>(engine_.random_() %
                                                                  static_cast<std::uint64_t>(partitions_))};
    }
    builders_[static_cast<std::size_t>(partition.value)].append(
        time.value_or(engine_.options_.clock->now().value),
        has_key ? std::optional<std::string_view>(key_bytes) : std::nullopt,
        has_value ? std::optional<std::string_view>(value_bytes) : std::nullopt);
    return {};
  }

  Result<void> commit() {
    std::vector<Epoch> epochs(1);
    for (std::size_t i = 0; i < builders_.size(); ++i) {
      if (builders_[i].empty()) continue;
      epochs[0].appends.push_back(
          {{target_.topic, PartitionId{static_cast<std::int32_t>(i)}}, std::move(builders_[i])});
    }
    if (epochs[0].appends.empty()) return {};
    THALWEG_TRY(const auto offsets, engine_.log_->commit(epochs));
    static_cast<void>(offsets);
    engine_.traffic_.count_written(epochs, engine_.options_.clock->now());
    return {};
  }

 private:
  EngineImpl& engine_;
  const planner::DataSource& target_;
  std::unique_ptr<Serializer> key_writer_, value_writer_;
  std::int32_t partitions_ = 1;
  std::vector<RecordBatchBuilder> builders_;  // per partition
};

Result<void> EngineImpl::insert_values(const ast::InsertValues& insert,
                                       const planner::PropertyMap& properties) {
  if (!property_is(properties, "insert.into.values.enabled", true)) {
    return Error{ErrorCode::kQuery,
                 "The server has disabled INSERT INTO ... VALUES functionality. To enable it, restart your "
                 "ksqlDB server with 'ksql.insert.into.values.enabled'=true"};
  }
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  THALWEG_TRY(const auto rows, planner::plan_insert_values(insert, context));
  const auto target = store->catalog.find(insert.target);
  const auto failed = [&](Error error) {
    error.message = "Failed to insert values into '" + insert.target + "'. " + error.message;
    if (error.code != ErrorCode::kIo) error.code = ErrorCode::kStatement;
    return error;
  };
  auto writer = RowWriter::make(*this, *target);
  if (!writer) return failed(std::move(writer).error());
  for (const planner::InsertRow& row : rows) {
    planner::ValueList values(target->schema.size());
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
      if (row.columns[i] == nullptr) continue;
      auto value = evaluate_constant(*row.columns[i], *options_.functions, function_environment_);
      if (!value) return failed(std::move(value).error());
      values[i] = std::move(*value);
    }
    std::optional<std::int64_t> time;
    if (row.rowtime != nullptr) {
      auto given = evaluate_constant(*row.rowtime, *options_.functions, function_environment_);
      if (!given) return failed(std::move(given).error());
      if (!given->is_null()) time = given->as_int();
    }
    auto added = (*writer)->add(values, time);
    if (!added) return failed(std::move(added).error());
  }
  auto written = (*writer)->commit();
  if (!written) return failed(std::move(written).error());
  return {};
}

namespace {

Result<planner::ValueList> row_of(const planner::DataSource& target, const Engine::NamedRow& columns) {
  planner::ValueList row(target.schema.size());
  for (std::size_t i = 0; i < target.schema.size(); ++i) {
    const auto& column = target.schema.columns[i];
    const auto given = columns.find(column.name);
    if (given != columns.end() && !is_header(target, column.name)) { row[i] = given->second; }
    if (i < target.schema.key_count && row[i].is_null()) {
      return Error{ErrorCode::kQuery, "Key field must be specified: " + column.name};
    }
  }
  return row;
}

Result<planner::DataSourcePtr> insertable(const planner::Catalog& catalog, const std::string& name) {
  auto target = catalog.find(name);
  if (target == nullptr)
    return Error{ErrorCode::kStatement, "Cannot insert values into an unknown stream/table: " + name};
  if (target->window) return Error{ErrorCode::kStatement, "Cannot insert values into windowed stream/table!"};
  if (target->read_only) {
    const char* kind = target->kind == ast::SourceKind::kStream ? "stream" : "table";
    return Error{ErrorCode::kStatement,
                 std::string("Cannot insert values into read-only ") + kind + ": " + name};
  }
  return target;
}

}  // namespace

Engine::InsertOutcome EngineImpl::insert_rows(const std::string& name, const std::vector<NamedRow>& rows) {
  const auto target = insertable(metastore()->catalog, name);
  if (!target) return {0, target.error()};
  auto writer = RowWriter::make(*this, **target);
  if (!writer) return {0, std::move(writer).error()};
  InsertOutcome outcome;
  for (const NamedRow& columns : rows) {
    auto row = row_of(**target, columns);
    std::optional<std::int64_t> time;
    const auto rowtime = columns.find("ROWTIME");
    if (rowtime != columns.end() && std::holds_alternative<std::int64_t>(rowtime->second))
      time = rowtime->second.as_int();
    auto added = row ? (*writer)->add(*row, time) : Result<void>(std::move(row).error());
    if (!added) {
      outcome.error = std::move(added).error();
      break;
    }
    ++outcome.written;
  }
  auto written = (*writer)->commit();
  if (!written) return {0, std::move(written).error()};
  return outcome;
}

}  // namespace thalweg::runtime
