// SELECT and PRINT over HTTP: formats, framing, back-pressure, disconnects.
#include <chrono>
#include <thread>

#include "tests/unit/server/running_server.h"

namespace thalweg::server {
namespace {

using namespace std::chrono_literals;

class Query : public RunningServer {
 protected:
  static std::string sql_body(const std::string& sql) { return "{\"sql\":\"" + sql + "\"}"; }
  static std::string ksql_body(const std::string& sql) { return "{\"ksql\":\"" + sql + "\"}"; }
  RawClient open_push(const std::string& target, const std::string& fields = {}) const {
    auto connection = client();
    const std::string sql = "SELECT * FROM S EMIT CHANGES;";
    connection.send(
        request_text("POST", target, target == "/query" ? ksql_body(sql) : sql_body(sql), fields));
    return connection;
  }
  bool eventually(const std::function<bool()>& condition) const {
    for (int i = 0; i < 600 && !condition(); ++i) std::this_thread::sleep_for(5ms);
    return condition();
  }
};

constexpr std::string_view kHeader =
    "{\"header\":{\"queryId\":\"transient_S_4711\",\"schema\":\"`A` STRING, `B` INTEGER\"}}";
constexpr std::string_view kMetadata =
    R"({"queryId":"transient_S_4711","columnNames":["A","B"],"columnTypes":["STRING","INTEGER"]})";

TEST_F(Query, DelimitedPushSendsOneChunkPerLine) {
  start();
  auto connection = open_push("/query-stream");
  const auto head = connection.read_until("\r\n\r\n");
  EXPECT_NE(head.find("content-type: application/vnd.ksqlapi.delimited.v1\r\n"), std::string::npos) << head;
  EXPECT_EQ(connection.next_chunk(), std::string(kMetadata) + "\n");
  engine_.feed->rows(
      {row_of("x", 1), {{planner::Value(std::string("y")), planner::Value()}, true}, row_of("z", 3)});
  EXPECT_EQ(connection.next_chunk(), "[\"x\",1]\n");
  EXPECT_EQ(connection.next_chunk(), "[\"z\",3]\n");  // the tombstone is left out
  engine_.feed->finish("Limit Reached");
  EXPECT_EQ(connection.next_chunk(), "");
  EXPECT_TRUE(eventually([&] { return engine_.feed->stopped(); }));
}

TEST_F(Query, JsonArrayPush) {
  start();
  engine_.feed->rows({row_of("x", 1), row_of("y", 2)});
  engine_.feed->finish("Limit Reached");
  auto connection = open_push("/query-stream", "Accept: application/json\r\n");
  EXPECT_EQ(connection.response().body, "[" + std::string(kMetadata) + R"(,["x",1],["y",2]])");
}

TEST_F(Query, StreamedPushWithTombstoneAndFinalMessage) {
  start();
  engine_.feed->rows({row_of("x", 1), {{planner::Value(std::string("y")), planner::Value()}, true}});
  engine_.feed->finish("Limit Reached");
  auto connection = open_push("/query");
  const auto answer = connection.response();
  EXPECT_NE(answer.head.find("content-type: application/vnd.ksql.v1+json\r\n"), std::string::npos);
  EXPECT_EQ(
      answer.body,
      "[" + std::string(kHeader) +
          ",\n{\"row\":{\"columns\":[\"x\",1]}},\n"
          "{\"row\":{\"columns\":[\"y\",null],\"tombstone\":true}},\n{\"finalMessage\":\"Limit Reached\"}]");
  EXPECT_EQ(answer.chunks.front(), "[" + std::string(kHeader) + ",\n");
}

TEST_F(Query, AcceptDecidesTheFormatOfQuery) {
  start();
  const auto type = [&](const std::string& target, const std::string& accept) {
    const auto body = target == "/query" ? ksql_body("SELECT * FROM S WHERE ID='1';")
                                         : sql_body("SELECT * FROM S WHERE ID='1';");
    const auto answer = ask("POST", target, body, accept.empty() ? "" : "Accept: " + accept + "\r\n");
    const auto at = answer.head.find("content-type: ");
    return answer.head.substr(at + 14, answer.head.find('\r', at) - at - 14);
  };
  const std::string delimited = "application/vnd.ksqlapi.delimited.v1",
                    streamed = "application/vnd.ksql.v1+json";
  EXPECT_EQ(type("/query", ""), streamed);
  EXPECT_EQ(type("/query", "*/*"), delimited);
  EXPECT_EQ(type("/query", "application/json"), streamed);
  EXPECT_EQ(type("/query", "application/vnd.ksql.v1+json; charset=utf-8"), streamed);
  EXPECT_EQ(type("/query-stream", ""), delimited);
  EXPECT_EQ(type("/query-stream", "*/*"), delimited);
  EXPECT_EQ(type("/query-stream", "application/json"), "application/json");
  EXPECT_EQ(type("/query-stream", "application/json;q=0.5, application/vnd.ksql.v1+json"), streamed);
  EXPECT_EQ(ask("POST", "/query-stream", sql_body("SELECT 1;"), "Accept: text/html\r\n").status, 406);
  EXPECT_EQ(
      ask("POST", "/query-stream", sql_body("SELECT 1;"), "Accept: application/vnd.ksql.v1+protobuf\r\n")
          .status,
      406);
}

TEST_F(Query, PullResponses) {
  start();
  const auto pull = [&](const std::string& accept) {
    return ask("POST", "/query-stream", sql_body("SELECT * FROM S WHERE ID='1';"), accept).body;
  };
  const std::string header =
      "{\"header\":{\"queryId\":\"query_1700000000000\",\"schema\":\"`ID` STRING KEY, `N` BIGINT\"}}";
  const std::string streamed = "Accept: application/vnd.ksql.v1+json\r\n";
  EXPECT_EQ(pull(streamed), "[" + header + "]");
  engine_.pull_result.rows = {{planner::Value(std::string("a")), planner::Value(std::int64_t{1})},
                              {planner::Value(std::string("b")), planner::Value()}};
  EXPECT_EQ(pull(streamed),
            "[" + header + ",\n{\"row\":{\"columns\":[\"a\",1]}},\n{\"row\":{\"columns\":[\"b\",null]}}]");
  EXPECT_EQ(pull(""),
            "{\"queryId\":\"query_1700000000000\",\"columnNames\":[\"ID\",\"N\"],\"columnTypes\":[\"STRING\","
            "\"BIGINT\"]}\n"
            "[\"a\",1]\n[\"b\",null]\n");
  engine_.pull_result.final_message = "Query Completed";
  EXPECT_EQ(pull(streamed),
            "[" + header +
                ",\n{\"row\":{\"columns\":[\"a\",1]}},\n{\"row\":{\"columns\":[\"b\",null]}},\n"
                "{\"finalMessage\":\"Query Completed\"}]");
  engine_.pull_result.rows.clear();
  EXPECT_EQ(pull(streamed), "[" + header + ",\n{\"finalMessage\":\"Query Completed\"}]");
}

TEST_F(Query, LargePullResultsSurviveASlowReader) {
  start();
  for (int i = 0; i < 100'000; ++i) {
    engine_.pull_result.rows.push_back(
        {planner::Value(std::string(50, 'x')), planner::Value(std::int64_t{i})});
  }
  auto connection = client();
  connection.send(
      request_text("POST", "/query-stream", sql_body("SELECT * FROM S;"), "Accept: application/json\r\n"));
  std::this_thread::sleep_for(100ms);
  const auto body = connection.response().body;
  EXPECT_GT(body.size(), 5'000'000u);
  EXPECT_TRUE(body.ends_with(",99999]]"));
}

TEST_F(Query, FailuresBeforeTheFirstByte) {
  start();
  engine_.pull_error = Error{ErrorCode::kStatement, "X does not exist."};
  const auto answer = ask("POST", "/query-stream", sql_body("SELECT * FROM X WHERE ID='1';"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"@type":"statement_error","error_code":40001,"message":"X does not exist.",)"
                         R"("statementText":"SELECT * FROM X WHERE ID='1';","entities":[]})");
  EXPECT_NE(ask("POST", "/query-stream", sql_body("SELECT * FROM S; SELECT * FROM S;"))
                .body.find("Expected exactly one KSQL statement; found 2 instead"),
            std::string::npos);
  EXPECT_EQ(ask("POST", "/query-stream", "{}").status, 400);
  EXPECT_NE(ask("POST", "/query", "{\"ksql\":\"\"}").body.find("\\\"ksql\\\" field must be populated"),
            std::string::npos);
  EXPECT_NE(ask("POST", "/query", ksql_body("SHOW STREAMS;")).body.find("not supported for this resource"),
            std::string::npos);
}

TEST_F(Query, FailuresBehindTheMetadataAreInBand) {
  start();
  engine_.feed->rows({row_of("x", 1)});
  engine_.feed->fail(Error{ErrorCode::kFatal, "the stream broke"});
  EXPECT_EQ(open_push("/query").response().body,
            "[" + std::string(kHeader) +
                ",\n{\"row\":{\"columns\":[\"x\",1]}},\n{\"errorMessage\":"
                "{\"@type\":\"generic_error\",\"error_code\":50000,\"message\":\"the stream broke\"}}]");
}

TEST_F(Query, CloseQuery) {
  start();
  auto connection = open_push("/query-stream");
  connection.read_until("\r\n\r\n");
  connection.next_chunk();
  const auto closed = ask("POST", "/close-query", R"({"queryId":"transient_S_4711"})");
  EXPECT_EQ(closed.status, 200);
  EXPECT_EQ(closed.body, "");
  EXPECT_EQ(connection.next_chunk(), "");
  EXPECT_TRUE(eventually([&] { return engine_.feed->stopped(); }));
  EXPECT_NE(ask("POST", "/close-query", R"({"queryId":"nope"})").body.find("No query with id nope"),
            std::string::npos);
  EXPECT_EQ(ask("POST", "/close-query", R"({"queryId":"nope"})").status, 400);
}

TEST_F(Query, TerminateOfAPushQuery) {
  start();
  auto connection = open_push("/query");
  connection.read_until("\r\n\r\n");
  connection.next_chunk();
  const auto answer = ask("POST", "/ksql", ksql_body("TERMINATE `transient_S_4711`;"));
  EXPECT_EQ(answer.body, R"([{"@type":"terminate_query","statementText":"TERMINATE `transient_S_4711`;",)"
                         R"("queryId":"transient_S_4711","wasTerminated":true,"warnings":[]}])");
  EXPECT_EQ(connection.next_chunk(), "{\"finalMessage\":\"Query Completed\"}]");
}

TEST_F(Query, PushQueriesAreNamedInAnyCase) {
  start();
  auto connection = open_push("/query");
  connection.read_until("\r\n\r\n");
  connection.next_chunk();
  const auto explained = ask("POST", "/ksql", ksql_body("EXPLAIN transient_S_4711;"));
  EXPECT_EQ(explained.status, 200);
  EXPECT_NE(explained.body.find(R"("id":"transient_S_4711")"), std::string::npos) << explained.body;
  EXPECT_NE(explained.body.find(R"("overriddenProperties":{"auto.offset.reset":"earliest"})"),
            std::string::npos)
      << explained.body;
  const auto answer = ask("POST", "/ksql", ksql_body("TERMINATE transient_S_4711;"));
  EXPECT_NE(answer.body.find(R"("queryId":"transient_S_4711","wasTerminated":true)"), std::string::npos)
      << answer.body;
  EXPECT_TRUE(eventually([&] { return engine_.feed->stopped(); }));
  EXPECT_NE(ask("POST", "/ksql", ksql_body("TERMINATE transient_S_4711;")).body.find("Unknown queryId"),
            std::string::npos);
}

TEST_F(Query, ADisconnectEndsThePushQuery) {
  start();
  auto connection = open_push("/query-stream");
  connection.read_until("\r\n\r\n");
  connection.close();
  EXPECT_TRUE(eventually([&] { return engine_.feed->stopped(); }));
}

TEST_F(Query, AClientThatDoesNotReadHoldsBackTheQuery) {
  start();
  auto connection = open_push("/query-stream");
  connection.read_until("\r\n\r\n");
  const std::string big(1000, 'x');
  std::vector<runtime::ResultRow> rows(100'000, row_of(big, 1));
  engine_.feed->rows(std::move(rows));
  std::this_thread::sleep_for(300ms);
  EXPECT_GT(engine_.feed->waiting(), 50'000u);  // most of 100 MB still waits in the query
  EXPECT_EQ(ask("GET", "/info").status, 200);
  std::size_t lines = 0;
  engine_.feed->finish({});
  for (auto chunk = connection.next_chunk(); !chunk.empty(); chunk = connection.next_chunk()) ++lines;
  EXPECT_EQ(lines, 100'001u);
}

TEST_F(Query, PushQueriesAreBounded) {
  start({"ksql.max.push.queries=1"});
  auto connection = open_push("/query-stream");
  connection.read_until("\r\n\r\n");
  const auto refused = ask("POST", "/query-stream", sql_body("SELECT * FROM S EMIT CHANGES;"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("\"error_code\":40001"), std::string::npos);
  EXPECT_NE(refused.body.find("push queries to exceed the configured limit"), std::string::npos);
}

TEST_F(Query, PullQueriesAreRateLimited) {
  start({"ksql.query.pull.max.qps=1"});
  const auto pull = [&] {
    return ask("POST", "/query-stream", sql_body("SELECT * FROM S WHERE ID='1';")).status;
  };
  EXPECT_EQ(pull(), 200);
  EXPECT_EQ(pull(), 429);
}

TEST_F(Query, Http10GetsAClosedBody) {
  start();
  engine_.feed->rows({row_of("x", 1)});
  engine_.feed->finish({});
  const auto body = sql_body("SELECT * FROM S EMIT CHANGES;");
  const auto answer =
      raw("POST /query-stream HTTP/1.0\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n\r\n" + body);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::string(kMetadata) + "\n[\"x\",1]\n")) << answer;
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
}

TEST_F(Query, PrintFollowsATopic) {
  start({"query.stream.disconnect.check=50"});
  engine_.produce("s_topic", "18", R"({"a":1})");
  auto connection = client();
  connection.send(request_text("POST", "/query", ksql_body("PRINT s_topic FROM BEGINNING LIMIT 2;")));
  connection.read_until("\r\n\r\n");
  EXPECT_EQ(connection.next_chunk(), "Key format: JSON or KAFKA_STRING\n");
  EXPECT_EQ(connection.next_chunk(), "Value format: JSON or KAFKA_STRING\n");
  EXPECT_EQ(connection.next_chunk(),
            "rowtime: 2022/12/02 17:22:02.556 Z, key: 18, value: {\"a\":1}, partition: 0\n");
  EXPECT_EQ(connection.next_chunk(), "\n");  // a sign of life
  engine_.produce("s_topic", std::nullopt, std::nullopt);
  auto line = connection.next_chunk();
  while (line == "\n") line = connection.next_chunk();
  EXPECT_EQ(line, "rowtime: 2022/12/02 17:22:02.556 Z, key: <null>, value: <null>, partition: 0\n");
  EXPECT_EQ(connection.next_chunk(), "");
  const auto unknown = ask("POST", "/query", ksql_body("PRINT S_TOPIC;"));
  EXPECT_EQ(unknown.status, 400);
}

TEST_F(Query, StoppingTheServerEndsPushQueriesProperly) {
  start();
  auto connection = open_push("/query");
  connection.read_until("\r\n\r\n");
  connection.next_chunk();
  server_->stop();
  EXPECT_EQ(connection.next_chunk(), "{\"finalMessage\":\"Query Completed\"}]");
  EXPECT_TRUE(engine_.feed->stopped());
}

}  // namespace
}  // namespace thalweg::server
