// Push and pull queries.
#include <algorithm>

#include "parser/print.h"
#include "planner/catalog/located.h"
#include "runtime/engine/engine_impl.h"
#include "runtime/expressions/expression.h"
#include "runtime/operators/gather.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kPushRowsWaitingMax = 10'000;
constexpr std::size_t kPullRowsMax = 1'000'000;  // of a scan over a stream

// Whether the dialect would let the query share the consumer of the one query that writes its source, from
// now on (ksql.query.push.v2.enabled). Clients know such queries by their id; they run like others here.
bool is_shareable(const planner::QueryPlan& plan, const Metastore& metastore,
                  const planner::PropertyMap& properties) {
  if (!property_is(properties, "ksql.query.push.v2.enabled", false)) return false;
  if (property(properties, "auto.offset.reset") == "earliest" || plan.sources.size() != 1) return false;
  if (metastore.queries_writing(plan.sources.front()).size() != 1) return false;
  return std::all_of(plan.steps.begin(), plan.steps.end(), [](const planner::Step& step) {
    if (const auto* source = std::get_if<planner::SourceStep>(&step.node)) {
      using Origin = planner::SourceColumn::Origin;
      return std::none_of(source->columns.begin(), source->columns.end(), [](const auto& column) {
        return column.origin == Origin::kRowPartition || column.origin == Origin::kRowOffset;
      });
    }
    return std::holds_alternative<planner::FilterStep>(step.node) ||
           std::holds_alternative<planner::ProjectStep>(step.node) ||
           std::holds_alternative<planner::DeliverStep>(step.node);
  });
}

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

// ---- push ---------------------------------------------------------------------------------------

class EngineImpl::Push final : public PushQuery {
 public:
  Push(EngineImpl& engine, std::shared_ptr<RunningQuery> query, planner::Schema schema)
      : engine_(engine), query_(std::move(query)), schema_(std::move(schema)) {}
  ~Push() override {
    query_->push_queue()->on_ready({});
    query_->stop();
    static_cast<void>(query_->wipe());
    MutexLock lock(engine_.state_);
    engine_.pushing_.erase(id());
  }
  const std::string& id() const override { return query_->plan().id; }
  const planner::Schema& schema() const override { return schema_; }
  Poll poll(std::size_t rows_max) override { return query_->push_queue()->take(rows_max); }
  void on_ready(std::function<void()> callback) override {
    query_->push_queue()->on_ready(std::move(callback));
  }

 private:
  EngineImpl& engine_;
  std::shared_ptr<RunningQuery> query_;
  planner::Schema schema_;
};

Result<std::unique_ptr<PushQuery>> EngineImpl::push(const ast::Query& query, const std::string& text,
                                                    const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics, properties};
  THALWEG_TRY(auto plan, planner::plan_push_query(query, text, context));
  {
    MutexLock lock(state_);
    const std::int64_t limit = property_int(options_.properties, "max.push.queries", 100);
    if (static_cast<std::int64_t>(pushing_.size()) >= limit) {
      return Error{
          ErrorCode::kStatement,
          "Not executing statement(s) '" + text +
              "' as it would cause the number of active, push queries to exceed the configured limit. "
              "Current push query count: " +
              std::to_string(pushing_.size()) + ". Configured limit: " + std::to_string(limit) + "."};
    }
  }
  plan.id = is_shareable(plan, *store, properties)
                ? random_id("SCALABLE_PUSH_QUERY_")
                : random_id("transient_" +
                            (plan.sources.empty() ? std::string("QUERY") : plan.sources.front()) + "_");
  plan.properties = session;
  const auto& deliver = std::get<planner::DeliverStep>(plan.steps.back().node);
  planner::Schema schema;
  const auto& input = plan.steps[static_cast<std::size_t>(plan.steps.back().inputs.front())].schema;
  const bool named = plan.steps.back().schema.size() == deliver.columns.size();
  for (std::size_t i = 0; i < deliver.columns.size(); ++i) {
    schema.columns.push_back(named ? plan.steps.back().schema.columns[i]
                                   : input.columns[static_cast<std::size_t>(deliver.columns[i])]);
  }
  auto queue = std::make_shared<PushQueue>(kPushRowsWaitingMax, deliver.limit);
  const std::string id = plan.id;
  THALWEG_TRY(
      auto running,
      RunningQuery::make(environment(), std::make_shared<const planner::QueryPlan>(std::move(plan)), queue));
  {
    MutexLock lock(state_);
    pushing_[id] = running;
  }
  auto made = std::make_unique<Push>(*this, running, std::move(schema));
  if (changed_since(*store, running->plan().sources)) {
    made.reset();
    return push(query, text, session);
  }
  running->start();
  return std::unique_ptr<PushQuery>(std::move(made));
}

// Whether a source was dropped, and perhaps made anew, while a push query over it was planned. Once the query
// is listed, it is the dropping statement that ends it.
bool EngineImpl::changed_since(const Metastore& planned, const std::vector<std::string>& sources) const {
  const auto now = metastore();
  return std::any_of(sources.begin(), sources.end(), [&](const std::string& name) {
    return now->catalog.find(name) != planned.catalog.find(name);
  });
}

void EngineImpl::end_push_queries_over(const planner::DataSource& dropped) {
  for (const auto& query : running_push_queries()) {
    const auto& steps = query->plan().steps;
    const bool reads = std::any_of(steps.begin(), steps.end(), [&](const planner::Step& step) {
      const auto* source = std::get_if<planner::SourceStep>(&step.node);
      return source != nullptr && source->topic == dropped.topic;
    });
    if (!reads) continue;
    query->push_queue()->fail({ErrorCode::kStatement, "the query has ended because topic \"" + dropped.topic +
                                                          "\" was deleted with " + dropped.name});
  }
}

bool EngineImpl::close_push(const std::string& id) {
  std::shared_ptr<RunningQuery> query;
  {
    MutexLock lock(state_);
    const auto at = pushing_.find(id);
    if (at == pushing_.end()) return false;
    query = at->second.lock();
  }
  if (!query) return false;
  query->stop();
  query->push_queue()->finish("Query terminated");
  return true;
}

// ---- pull ---------------------------------------------------------------------------------------

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
  auto queue = std::make_shared<PushQueue>(kPullRowsMax, deliver.limit);
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
  result.is_key = pulled.output_is_key;
  auto poll = queue->take(kPullRowsMax);
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
  result.is_key = plan.output_is_key;
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
