#include <gtest/gtest.h>

#include "session.h"

namespace thalweg::planner::test {
namespace {

constexpr auto kClicks =
    "CREATE STREAM clicks (who VARCHAR KEY, url VARCHAR, ms INT, spot STRUCT<x INT, y INT>, tags "
    "ARRAY<VARCHAR>) "
    "WITH (kafka_topic = 'clicks', partitions = 2, value_format = 'json');\n"
    "CREATE STREAM views (who VARCHAR KEY, page VARCHAR) "
    "WITH (kafka_topic = 'views', partitions = 2, value_format = 'json');\n"
    "CREATE TABLE users (id VARCHAR PRIMARY KEY, name VARCHAR, boss VARCHAR) "
    "WITH (kafka_topic = 'users', partitions = 2, value_format = 'json');\n"
    "CREATE TABLE teams (team VARCHAR PRIMARY KEY, city VARCHAR) "
    "WITH (kafka_topic = 'teams', partitions = 2, value_format = 'json');\n";

struct SchemaCase {
  const char* query;
  const char* schema;
};

class SchemaTest : public testing::TestWithParam<SchemaCase> {};

TEST_P(SchemaTest, OutputColumns) {
  Session session;
  ASSERT_TRUE(session.run(kClicks));
  const auto result = session.run(GetParam().query);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(session.schema("OUT"), GetParam().schema);
}

INSTANTIATE_TEST_SUITE_P(
    Queries, SchemaTest,
    testing::Values(
        SchemaCase{
            "CREATE STREAM out AS SELECT * FROM clicks;",
            "`WHO` STRING KEY, `URL` STRING, `MS` INTEGER, `SPOT` STRUCT<`X` INTEGER, `Y` INTEGER>, `TAGS` "
            "ARRAY<STRING>"},
        SchemaCase{
            "CREATE STREAM out AS SELECT ms + 1.5, who AS k, twice(ms), spot->x, spot->x FROM clicks;",
            "`K` STRING KEY, `KSQL_COL_0` DECIMAL(12, 1), `KSQL_COL_1` INTEGER, `X` INTEGER, `X_1` INTEGER"},
        SchemaCase{"CREATE STREAM out AS SELECT who, spot->* FROM clicks;",
                   "`WHO` STRING KEY, `X` INTEGER, `Y` INTEGER"},
        SchemaCase{"CREATE STREAM out AS SELECT * FROM views PARTITION BY page;",
                   "`PAGE` STRING KEY, `WHO` STRING"},
        SchemaCase{"CREATE STREAM out AS SELECT * FROM views PARTITION BY shout(page);",
                   "`KSQL_COL_0` STRING KEY, `PAGE` STRING, `WHO` STRING"},
        SchemaCase{"CREATE STREAM out AS SELECT who, page FROM views PARTITION BY NULL;",
                   "`WHO` STRING, `PAGE` STRING"},
        SchemaCase{"CREATE STREAM out AS SELECT who, spread(tags) AS tag FROM clicks;",
                   "`WHO` STRING KEY, `TAG` STRING"},
        SchemaCase{"CREATE TABLE out AS SELECT url, COUNT(*) AS n, TOTAL(ms) FROM clicks GROUP BY url;",
                   "`URL` STRING KEY, `N` BIGINT, `KSQL_COL_0` BIGINT"},
        SchemaCase{"CREATE TABLE out AS SELECT shout(url) AS k, COUNT(*) AS n, WINDOWSTART AS ws FROM clicks "
                   "WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY shout(url) HAVING COUNT(*) > 1;",
                   "`K` STRING KEY, `N` BIGINT, `WS` BIGINT"},
        SchemaCase{
            "CREATE STREAM out AS SELECT * FROM clicks c JOIN views v WITHIN 1 MINUTE ON c.who = v.who;",
            "`C_WHO` STRING KEY, `C_URL` STRING, `C_MS` INTEGER, `C_SPOT` STRUCT<`X` INTEGER, `Y` INTEGER>, "
            "`C_TAGS` ARRAY<STRING>, `V_WHO` STRING, `V_PAGE` STRING"},
        SchemaCase{"CREATE STREAM out AS SELECT v.who, url FROM clicks c LEFT JOIN views v WITHIN 1 MINUTE "
                   "ON shout(c.who) = v.who;",
                   "`V_WHO` STRING KEY, `URL` STRING"},
        SchemaCase{"CREATE TABLE out AS SELECT id, name, city FROM users JOIN teams ON boss = team;",
                   "`ID` STRING KEY, `NAME` STRING, `CITY` STRING"}));

TEST(SinkTest, FormatsAreInheritedAndPropertiesTravelWithTheSameFormat) {
  Session session;
  ASSERT_TRUE(
      session.run("CREATE STREAM a (k INT KEY, x INT, y INT) WITH (kafka_topic = 'a', partitions = 3, "
                  "key_format = 'json', value_format = 'delimited', value_delimiter = 'TAB');"
                  "CREATE STREAM b AS SELECT * FROM a;"
                  "CREATE STREAM c WITH (value_format = 'json') AS SELECT * FROM a PARTITION BY NULL;"));
  const auto b = session.catalog.find("B"), c = session.catalog.find("C");
  EXPECT_EQ(b->key.format.name, "JSON");
  EXPECT_EQ(b->key.wrapping, Wrapping::kUnwrapped);
  EXPECT_EQ(b->value.format.properties.at("delimiter"), "TAB");
  EXPECT_EQ(session.topics.known.at("B").partitions, 3);
  EXPECT_EQ(c->key.format.name, "NONE");
  EXPECT_TRUE(c->value.format.properties.empty());
}

TEST(PlanTest, OnlyNeededColumnsAreRead) {
  Session session;
  ASSERT_TRUE(session.run(kClicks));
  ASSERT_TRUE(session.run("CREATE STREAM out AS SELECT who, url FROM clicks WHERE ROWTIME > 10;"));
  EXPECT_EQ(to_string(session.query().steps[0].schema), "`WHO` STRING KEY, `URL` STRING, `ROWTIME` BIGINT");
}

TEST(PlanTest, TheStoreOfATableIsReadThroughTheStepsAboveIt) {
  Session session;
  ASSERT_TRUE(session.run(kClicks));
  ASSERT_TRUE(session.run("CREATE TABLE out AS SELECT id, name FROM users WHERE boss = 'ada';"));
  const auto& plan = session.query();
  ASSERT_TRUE(plan.materialization);
  EXPECT_EQ(plan.materialization->step, 0);
  EXPECT_EQ(plan.materialization->store, "KsqlTopic-Reduce");
  EXPECT_EQ(plan.materialization->above, (std::vector<std::int32_t>{1, 2}));
  EXPECT_TRUE(plan.steps[0].needs_old);
}

}  // namespace
}  // namespace thalweg::planner::test
