#include "tests/unit/server/fake_engine.h"

namespace thalweg::server {

using planner::SqlKind;

void PushFeed::wake() {
  std::function<void()> ready;
  {
    std::lock_guard lock(mutex_);
    ready = ready_;
  }
  if (ready) ready();
}

void PushFeed::rows(std::vector<runtime::ResultRow> rows) {
  {
    std::lock_guard lock(mutex_);
    for (auto& row : rows) rows_.push_back(std::move(row));
  }
  wake();
}

void PushFeed::finish(std::string message) {
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
    final_message_ = std::move(message);
  }
  wake();
}

void PushFeed::fail(Error error) {
  {
    std::lock_guard lock(mutex_);
    error_ = std::move(error);
  }
  wake();
}

bool PushFeed::stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_;
}

std::size_t PushFeed::waiting() const {
  std::lock_guard lock(mutex_);
  return rows_.size();
}

class FakePush final : public runtime::PushQuery {
 public:
  FakePush(std::shared_ptr<PushFeed> feed, planner::Schema schema)
      : feed_(std::move(feed)), schema_(std::move(schema)) {}
  ~FakePush() override {
    std::lock_guard lock(feed_->mutex_);
    feed_->stopped_ = true;
    feed_->ready_ = nullptr;
  }
  const std::string& id() const override { return id_; }
  const planner::Schema& schema() const override { return schema_; }
  Poll poll(std::size_t rows_max) override {
    std::lock_guard lock(feed_->mutex_);
    Poll poll;
    while (poll.rows.size() < rows_max && !feed_->rows_.empty()) {
      poll.rows.push_back(std::move(feed_->rows_.front()));
      feed_->rows_.pop_front();
    }
    poll.finished = feed_->finished_ && feed_->rows_.empty();
    poll.final_message = feed_->final_message_;
    poll.error = feed_->error_;
    return poll;
  }
  void on_ready(std::function<void()> callback) override {
    std::lock_guard lock(feed_->mutex_);
    feed_->ready_ = std::move(callback);
  }

 private:
  std::shared_ptr<PushFeed> feed_;
  planner::Schema schema_;
  std::string id_ = "transient_S_4711";
};

FakeEngine::FakeEngine() : storage_(runtime::make_memory_storage()) {
  log_ = std::move(*runtime::open_embedded_log(*storage_, clock_, {}));
  planner::DataSource source;
  source.name = "S";
  source.schema = {
      {{"ID", SqlKind::kInteger}, {"V", SqlKind::kString}, {"AMOUNT", planner::SqlType::decimal(10, 2)}}, 1};
  source.topic = "s_topic";
  source.key.format.name = "KAFKA";
  source.value.format.name = "JSON";
  source.statement =
      "CREATE STREAM S (ID INT KEY, V STRING, AMOUNT DECIMAL(10, 2)) WITH (KAFKA_TOPIC='s_topic', "
      "VALUE_FORMAT='JSON')";
  catalog_->put(source);
  source.name = "W";
  source.window = planner::WindowInfo{ast::WindowType::kTumbling, 1000};
  catalog_->put(source);
  static_cast<void>(log_->create_topic("s_topic", {}));
  static_cast<void>(log_->create_topic("_confluent-hidden", {}));
  push_schema = {{{"A", SqlKind::kString}, {"B", SqlKind::kInteger}}, 0};
  pull_result.query_id = "query_1700000000000";
  pull_result.schema = {{{"ID", SqlKind::kString}, {"N", SqlKind::kBigint}}, 1};
  pull_result.marks = {"KEY", ""};
}

Result<runtime::CommandOutcome> FakeEngine::execute(const ast::Statement& statement,
                                                    const planner::PropertyMap& session) {
  last_session = session;
  runtime::CommandOutcome outcome;
  if (std::holds_alternative<ast::InsertValues>(statement.node)) return outcome;
  outcome.sequence = executed++;
  if (const auto* create = std::get_if<ast::CreateSource>(&statement.node)) {
    if (create->name == "EXPLODES") return Error{ErrorCode::kInternal, "secret detail"};
    if (catalog_->find(create->name)) {
      outcome.warning = true;
      outcome.message =
          "Cannot add stream `" + create->name + "`: A stream with the same name already exists.";
      return outcome;
    }
    outcome.command_id = "stream/`" + create->name + "`/create";
    outcome.message = "Stream created";
  } else if (const auto* create_as = std::get_if<ast::CreateAsSelect>(&statement.node)) {
    outcome.command_id = "table/`" + create_as->name + "`/create";
    outcome.query_id = "CTAS_" + create_as->name + "_0";
    outcome.message = "Created query with ID " + outcome.query_id;
  } else {
    outcome.command_id = "other";
  }
  return outcome;
}

Result<void> FakeEngine::validate(const std::vector<ast::Statement>& statements,
                                  const planner::PropertyMap&) {
  for (const auto& statement : statements) {
    if (statement.text.find("BAD") != std::string::npos) {
      return Error{ErrorCode::kStatement, "BAD does not exist."}.with_statement(statement.text + ";");
    }
    if (const auto* lifecycle = std::get_if<ast::Lifecycle>(&statement.node);
        lifecycle != nullptr && lifecycle->query_id && *lifecycle->query_id != "CTAS_T_5") {
      return Error{ErrorCode::kStatement, "Unknown queryId: " + *lifecycle->query_id};
    }
  }
  return {};
}

Result<std::unique_ptr<runtime::PushQuery>> FakeEngine::push(const ast::Query&, const std::string&,
                                                             const planner::PropertyMap& session) {
  push_started_ = true;
  last_session = session;
  return std::unique_ptr<runtime::PushQuery>(std::make_unique<FakePush>(feed, push_schema));
}

Result<runtime::PullResult> FakeEngine::pull(const ast::Query&, const planner::PropertyMap& session) {
  last_session = session;
  if (pull_error) return *pull_error;
  return pull_result;
}

Result<planner::QueryPlan> FakeEngine::explain(const ast::Statement&, const planner::PropertyMap&) {
  return Error{ErrorCode::kStatement, "not here"};
}

Result<runtime::Engine::PullExplanation> FakeEngine::explain_pull(const ast::Query&,
                                                                  const planner::PropertyMap&) {
  if (pull_error) return *pull_error;
  PullExplanation explanation;
  explanation.plan.source = "T";
  explanation.plan.output = pull_result.schema;
  explanation.plan.output_marks = pull_result.marks;
  explanation.topology = "Topologies:\n";
  explanation.execution_plan = " > [ PROJECT ]\n";
  return explanation;
}

bool FakeEngine::close_push(const std::string& id) { return id == "transient_S_4711" && !feed->stopped(); }

runtime::Engine::InsertOutcome FakeEngine::insert_rows(const std::string& target,
                                                       const std::vector<NamedRow>& rows) {
  if (!rows.empty()) inserted[target] = rows.back();
  inserted_count += static_cast<int>(rows.size());
  return {rows.size(), std::nullopt};
}

std::vector<runtime::QueryDescription> FakeEngine::queries() const {
  planner::QueryPlan plan;
  plan.kind = planner::QueryKind::kCreateTableAs;
  plan.id = "CTAS_T_5";
  plan.statement = "CREATE TABLE T AS SELECT 1";
  plan.sources = {"S"};
  plan.sink = "T";
  runtime::QueryDescription description;
  description.plan = std::make_shared<const planner::QueryPlan>(plan);
  description.sink_topic = "T";
  description.counters.in = 7;
  return {description};
}

std::vector<runtime::QueryDescription> FakeEngine::push_queries() const {
  if (!push_started_ || feed->stopped()) return {};
  planner::QueryPlan plan;
  plan.kind = planner::QueryKind::kPush;
  plan.id = "transient_S_4711";
  plan.statement = "SELECT * FROM S EMIT CHANGES;";
  plan.sources = {"S"};
  plan.properties = {{"listeners", "http://127.0.0.1:1"}, {"auto.offset.reset", "earliest"}};
  runtime::QueryDescription description;
  description.plan = std::make_shared<const planner::QueryPlan>(plan);
  return {description};
}

// Persistent and push queries alike.
std::optional<runtime::QueryDescription> FakeEngine::query(const std::string& id) const {
  for (const auto& known : {queries(), push_queries()}) {
    for (const auto& description : known) {
      if (description.plan->id == id) return description;
    }
  }
  return std::nullopt;
}

void FakeEngine::produce(const std::string& topic, std::optional<std::string> key,
                         std::optional<std::string> value) {
  std::vector<runtime::Epoch> epochs(1);
  runtime::Epoch::Append append{{topic, PartitionId{0}}, {}};
  append.records.append(1'670'001'722'556, key ? std::optional<std::string_view>(*key) : std::nullopt,
                        value ? std::optional<std::string_view>(*value) : std::nullopt);
  epochs[0].appends.push_back(std::move(append));
  static_cast<void>(log_->commit(epochs));
}

}  // namespace thalweg::server
