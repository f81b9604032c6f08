// What is counted per topic, and how fast it flows, by a clock that stands still unless moved.
#include "runtime/tasks/topic_traffic.h"

#include <gtest/gtest.h>

#include <thread>

#include "parser/parser.h"
#include "runtime/engine.h"

namespace thalweg::runtime {
namespace {

TEST(TrafficMeter, ASteadyFlowHasItsRate) {
  TrafficMeter meter;
  WallTime now{1'700'000'000'123};
  for (int second = 0; second < 100; ++second, now.value += 1000) meter.add(5, now);
  EXPECT_EQ(meter.look(now).records, 500U);
  EXPECT_NEAR(meter.look(now).per_second, 5.0, 0.2);
  EXPECT_EQ(meter.look(now).last.value, now.value - 1000);
}

TEST(TrafficMeter, TheRateForgetsWithinHalfAMinute) {
  TrafficMeter meter;
  meter.add(27, WallTime{3'000'000});
  EXPECT_DOUBLE_EQ(meter.look(WallTime{3'000'000}).per_second, 1.0);
  EXPECT_DOUBLE_EQ(meter.look(WallTime{3'029'000}).per_second, 27.0 / 29.0);
  EXPECT_DOUBLE_EQ(meter.look(WallTime{3'030'000}).per_second, 0.0);
  EXPECT_DOUBLE_EQ(meter.look(WallTime{2'000'000}).per_second, 0.0);  // the clock was set back
  EXPECT_EQ(meter.look(WallTime{3'030'000}).records, 27U);
  meter.add(0, WallTime{4'000'000});
  EXPECT_EQ(meter.look(WallTime{4'000'000}).last.value, 3'000'000);
}

TEST(TrafficMeter, ThreadsLoseNoCount) {
  TrafficMeter meter;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&meter] {
      for (int i = 0; i < 30'000; ++i) meter.add(1, WallTime{1'000'000 + i});  // slots are taken over
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(meter.look(WallTime{1'030'000}).records, 90'000U);
  EXPECT_GT(meter.look(WallTime{1'030'000}).per_second, 0);
}

class TopicTrafficOf : public ::testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.storage = storage_.get();
    options.clock = &clock_;
    options.workers = 0;
    auto engine = Engine::open(std::move(options));
    ASSERT_TRUE(engine) << describe(engine.error());
    engine_ = std::move(*engine);
    execute(
        "CREATE STREAM s (k VARCHAR KEY, v INT) WITH (kafka_topic = 's', partitions = 1, value_format = "
        "'json');");
    execute("CREATE STREAM o AS SELECT k, v * 2 AS w FROM s WHERE v > 0;");
  }
  void execute(const std::string& sql) {
    const auto statement = parser::parse_statement(sql);
    ASSERT_TRUE(statement) << sql;
    const auto done = engine_->execute(*statement, {});
    ASSERT_TRUE(done) << describe(done.error());
  }
  void write_bytes(const std::string& value) {
    std::vector<Epoch> epochs(1);
    epochs[0].appends.push_back({{"s", PartitionId{0}}, {}});
    epochs[0].appends[0].records.append(0, "k", value);
    ASSERT_TRUE(engine_->log().commit(epochs));
  }
  void settle() { ASSERT_TRUE(engine_->run_until_idle()); }

  ManualClock clock_{WallTime{1'700'000'001'000}};
  std::unique_ptr<Storage> storage_ = make_memory_storage();
  std::unique_ptr<Engine> engine_;
};

TEST_F(TopicTrafficOf, InsertsAndQueries) {
  EXPECT_EQ(engine_->traffic("s").written.records, 0U);
  EXPECT_EQ(engine_->traffic("no such topic").written.records, 0U);
  execute("INSERT INTO s VALUES ('a', 1);");
  const auto key = planner::Value(std::string("b"));
  ASSERT_FALSE(engine_
                   ->insert_rows("S", {{{"K", key}, {"V", planner::Value(std::int64_t{-1})}},
                                       {{"K", key}, {"V", planner::Value(std::int64_t{22})}}})
                   .error);
  EXPECT_EQ(engine_->traffic("s").written.records, 3U);
  EXPECT_EQ(engine_->traffic("s").read.records, 0U);
  clock_.advance_ms(2000);
  settle();
  const auto source = engine_->traffic("s");
  EXPECT_EQ(source.written.last.value, 1'700'000'001'000);
  EXPECT_EQ(source.read.records, 3U);
  EXPECT_EQ(source.read.last.value, 1'700'000'003'000);
  EXPECT_EQ(source.read_bytes, std::string_view(R"(a{"V":1}b{"V":-1}b{"V":22})").size());
  EXPECT_NEAR(source.read.per_second, 3 / 28.5, 0.01);
  EXPECT_EQ(engine_->traffic("O").written.records, 2U);
  EXPECT_EQ(engine_->traffic("O").read.records, 0U);
  EXPECT_EQ(source.unreadable.records, 0U);
}

TEST_F(TopicTrafficOf, UnreadableRecordsAndTheirLog) {
  write_bytes("{oops");
  write_bytes(R"({"V":1})");
  settle();
  const auto source = engine_->traffic("s");
  EXPECT_EQ(source.written.records, 0U);  // past the server's own doors
  EXPECT_EQ(source.read.records, 2U);
  EXPECT_EQ(source.unreadable.records, 1U);
  EXPECT_EQ(source.unreadable.last.value, 1'700'000'001'000);
  EXPECT_EQ(engine_->traffic("default_ksql_processing_log").written.records, 1U);
}

TEST_F(TopicTrafficOf, EveryReaderCountsAndATopicTakesItsCountsAlong) {
  const auto select = parser::parse_statement("SELECT * FROM o EMIT CHANGES;");
  const auto push = engine_->push(std::get<ast::Query>(select->node), "", {});
  ASSERT_TRUE(push);
  execute("INSERT INTO s VALUES ('a', 1);");
  settle();
  EXPECT_EQ(engine_->traffic("O").read.records, 1U);
  execute("DROP STREAM o DELETE TOPIC;");
  EXPECT_EQ(engine_->traffic("O").written.records, 0U);
  execute("CREATE STREAM o AS SELECT k, v * 2 AS w FROM s WHERE v > 0;");
  execute("INSERT INTO s VALUES ('a', 1);");
  settle();
  EXPECT_EQ(engine_->traffic("O").written.records, 1U);
  EXPECT_EQ(engine_->traffic("O").read.records, 0U);
}

}  // namespace
}  // namespace thalweg::runtime
