#include "bench/engine_runs.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "bench/generator.h"
#include "parser/parser.h"

namespace thalweg::bench {
namespace {

constexpr std::uint32_t kRecordsPerBatch = 2000;
constexpr std::size_t kBatchesPerCommit = 32;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename Append>
Result<void> load(runtime::Log& log, const std::string& topic, std::int64_t count, Append append) {
  std::vector<runtime::Epoch> epochs(1);
  for (std::int64_t done = 0; done < count;) {
    runtime::Epoch::Append to{{topic, PartitionId{0}}, {}};
    for (std::uint32_t i = 0; i < kRecordsPerBatch && done < count; ++i, ++done) append(to.records, done);
    epochs[0].appends.push_back(std::move(to));
    if (epochs[0].appends.size() < kBatchesPerCommit && done < count) continue;
    THALWEG_TRY(const auto offsets, log.commit(epochs));
    static_cast<void>(offsets);
    epochs[0] = runtime::Epoch{};
    std::fprintf(stderr, "\rloading %s: %lld of %lld", topic.c_str(), static_cast<long long>(done),
                 static_cast<long long>(count));
  }
  std::fprintf(stderr, "\n");
  return {};
}

}  // namespace

Result<void> run_sql(runtime::Engine& engine, const std::string& sql) {
  THALWEG_TRY(const auto statements, parser::parse_statements(sql));
  for (const auto& statement : statements) {
    THALWEG_TRY(const auto outcome, engine.execute(statement, {{"auto.offset.reset", "earliest"}}));
    static_cast<void>(outcome);
  }
  return {};
}

Result<World> open_world(const std::string& folder, std::int64_t bids, std::int64_t persons,
                         std::uint64_t seed) {
  World world{folder, nullptr};
  runtime::EngineOptions options;
  options.data_folder = folder;
  options.workers = 1;
  options.seed = seed;
  THALWEG_TRY(world.engine, runtime::Engine::open(std::move(options)));
  THALWEG_CHECK(run_sql(*world.engine, R"(
    CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, date_time BIGINT, extra VARCHAR)
      WITH (kafka_topic = 'bid', partitions = 1, value_format = 'JSON');
    CREATE TABLE person (id BIGINT PRIMARY KEY, name VARCHAR, email VARCHAR, city VARCHAR, state VARCHAR)
      WITH (kafka_topic = 'person', partitions = 1, value_format = 'JSON');)"));
  Shape shape;
  shape.seed = seed;
  shape.persons = persons;
  Generator generator(shape);
  THALWEG_CHECK(
      load(world.engine->log(), "person", persons, [&](runtime::RecordBatchBuilder& records, std::int64_t i) {
        generator.append_person(records, 1000 + i);
      }));
  THALWEG_CHECK(
      load(world.engine->log(), "bid", bids,
           [&](runtime::RecordBatchBuilder& records, std::int64_t) { generator.append_bid(records); }));
  return world;
}

Result<EngineRun> run_query(runtime::Engine& engine, const std::string& sink, const std::string& statement) {
  const double begin = now_seconds();
  THALWEG_CHECK(run_sql(engine, statement));
  THALWEG_CHECK(engine.run_until_idle());
  EngineRun run;
  run.seconds = now_seconds() - begin;
  for (const auto& query : engine.queries()) {
    if (query.plan->sink != sink) continue;
    run.records = static_cast<std::int64_t>(query.counters.in);
    run.out = query.counters.out;
    for (const auto& error : query.errors) return Error{ErrorCode::kFatal, error.message};
    for (const auto& position : query.positions) {
      if (position.next < position.end)
        return Error{ErrorCode::kInternal, sink + " stopped before the end of " + position.from.topic};
    }
  }
  return run;
}

}  // namespace thalweg::bench
