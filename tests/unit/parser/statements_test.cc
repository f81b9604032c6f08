// Every form of statement, as it is printed after parsing; each print is parsed and printed again.
#include <gtest/gtest.h>

#include "parser/parser.h"
#include "parser/print.h"

namespace thalweg::parser {
namespace {

const ParseOptions kEverything{
    .substitute_variables = false, .allow_test_statements = true, .allow_client_statements = true};

// Parses one statement and returns its canonical text, or "ERROR …".
std::string canonical(const std::string& text) {
  const auto parsed = parse_statements(text + ";", {}, kEverything);
  if (!parsed) return "ERROR " + parsed.error().message;
  if (parsed->size() != 1) return "ERROR not one statement";
  const auto printed = print(parsed->front());
  const auto again = parse_statements(printed + ";", {}, kEverything);
  if (!again) return "ERROR printed as " + printed + ": " + again.error().message;
  EXPECT_EQ(print(again->front()), printed);
  EXPECT_EQ(again->front().node.index(), parsed->front().node.index());
  return printed;
}

struct Form {
  const char* text;
  const char* printed;
};

void expect_all(const std::vector<Form>& forms) {
  for (const auto& form : forms) EXPECT_EQ(canonical(form.text), form.printed) << form.text;
}

TEST(Statements, CreateSource) {
  expect_all({
      {"create stream s (id int key, `v` varchar) with (kafka_topic='t', \"Value_Format\"='json', "
       "partitions=1)",
       "CREATE STREAM S (ID INT KEY, `v` VARCHAR) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='json', PARTITIONS=1)"},
      {"CREATE OR REPLACE SOURCE TABLE IF NOT EXISTS T (K INT PRIMARY KEY)",
       "CREATE OR REPLACE SOURCE TABLE IF NOT EXISTS T (K INT PRIMARY KEY)"},
      {"CREATE STREAM S", "CREATE STREAM S"},
      {"CREATE STREAM S () WITH ('wrap_single_value'=false, X=null, Y=-1, Z=TRUE, D=1.5)",
       "CREATE STREAM S () WITH (WRAP_SINGLE_VALUE=false, X=null, Y=-1, Z=true, D=1.5)"},
      {"CREATE STREAM \"a-b\" (H ARRAY<STRUCT<KEY STRING, VALUE BYTES>> HEADERS, G BYTES HEADER('k'))",
       "CREATE STREAM `a-b` (H ARRAY<STRUCT<KEY STRING, VALUE BYTES>> HEADERS, G BYTES HEADER('k'))"},
      {"CREATE STREAM S (A DECIMAL(4,2), B VARCHAR(STRING), C MAP<STRING, INT ARRAY>, D mytype)",
       "CREATE STREAM S (A DECIMAL(4, 2), B VARCHAR(STRING), C MAP<STRING, ARRAY<INT>>, D MYTYPE)"},
  });
}

TEST(Statements, CreateAsAndInsert) {
  expect_all({
      {"CREATE OR REPLACE TABLE IF NOT EXISTS T WITH (partitions=2) AS SELECT * FROM S EMIT CHANGES",
       "CREATE OR REPLACE TABLE IF NOT EXISTS T WITH (PARTITIONS=2) AS SELECT *\nFROM S\nEMIT CHANGES"},
      {"CREATE STREAM T AS SELECT A FROM S", "CREATE STREAM T AS SELECT A\nFROM S"},
      {"INSERT INTO T SELECT A FROM S", "INSERT INTO T SELECT A\nFROM S"},
      {"INSERT INTO T WITH (query_id='q') SELECT A FROM S",
       "INSERT INTO T WITH (QUERY_ID='q') SELECT A\nFROM S"},
      {"INSERT INTO T (A, b) VALUES (1, 'x'), (ARRAY[1], null)",
       "INSERT INTO T (A, B) VALUES (1, 'x'), (ARRAY[1], null)"},
      {"INSERT INTO T VALUES (1+2, STRUCT(A:=1))", "INSERT INTO T VALUES ((1 + 2), STRUCT(A:=1))"},
  });
}

TEST(Statements, Definitions) {
  expect_all({
      {"DROP STREAM IF EXISTS S DELETE TOPIC", "DROP STREAM IF EXISTS S DELETE TOPIC"},
      {"DROP TABLE T", "DROP TABLE T"},
      {"ALTER STREAM S ADD A INT, ADD COLUMN B STRING",
       "ALTER STREAM S ADD COLUMN A INT, ADD COLUMN B STRING"},
      {"CREATE TYPE IF NOT EXISTS N AS STRUCT<a INT>", "CREATE TYPE IF NOT EXISTS N AS STRUCT<A INT>"},
      {"DROP TYPE IF EXISTS N", "DROP TYPE IF EXISTS N"},
      {"CREATE SINK CONNECTOR IF NOT EXISTS MyC WITH ('connector.class'='x', \"a\"='1')",
       "CREATE SINK CONNECTOR IF NOT EXISTS MyC WITH ('connector.class'='x', 'a'='1')"},
      {"CREATE SOURCE CONNECTOR `a b` WITH ('k'=1)", "CREATE SOURCE CONNECTOR `a b` WITH ('k'=1)"},
      {"DROP CONNECTOR IF EXISTS c", "DROP CONNECTOR IF EXISTS c"},
  });
}

TEST(Statements, QueriesAndWindows) {
  expect_all({
      {"select t.*, a as b, s->* , f(*) from s as t where not a = 1 emit final limit 3",
       "SELECT\n  T.*,\n  A B,\n  S->*,\n  F(*)\nFROM S T\nWHERE (NOT (A = 1))\nEMIT FINAL\nLIMIT 3"},
      {"SELECT A FROM S PARTITION BY A, B HAVING C > 1",
       "SELECT A\nFROM S\nPARTITION BY A, B\nHAVING (C > 1)"},
      {"SELECT A FROM S WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 2 DAYS, GRACE PERIOD 0 SECONDS) GROUP BY (A, "
       "B)",
       "SELECT A\nFROM S\nWINDOW TUMBLING (SIZE 1 HOUR, RETENTION 2 DAYS, GRACE PERIOD 0 SECONDS)\nGROUP BY "
       "A, B"},
      {"SELECT A FROM S WINDOW w HOPPING (SIZE 10 MINUTES, ADVANCE BY 1 MINUTE) GROUP BY A",
       "SELECT A\nFROM S\nWINDOW W HOPPING (SIZE 10 MINUTES, ADVANCE BY 1 MINUTE)\nGROUP BY A"},
      {"SELECT A FROM S WINDOW SESSION (30 SECONDS, GRACE PERIOD 1 DAY) GROUP BY (A+1)*2",
       "SELECT A\nFROM S\nWINDOW SESSION (30 SECONDS, GRACE PERIOD 1 DAY)\nGROUP BY ((A + 1) * 2)"},
      {"SELECT A FROM S WINDOW TUMBLING (SIZE 100 ROWS) GROUP BY A",
       "SELECT A\nFROM S\nWINDOW TUMBLING (SIZE 100 ROWS)\nGROUP BY A"},
      {"SELECT A FROM S WINDOW HOPPING (SIZE 100 ROWS, ADVANCE BY 10 ROWS) GROUP BY A",
       "SELECT A\nFROM S\nWINDOW HOPPING (SIZE 100 ROWS, ADVANCE BY 10 ROWS)\nGROUP BY A"},
      {"SELECT L.A FROM L JOIN R ON L.A = R.A LEFT OUTER JOIN Q x WITHIN 10 SECONDS GRACE PERIOD 1 DAY ON "
       "L.A = x.A "
       "FULL JOIN Z WITHIN (1 HOUR, 2 HOURS) ON (L.B = Z.B) RIGHT JOIN Y ON true",
       "SELECT L.A\nFROM L\nINNER JOIN R ON ((L.A = R.A))\nLEFT OUTER JOIN Q X WITHIN 10 SECONDS GRACE "
       "PERIOD 1 DAY ON "
       "((L.A = X.A))\nFULL JOIN Z WITHIN (1 HOUR, 2 HOURS) ON ((L.B = Z.B))\nRIGHT JOIN Y ON (true)"},
  });
}

TEST(Statements, ListingAndDescribing) {
  expect_all({
      {"SHOW STREAMS", "LIST STREAMS"},
      {"LIST TABLES EXTENDED", "LIST TABLES EXTENDED"},
      {"SHOW ALL TOPICS", "LIST ALL TOPICS"},
      {"SHOW TOPICS EXTENDED", "LIST TOPICS EXTENDED"},
      {"SHOW QUERIES EXTENDED", "LIST QUERIES EXTENDED"},
      {"SHOW PROPERTIES", "LIST PROPERTIES"},
      {"SHOW FUNCTIONS", "LIST FUNCTIONS"},
      {"SHOW TYPES", "LIST TYPES"},
      {"SHOW VARIABLES", "LIST VARIABLES"},
      {"SHOW CONNECTORS", "LIST CONNECTORS"},
      {"SHOW SOURCE CONNECTORS", "LIST SOURCE CONNECTORS"},
      {"SHOW SINK CONNECTORS", "LIST SINK CONNECTORS"},
      {"SHOW CONNECTOR PLUGINS", "LIST CONNECTOR PLUGINS"},
      {"DESCRIBE s EXTENDED", "DESCRIBE S EXTENDED"},
      {"DESCRIBE TABLES", "DESCRIBE TABLES"},
      {"DESCRIBE `TABLES`", "DESCRIBE `TABLES`"},
      {"DESCRIBE STREAMS EXTENDED", "DESCRIBE STREAMS EXTENDED"},
      {"DESCRIBE FUNCTION count", "DESCRIBE FUNCTION COUNT"},
      {"DESCRIBE CONNECTOR c", "DESCRIBE CONNECTOR c"},
      {"EXPLAIN SELECT A FROM S", "EXPLAIN SELECT A\nFROM S"},
      {"EXPLAIN csas_x_1", "EXPLAIN CSAS_X_1"},
      {"EXPLAIN `transient_a_1`", "EXPLAIN `transient_a_1`"},
      {"EXPLAIN LIST STREAMS", "EXPLAIN LIST STREAMS"},
      {"PRINT My_Topic FROM BEGINNING INTERVAL 2 LIMIT 3",
       "PRINT 'My_Topic' FROM BEGINNING INTERVAL 2 LIMIT 3"},
      {"PRINT 'a.b-c' SAMPLE 5", "PRINT 'a.b-c' INTERVAL 5"},
  });
}

TEST(Statements, Commands) {
  expect_all({
      {"TERMINATE ALL", "TERMINATE ALL"},
      {"TERMINATE ctas_t_3", "TERMINATE CTAS_T_3"},
      {"PAUSE q", "PAUSE Q"},
      {"RESUME ALL", "RESUME ALL"},
      {"SET 'a.b' = 'it''s'", "SET 'a.b'='it''s'"},
      {"UNSET 'a.b'", "UNSET 'a.b'"},
      {"ALTER SYSTEM 'a'='b'", "ALTER SYSTEM 'a'='b'"},
      {"DEFINE Select = '''x'''", "DEFINE Select='''x'''"},
      {"UNDEFINE n", "UNDEFINE n"},
      {"ASSERT TOPIC t WITH (partitions=1) TIMEOUT 10 SECONDS",
       "ASSERT TOPIC 't' WITH (PARTITIONS=1) TIMEOUT 10 SECONDS"},
      {"ASSERT NOT EXISTS TOPIC 'a-b'", "ASSERT NOT EXISTS TOPIC 'a-b'"},
      {"ASSERT SCHEMA SUBJECT Sub ID 3 TIMEOUT 1 MINUTE",
       "ASSERT SCHEMA SUBJECT 'Sub' ID 3 TIMEOUT 1 MINUTE"},
      {"ASSERT NOT EXISTS SCHEMA ID 3", "ASSERT NOT EXISTS SCHEMA ID 3"},
      {"RUN SCRIPT 'a.sql'", "RUN SCRIPT 'a.sql'"},
      {"ASSERT VALUES s (a) VALUES (1)", "ASSERT VALUES S (A) VALUES (1)"},
      {"ASSERT NULL VALUES s (k) KEY (1)", "ASSERT NULL VALUES S (K) KEY (1)"},
      {"ASSERT TABLE t (k INT PRIMARY KEY) WITH (kafka_topic='x')",
       "ASSERT TABLE T (K INT PRIMARY KEY) WITH (KAFKA_TOPIC='x')"},
  });
}

TEST(Statements, TextAndSpanLeaveOutWhatSurroundsAStatement) {
  const std::string request = "-- first\n  LIST STREAMS ;\n/* x */ DROP STREAM `é` ; ";
  const auto parsed = parse_statements("-- first\n  LIST STREAMS ;\n/* x */ DROP STREAM s ; ");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ((*parsed)[0].text, "LIST STREAMS");
  EXPECT_EQ((*parsed)[1].text, "DROP STREAM s");
  EXPECT_EQ((*parsed)[1].span.begin, (SourcePosition{3, 9}));
  EXPECT_EQ(request.substr((*parsed)[0].span.offset, (*parsed)[0].span.length), "LIST STREAMS");
  EXPECT_EQ((*parsed)[1].span.length, std::string("DROP STREAM s").size());
}

TEST(Statements, ExplainKeepsTheTextOfWhatItExplains) {
  const auto parsed = parse_statement("EXPLAIN  select a from b");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(std::get<ast::Explain>(parsed->node).statement->text, "select a from b");
}

TEST(Statements, PositionsCountOverTheWholeRequest) {
  const auto parsed = parse_statements("SELECT 'é', b FROM t;\nSELECT 1,\n  c.d FROM c;");
  ASSERT_TRUE(parsed.has_value());
  const auto& first = std::get<ast::Query>((*parsed)[0].node);
  EXPECT_EQ(first.items[1].at, (SourcePosition{1, 13}));
  EXPECT_EQ(first.from.at, (SourcePosition{1, 20}));
  const auto& second = std::get<ast::Query>((*parsed)[1].node);
  EXPECT_EQ(std::get<ast::ExpressionItem>(second.items[1].node).expression->at, (SourcePosition{3, 3}));
}

TEST(Statements, DurationsAreMilliseconds) {
  const auto parsed =
      parse_statement("SELECT A FROM S WINDOW SESSION (2 HOURS, GRACE PERIOD 3 MILLISECONDS) GROUP BY A");
  ASSERT_TRUE(parsed.has_value());
  const auto& window = *std::get<ast::Query>(parsed->node).window;
  EXPECT_EQ(window.size->ms, 7'200'000);
  EXPECT_EQ(window.size->unit, "HOURS");
  EXPECT_EQ(window.grace->ms, 3);
}

TEST(Statements, FragmentsParseAlone) {
  const auto columns = parse_columns("ID INT KEY, NAME STRING");
  ASSERT_TRUE(columns.has_value());
  EXPECT_EQ((*columns)[0].role, ast::ColumnRole::kKey);
  EXPECT_EQ((*columns)[1].type.name, "STRING");
  const auto type = parse_type("MAP<STRING, STRUCT<`f` INT>>");
  ASSERT_TRUE(type.has_value());
  EXPECT_EQ(print(*type), "MAP<STRING, STRUCT<`f` INT>>");
  EXPECT_FALSE(parse_type("INT INT").has_value());
  EXPECT_FALSE(parse_expression("1 +").has_value());
  EXPECT_TRUE(parse_statement("LIST STREAMS -- no semicolon").has_value());
  EXPECT_TRUE(parse_statement("LIST STREAMS;").has_value());
  EXPECT_FALSE(parse_statement("LIST STREAMS; LIST TABLES").has_value());
  EXPECT_TRUE(parse_statements(" -- nothing\n")->empty());
}

}  // namespace
}  // namespace thalweg::parser
