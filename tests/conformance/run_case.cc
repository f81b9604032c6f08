#include "tests/conformance/run_case.h"

#include <algorithm>
#include <regex>
#include <set>

#include "parser/parser.h"
#include "runtime/engine.h"
#include "runtime/serde/serde.h"
#include "tests/conformance/compare.h"
#include "tests/conformance/exceptions.h"
#include "tests/conformance/post.h"
#include "tests/conformance/records.h"

namespace thalweg::conformance {
namespace {

constexpr std::int32_t kDefaultPartitions = 4;
// Wall-clock time stands still, late enough for what is compared with functions of the current time.
constexpr WallTime kFrozenWallTime{1'700'000'000'000};
constexpr std::size_t kReadBytes = std::size_t{64} << 20;

class CaseRun {
 public:
  CaseRun(const Case& conformance_case, std::shared_ptr<const runtime::FunctionLibrary> functions)
      : case_(conformance_case), test_(conformance_case.test), functions_(std::move(functions)) {}

  Verdict run() {
    if (!case_.malformed.empty()) return {false, case_.malformed};
    auto outcome = execute();
    const Json* expected = test_.find("expectedException");
    if (expected == nullptr || expected->is_null()) {
      if (!outcome) return {false, "failed: " + describe(outcome.error())};
      return {true, {}};
    }
    if (outcome) return {false, "an exception was expected: " + dump(*expected)};
    if (mismatch_)
      return {false, "an exception was expected: " + dump(*expected) + " but: " + outcome.error().message};
    return check_exception(*expected, outcome.error());
  }

 private:
  Result<void> execute() {
    THALWEG_CHECK(open_engine());
    THALWEG_CHECK(create_topics());
    THALWEG_CHECK(run_statements());
    const Json* inputs = test_.find("inputs");
    const Json* expected = test_.find("expectedException");
    if (expected != nullptr && (inputs == nullptr || inputs->items.empty())) return {};
    THALWEG_CHECK(write_inputs());
    THALWEG_CHECK(run_queries());
    THALWEG_CHECK(check_outputs());
    THALWEG_CHECK(check_owned_topics());
    return check_post();
  }

  Error mismatch(std::string text) {
    mismatch_ = true;
    return Error{ErrorCode::kInternal, std::move(text)};
  }

  Result<void> open_engine() {
    storage_ = runtime::make_memory_storage();
    runtime::EngineOptions options;
    options.storage = storage_.get();
    options.clock = &clock_;
    options.workers = 0;
    options.durability = runtime::Durability::kAsync;
    options.functions = functions_;
    options.single_partition = true;
    options.properties = {
        {"ksql.service.id", "some.ksql.service.id"}, {"auto.offset.reset", "earliest"},
        {"cache.max.bytes.buffering", "0"},          {"ksql.headers.columns.enabled", "true"},
        {"thalweg.type.strictness", "strict"},       {"ksql.logging.processing.topic.auto.create", "false"}};
    for (const auto& [name, value] : case_.properties) options.properties[name] = value;
    THALWEG_TRY(engine_, runtime::Engine::open(std::move(options)));
    return {};
  }

  Result<void> create_topic(const std::string& name, std::int32_t partitions, std::int32_t replicas) {
    if (engine_->log().topic(name)) return {};
    runtime::TopicConfig config;
    config.partitions = partitions;
    config.replicas = replicas;
    return engine_->log().create_topic(name, config);
  }

  // Given topics first, then those of the declaring statements, then those of records.
  Result<void> create_topics() {
    if (const Json* topics = test_.find("topics")) {
      for (const Json& topic : topics->items) {
        listed_topics_.insert(topic.kind == Json::Kind::kString ? topic.text : topic.string_or("name", ""));
        if (topic.kind == Json::Kind::kString) {
          THALWEG_CHECK(create_topic(topic.text, kDefaultPartitions, 1));
        } else {
          THALWEG_CHECK(create_topic(topic.string_or("name", ""),
                                     static_cast<std::int32_t>(topic.integer_or("partitions", 1)),
                                     static_cast<std::int32_t>(topic.integer_or("replicas", 1))));
        }
      }
    }
    std::string text;
    for (const std::string& statement : case_.statements) text += statement + "\n";
    THALWEG_TRY(statements_, parser::parse_statements(text));
    for (auto& statement : statements_) {
      if (auto* create = std::get_if<ast::CreateSource>(&statement.node))
        THALWEG_CHECK(declare_topic(*create));
    }
    for (const char* list : {"inputs", "outputs"}) {
      const Json* records = test_.find(list);
      if (records == nullptr) continue;
      for (const Json& record : records->items)
        THALWEG_CHECK(create_topic(record.string_or("topic", ""), kDefaultPartitions, 1));
    }
    return {};
  }

  // The topic of a declaration. One that the case lists keeps its own partitions: the statement's do not
  // count.
  Result<void> declare_topic(ast::CreateSource& create) {
    std::string topic;
    std::int32_t partitions = kDefaultPartitions;
    for (const auto& property : create.properties) {
      const std::string value = planner::literal_text(*property.value);
      if (property.name == "KAFKA_TOPIC") topic = value;
      if (property.name == "PARTITIONS") partitions = std::atoi(value.c_str());
    }
    if (listed_topics_.contains(topic)) {
      std::erase_if(create.properties, [](const ast::Property& property) {
        return property.name == "PARTITIONS" || property.name == "REPLICAS";
      });
    }
    if (!create.has_columns || topic.empty() || partitions <= 0) return {};
    return create_topic(topic, partitions, 1);
  }

  Result<void> run_statements() {
    planner::PropertyMap session;
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      const auto& statement = statements_[i];
      if (const auto* set = std::get_if<ast::SetProperty>(&statement.node)) {
        session[set->name] = set->value;
        continue;
      }
      if (const auto* unset = std::get_if<ast::UnsetProperty>(&statement.node)) {
        session.erase(unset->name);
        continue;
      }
      if (std::holds_alternative<ast::DefineVariable>(statement.node) ||
          std::holds_alternative<ast::UndefineVariable>(statement.node))
        continue;
      auto outcome = engine_->execute(statement, session);
      if (!outcome) {
        Error error = std::move(outcome).error();
        if (error.statement.empty()) error.statement = statement.text;
        // Once parsed, only the last statement may be the expected failure, and none where inputs are given.
        const Json* inputs = test_.find("inputs");
        const bool last = i + 1 == statements_.size() || error.code == ErrorCode::kParse;
        mismatch_ = !last || (inputs != nullptr && !inputs->items.empty());
        return error;
      }
      if (!outcome->query_id.empty()) {
        repartitions_ |=
            !std::get_if<ast::CreateSource>(&statement.node) && has_repartition(outcome->query_id);
        if (std::find(query_ids_.begin(), query_ids_.end(), outcome->query_id) == query_ids_.end())
          query_ids_.push_back(outcome->query_id);
        THALWEG_CHECK(engine_->limit_input(outcome->query_id, runtime::Engine::InputLimits{}));
      }
    }
    if (query_ids_.empty() && test_.find("expectedException") == nullptr)
      return mismatch("no persistent query");
    return {};
  }

  bool has_repartition(const std::string& id) const {
    const auto query = engine_->query(id);
    return query &&
           std::any_of(query->plan->steps.begin(), query->plan->steps.end(), [](const planner::Step& step) {
             return std::holds_alternative<planner::RepartitionStep>(step.node);
           });
  }

  const planner::DataSource* owner(const std::string& topic) const { return owner_of(topic, *engine_); }

  Result<void> write_inputs() {
    const Json* inputs = test_.find("inputs");
    if (inputs == nullptr) return {};
    for (const Json& input : inputs->items) {
      const std::string topic = input.string_or("topic", "");
      const auto* source = owner(topic);
      if (source == nullptr) return mismatch("no source reads input topic " + topic);
      const Json* window = input.find("window");
      if (window != nullptr && window->is_null()) window = nullptr;
      if ((window != nullptr) != source->window.has_value())
        return mismatch("an input of " + topic + " has a window, or none, unlike its source");
      if (input.find("value") == nullptr) return mismatch("an input of " + topic + " has no value");
      THALWEG_TRY(const auto key, encode(input.find("key"), *source, true, window));
      THALWEG_TRY(const auto value, encode(input.find("value"), *source, false, nullptr));
      std::vector<runtime::Epoch> epochs(1);
      auto& append = epochs[0].appends.emplace_back();
      append.to = {topic, PartitionId{0}};
      append.records.append(input.integer_or("timestamp", 0), key.bytes, value.bytes,
                            encode_headers(input.find("headers")));
      THALWEG_TRY(const auto offsets, engine_->log().commit(epochs));
      piped_.push_back({topic, Offset{offsets[0][0].value + 1}});
      input_topics_.insert(topic);
    }
    return {};
  }

  Result<void> advance(const std::string& query, runtime::Engine::InputLimits& limits,
                       const std::string& topic, Offset to) {
    limits[{topic, PartitionId{0}}] = to;
    THALWEG_CHECK(engine_->limit_input(query, limits));
    THALWEG_CHECK(engine_->run_until_idle());
    const auto description = engine_->query(query);
    if (description && !description->errors.empty()) {
      Error fatal{ErrorCode::kFatal, description->errors.back().message};
      return fatal;
    }
    return {};
  }

  Result<void> run_queries() {
    for (const std::string& id : query_ids_) {
      const auto description = engine_->query(id);
      if (!description) continue;  // terminated again
      std::vector<std::string> topics;
      for (const auto& step : description->plan->steps) {
        const auto* source = std::get_if<planner::SourceStep>(&step.node);
        if (source != nullptr && std::find(topics.begin(), topics.end(), source->topic) == topics.end())
          topics.push_back(source->topic);
      }
      runtime::Engine::InputLimits limits;
      for (const auto& [topic, to] : piped_) {
        if (std::find(topics.begin(), topics.end(), topic) != topics.end())
          THALWEG_CHECK(advance(id, limits, topic, to));
      }
      for (const std::string& topic : topics) {
        if (input_topics_.contains(topic)) continue;
        THALWEG_TRY(const Offset end, engine_->log().end_offset({topic, PartitionId{0}}));
        THALWEG_CHECK(advance(id, limits, topic, end));
      }
    }
    return {};
  }

  Result<void> check_outputs() {
    const Json* outputs = test_.find("outputs");
    if (outputs == nullptr) return {};
    std::vector<std::string> topics;
    for (const Json& output : outputs->items) {
      const std::string topic = output.string_or("topic", "");
      if (std::find(topics.begin(), topics.end(), topic) == topics.end()) topics.push_back(topic);
    }
    for (const std::string& topic : topics) {
      std::vector<const Json*> expected;
      for (const Json& output : outputs->items) {
        if (output.string_or("topic", "") == topic) expected.push_back(&output);
      }
      THALWEG_CHECK(check_topic(topic, expected));
    }
    return {};
  }

  Result<void> check_topic(const std::string& topic, const std::vector<const Json*>& expected) {
    const auto* source = owner(topic);
    if (source == nullptr) return mismatch("no source owns output topic " + topic);
    std::vector<std::pair<runtime::RecordBatchPtr, std::uint32_t>> records;
    THALWEG_TRY(const Offset end, engine_->log().end_offset({topic, PartitionId{0}}));
    for (Offset next{0}; next < end;) {
      THALWEG_TRY(const auto batches, engine_->log().read({topic, PartitionId{0}}, next, kReadBytes));
      if (batches.empty()) break;
      for (const auto& batch : batches) {
        for (std::uint32_t i = 0; i < batch->size(); ++i) {
          if (batch->base_offset().value + i >= next.value) records.emplace_back(batch, i);
        }
        next = batch->next_offset();
      }
    }
    std::string seen;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& [batch, at] = records[i];
      THALWEG_TRY(const std::string text,
                  check_record(*batch, at, *source, i < expected.size() ? expected[i] : nullptr, i));
      seen += "\n    " + text;
    }
    if (records.size() != expected.size()) {
      return mismatch(topic + ": expected " + std::to_string(expected.size()) + " records, got " +
                      std::to_string(records.size()) + ":" + seen);
    }
    return {};
  }

  Result<std::string> check_record(const runtime::RecordBatch& batch, std::uint32_t at,
                                   const planner::DataSource& source, const Json* expected,
                                   std::size_t index) {
    std::string_view key_bytes = batch.key(at);
    const bool null_key = batch.key_is_null(at);
    std::int64_t start = 0, end = 0;
    const bool windowed = source.window.has_value() && !null_key;
    if (windowed) {
      THALWEG_TRY(const auto split, runtime::split_window(key_bytes, *source.window));
      key_bytes = split.key;
      start = split.start_ms;
      end = split.end_ms;
    }
    auto key = decode(key_bytes, null_key, source, true);
    auto value = decode(batch.value(at), batch.value_is_null(at), source, false);
    if (!key) return mismatch("key cannot be read: " + key.error().message);
    if (!value) return mismatch("value cannot be read: " + value.error().message);
    std::string text = dump(*key) + " : " + dump(*value) + " @" + std::to_string(batch.timestamp_ms(at));
    if (windowed) text += " [" + std::to_string(start) + "," + std::to_string(end) + ")";
    if (expected == nullptr) return text;
    const bool tolerant = property_is("use.exact.numeric.comparison", "false");
    const auto wrong = [&](const std::string& what) {
      return mismatch("record " + std::to_string(index) + " of " + source.topic + ": " + what +
                      "\n    expected " + dump(*expected) + "\n    actual   " + text);
    };
    if (!matches(expected->find("key"), &*key, tolerant)) return wrong("key");
    if (!matches(expected->find("value"), &*value, tolerant)) return wrong("value");
    const Json* time = expected->find("timestamp");
    const Json* inputs = test_.find("inputs");
    const bool any_time =
        (inputs == nullptr || inputs->items.empty()) && expected->integer_or("timestamp", 0) == 0;
    if (time != nullptr && !time->is_null() && !any_time &&
        expected->integer_or("timestamp", 0) != batch.timestamp_ms(at))
      return wrong("timestamp");
    const Json* window = expected->find("window");
    const bool wants_window = window != nullptr && !window->is_null();
    if (wants_window != windowed) return wrong("window");
    if (wants_window) {
      const bool session = source.window->type == ast::WindowType::kSession;
      std::string type = window->string_or("type", "time");
      std::transform(type.begin(), type.end(), type.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if ((type == "session") != session || window->integer_or("start", 0) != start ||
          window->integer_or("end", 0) != end)
        return wrong("window");
    }
    if (encode_headers(expected->find("headers")) != batch.headers(at)) return wrong("headers");
    return text;
  }

  bool property_is(const std::string& name, const std::string& value) const {
    const auto at = case_.properties.find(name);
    return at != case_.properties.end() && at->second == value;
  }

  // Every topic belongs to a source in the end, those of the engine itself excepted.
  Result<void> check_owned_topics() {
    for (const auto& [name, config] : engine_->log().topics()) {
      if (config.internal || name.starts_with("_confluent-ksql-") || owner(name) != nullptr) continue;
      return mismatch("topic " + name + " belongs to no source");
    }
    return {};
  }

  Result<void> check_post() {
    const Json* post = test_.find("post");
    if (post == nullptr || post->is_null()) return {};
    auto checked = conformance::check_post(*post, *engine_, repartitions_);
    mismatch_ = !checked;
    return checked;
  }

  const Case& case_;
  const Json& test_;
  std::shared_ptr<const runtime::FunctionLibrary> functions_;
  ManualClock clock_{kFrozenWallTime};
  std::unique_ptr<runtime::MemoryStorage> storage_;
  std::unique_ptr<runtime::Engine> engine_;
  std::vector<ast::Statement> statements_;
  std::vector<std::string> query_ids_;
  std::vector<std::pair<std::string, Offset>> piped_;
  std::set<std::string> input_topics_, listed_topics_;
  bool repartitions_ = false;
  bool mismatch_ = false;
};

}  // namespace

Verdict run_case(const Case& conformance_case,
                 const std::shared_ptr<const runtime::FunctionLibrary>& functions) {
  return CaseRun(conformance_case, functions).run();
}

}  // namespace thalweg::conformance
