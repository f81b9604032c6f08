// Changing statements and the command log they are kept in.
#include <algorithm>

#include "parser/parser.h"
#include "runtime/engine/engine_impl.h"

namespace thalweg::runtime {
namespace {

constexpr std::size_t kReplayBytes = std::size_t{4} << 20;

std::string command_topic(const std::string& service_id) {
  return "_confluent-ksql-" + service_id + "_command_topic";
}

Error unreadable_commands(const Error& error) {
  return Error{error.code, "the command log cannot be read: " + error.message}.with_hint(
      "restore a backup of the data folder");
}

constexpr const char* kProcessingLogColumns =
    "logger VARCHAR, level VARCHAR, time BIGINT, message STRUCT<type INT, "
    "deserializationError STRUCT<target VARCHAR, errorMessage VARCHAR, recordB64 VARCHAR, cause "
    "ARRAY<VARCHAR>, `TOPIC` VARCHAR>, "
    "recordProcessingError STRUCT<errorMessage VARCHAR, record VARCHAR, cause ARRAY<VARCHAR>>, "
    "productionError STRUCT<errorMessage VARCHAR>, "
    "serializationError STRUCT<target VARCHAR, errorMessage VARCHAR, record VARCHAR, cause ARRAY<VARCHAR>, "
    "`TOPIC` VARCHAR>, "
    "kafkaStreamsThreadError STRUCT<errorMessage VARCHAR, threadName VARCHAR, cause ARRAY<VARCHAR>>>";

}  // namespace

Result<void> EngineImpl::create_processing_log() {
  const std::string topic = processing_log_->topic();
  if (topic.empty()) return {};
  if (!log_->topic(topic)) THALWEG_CHECK(log_->create_topic(topic, TopicConfig{}));
  traffic_.of(topic);
  if (!property_is(options_.properties, "logging.processing.stream.auto.create", true)) return {};
  const std::string given_name = property(options_.properties, "logging.processing.stream.name");
  const std::string name = given_name.empty() ? "KSQL_PROCESSING_LOG" : given_name;
  const std::string text = "CREATE STREAM `" + name + "` (" + kProcessingLogColumns +
                           ") WITH (KAFKA_TOPIC='" + topic + "', VALUE_FORMAT='JSON');";
  THALWEG_TRY(const auto statement, parser::parse_statement(text));
  const auto store = metastore();
  const EngineTopics topics(*log_, *store);
  const planner::PlanningContext context{store->catalog, options_.functions->catalog(), topics,
                                         options_.properties};
  THALWEG_TRY(auto plan,
              planner::plan_create_source(std::get<ast::CreateSource>(statement.node), text, context));
  auto next = std::make_shared<Metastore>(*store);
  next->catalog.put(std::move(plan.source));
  MutexLock lock(state_);
  metastore_ = std::move(next);
  return {};
}

Result<void> EngineImpl::replay() {
  const std::string topic = command_topic(service_id_);
  if (!log_->topic(topic)) THALWEG_CHECK(log_->create_topic(topic, TopicConfig{}));
  const TopicPartition from{topic, PartitionId{0}};
  Metastore rebuilt = *metastore();
  EngineStatus status;
  THALWEG_TRY(const Offset end, log_->end_offset(from));
  for (Offset next{0}; next < end;) {
    const auto batches = log_->read(from, next, kReplayBytes);
    if (!batches) return unreadable_commands(batches.error());
    if (batches->empty()) break;
    for (const auto& batch : *batches) {
      for (std::uint32_t i = 0; i < batch->size(); ++i) {
        const std::int64_t sequence = batch->base_offset().value + i;
        ++status.commands;
        auto command = command_from_json(batch->value(i));
        auto applied = command ? rebuilt.apply(*command, sequence) : Result<void>(command.error());
        if (applied) continue;
        status.degraded = true;
        status.detail +=
            "command " + std::to_string(sequence) + " was skipped: " + applied.error().message + "\n";
      }
      next = batch->next_offset();
    }
  }
  // Topics that a crash kept from being created.
  for (const auto& [name, config] : rebuilt.planned_topics) {
    if (!log_->topic(name)) THALWEG_CHECK(log_->create_topic(name, config));
  }
  skipped_commands_ = status.detail.substr(0, status.detail.find_last_not_of('\n') + 1);
  const auto records = rebuilt.queries;
  // What a skipped command made is not known here, so nothing can be called leaked.
  if (!status.degraded) THALWEG_CHECK(delete_leaked_topics(records));
  {
    MutexLock lock(state_);
    metastore_ = std::make_shared<const Metastore>(std::move(rebuilt));
  }
  for (const auto& [id, record] : records) {
    auto started = start_query(record);
    if (started) continue;
    auto broken = RunningQuery::broken(environment(), record.plan, started.error());
    {
      MutexLock lock(state_);
      running_[id] = std::move(broken);
    }
    status.degraded = true;
    status.detail += "query " + id + " could not be resumed: " + started.error().message + "\n";
  }
  MutexLock lock(state_);
  status_ = std::move(status);
  return {};
}

// Internal topics of queries that are no more: of push queries, or of those a crash kept from being wiped.
Result<void> EngineImpl::delete_leaked_topics(const std::map<std::string, QueryRecord>& queries) {
  for (const auto& topic : log_->topics()) {
    const std::string& name = topic.first;
    if (!topic.second.internal) continue;
    const bool owned = std::any_of(queries.begin(), queries.end(), [&](const auto& query) {
      return name.starts_with(application_id(service_id_, query.first) + "-");
    });
    if (!owned) THALWEG_CHECK(log_->delete_topic(name));
  }
  return {};
}

Result<std::int64_t> EngineImpl::append_command(const Command& command) {
  std::vector<Epoch> epochs(1);
  auto& append = epochs[0].appends.emplace_back();
  append.to = {command_topic(service_id_), PartitionId{0}};
  append.records.append(options_.clock->now().value, "\"" + command.id + "\"", to_json(command));
  auto committed = log_->commit(epochs);
  if (!committed) {
    Error error = std::move(committed).error();
    error.message = "Could not write the statement into the command topic. " + error.message;
    return error;
  }
  return committed->at(0).at(0).value;
}

Result<void> EngineImpl::start_query(const QueryRecord& record) {
  THALWEG_TRY(auto query, RunningQuery::make(environment(), record.plan, nullptr));
  if (record.paused) query->pause(true);
  {
    MutexLock lock(state_);
    running_[record.plan->id] = query;
  }
  query->start();
  return {};
}

Result<void> EngineImpl::stop_queries(const std::vector<std::string>& ids, bool wipe) {
  for (const std::string& id : ids) {
    std::shared_ptr<RunningQuery> query;
    {
      MutexLock lock(state_);
      const auto at = running_.find(id);
      if (at == running_.end()) continue;
      query = at->second;
      running_.erase(at);
    }
    query->stop();
    query->close();
    if (wipe) THALWEG_CHECK(query->wipe());
  }
  return {};
}

Result<void> EngineImpl::carry_out(const Command& command, const Metastore& next) {
  if (command.topic_config && !log_->topic(command.topic)) {
    THALWEG_CHECK(log_->create_topic(command.topic, *command.topic_config));
  }
  if (command.kind == Command::Kind::kPause || command.kind == Command::Kind::kResume) {
    MutexLock lock(state_);
    for (const std::string& id : command.query_ids) {
      const auto query = running_.find(id);
      if (query != running_.end()) query->second->pause(command.kind == Command::Kind::kPause);
    }
    return {};
  }
  THALWEG_CHECK(stop_queries(command.query_ids, true));
  if (command.query) {
    THALWEG_CHECK(stop_queries({command.query->id}, false));  // a replaced one keeps state and positions
    THALWEG_CHECK(start_query(next.queries.at(command.query->id)));
  }
  return {};
}

// Push queries over the topic end first, so that they say why, and again afterwards: one may have begun.
Result<void> EngineImpl::delete_topic_of(const planner::DataSource& source) {
  if (!log_->topic(source.topic)) return {};
  end_push_queries_over(source);
  THALWEG_CHECK(log_->delete_topic(source.topic));
  end_push_queries_over(source);
  traffic_.forget(source.topic);
  return {};
}

Result<CommandOutcome> EngineImpl::execute(const ast::Statement& statement,
                                           const planner::PropertyMap& session) {
  const planner::PropertyMap properties = effective(session);
  if (const auto* insert = std::get_if<ast::InsertValues>(&statement.node)) {
    THALWEG_CHECK(insert_values(*insert, properties));
    return CommandOutcome{};
  }
  // New commands would be checked against less than what the log says.
  if (!skipped_commands_.empty()) {
    return Error{ErrorCode::kStatement,
                 "The server is degraded and takes no statement that changes anything: " + skipped_commands_};
  }
  MutexLock one_at_a_time(statements_);
  const auto store = metastore();
  THALWEG_TRY(const Offset sequence, log_->end_offset({command_topic(service_id_), PartitionId{0}}));
  const PlanningRequest request{*store, *log_, *options_.functions, properties, session, sequence.value};
  THALWEG_TRY(const PlannedStatement planned, plan_statement(statement, request));
  CommandOutcome outcome;
  if (!planned.command) {
    outcome.message = planned.warning;
    outcome.warning = true;
    return outcome;
  }
  const Command& command = *planned.command;
  auto next = std::make_shared<Metastore>(*store);
  THALWEG_CHECK(next->apply(command, sequence.value));
  // A query that cannot be built must not get into the log: building it once tells.
  if (command.query && command.topic_config && !log_->topic(command.topic)) {
    THALWEG_CHECK(log_->create_topic(command.topic, *command.topic_config));
  }
  THALWEG_TRY(outcome.sequence, append_command(command));
  const auto dropped =
      command.kind == Command::Kind::kDropSource ? store->catalog.find(command.name) : nullptr;
  {
    MutexLock lock(state_);
    metastore_ = next;
    ++status_.commands;
  }
  auto done = carry_out(command, *next);
  if (done && dropped != nullptr && command.delete_topic) done = delete_topic_of(*dropped);
  if (!done) {
    if (command.query) {
      // Take the query back, in the log too, so that a restart does not stumble over it again.
      Command undo;
      undo.kind = Command::Kind::kTerminate;
      undo.id = "terminate/" + command.query->id + "/execute";
      undo.statement = "TERMINATE " + command.query->id + ";";
      undo.query_ids = {command.query->id};
      auto reverted = std::make_shared<Metastore>(*next);
      THALWEG_CHECK(reverted->apply(undo, outcome.sequence));
      if (command.kind == Command::Kind::kCreateAs && store->catalog.find(command.query->sink) == nullptr) {
        reverted->catalog.remove(command.query->sink);
        reverted->lineage.erase(command.query->sink);
        undo.kind = Command::Kind::kDropSource;
        undo.name = command.query->sink;
      }
      THALWEG_TRY(const auto at, append_command(undo));
      static_cast<void>(at);
      MutexLock lock(state_);
      metastore_ = reverted;
    }
    return std::move(done).error();
  }
  outcome.command_id = command.id;
  outcome.message = planned.message;
  outcome.query_id = planned.query_id;
  return outcome;
}

Result<void> EngineImpl::validate(const std::vector<ast::Statement>& statements,
                                  const planner::PropertyMap& session) {
  Metastore sandbox = *metastore();
  planner::PropertyMap overrides = session;
  THALWEG_TRY(const Offset end, log_->end_offset({command_topic(service_id_), PartitionId{0}}));
  std::int64_t sequence = end.value;
  for (const ast::Statement& statement : statements) {
    if (const auto* set = std::get_if<ast::SetProperty>(&statement.node)) {
      overrides[set->name] = set->value;
      continue;
    }
    if (const auto* unset = std::get_if<ast::UnsetProperty>(&statement.node)) {
      overrides.erase(unset->name);
      continue;
    }
    const planner::PropertyMap properties = effective(overrides);
    if (const auto* insert = std::get_if<ast::InsertValues>(&statement.node)) {
      const EngineTopics topics(*log_, sandbox);
      const planner::PlanningContext context{sandbox.catalog, options_.functions->catalog(), topics,
                                             properties};
      auto rows = planner::plan_insert_values(*insert, context);
      if (!rows) return std::move(rows).error().with_statement(statement.text + ";");
      continue;
    }
    const bool changes = std::visit(
        [](const auto& node) {
          using Node = std::decay_t<decltype(node)>;
          return std::is_same_v<Node, ast::CreateSource> || std::is_same_v<Node, ast::CreateAsSelect> ||
                 std::is_same_v<Node, ast::InsertInto> || std::is_same_v<Node, ast::DropSource> ||
                 std::is_same_v<Node, ast::AlterSource> || std::is_same_v<Node, ast::CreateType> ||
                 std::is_same_v<Node, ast::DropType> || std::is_same_v<Node, ast::Lifecycle>;
        },
        statement.node);
    if (!changes) continue;
    const PlanningRequest request{sandbox, *log_, *options_.functions, properties, overrides, sequence};
    auto planned = plan_statement(statement, request);
    if (!planned) return std::move(planned).error().with_statement(statement.text + ";");
    if (!planned->command) continue;
    THALWEG_CHECK(sandbox.apply(*planned->command, sequence));
    ++sequence;
  }
  return {};
}

}  // namespace thalweg::runtime
