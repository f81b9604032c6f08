// POST /inserts-stream.
#include "planner/types/text.h"
#include "server/api/insert_values.h"
#include "tests/unit/server/running_server.h"

namespace thalweg::server {
namespace {

class Inserts : public RunningServer {
 protected:
  RawClient::Response insert(const std::string& body, const std::string& fields = {}) const {
    return ask("POST", "/inserts-stream", body, fields);
  }
};

TEST_F(Inserts, AcknowledgesEveryRow) {
  start();
  const auto answer =
      insert("{\"target\":\"s\"}\n{\"id\":1,\"v\":\"x\",\"Unknown\":2}\n\n{\"ID\":2,\"amount\":\"1.005\"}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"seq\":0,\"status\":\"ok\"}\n{\"seq\":1,\"status\":\"ok\"}\n");
  EXPECT_EQ(engine_.inserted_count, 2);
  EXPECT_EQ(planner::to_plain_string(engine_.inserted["S"]["AMOUNT"].as_decimal()), "1.01");
}

TEST_F(Inserts, JsonArray) {
  start();
  EXPECT_EQ(insert("{\"target\":\"S\"}\n{\"ID\":1}\n{\"ID\":2}\n", "Accept: application/json\r\n").body,
            R"([{"seq":0,"status":"ok"},{"seq":1,"status":"ok"}])");
  EXPECT_EQ(insert("{\"target\":\"S\"}\n", "Accept: application/json\r\n").body, "[]");
  EXPECT_EQ(insert("{\"target\":\"S\"}\n", "Accept: text/html\r\n").status, 406);
}

TEST_F(Inserts, HeadAndAcknowledgementsComeBeforeTheEnd) {
  start();
  auto connection = client();
  connection.send(
      "POST /inserts-stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\nf\r\n{\"target\":\"S\"}\n\r\n");
  EXPECT_EQ(connection.read_until("\r\n\r\n").substr(0, 15), "HTTP/1.1 200 OK");
  connection.send("9\r\n{\"ID\":1}\n\r\n");
  EXPECT_EQ(connection.next_chunk(), "{\"seq\":0,\"status\":\"ok\"}\n");
  connection.send("4\r\n{\"ID\r\n5\r\n\":2}\n\r\n0\r\n\r\n");
  EXPECT_EQ(connection.next_chunk(), "{\"seq\":1,\"status\":\"ok\"}\n");
  EXPECT_EQ(connection.next_chunk(), "");
  connection.send(request_text("GET", "/chc/ready"));  // the connection goes on
  EXPECT_EQ(connection.response().body, "{}");
}

TEST_F(Inserts, AFailingRowEndsTheAnswer) {
  start();
  EXPECT_EQ(insert("{\"target\":\"S\"}\n{\"ID\":1}\n{\"ID\":\"x\"}\n{\"ID\":3}\n").body,
            "{\"seq\":0,\"status\":\"ok\"}\n{\"@type\":\"InsertError\",\"status\":\"error\",\"seq\":1,"
            "\"error_code\":40000,"
            "\"message\":\"Can't coerce a field of type class java.lang.String (x) into type INTEGER\"}\n");
  EXPECT_EQ(engine_.inserted_count, 1);
  EXPECT_NE(insert("{\"target\":\"S\"}\nnonsense\n").body.find("Invalid JSON in inserts stream"),
            std::string::npos);
  EXPECT_NE(insert("{\"target\":\"S\"}\n{\"V\":\"x\"}\n").body.find("Key field must be specified: ID"),
            std::string::npos);
}

TEST_F(Inserts, TargetsAreChecked) {
  start();
  const auto unknown = insert("{\"target\":\"nope\"}\n");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(
      unknown.body.find(
          "\"error_code\":40001,\"message\":\"Cannot insert values into an unknown stream/table: NOPE\""),
      std::string::npos);
  EXPECT_EQ(insert("{\"target\":\"W\"}\n").status, 400);
  EXPECT_EQ(insert("nonsense\n").status, 400);
}

TEST_F(Inserts, DisabledByProperty) {
  start({"ksql.insert.into.values.enabled=false"});
  EXPECT_NE(insert("{\"target\":\"S\"}\n").body.find("\"error_code\":40000"), std::string::npos);
}

TEST_F(Inserts, LinesAreBoundedTheWholeIsNot) {
  start({"thalweg.http.line.max.bytes=1000", "thalweg.http.body.max.bytes=2000"});
  EXPECT_EQ(insert("{\"target\":\"" + std::string(2000, 'x')).status, 413);
  std::string many = "{\"target\":\"S\"}\n";
  for (int i = 0; i < 1000; ++i) many += "{\"ID\":1}\n";
  const auto answer = insert(many);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.ends_with("{\"seq\":999,\"status\":\"ok\"}\n"));
}

TEST(InsertValues, Coercions) {
  const auto value = [](const char* json, const planner::SqlType& type) -> std::string {
    const auto result = value_of_json(*parse_json(json), type);
    return result ? planner::cast_to_string(*result, type) : "!" + result.error().message;
  };
  using planner::SqlKind;
  using planner::SqlType;
  EXPECT_EQ(value("12", SqlKind::kBigint), "12");
  EXPECT_EQ(value("3000000000", SqlKind::kInteger).front(), '!');
  EXPECT_EQ(value("1.5", SqlKind::kInteger).front(), '!');
  EXPECT_EQ(value("1", SqlKind::kDouble), "1.0");
  EXPECT_EQ(value("12345678901234567890123456789.123456789", SqlType::decimal(38, 9)),
            "12345678901234567890123456789.123456789");
  EXPECT_EQ(value("\"2024-02-29\"", SqlKind::kDate), "2024-02-29");
  EXPECT_EQ(value("\"nonsense\"", SqlKind::kDate).front(), '!');
  EXPECT_EQ(value("[1,null]", SqlType::array(SqlKind::kInteger)), "[1, null]");
  EXPECT_EQ(value("{\"a\":1}", SqlType::structure({{"A", SqlKind::kInteger}, {"B", SqlKind::kString}})),
            "Struct{A=1}");
  EXPECT_EQ(value("true", SqlKind::kString).front(), '!');
}

}  // namespace
}  // namespace thalweg::server
