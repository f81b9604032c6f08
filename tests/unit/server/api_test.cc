// Shapes of the statement-style endpoints, byte by byte.
#include "tests/unit/server/running_server.h"

namespace thalweg::server {
namespace {

class Api : public RunningServer {
 protected:
  std::string ksql(const std::string& sql, const std::string& more = {}) const {
    return ask("POST", "/ksql", "{\"ksql\":\"" + sql + "\"" + more + "}").body;
  }
};

TEST_F(Api, CreateAnswersACurrentStatus) {
  start();
  EXPECT_EQ(
      ksql("CREATE STREAM X (A INT) WITH (kafka_topic='x', value_format='JSON');"),
      R"([{"@type":"currentStatus","statementText":"CREATE STREAM X (A INT) WITH (kafka_topic='x', value_format='JSON');",)"
      R"("commandId":"stream/`X`/create","commandStatus":{"status":"SUCCESS","message":"Stream created","queryId":null},)"
      R"("commandSequenceNumber":0,"warnings":[]}])");
  EXPECT_EQ(ask("GET", "/status/stream/%60X%60/create").body,
            R"({"status":"SUCCESS","message":"Stream created","queryId":null})");
  EXPECT_NE(ask("GET", "/status").body.find(R"("stream/`X`/create":"SUCCESS")"), std::string::npos);
  EXPECT_EQ(ask("GET", "/status/stream/nothing/create").body,
            R"({"@type":"generic_error","error_code":40400,"message":"Command not found"})");
}

TEST_F(Api, StreamsInsertAndSet) {
  start();
  EXPECT_EQ(
      ksql("SHOW STREAMS;"),
      R"([{"@type":"streams","statementText":"SHOW STREAMS;","streams":[)"
      R"({"type":"STREAM","name":"S","topic":"s_topic","keyFormat":"KAFKA","valueFormat":"JSON","isWindowed":false},)"
      R"({"type":"STREAM","name":"W","topic":"s_topic","keyFormat":"KAFKA","valueFormat":"JSON","isWindowed":true}],)"
      R"("warnings":[]}])");
  EXPECT_EQ(ksql("INSERT INTO S (ID) VALUES (1);"), "[]");
  EXPECT_EQ(ksql("SET 'auto.offset.reset'='earliest'; CREATE STREAM Y (A INT) WITH (kafka_topic='x', "
                 "value_format='JSON');")
                .substr(0, 24),
            R"([{"@type":"currentStatus)");
  EXPECT_EQ(engine_.last_session["auto.offset.reset"], "earliest");
}

TEST_F(Api, IfNotExistsWarns) {
  start();
  EXPECT_EQ(
      ksql("CREATE STREAM IF NOT EXISTS S (A INT) WITH (kafka_topic='x', value_format='JSON');"),
      R"([{"@type":"warning_entity","statementText":"CREATE STREAM IF NOT EXISTS S (A INT) WITH (kafka_topic='x', value_format='JSON');",)"
      R"("message":"Cannot add stream `S`: A stream with the same name already exists.","warnings":[]}])");
}

TEST_F(Api, QueriesTopicsTypesVariables) {
  start();
  EXPECT_EQ(
      ksql("SHOW QUERIES;"),
      R"([{"@type":"queries","statementText":"SHOW QUERIES;","queries":[{"queryString":"CREATE TABLE T AS SELECT 1;",)"
      R"("sinks":["T"],"sinkKafkaTopics":["T"],"id":"CTAS_T_5","statusCount":{"RUNNING":1},"queryType":"PERSISTENT",)"
      R"("state":"RUNNING"}],"warnings":[]}])");
  EXPECT_EQ(
      ksql("SHOW TOPICS;"),
      R"([{"@type":"kafka_topics","statementText":"SHOW TOPICS;","topics":[{"name":"s_topic","replicaInfo":[1]}],"warnings":[]}])");
  EXPECT_NE(ksql("SHOW ALL TOPICS;").find("_confluent-hidden"), std::string::npos);
  EXPECT_EQ(ksql("SHOW TYPES;"),
            R"([{"@type":"type_list","statementText":"SHOW TYPES;","types":{},"warnings":[]}])");
  EXPECT_EQ(
      ksql("DEFINE b='2'; SHOW VARIABLES;", R"(,"sessionVariables":{"a":"1"})"),
      R"([{"@type":"variables","statementText":"SHOW VARIABLES;","variables":[{"name":"a","value":"1"},{"name":"b","value":"2"}],"warnings":[]}])");
}

TEST_F(Api, DescribeShowsFields) {
  start();
  const auto body = ksql("DESCRIBE S;");
  EXPECT_NE(
      body.find(
          R"("fields":[{"name":"ID","schema":{"type":"INTEGER","fields":null,"memberSchema":null},"type":"KEY"},)"
          R"({"name":"V","schema":{"type":"STRING","fields":null,"memberSchema":null}},)"),
      std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("partitions":1,"replication":1)"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("readQueries":[{"queryString")"), std::string::npos) << body;
}

TEST_F(Api, ErrorsHaveFiveMembers) {
  start();
  EXPECT_EQ(
      ksql("CREATE STREAM BAD (A INT) WITH (kafka_topic='x', value_format='JSON');"),
      R"({"@type":"statement_error","error_code":40001,"message":"BAD does not exist.",)"
      R"("statementText":"CREATE STREAM BAD (A INT) WITH (kafka_topic='x', value_format='JSON');","entities":[]})");
  const auto select = ask("POST", "/ksql", R"({"ksql":"SELECT * FROM S;"})");
  EXPECT_EQ(select.status, 400);
  EXPECT_EQ(
      select.body,
      R"({"@type":"statement_error","error_code":40002,"message":"The following statement types should be issued to )"
      R"(the websocket endpoint '/query':\n\t* PRINT\n\t* SELECT","statementText":"SELECT * FROM S;","entities":[]})");
  EXPECT_EQ(ask("POST", "/ksql", R"({"ksql":"SHOW NONSENSE;"})").status, 400);
  EXPECT_EQ(ask("POST", "/ksql", R"({"ksql":""})").status, 400);
  EXPECT_EQ(ask("POST", "/ksql", "{").body.substr(0, 46),
            R"({"@type":"generic_error","error_code":40000,"m)");
  EXPECT_EQ(ask("POST", "/ksql", R"({"ksql":"SHOW STREAMS;","commandSequenceNumber":1.5})").status, 400);
}

TEST_F(Api, Every400HasFiveMembers) {
  start();
  EXPECT_EQ(
      ask("GET", "/is_valid_property/nope").body,
      R"({"@type":"generic_error","error_code":40000,"message":"Not recognizable as ksql, streams, consumer, )"
      R"(or producer property: 'nope'","statementText":"","entities":[]})");
  for (const auto& answer : {ask("POST", "/close-query", R"({"queryId":"x"})"), ask("POST", "/query", "{"),
                             ask("POST", "/inserts-stream", R"({"target":"nope"})")}) {
    EXPECT_NE(answer.body.find(R"(,"statementText":"","entities":[])"), std::string::npos) << answer.body;
  }
  EXPECT_NE(raw("nonsense\r\n\r\n").find(R"("statementText":"","entities":[]})"), std::string::npos);
}

TEST_F(Api, NothingRunsIfAReadingStatementCannot) {
  start();
  const std::string create = "CREATE STREAM X (A INT) WITH (kafka_topic='x', value_format='JSON'); ";
  for (const std::string last :
       {"DESCRIBE NOPE;", "DESCRIBE FUNCTION NOPE;", "DROP STREAM S; DESCRIBE S;", "EXPLAIN CTAS_NOPE_1;",
        "ALTER SYSTEM 'auto.offset.reset'='earliest';", "ASSERT SCHEMA SUBJECT 'x';", "LIST CONNECTORS;",
        "CREATE SINK CONNECTOR c WITH ('a'='b');"}) {
    const auto answer = ask("POST", "/ksql", R"({"ksql":")" + create + last + "\"}");
    EXPECT_GE(answer.status, 400) << last;
    EXPECT_NE(answer.body.find(R"("entities":[])"), std::string::npos) << last << answer.body;
    EXPECT_EQ(engine_.executed, 0) << last;
  }
  EXPECT_EQ(ask("POST", "/ksql", R"({"ksql":")" + create + "EXPLAIN CTAS_T_5; DESCRIBE S;\"}").status, 200);
}

TEST_F(Api, InternalFailuresKeepTheirDetailsAndEarlierEntities) {
  start();
  const auto answer = ask(
      "POST", "/ksql",
      R"({"ksql":"SHOW TYPES; CREATE STREAM EXPLODES (A INT) WITH (kafka_topic='x', value_format='JSON');"})");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret detail"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("entities":[{"@type":"type_list")"), std::string::npos) << answer.body;
}

TEST_F(Api, SecretsAreMaskedInFailedStatements) {
  start();
  const auto body =
      ksql("CREATE STREAM BAD (A INT) WITH (kafka_topic='x', value_format='JSON', ssl_password='hunter2');");
  EXPECT_EQ(body.find("hunter2"), std::string::npos) << body;
  EXPECT_NE(body.find("ssl_password='[string]'"), std::string::npos) << body;
  const auto connector = ksql("CREATE SOURCE CONNECTOR BAD WITH ('connector.class'='X', 'url'='hunter2');");
  EXPECT_EQ(connector.find("hunter2"), std::string::npos) << connector;
}

TEST_F(Api, AFailedInsertIsNamedAsItWasSent) {
  start();
  const auto body = ksql("INSERT INTO BAD (A, B) VALUES (1, 'mine');");
  EXPECT_NE(body.find(R"("statementText":"INSERT INTO BAD (A, B) VALUES (1, 'mine');")"), std::string::npos)
      << body;
}

// A syntax error names its line, another mistake its statement; lines count over the request.
TEST_F(Api, WhatCannotBeParsedIsNamedAlone) {
  start();
  const auto syntax = ksql("SHOW STREAMS;\\nSHOW\\n  SELEKT 1; SHOW TABLES;\\nSHOW TOPICS;");
  EXPECT_NE(syntax.find(R"("message":"line 3:3: Syntax Error)"), std::string::npos) << syntax;
  EXPECT_NE(syntax.find(R"("statementText":"  SELEKT 1; SHOW TABLES;")"), std::string::npos) << syntax;
  const auto literal =
      ksql("SHOW STREAMS; CREATE STREAM X (A INT)\\n WITH (p=99999999999999999999); SHOW TABLES;");
  EXPECT_NE(literal.find("Invalid numeric literal"), std::string::npos) << literal;
  EXPECT_NE(
      literal.find(
          R"("statementText":"CREATE STREAM X (A INT)\n WITH (p=99999999999999999999);","entities":[])"),
      std::string::npos)
      << literal;
}

TEST_F(Api, DescribeExtendedTellsOfTheTraffic) {
  start();
  const auto silent = ksql("DESCRIBE S EXTENDED;");
  EXPECT_NE(silent.find(R"("statistics":"","errorStats":"","extended":true)"), std::string::npos) << silent;
  EXPECT_NE(silent.find(R"("clusterStatistics":[],"clusterErrorStats":[])"), std::string::npos) << silent;

  engine_.topic_traffic.written = {2898, 1.104, WallTime{1'709'227'325'123}};
  EXPECT_NE(ksql("DESCRIBE S EXTENDED;")
                .find(R"("statistics":"messages-per-sec:      1.10   total-messages:      2898     )"
                      R"(last-message: 2024-02-29T17:22:05.123Z","errorStats":"")"),
            std::string::npos)
      << ksql("DESCRIBE S EXTENDED;");

  engine_.topic_traffic.read = {3, 0.5, WallTime{1'709'227'326'000}};
  engine_.topic_traffic.read_bytes = 12'345'678'901;
  engine_.topic_traffic.unreadable = {1, 0.25, WallTime{1'709'227'326'000}};
  const auto body = ksql("DESCRIBE S EXTENDED;");
  EXPECT_NE(
      body.find("total-messages:      2898 consumer-messages-per-sec:      0.50 consumer-total-messages: "
                "        3 consumer-total-bytes: 12345678901     last-message: 2024-02-29T17:22:06.000Z"),
      std::string::npos)
      << body;
  EXPECT_NE(
      body.find(R"("errorStats":"consumer-failed-messages:         1 consumer-failed-messages-per-sec: )"
                R"(     0.25      last-failed: 2024-02-29T17:22:06.000Z")"),
      std::string::npos)
      << body;
  const auto host = R"("host":")" + std::string("127.0.0.1:");
  EXPECT_NE(body.find(R"("clusterStatistics":[{"name":"messages-per-sec",)" + host), std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("value":2898,"timestamp":1709227325123})"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("clusterErrorStats":[{"name":"consumer-failed-messages",)" + host),
            std::string::npos)
      << body;
  EXPECT_NE(ksql("DESCRIBE S;").find(R"("statistics":"","errorStats":"","extended":false)"),
            std::string::npos);
  const auto page = ask("GET", "/metrics").body;
  for (const char* line :
       {"ksql_total_messages{service_id=\"default_\",source=\"s_topic\"} 2898\n",
        "ksql_messages_per_sec{service_id=\"default_\",source=\"s_topic\"} 1.104\n",
        "ksql_consumer_total_bytes{service_id=\"default_\",source=\"s_topic\"} 12345678901\n",
        "ksql_consumer_failed_messages{service_id=\"default_\",source=\"s_topic\"} 1\n"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << page;
  }
}

TEST_F(Api, ExplainOfAPullQuery) {
  start();
  const auto body = ksql("EXPLAIN SELECT * FROM S WHERE ID = 1;");
  EXPECT_NE(
      body.find(R"([{"@type":"queryDescription","statementText":"EXPLAIN SELECT * FROM S WHERE ID = 1;",)"
                R"("queryDescription":{"id":"","statementText":"SELECT * FROM S WHERE ID = 1;",)"
                R"("windowType":null,"fields":[{"name":"ID","schema":{"type":"STRING","fields":null,)"
                R"("memberSchema":null},"type":"KEY"},)"),
      std::string::npos)
      << body;
  EXPECT_NE(
      body.find(
          R"("sources":["T"],"sinks":[],"topology":"Topologies:\n","executionPlan":" > [ PROJECT ]\n")"),
      std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("queryType":"PUSH")"), std::string::npos) << body;
  engine_.pull_error = Error{ErrorCode::kStatement, "not today"};
  EXPECT_NE(ksql("EXPLAIN SELECT * FROM S;").find(R"("error_code":40001,"message":"not today")"),
            std::string::npos);
}

TEST_F(Api, ExplainOfAPullQueryWherePullQueriesAreDisabled) {
  start({"ksql.pull.queries.enable=false"});
  EXPECT_NE(ksql("EXPLAIN SELECT * FROM S;").find("Pull queries are disabled."), std::string::npos);
}

TEST_F(Api, PropertiesAreCheckedBehindEveryPrefix) {
  start({"ksql.properties.overrides.denylist=ksql.streams.num.stream.threads"});
  const auto status = [&](const std::string& name) {
    return ask("POST", "/ksql", R"({"ksql":"SHOW STREAMS;","streamsProperties":{")" + name + R"(":"1"}})")
        .status;
  };
  EXPECT_EQ(status("cache.max.bytes.buffering"), 200);
  EXPECT_EQ(status("ksql.streams.cache.max.bytes.buffering"), 200);
  EXPECT_EQ(status("ksql.functions.mine.x"), 200);
  for (const char* denied :
       {"ksql.service.id", "ksql.streams.ksql.service.id", "producer.ksql.service.id", "bootstrap.servers",
        "consumer.bootstrap.servers", "ksql.streams.producer.ssl.key.password", "num.stream.threads",
        "ksql.streams.num.stream.threads", "ksql.pull.queries.enable", "no.such.property"}) {
    EXPECT_EQ(status(denied), 400) << denied;
  }
  EXPECT_EQ(ask("GET", "/is_valid_property/ksql.service.id").status, 400);
  EXPECT_EQ(ask("GET", "/is_valid_property/auto.offset.reset").body, "true");
  EXPECT_EQ(ask("POST", "/ksql", R"({"ksql":"SET 'auto.offset.reset'='none';"})").status, 400);
}

TEST_F(Api, ShowPropertiesSaysWhereValuesComeFrom) {
  start();
  const auto body = ksql("SHOW PROPERTIES;", R"(,"streamsProperties":{"auto.offset.reset":"earliest"})");
  EXPECT_NE(
      body.find(
          R"({"name":"ksql.streams.auto.offset.reset","scope":"KSQL","value":"earliest","editable":true,"level":"QUERY"})"),
      std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("overwrittenProperties":["ksql.streams.auto.offset.reset"])"), std::string::npos)
      << body;
}

TEST_F(Api, SmallEndpoints) {
  start();
  EXPECT_EQ(ask("GET", "/info").body.substr(0, 38), R"({"KsqlServerInfo":{"version":"0.29.0",)");
  EXPECT_EQ(ask("GET", "/healthcheck").body,
            R"({"isHealthy":true,"details":{"metastore":{"isHealthy":true},"kafka":{"isHealthy":true},)"
            R"("commandRunner":{"isHealthy":true}},"serverState":"READY"})");
  const auto root = ask("GET", "/");
  EXPECT_EQ(root.status, 307);
  EXPECT_NE(root.head.find("location: /info\r\n"), std::string::npos);
  EXPECT_EQ(ask("GET", "/nowhere").body, "Not Found");
  EXPECT_EQ(ask("GET", "/ksql").status, 404);
  EXPECT_EQ(ask("DELETE", "/info").status, 404);
  EXPECT_EQ(ask("GET", "/clusterStatus").status, 404);
  EXPECT_EQ(ask("GET", "/chc/ready").body, "{}");
  EXPECT_EQ(ask("GET", "/v1/metadata/id").body.substr(0, 29), R"({"id":"","scope":{"path":[],")");
  EXPECT_EQ(ask("GET", "/info", {}, "Accept: text/html\r\n").status, 406);
  EXPECT_EQ(ask("GET", "/info", {}, "Accept: application/json; charset=utf-8\r\n").status, 200);
  EXPECT_NE(ask("GET", "/metrics").body.find("ksql_num_persistent_queries{service_id=\"default_\"} 1\n"),
            std::string::npos);
}

TEST_F(Api, CommandSequenceNumberWaits) {
  start({"ksql.server.command.response.timeout.ms=50"});
  const auto late = ask("POST", "/ksql", R"({"ksql":"SHOW STREAMS;","commandSequenceNumber":7})");
  EXPECT_EQ(late.status, 503);
  EXPECT_NE(late.body.find("\"error_code\":50301"), std::string::npos);
  ksql("CREATE STREAM X (A INT) WITH (kafka_topic='x', value_format='JSON');");
  EXPECT_EQ(ask("POST", "/ksql", R"({"ksql":"SHOW STREAMS;","commandSequenceNumber":0})").status, 200);
}

TEST_F(Api, AssertTopic) {
  start();
  EXPECT_EQ(
      ksql("ASSERT TOPIC s_topic WITH (PARTITIONS=1);"),
      R"([{"@type":"assert_topic","statementText":"ASSERT TOPIC s_topic WITH (PARTITIONS=1);","topicName":"s_topic","exists":true,"warnings":[]}])");
  const auto missing = ask("POST", "/ksql", R"({"ksql":"ASSERT TOPIC nope TIMEOUT 10 MILLISECONDS;"})");
  EXPECT_EQ(missing.status, 417);
  EXPECT_NE(missing.body.find("Topic nope does not exist"), std::string::npos);
}

TEST_F(Api, TerminateShutsTheDoor) {
  start();
  EXPECT_EQ(ask("POST", "/ksql/terminate", R"({"deleteTopicList":["["]})").status, 400);
  EXPECT_EQ(ask("POST", "/ksql/terminate", R"({"deleteTopicList":["T"]})").status, 200);
  const auto after = ask("GET", "/info");
  EXPECT_EQ(after.status, 503);
  EXPECT_NE(after.body.find("50304"), std::string::npos);
}

TEST(ServerStates, ListeningButNotReady) {
  ConfigurationSources sources;
  sources.settings = {"listeners=http://127.0.0.1:0"};
  ServerOptions options;
  options.configuration = *Configuration::load(sources);
  auto server = Server::listen(std::move(options));
  ASSERT_TRUE(server);
  RawClient client((*server)->port());
  client.send(request_text("GET", "/info"));
  const auto answer = client.response();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.head.find("retry-after: 10\r\n"), std::string::npos);
  client.send(request_text("GET", "/chc/live"));
  EXPECT_EQ(client.response().body, "{}");
  client.send(request_text("GET", "/healthcheck"));
  const auto health = client.response();
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body,
            R"({"isHealthy":false,"details":{"metastore":{"isHealthy":false},"kafka":{"isHealthy":true},)"
            R"("commandRunner":{"isHealthy":false}},"serverState":"INITIALIZING"})");
}

}  // namespace
}  // namespace thalweg::server
