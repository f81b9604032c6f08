#include "runtime/engine/running_query.h"

#include <algorithm>

#include "runtime/engine/statement_planner.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kErrorsMax = 10;

StartAt start_of(const planner::PropertyMap& properties) {
  const std::string reset = property(properties, "auto.offset.reset");
  if (reset == "earliest") return StartAt::kEarliest;
  if (reset == "latest") return StartAt::kLatest;
  return StartAt::kDefault;
}

}  // namespace

// Runs stored rows through the filters and projections that stand above them in the plan.
class RunningQuery::ReadPath {
 public:
  static Result<std::unique_ptr<ReadPath>> make(std::unique_ptr<TaskContext> context,
                                                const planner::QueryPlan& plan, Operator& stored) {
    auto path = std::make_unique<ReadPath>();
    path->context_ = std::move(context);
    path->stored_ = &stored;
    Operator* previous = nullptr;
    for (const std::int32_t step : plan.materialization->above) {
      THALWEG_TRY(auto made, make_operator(*path->context_, plan, static_cast<std::size_t>(step)));
      if (previous != nullptr) previous->connect(*made, 0);
      previous = made.get();
      path->chain_.push_back(std::move(made));
    }
    path->collector_ = std::make_unique<Collector>(*path->context_, stored.step());
    if (previous != nullptr) previous->connect(*path->collector_, 0);
    return path;
  }

  Result<std::vector<Batch>> read(const ReadRequest& request) {
    THALWEG_TRY(Batch batch, stored_->read(request));
    collector_->batches.clear();
    if (batch.selected == 0) return std::vector<Batch>{};
    Operator& first = chain_.empty() ? *collector_ : *chain_.front();
    THALWEG_CHECK(first.process(0, batch));
    return std::move(collector_->batches);
  }

 private:
  class Collector final : public Operator {
   public:
    using Operator::Operator;
    Result<void> process(int, Batch& batch) override {
      auto* kept = batch.arena->array<std::uint32_t>(batch.selected);
      std::size_t count = 0;
      for (std::size_t i = 0; i < batch.selected; ++i) {
        if (batch.is_new(batch.row_at(i))) kept[count++] = batch.row_at(i);
      }
      select(batch, kept, count);
      if (count > 0) batches.push_back(batch);
      return {};
    }
    std::vector<Batch> batches;
  };

  std::unique_ptr<TaskContext> context_;
  std::vector<std::unique_ptr<Operator>> chain_;
  std::unique_ptr<Collector> collector_;
  Operator* stored_ = nullptr;
};

RunningQuery::RunningQuery(const QueryEnvironment& environment,
                           std::shared_ptr<const planner::QueryPlan> plan)
    : environment_(environment), plan_(std::move(plan)), properties_(environment.server_properties) {
  for (const auto& [name, value] : plan_->properties) properties_[name] = value;
}

RunningQuery::~RunningQuery() { stop(); }

std::unique_ptr<TaskContext> RunningQuery::make_context(PartitionId partition, bool durable) {
  auto context = std::make_unique<TaskContext>();
  context->query_id = plan_->id;
  context->partition = partition;
  context->clock = &environment_.clock;
  context->library = &environment_.functions;
  context->environment = {&environment_.clock, environment_.seed, properties_};
  context->state = &environment_.state;
  context->storage = durable ? &environment_.storage : nullptr;
  context->log = &environment_.log;
  context->counters = &counters_;
  context->traffic = &environment_.traffic;
  context->processing_log = &environment_.processing_log;
  context->push_queue = push_queue_;
  context->durable = durable;
  context->coalesce = property(properties_, "cache.max.bytes.buffering") != "0";
  context->throw_on_invalid_timestamp = property_is(properties_, "timestamp.throw.on.invalid", false);
  context->fail_on_deserialization_error = property_is(properties_, "fail.on.deserialization.error", false);
  context->single_partition = environment_.single_partition;
  context->batch_rows_max = environment_.batch_rows_max;
  context->emit_interval_ms =
      property_int(properties_, "__emit.interval.ms.kstreams.windowed.aggregation__", 1000);
  context->sweep_interval_ms =
      property_int(properties_, "__emit.interval.ms.kstreams.outer.join.spurious.results.fix__", 1000);
  return context;
}

Result<std::shared_ptr<RunningQuery>> RunningQuery::make(const QueryEnvironment& environment,
                                                         std::shared_ptr<const planner::QueryPlan> plan,
                                                         std::shared_ptr<PushQueue> push_queue,
                                                         std::optional<StartAt> start) {
  std::shared_ptr<RunningQuery> query(new RunningQuery(environment, std::move(plan)));
  const bool durable = push_queue == nullptr;
  query->push_queue_ = std::move(push_queue);
  const std::string application = application_id(environment.service_id, query->plan_->id);
  // A push query sees all its rows in one task, so that nothing has to be moved over topics that outlive it.
  THALWEG_TRY(query->topology_,
              cut_into_tasks(*query->plan_, environment.log, application, environment.single_partition));
  for (const auto& internal : query->topology_.internal_topics) {
    TopicConfig config;
    config.partitions = internal.partitions;
    config.internal = true;
    if (!environment.log.topic(internal.name))
      THALWEG_CHECK(environment.log.create_topic(internal.name, config));
  }
  if (const auto* sink = std::get_if<planner::SinkStep>(&query->plan_->steps.back().node))
    environment.traffic.of(sink->topic);
  std::vector<Log::StoredPosition> positions;
  if (durable) { THALWEG_TRY(positions, environment.log.positions(query->plan_->id)); }
  for (std::size_t part = 0; part < query->topology_.parts.size(); ++part) {
    for (std::int32_t partition = 0; partition < query->topology_.parts[part].partitions; ++partition) {
      THALWEG_TRY(auto task, Task::make(query->make_context(PartitionId{partition}, durable), query->plan_,
                                        query->topology_, part, start.value_or(start_of(query->properties_)),
                                        positions));
      query->tasks_.push_back(std::move(task));
    }
  }
  if (durable) THALWEG_CHECK(query->store_start_positions(positions));
  if (query->plan_->materialization) {
    for (const auto& task : query->tasks_) {
      Operator* stored = task->operator_of(query->plan_->materialization->step);
      if (stored == nullptr) continue;
      THALWEG_TRY(auto path, ReadPath::make(query->make_context(task->context().partition, false),
                                            *query->plan_, *stored));
      query->read_paths_.emplace_back(task, std::move(path));
    }
  }
  return query;
}

std::shared_ptr<RunningQuery> RunningQuery::broken(const QueryEnvironment& environment,
                                                   std::shared_ptr<const planner::QueryPlan> plan,
                                                   const Error& error) {
  std::shared_ptr<RunningQuery> query(new RunningQuery(environment, std::move(plan)));
  query->broken_ = error;
  query->failed(error, true);
  const std::string application = application_id(environment.service_id, query->plan_->id);
  auto topology = cut_into_tasks(*query->plan_, environment.log, application, environment.single_partition);
  if (topology) query->topology_ = std::move(*topology);  // wipe() deletes its internal topics
  return query;
}

// Where a query begins is decided once: "latest" must not mean something else after a restart.
Result<void> RunningQuery::store_start_positions(const std::vector<Log::StoredPosition>& known) {
  std::vector<Epoch> epochs(1);
  for (const auto& task : tasks_) {
    for (const auto& begin : task->committed_positions()) {
      const bool stored = std::any_of(known.begin(), known.end(),
                                      [&](const auto& position) { return position.from == begin.first; });
      if (!stored) epochs[0].positions.push_back({plan_->id, begin.first, begin.second, {}});
    }
  }
  if (epochs[0].positions.empty()) return {};
  THALWEG_TRY(const auto offsets, environment_.log.commit(epochs));
  static_cast<void>(offsets);
  return {};
}

void RunningQuery::start() {
  started_ = true;
  if (push_queue_ != nullptr) {
    push_queue_->on_space([tasks = tasks_, &scheduler = environment_.scheduler] {
      for (const auto& task : tasks) scheduler.wake(task);
    });
  }
  for (const auto& task : tasks_) environment_.scheduler.add(task);
}

void RunningQuery::stop() {
  if (push_queue_ != nullptr) push_queue_->on_space({});
  if (started_.exchange(false)) environment_.scheduler.remove(tasks_);
}

// Others may be describing or reading the query: they find closed tasks.
void RunningQuery::close() {
  for (const auto& task : tasks_) {
    FairMutexLock lock(task->mutex());
    task->close();
  }
}

Result<void> RunningQuery::wipe() {
  close();
  for (const auto& internal : topology_.internal_topics) {
    if (environment_.log.topic(internal.name)) THALWEG_CHECK(environment_.log.delete_topic(internal.name));
  }
  if (push_queue_ != nullptr) return {};
  THALWEG_CHECK(environment_.log.forget_positions(plan_->id));
  return environment_.state.wipe_query(plan_->id);
}

void RunningQuery::pause(bool paused) {
  paused_ = paused;
  for (const auto& task : tasks_) {
    task->paused = paused;
    if (!paused && started_) environment_.scheduler.wake(task);
  }
}

void RunningQuery::failed(const Error& error, bool gave_up) {
  MutexLock lock(mutex_);
  failing_ = gave_up;
  const bool user = error.code == ErrorCode::kFatal || error.code == ErrorCode::kBadRecord ||
                    error.code == ErrorCode::kNotFound;
  const bool disk = error.code == ErrorCode::kIo || error.code == ErrorCode::kCorrupted;
  errors_.push_back({environment_.clock.now(), error.message, user ? "USER" : disk ? "SYSTEM" : "UNKNOWN"});
  if (errors_.size() > kErrorsMax) errors_.erase(errors_.begin());
}

Result<void> RunningQuery::limit_input(const std::optional<Engine::InputLimits>& limits) {
  for (const auto& task : tasks_) {
    FairMutexLock lock(task->mutex());
    task->limit_input(limits);
  }
  // What is drained by its owner must never get onto a worker.
  if (started_) {
    for (const auto& task : tasks_) environment_.scheduler.wake(task);
  }
  return {};
}

Result<void> RunningQuery::drain() {
  bool progressed = true;
  while (progressed && !(push_queue_ != nullptr && push_queue_->finished())) {
    progressed = false;
    for (const auto& task : tasks_) {
      FairMutexLock lock(task->mutex());
      if (!task->has_input()) continue;
      THALWEG_TRY(const std::size_t taken, task->run(1 << 16));
      task->committed();
      if (push_queue_ != nullptr && push_queue_->full() && !push_queue_->finished()) {
        return Error{ErrorCode::kLimit, "the query has more rows than one answer may hold"}.with_hint(
            "use LIMIT, or EMIT CHANGES");
      }
      progressed |= taken > 0;
    }
  }
  return {};
}

Result<void> RunningQuery::check_readable() const {
  if (!broken_) return {};
  return Error{broken_->code, "query " + plan_->id + " could not be resumed: " + broken_->message};
}

Result<std::vector<Batch>> RunningQuery::read(const ReadRequest& request) {
  THALWEG_CHECK(check_readable());
  std::vector<Batch> all;
  for (auto& [task, path] : read_paths_) {
    FairMutexLock lock(task->mutex());
    if (task->closed()) return Error{ErrorCode::kStatement, "query " + plan_->id + " has ended"};
    THALWEG_TRY(auto batches, path->read(request));
    for (Batch& batch : batches) all.push_back(std::move(batch));
  }
  return all;
}

const planner::Schema& RunningQuery::read_schema() const {
  const auto& materialization = *plan_->materialization;
  const std::int32_t top =
      materialization.above.empty() ? materialization.step : materialization.above.back();
  return plan_->steps[static_cast<std::size_t>(top)].schema;
}

std::vector<std::int32_t> RunningQuery::sink_columns() const {
  std::vector<std::int32_t> columns;
  if (const auto* sink = std::get_if<planner::SinkStep>(&plan_->steps.back().node)) {
    columns = sink->key_columns;
    columns.insert(columns.end(), sink->value_columns.begin(), sink->value_columns.end());
    return columns;
  }
  for (std::size_t i = 0; i < read_schema().size(); ++i) columns.push_back(static_cast<std::int32_t>(i));
  return columns;
}

QueryDescription RunningQuery::describe() const {
  QueryDescription description;
  description.plan = plan_;
  description.counters = {counters_.in.load(),   counters_.out.load(), counters_.filtered.load(),
                          counters_.late.load(), counters_.bad.load(), counters_.errors.load()};
  if (const auto* sink = std::get_if<planner::SinkStep>(&plan_->steps.back().node))
    description.sink_topic = sink->topic;
  bool retrying = false;
  for (const auto& task : tasks_) {
    for (const auto& [from, next] : task->committed_positions()) {
      description.positions.push_back({from, next, environment_.log.end_offset(from).value_or(next)});
    }
    FairMutexLock lock(task->mutex());
    description.state_rows += task->state_rows();
    retrying |= task->failures > 0;
  }
  MutexLock lock(mutex_);
  description.errors = errors_;
  description.state = paused_ ? QueryState::kPaused : QueryState::kRunning;
  if (broken_ || (failing_ && retrying)) description.state = QueryState::kError;
  return description;
}

}  // namespace thalweg::runtime
