#include <chrono>

#include "runtime/engine/engine_impl.h"

namespace thalweg::runtime {
namespace {
constexpr auto kTickInterval = std::chrono::milliseconds(200);
constexpr int kTicksPerMaintenance = 25;
constexpr auto kIdlePoll = std::chrono::microseconds(200);
}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
  auto engine = std::make_unique<EngineImpl>(std::move(options));
  THALWEG_CHECK(engine->start());
  return std::unique_ptr<Engine>(std::move(engine));
}

EngineImpl::EngineImpl(EngineOptions options)
    : options_(std::move(options)), metastore_(std::make_shared<const Metastore>()), random_(options_.seed) {
  if (options_.clock == nullptr) options_.clock = &system_clock();
  if (options_.functions == nullptr) options_.functions = standard_library();
  const std::string service_id = property(options_.properties, "service.id");
  service_id_ = service_id.empty() ? "default_" : service_id;
  function_environment_ = {options_.clock, options_.seed, options_.properties};
}

EngineImpl::~EngineImpl() {
  {
    std::lock_guard lock(background_mutex_);
    stopping_ = true;
  }
  background_wake_.notify_all();
  if (background_.joinable()) background_.join();
  if (scheduler_) scheduler_->stop();
  std::map<std::string, std::shared_ptr<RunningQuery>> ended;  // outside the lock: it takes their tasks' own
  {
    MutexLock lock(state_);
    ended.swap(running_);
    pushing_.clear();
  }
  ended.clear();
  if (storage_ != nullptr) static_cast<void>(storage_->flush());
}

Result<void> EngineImpl::start() {
  storage_ = options_.storage;
  if (storage_ == nullptr) {
    RocksDbOptions rocksdb;
    rocksdb.writes_are_synced = options_.durability == Durability::kSync;
    THALWEG_TRY(owned_storage_, open_rocksdb(options_.data_folder, rocksdb));
    storage_ = owned_storage_.get();
  }
  EmbeddedLogOptions log_options = options_.log;
  log_options.durability = options_.durability;
  THALWEG_TRY(log_, open_embedded_log(*storage_, *options_.clock, log_options));
  THALWEG_TRY(state_backend_, make_state_backend(*storage_, options_.state));

  const bool keeps_log = property_is(options_.properties, "logging.processing.topic.auto.create", true);
  const std::string log_topic = property(options_.properties, "logging.processing.topic.name");
  processing_log_ = std::make_unique<ProcessingLog>(
      keeps_log ? log_topic.empty() ? service_id_ + "ksql_processing_log" : log_topic : "",
      property_is(options_.properties, "logging.processing.rows.include", false));
  SchedulerOptions scheduling;
  scheduling.workers = options_.workers;
  scheduling.epoch_records_max = options_.epoch_records_max;
  scheduling.retry_initial_ms =
      property_int(options_.properties, "query.retry.backoff.initial.ms", scheduling.retry_initial_ms);
  scheduling.retry_max_ms =
      property_int(options_.properties, "query.retry.backoff.max.ms", scheduling.retry_max_ms);
  scheduler_ = std::make_unique<Scheduler>(*log_, *options_.clock, traffic_, scheduling,
                                           [this](const std::string& id, const Error& error, bool gave_up) {
                                             std::shared_ptr<RunningQuery> query;
                                             {
                                               MutexLock lock(state_);
                                               const auto at = running_.find(id);
                                               if (at != running_.end()) query = at->second;
                                             }
                                             if (query) query->failed(error, gave_up);
                                           });
  THALWEG_CHECK(create_processing_log());
  THALWEG_CHECK(replay());
  if (options_.workers > 0) {
    background_ = std::thread([this] {
      int ticks = 0;
      std::unique_lock lock(background_mutex_);
      while (!background_wake_.wait_for(lock, kTickInterval, [this] { return stopping_; })) {
        scheduler_->tick();
        if (++ticks % kTicksPerMaintenance == 0) static_cast<void>(maintain());
      }
    });
  }
  return {};
}

planner::PropertyMap EngineImpl::effective(const planner::PropertyMap& session) const {
  planner::PropertyMap all = options_.properties;
  for (const auto& [name, value] : session) all[name] = value;
  return all;
}

std::shared_ptr<const Metastore> EngineImpl::metastore() const {
  MutexLock lock(state_);
  return metastore_;
}

QueryEnvironment EngineImpl::environment() {
  return {*log_,
          *storage_,
          *state_backend_,
          *options_.clock,
          *options_.functions,
          *processing_log_,
          *scheduler_,
          traffic_,
          options_.properties,
          service_id_,
          options_.seed,
          options_.batch_rows_max,
          options_.single_partition};
}

std::string EngineImpl::random_id(const std::string& prefix) {
  MutexLock lock(state_);
  return prefix + std::to_string(random_() >> 1);
}

std::shared_ptr<const planner::Catalog> EngineImpl::catalog() const {
  const auto snapshot = metastore();
  return {snapshot, &snapshot->catalog};
}

std::vector<QueryDescription> EngineImpl::queries() const {
  std::map<std::int64_t, std::shared_ptr<RunningQuery>> ordered;
  {
    MutexLock lock(state_);
    for (const auto& [id, query] : running_) {
      const auto record = metastore_->queries.find(id);
      ordered[record == metastore_->queries.end() ? INT64_MAX : record->second.sequence] = query;
    }
  }
  std::vector<QueryDescription> descriptions;
  for (const auto& [sequence, query] : ordered) descriptions.push_back(query->describe());
  return descriptions;
}

std::optional<QueryDescription> EngineImpl::query(const std::string& id) const {
  std::shared_ptr<RunningQuery> query;
  {
    MutexLock lock(state_);
    const auto at = running_.find(id);
    if (at != running_.end()) query = at->second;
    const auto pushed = pushing_.find(id);
    if (pushed != pushing_.end()) query = pushed->second.lock();
  }
  if (!query) return std::nullopt;
  return query->describe();
}

std::vector<std::shared_ptr<RunningQuery>> EngineImpl::running_push_queries() const {
  std::vector<std::shared_ptr<RunningQuery>> queries;
  MutexLock lock(state_);
  for (const auto& [id, weak] : pushing_) {
    if (auto query = weak.lock()) queries.push_back(std::move(query));
  }
  return queries;
}

std::vector<QueryDescription> EngineImpl::push_queries() const {
  std::vector<QueryDescription> descriptions;
  for (const auto& query : running_push_queries()) descriptions.push_back(query->describe());
  return descriptions;
}

TopicTraffic EngineImpl::traffic(const std::string& topic) const {
  return traffic_.look(topic, options_.clock->now());
}

EngineStatus EngineImpl::status() const {
  MutexLock lock(state_);
  return status_;
}

Result<void> EngineImpl::run_until_idle() {
  if (options_.workers == 0) {
    for (;;) {
      THALWEG_TRY(const bool progressed, scheduler_->step());
      if (!progressed) return {};
    }
  }
  while (!scheduler_->idle()) std::this_thread::sleep_for(kIdlePoll);
  return {};
}

Result<void> EngineImpl::limit_input(const std::string& id, std::optional<InputLimits> limits) {
  std::shared_ptr<RunningQuery> query;
  {
    MutexLock lock(state_);
    const auto at = running_.find(id);
    if (at != running_.end()) query = at->second;
  }
  if (!query) return Error{ErrorCode::kNotFound, "Query with id:" + id + " does not exist"};
  return query->limit_input(limits);
}

Result<void> EngineImpl::maintain() {
  THALWEG_CHECK(state_backend_->fold(false));
  THALWEG_TRY(const auto dropped, log_->enforce_retention());
  static_cast<void>(dropped);
  return {};
}

}  // namespace thalweg::runtime
