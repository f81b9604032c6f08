// Queries that end while others look at them: listed, read, dropped, replaced, all at once.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "parser/parser.h"
#include "runtime/engine.h"

namespace thalweg::runtime {
namespace {

constexpr int kRounds = 60;

class ConcurrentDrop : public testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.storage = storage_.get();
    options.workers = 2;
    auto engine = Engine::open(std::move(options));
    ASSERT_TRUE(engine) << describe(engine.error());
    engine_ = std::move(*engine);
    run("CREATE STREAM r (k BIGINT KEY, v BIGINT) WITH (kafka_topic = 'r', partitions = 2, "
        "value_format = 'json');");
    std::vector<Engine::NamedRow> rows;
    for (std::int64_t i = 0; i < 500; ++i)
      rows.push_back({{"K", planner::Value(i % 40)}, {"V", planner::Value(i)}});
    ASSERT_FALSE(engine_->insert_rows("R", rows).error);
  }

  void run(const std::string& text) {
    const auto statement = parser::parse_statement(text);
    ASSERT_TRUE(statement) << describe(statement.error());
    const auto done = engine_->execute(*statement, {{"auto.offset.reset", "earliest"}});
    EXPECT_TRUE(done) << text << ": " << describe(done.error());
  }

  // Reads and lists until told to stop; a read may be refused, but must not be wrong.
  void look() {
    const auto select = parser::parse_statement("SELECT k, c FROM t;");
    while (!stop_) {
      for (const auto& query : engine_->queries()) EXPECT_LE(query.state_rows, 40u);
      engine_->push_queries();
      const auto result = engine_->pull(std::get<ast::Query>(select->node), {});
      if (result) EXPECT_LE(result->rows.size(), 40u);
    }
  }

  // `change` with two threads looking on.
  template <typename Change>
  void beside_readers(const Change& change) {
    std::thread first([this] { look(); }), second([this] { look(); });
    for (int round = 0; round < kRounds; ++round) change();
    stop_ = true;
    first.join();
    second.join();
  }

  const std::unique_ptr<MemoryStorage> storage_ = make_memory_storage();
  std::unique_ptr<Engine> engine_;
  std::atomic<bool> stop_{false};
};

TEST_F(ConcurrentDrop, TablesAreDroppedWhileTheyAreRead) {
  beside_readers([this] {
    run("CREATE TABLE t AS SELECT k, COUNT(*) AS c FROM r GROUP BY k;");
    run("DROP TABLE t;");
  });
}

TEST_F(ConcurrentDrop, TablesAreReplacedWhileTheyAreRead) {
  run("CREATE TABLE t AS SELECT k, COUNT(*) AS c FROM r GROUP BY k;");
  bool positive = false;
  beside_readers([&] {
    positive = !positive;
    run(std::string("CREATE OR REPLACE TABLE t AS SELECT k, COUNT(*) AS c FROM r WHERE v >= ") +
        (positive ? "0" : "-1") + " GROUP BY k;");
  });
}

TEST_F(ConcurrentDrop, PushQueriesEndWhileTheyAreListed) {
  run("CREATE TABLE t AS SELECT k, COUNT(*) AS c FROM r GROUP BY k;");
  const auto select = parser::parse_statement("SELECT k, COUNT(*) AS c FROM r GROUP BY k EMIT CHANGES;");
  ASSERT_TRUE(select);
  beside_readers([&] {
    auto push = engine_->push(std::get<ast::Query>(select->node), "", {{"auto.offset.reset", "earliest"}});
    ASSERT_TRUE(push) << describe(push.error());
    (*push)->poll(10);
  });
}

// Whoever has begun to read a topic is told when it goes, however the two meet; nobody waits for ever.
TEST_F(ConcurrentDrop, PushQueriesEndWithTheirTopic) {
  const auto select = parser::parse_statement("SELECT v FROM d EMIT CHANGES;");
  ASSERT_TRUE(select);
  std::atomic<int> ended{0};
  const auto follow = [&] {
    while (!stop_) {
      auto push = engine_->push(std::get<ast::Query>(select->node), "", {{"auto.offset.reset", "earliest"}});
      if (!push) continue;  // there is no such stream just now
      std::optional<Error> error;
      while (!error) {
        auto poll = (*push)->poll(100);
        error = poll.error;
        ASSERT_TRUE(error || !poll.finished);
        if (!error) std::this_thread::yield();
      }
      EXPECT_NE(error->message.find("was deleted with D"), std::string::npos) << error->message;
      ++ended;
    }
  };
  std::thread first(follow), second(follow);
  for (int round = 0; round < 200 || ended < 20; ++round) {
    run("CREATE STREAM d (k BIGINT KEY, v BIGINT) WITH (kafka_topic = 'd', partitions = 2, "
        "value_format = 'json');");
    ASSERT_FALSE(
        engine_->insert_rows("D", {{{"K", planner::Value(std::int64_t{1})}, {"V", planner::Value{}}}}).error);
    run("DROP STREAM d DELETE TOPIC;");
  }
  stop_ = true;
  first.join();
  second.join();
  EXPECT_TRUE(engine_->push_queries().empty());
}

}  // namespace
}  // namespace thalweg::runtime
