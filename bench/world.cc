#include "bench/world.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "parser/parser.h"

namespace thalweg::bench {
namespace {

constexpr std::uint32_t kRecordsPerBatch = 2000;
constexpr std::size_t kBatchesPerCommit = 32;
constexpr std::int64_t kBidsPerSecond = 10'000;  // of event time
constexpr int kProgressEvery = 5;                // commits

struct Source {
  const char* topic;
  Generator::Append append;
  // Records: bids times share, or as many as there are persons or rows of the side table.
  double share;
  const char* sql;
};

const Source kSources[] = {
    {"bid", &Generator::append_bid, 1.0, R"(
      CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,
                         date_time BIGINT, extra VARCHAR)
        WITH (kafka_topic = 'bid', partitions = 1, value_format = 'JSON');)"},
    {"person", &Generator::append_person, 0, R"(
      CREATE TABLE person (id BIGINT PRIMARY KEY, name VARCHAR, email VARCHAR, city VARCHAR, state VARCHAR)
        WITH (kafka_topic = 'person', partitions = 1, value_format = 'JSON');)"},
    {"newcomer", &Generator::append_newcomer, 0.05, R"(
      CREATE STREAM newcomer (id BIGINT KEY, name VARCHAR, email VARCHAR, city VARCHAR, state VARCHAR)
        WITH (kafka_topic = 'newcomer', partitions = 1, value_format = 'JSON');
      CREATE TABLE seller (id BIGINT PRIMARY KEY, name VARCHAR, email VARCHAR, city VARCHAR, state VARCHAR)
        WITH (kafka_topic = 'newcomer', value_format = 'JSON');)"},
    {"auction", &Generator::append_auction, 0.1, R"(
      CREATE STREAM auction (id BIGINT KEY, item VARCHAR, seller BIGINT, category BIGINT, reserve BIGINT,
                             date_time BIGINT, expires BIGINT)
        WITH (kafka_topic = 'auction', partitions = 1, value_format = 'JSON');
      CREATE TABLE auctions (id BIGINT PRIMARY KEY, item VARCHAR, seller BIGINT, category BIGINT,
                             reserve BIGINT, date_time BIGINT, expires BIGINT)
        WITH (kafka_topic = 'auction', value_format = 'JSON');)"},
    {"payment", &Generator::append_payment, 0.5, R"(
      CREATE STREAM payment (bidder BIGINT, amount BIGINT, method VARCHAR)
        WITH (kafka_topic = 'payment', partitions = 1, value_format = 'JSON');)"},
    {"account", &Generator::append_account, 0.25, R"(
      CREATE TABLE account (id BIGINT PRIMARY KEY, name VARCHAR, level BIGINT)
        WITH (kafka_topic = 'account', partitions = 1, value_format = 'JSON');)"},
    {"balance", &Generator::append_balance, 0.5, R"(
      CREATE TABLE balance (id BIGINT PRIMARY KEY, region BIGINT, amount BIGINT)
        WITH (kafka_topic = 'balance', partitions = 1, value_format = 'JSON');)"},
    {"side", &Generator::append_side, 0, R"(
      CREATE TABLE side (id BIGINT PRIMARY KEY, label VARCHAR)
        WITH (kafka_topic = 'side', partitions = 1, value_format = 'JSON');)"},
    {"reading", &Generator::append_reading, 1.0, R"(
      CREATE STREAM reading (device BIGINT, value BIGINT, unit VARCHAR)
        WITH (kafka_topic = 'reading', partitions = 1, value_format = 'JSON');)"},
};

std::int64_t status_number(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != name) continue;
    std::int64_t number = 0;
    status >> number;
    return number;
  }
  return 0;
}

}  // namespace

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double resident_mb() { return static_cast<double>(status_number("VmRSS:")) / 1024; }
std::int64_t thread_count() { return status_number("Threads:"); }

World::World(const WorldOptions& options) : options_(options) {
  shape_.seed = options.seed;
  shape_.persons = options.persons;
  shape_.keys = options.keys;
  shape_.span_ms = options.bids * 1000 / kBidsPerSecond;
}

Result<std::unique_ptr<World>> World::open(const WorldOptions& options) {
  std::unique_ptr<World> world(new World(options));
  runtime::EngineOptions engine;
  engine.data_folder = options.folder;
  engine.workers = 1;
  engine.seed = options.seed;
  THALWEG_TRY(world->engine_, runtime::Engine::open(std::move(engine)));
  return world;
}

Result<void> World::need(const std::vector<std::string>& topics) {
  for (const std::string& topic : topics) {
    if (!filled_.insert(topic).second) continue;
    const auto* source = std::find_if(std::begin(kSources), std::end(kSources),
                                      [&](const Source& known) { return known.topic == topic; });
    if (source == std::end(kSources)) return Error{ErrorCode::kInternal, "no such topic: " + topic};
    THALWEG_CHECK(run_sql(source->sql));
    std::int64_t count = static_cast<std::int64_t>(static_cast<double>(options_.bids) * source->share);
    if (topic == "person") count = options_.persons;
    if (topic == "side") count = kSideRows;
    THALWEG_CHECK(fill(topic, source->append, count));
  }
  return {};
}

Result<void> World::fill(const std::string& topic, Generator::Append append, std::int64_t count) {
  Generator generator(shape_);
  std::vector<runtime::Epoch> epochs(1);
  int commits = 0;
  for (std::int64_t done = 0; done < count;) {
    runtime::Epoch::Append to{{topic, PartitionId{0}}, {}};
    for (std::uint32_t i = 0; i < kRecordsPerBatch && done < count; ++i, ++done)
      (generator.*append)(to.records, done, count);
    epochs[0].appends.push_back(std::move(to));
    if (epochs[0].appends.size() < kBatchesPerCommit && done < count) continue;
    THALWEG_TRY(const auto offsets, engine_->log().commit(epochs));
    static_cast<void>(offsets);
    epochs[0] = runtime::Epoch{};
    if (commits++ % kProgressEvery == 0 || done == count) {
      std::fprintf(stderr, "\rloading %s: %lld of %lld", topic.c_str(), static_cast<long long>(done),
                   static_cast<long long>(count));
    }
  }
  std::fprintf(stderr, "\n");
  return {};
}

Result<void> World::run_sql(const std::string& sql) {
  THALWEG_TRY(const auto statements, parser::parse_statements(sql));
  for (const auto& statement : statements) {
    THALWEG_TRY(const auto outcome, engine_->execute(statement, {{"auto.offset.reset", "earliest"}}));
    static_cast<void>(outcome);
  }
  return {};
}

Result<double> World::run_queries(const std::string& statements) {
  const double begin = seconds_now();
  THALWEG_CHECK(run_sql(statements));
  THALWEG_CHECK(engine_->run_until_idle());
  const double seconds = seconds_now() - begin;
  for (const auto& query : engine_->queries()) {
    for (const auto& error : query.errors) return Error{ErrorCode::kFatal, error.message};
    if (query.counters.errors > 0)
      return Error{ErrorCode::kFatal, query.plan->sink + " wrote to the processing log"};
    for (const auto& position : query.positions) {
      if (position.next < position.end)
        return Error{ErrorCode::kInternal, query.plan->sink + " stopped before the end of its input"};
    }
  }
  return seconds;
}

Result<void> World::drop_all(const std::string& statements) {
  THALWEG_TRY(const auto parsed, parser::parse_statements(statements));
  for (auto statement = parsed.rbegin(); statement != parsed.rend(); ++statement) {
    const auto* made = std::get_if<ast::CreateAsSelect>(&statement->node);
    if (made == nullptr) continue;
    const bool table = made->kind == ast::SourceKind::kTable;
    THALWEG_CHECK(
        run_sql(std::string("DROP ") + (table ? "TABLE " : "STREAM ") + made->name + " DELETE TOPIC;"));
  }
  return {};
}

Result<TemporaryFolder> TemporaryFolder::make() {
  const char* parent = getenv("TMPDIR");
  std::string path = std::string(parent != nullptr ? parent : "/tmp") + "/thalweg-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return Error{ErrorCode::kIo, "cannot make a temporary folder " + path};
  return TemporaryFolder(path);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace thalweg::bench
