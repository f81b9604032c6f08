#include <gtest/gtest.h>

#include "session.h"

namespace thalweg::planner::test {
namespace {

constexpr auto kSources =
    "CREATE STREAM s (k INT KEY, a INT, b VARCHAR) WITH (kafka_topic = 's', partitions = 1, value_format = "
    "'json');\n"
    "CREATE STREAM r (k INT KEY, a INT, c VARCHAR) WITH (kafka_topic = 'r', partitions = 1, value_format = "
    "'json');\n"
    "CREATE TABLE t (k INT PRIMARY KEY, d INT) WITH (kafka_topic = 't', partitions = 1, value_format = "
    "'json');\n";

struct ErrorCase {
  const char* sql;
  const char* fragment;
  SourcePosition at = {};
};

class ErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(ErrorTest, MessageAndPosition) {
  Session session;
  ASSERT_TRUE(session.run(kSources));
  const auto result = session.run(GetParam().sql);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find(GetParam().fragment), std::string::npos) << result.error().message;
  if (GetParam().at.line > 0) {
    ASSERT_TRUE(result.error().at);
    EXPECT_EQ(result.error().at->line, GetParam().at.line);
    EXPECT_EQ(result.error().at->column, GetParam().at.column);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Statements, ErrorTest,
    testing::Values(
        ErrorCase{
            "CREATE STREAM o AS SELECT k, zz FROM s;", "SELECT column 'ZZ' cannot be resolved.", {1, 30}},
        ErrorCase{"CREATE STREAM o AS SELECT k, x.a FROM s;",
                  "'X' is not a valid stream/table name or alias.",
                  {1, 30}},
        ErrorCase{"CREATE STREAM o AS SELECT s.k, a FROM s JOIN r WITHIN 1 SECOND ON s.k = r.k;",
                  "Line: 1, Col: 32: Column 'A' is ambiguous. Could be S.A or R.A.",
                  {1, 32}},
        ErrorCase{"CREATE STREAM o AS SELECT k, a < b FROM s;",
                  "Cannot compare A (INTEGER) to B (STRING) with LESS_THAN."},
        ErrorCase{
            "CREATE STREAM o AS SELECT * FROM s WHERE a + 1;",
            "Type error in WHERE expression: Should evaluate to boolean but is (A + 1) (INTEGER) instead."},
        ErrorCase{"CREATE STREAM o AS SELECT * FROM s WHERE a IN (1, 'x');",
                  "Invalid Predicate: invalid input syntax for type INTEGER: \"x\"."},
        ErrorCase{"CREATE STREAM o AS SELECT k, twice(b) FROM s;",
                  "Function 'twice' does not accept parameters (STRING)."},
        ErrorCase{"CREATE STREAM o AS SELECT a FROM s;", "must include the key column K in its projection"},
        ErrorCase{"CREATE STREAM o AS SELECT k, k AS j, a FROM s;",
                  "(`K`) more than once, aliased as: J and K."},
        ErrorCase{"CREATE STREAM o AS SELECT k FROM s;", "The projection contains no value columns."},
        ErrorCase{"CREATE STREAM o AS SELECT k, NULL FROM s;", "Can't infer a type of null."},
        ErrorCase{"CREATE STREAM o AS SELECT b, a FROM s PARTITION BY twice(a);",
                  "must include the partitioning expression TWICE(S.A)"},
        ErrorCase{"CREATE TABLE o AS SELECT a, b, COUNT(*) FROM s GROUP BY a;", "not part of GROUP BY: B"},
        ErrorCase{
            "CREATE TABLE o AS SELECT k, LAST(d) FROM t GROUP BY k;",
            "The aggregation function LAST cannot be applied to a table source, only to a stream source."},
        ErrorCase{"CREATE TABLE o AS SELECT k, LAST(a, a) FROM s GROUP BY k;",
                  "Parameter 2 passed to function LAST must be a literal constant, but was expression: 'A'"},
        ErrorCase{"CREATE STREAM o AS SELECT * FROM s JOIN r ON s.k = r.k;",
                  "Stream-Stream joins must have a WITHIN clause specified."},
        ErrorCase{"CREATE STREAM o AS SELECT * FROM s JOIN t ON s.k = t.d;",
                  "require to join on the table's primary key. Got S.K = T.D."},
        ErrorCase{"CREATE TABLE o AS SELECT * FROM t JOIN s ON t.k = s.k;", "Got T [INNER] JOIN S."},
        ErrorCase{"CREATE STREAM o AS SELECT s.a FROM s JOIN r WITHIN 1 SECOND ON s.k = r.k;",
                  "the join expressions S.K or R.K in its projection (eg, SELECT S.K...)."},
        ErrorCase{"CREATE STREAM o AS SELECT * FROM t;", "Your SELECT query produces a TABLE."},
        ErrorCase{"CREATE STREAM o (x INT PRIMARY KEY) WITH (kafka_topic = 's', value_format = 'json');",
                  "Column `X` is a 'PRIMARY KEY' column",
                  {1, 18}},
        ErrorCase{"CREATE STREAM o (x INT) WITH (kafka_topic = 's', value_format = 'jason');",
                  "Unknown format: JASON"},
        ErrorCase{"CREATE STREAM o (x INT) WITH (kafka_topic = 's', value_format = 'avro');",
                  "AVRO format is not available in this build"},
        ErrorCase{"INSERT INTO s SELECT k, a FROM r;", "Result schema is `K` INTEGER KEY, `A` INTEGER"},
        ErrorCase{"INSERT INTO s (k, a) VALUES (1, 'x');",
                  "Expected type INTEGER for field `A` but got STRING('x')"},
        ErrorCase{"SELECT * FROM t;", "The `T` table isn't queryable."},
        ErrorCase{"SELECT * FROM s GROUP BY a;", "Pull queries don't support GROUP BY clauses."},
        ErrorCase{"ALTER STREAM s ADD COLUMN a INT;", "Cannot add column `A` to schema."}));

TEST(HintTest, NearNamesAreOffered) {
  Session session;
  ASSERT_TRUE(session.run(kSources));
  ASSERT_TRUE(session.run(
      "CREATE STREAM hits (who INT KEY, hits INT) WITH (kafka_topic = 's', value_format = 'json');"));
  const auto column = session.run("CREATE STREAM o AS SELECT who, hitz FROM hits;");
  ASSERT_FALSE(column);
  EXPECT_EQ(column.error().hint, "did you mean \"HITS\"?");
  const auto source = session.run("CREATE STREAM o AS SELECT * FROM hitz;");
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().hint, "did you mean \"HITS\"?");
}

TEST(StatementTest, PlanningErrorsShowTheCanonicalStatement) {
  Session session;
  ASSERT_TRUE(session.run(kSources));
  const auto result = session.run("CREATE STREAM o WITH (key_format = 'none') AS SELECT * FROM s;");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().statement.find("FROM S S\nEMIT CHANGES"), std::string::npos)
      << result.error().statement;
}

}  // namespace
}  // namespace thalweg::planner::test
