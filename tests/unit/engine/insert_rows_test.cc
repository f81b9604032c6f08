// Rows by name, as /inserts-stream gives them; and what a damaged command log leaves of an engine.
#include <gtest/gtest.h>

#include "parser/parser.h"
#include "runtime/engine.h"

namespace thalweg::runtime {
namespace {

using planner::Value;

class InsertRows : public ::testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.storage = storage_.get();
    options.workers = 0;
    auto engine = Engine::open(std::move(options));
    ASSERT_TRUE(engine) << describe(engine.error());
    engine_ = std::move(*engine);
    execute(
        "CREATE STREAM s (k VARCHAR KEY, i INT) WITH (kafka_topic = 's', partitions = 1, value_format = "
        "'json');");
  }

  void execute(const std::string& sql) {
    const auto statement = parser::parse_statement(sql);
    ASSERT_TRUE(statement) << sql;
    const auto done = engine_->execute(*statement, {});
    ASSERT_TRUE(done) << describe(done.error());
  }

  std::unique_ptr<Storage> storage_ = make_memory_storage();
  std::unique_ptr<Engine> engine_;
};

Value text(const char* value) { return Value(std::string(value)); }

TEST_F(InsertRows, StopsBeforeTheFirstRowThatCannotBeWritten) {
  const auto outcome = engine_->insert_rows("S", {{{"K", text("a")}, {"I", Value(std::int64_t{1})}},
                                                  {{"I", Value(std::int64_t{2})}},
                                                  {{"K", text("c")}}});
  EXPECT_EQ(outcome.written, 1U);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->message, "Key field must be specified: K");
  const auto query = parser::parse_statement("SELECT * FROM s;");
  ASSERT_TRUE(query);
  const auto result = engine_->pull(std::get<ast::Query>(query->node), {});
  ASSERT_TRUE(result) << describe(result.error());
  ASSERT_EQ(result->rows.size(), 1U);
  EXPECT_EQ(result->rows[0][0].as_string(), "a");
  EXPECT_EQ(result->rows[0][1].as_int(), 1);
}

TEST_F(InsertRows, NotEveryTargetTakesRows) {
  execute(
      "CREATE SOURCE STREAM facts (k VARCHAR KEY, v INT) WITH (kafka_topic = 'f', partitions = 1, "
      "value_format = 'json');");
  execute(
      "CREATE STREAM sessions (k VARCHAR KEY, v INT) WITH (kafka_topic = 'w', partitions = 1, value_format = "
      "'json', window_type = 'session');");
  const auto refused = [&](const char* target) {
    const auto outcome = engine_->insert_rows(target, {{{"K", text("a")}}});
    return outcome.error ? outcome.error->message : "written";
  };
  EXPECT_EQ(refused("NOWHERE"), "Cannot insert values into an unknown stream/table: NOWHERE");
  EXPECT_EQ(refused("FACTS"), "Cannot insert values into read-only stream: FACTS");
  EXPECT_EQ(refused("SESSIONS"), "Cannot insert values into windowed stream/table!");
}

TEST_F(InsertRows, CommandsThatCannotBeReadAreSkippedAndReported) {
  std::vector<Epoch> epochs(1);
  auto& append = epochs[0].appends.emplace_back();
  const auto topics = engine_->log().topics();
  for (const auto& topic : topics) {
    if (topic.first.ends_with("command_topic")) append.to = {topic.first, PartitionId{0}};
  }
  const char* kBad[] = {
      "nonsense", R"({"thalwegPlan":{},"version":999})",
      R"({"thalwegPlan":{"kind":"dance"},"version":1,"commandId":"c","statement":"s","streamsProperties":{}})",
      R"({"thalwegPlan":{},"version":1})"};
  for (const char* bad : kBad) append.records.append(0, std::string_view("key"), std::string_view(bad));
  ASSERT_TRUE(engine_->log().commit(epochs));
  engine_.reset();

  EngineOptions options;
  options.storage = storage_.get();
  options.workers = 0;
  auto engine = Engine::open(std::move(options));
  ASSERT_TRUE(engine) << describe(engine.error());
  const auto status = (*engine)->status();
  EXPECT_TRUE(status.degraded);
  EXPECT_EQ(status.commands, 5U);
  for (const char* why : {"command 1 was skipped: the command is not one of this server's",
                          "command 2 was skipped: the command was written by a newer version",
                          "command 3 was skipped: unknown command 'dance'",
                          "command 4 was skipped: the command cannot be read"})
    EXPECT_NE(status.detail.find(why), std::string::npos) << why << " in " << status.detail;
  EXPECT_NE((*engine)->catalog()->find("S"), nullptr);
}

}  // namespace
}  // namespace thalweg::runtime
