// Pull queries: a table's stored rows, or a stream from its start to its end.
#include <algorithm>

#include "parser/print.h"
#include "planner/catalog/located.h"
#include "runtime/engine/engine_impl.h"
#include "runtime/expressions/expression.h"
#include "runtime/operators/gather.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kScannedRowsMax = 1'000'000;  // of a stream

// Bounds of window starts and ends, for what has none.
ReadRequest window_bounds(const planner::WindowBounds& bounds) {
  ReadRequest request;
  request.start_min = bounds.start_min.value_or(request.start_min);
  request.start_max = bounds.start_max.value_or(request.start_max);
  request.end_min = bounds.end_min.value_or(request.end_min);
  request.end_max = bounds.end_max.value_or(request.end_max);
  return request;
}

// The first key behind every key that begins with `key`.
std::string successor(std::string key) {
  key.push_back('\0');
  return key;
}

}  // namespace

Result<PullResult> EngineImpl::pull(const ast::Query& query, const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  THALWEG_TRY(const auto plan, planner::plan_pull_query(query, context));
  if (plan.stream) return pull_stream(query, plan, session);
  return planner::located(pull_table(plan), query.where ? query.where->at : query.from.at);
}

Result<planner::QueryPlan> EngineImpl::plan_bounded_scan(const ast::Query& query,
                                                         const planner::PlanningContext& context) {
  ast::Query bounded = query;
  bounded.emit = ast::Emit::kChanges;
  return planner::plan_push_query(bounded, parser::print(query), context);
}

// A bounded push query: from the start to the ends as they are now.
Result<PullResult> EngineImpl::pull_stream(const ast::Query& query, const planner::PullPlan& pulled,
                                           const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  THALWEG_TRY(auto plan, plan_bounded_scan(query, context));
  plan.id = random_id("query_");
  plan.properties = session;
  const auto& deliver = std::get<planner::DeliverStep>(plan.steps.back().node);
  auto queue = std::make_shared<PushQueue>(kScannedRowsMax, deliver.limit);
  InputLimits limits;
  for (const auto& step : plan.steps) {
    const auto* source = std::get_if<planner::SourceStep>(&step.node);
    if (source == nullptr) continue;
    const auto topic = log_->topic(source->topic);
    for (std::int32_t partition = 0; topic && partition < topic->partitions; ++partition) {
      const TopicPartition from{source->topic, PartitionId{partition}};
      THALWEG_TRY(limits[from], log_->end_offset(from));
    }
  }
  THALWEG_TRY(const auto running,
              RunningQuery::make(environment(), std::make_shared<const planner::QueryPlan>(std::move(plan)),
                                 queue, StartAt::kEarliest));
  THALWEG_CHECK(running->limit_input(limits));
  THALWEG_CHECK(running->drain());
  queue->finish("Query Completed");
  PullResult result;
  result.query_id = "query_" + std::to_string(options_.clock->now().value);
  result.schema = pulled.output;
  result.marks = pulled.output_marks;
  auto poll = queue->take(kScannedRowsMax);
  if (poll.error) return *poll.error;
  result.rows.reserve(poll.rows.size());
  for (ResultRow& row : poll.rows) result.rows.push_back(std::move(row.values));
  result.final_message = poll.final_message;
  return result;
}

Result<std::shared_ptr<RunningQuery>> EngineImpl::queryable(const std::string& source) const {
  MutexLock lock(state_);
  for (const std::string& id : metastore_->queries_writing(source)) {
    const auto running = running_.find(id);
    if (running != running_.end() && running->second->plan().materialization) return running->second;
  }
  for (const std::string& id : metastore_->queries_reading(source)) {
    const auto running = running_.find(id);
    if (running == running_.end()) continue;
    if (running->second->plan().kind == planner::QueryKind::kSourceTable) return running->second;
  }
  return Error{
      ErrorCode::kStatement,
      "The `" + source +
          "` table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_" +
          source + " AS SELECT * FROM " + source + "'. See https://cnfl.io/queries for more info."};
}

Result<ReadRequest> EngineImpl::read_request(const planner::PullPlan& plan) {
  ReadRequest request = window_bounds(plan.access.window);
  std::vector<planner::SqlType> types;
  for (std::size_t i = 0; i < plan.input.key_count; ++i) types.push_back(plan.input.columns[i].type);
  const KeyCodec codec(types);
  const auto constant = [&](const planner::TypedPtr& expression) {
    return evaluate_constant(*expression, *options_.functions, function_environment_);
  };
  if (plan.access.kind == planner::PullAccess::Kind::kKeys) {
    request.keys.emplace();
    for (const auto& tuple : plan.access.keys) {
      planner::ValueList values;
      for (const auto& expression : tuple) {
        THALWEG_TRY(auto value, constant(expression));
        if (value.is_null()) {
          return Error{ErrorCode::kStatement, "Primary key columns can not be NULL: (" +
                                                  plan.input.columns[values.size()].name + " = null)"};
        }
        values.push_back(std::move(value));
      }
      std::string key;
      codec.encode_values(values, key);
      if (std::find(request.keys->begin(), request.keys->end(), key) == request.keys->end())
        request.keys->push_back(std::move(key));
    }
  } else if (plan.access.kind == planner::PullAccess::Kind::kRange) {
    const auto encode = [&](const planner::TypedPtr& expression, std::string& key) -> Result<void> {
      THALWEG_TRY(const auto value, constant(expression));
      codec.encode_values({&value, 1}, key);
      return {};
    };
    if (plan.access.low) {
      THALWEG_CHECK(encode(*plan.access.low, request.from));
      if (!plan.access.low_inclusive) request.from = successor(request.from);
    }
    if (plan.access.high) {
      THALWEG_CHECK(encode(*plan.access.high, request.to));
      if (plan.access.high_inclusive) request.to = successor(request.to);
    }
  }
  return request;
}

Result<EngineImpl::TableRead> EngineImpl::prepare_read(const planner::PullPlan& plan) {
  TableRead read;
  THALWEG_TRY(read.query, queryable(plan.source));
  THALWEG_CHECK(read.query->check_readable());
  THALWEG_TRY(read.request, read_request(plan));
  if (plan.predicate != nullptr) {
    THALWEG_TRY(read.predicate, compile(*plan.predicate, *options_.functions, function_environment_));
  }
  for (const auto& expression : plan.projection) {
    THALWEG_TRY(auto compiled, compile(*expression, *options_.functions, function_environment_));
    read.projection.push_back(std::move(compiled));
  }
  return read;
}

Result<PullResult> EngineImpl::pull_table(const planner::PullPlan& plan) {
  THALWEG_TRY(auto read, prepare_read(plan));
  const auto& [query, request, predicate, projection] = read;
  PullResult result;
  result.query_id = "query_" + std::to_string(options_.clock->now().value);
  result.schema = plan.output;
  result.marks = plan.output_marks;
  THALWEG_TRY(auto batches, query->read(request));
  const auto sink_columns = query->sink_columns();
  std::vector<RowError> ignored;
  for (Batch& batch : batches) {
    // Keys, window bounds, values, ROWTIME: the plan's input.
    std::vector<Column> columns;
    const auto at = [&](std::size_t i) { return batch.columns[static_cast<std::size_t>(sink_columns[i])]; };
    std::size_t next = 0;
    for (; next < plan.input.key_count; ++next) columns.push_back(at(next));
    if (plan.windowed) {
      columns.push_back({Physical::kInt64, 1, batch.window_start, nullptr});
      columns.push_back({Physical::kInt64, 1, batch.window_end, nullptr});
    }
    for (; next < sink_columns.size(); ++next) columns.push_back(at(next));
    columns.push_back({Physical::kInt64, 1, batch.timestamps, nullptr});
    EvaluationContext evaluation{*batch.arena, columns, ignored};
    Rows rows = rows_of(batch);
    if (predicate) {
      auto* passed = batch.arena->array<std::uint32_t>(rows.count);
      rows = {passed, select_true(*predicate, evaluation, rows, batch.rows, passed)};
    }
    if (plan.limit)
      rows.count =
          std::min<std::size_t>(rows.count, static_cast<std::size_t>(*plan.limit) - result.rows.size());
    std::vector<Column> output;
    for (const auto& expression : projection)
      output.push_back(expression->evaluate(evaluation, rows, batch.rows));
    for (std::size_t i = 0; i < rows.count; ++i) {
      planner::ValueList row;
      row.reserve(output.size());
      for (std::size_t c = 0; c < output.size(); ++c)
        row.push_back(value_at(output[c], plan.output.columns[c].type, rows[i]));
      result.rows.push_back(std::move(row));
    }
  }
  return result;
}

}  // namespace thalweg::runtime
