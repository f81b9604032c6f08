#include "shell/entity.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace thalweg::shell {
namespace {

using Json = nlohmann::ordered_json;

TEST(Entity, CommandShowsItsMessage) {
  const auto entity = Json::parse(
      R"({"@type":"currentStatus","commandStatus":{"status":"SUCCESS","message":"Stream created"}})");
  EXPECT_EQ(entity_text(entity), " Message        \n----------------\n Stream created \n----------------\n");
  EXPECT_FALSE(is_failed_command(entity));
}

TEST(Entity, FailedCommandIsAnError) {
  EXPECT_TRUE(is_failed_command(
      Json::parse(R"({"@type":"currentStatus","commandStatus":{"status":"ERROR","message":"no"}})")));
}

TEST(Entity, StreamsWithWarning) {
  const auto entity = Json::parse(R"({"@type":"streams","streams":[{"type":"STREAM","name":"S","topic":"t",
      "keyFormat":"KAFKA","valueFormat":"JSON","isWindowed":false}],"warnings":[{"message":"careful"}]})");
  EXPECT_EQ(entity_text(entity),
            " Stream Name | Kafka Topic | Key Format | Value Format | Windowed \n"
            "------------------------------------------------------------------\n"
            " S           | t           | KAFKA      | JSON         | false    \n"
            "------------------------------------------------------------------\n"
            "WARNING: careful\n");
}

TEST(Entity, DescriptionNamesKeys) {
  const auto entity =
      Json::parse(R"({"@type":"sourceDescription","sourceDescription":{"name":"T","type":"TABLE","fields":[
      {"name":"ID","schema":{"type":"INTEGER","fields":null,"memberSchema":null},"type":"KEY"},
      {"name":"V","schema":{"type":"ARRAY","fields":null,"memberSchema":{"type":"STRING","fields":null,"memberSchema":null}}}]}})");
  const std::string text = entity_text(entity);
  EXPECT_NE(text.find(" ID    | INTEGER  (primary key) "), std::string::npos) << text;
  EXPECT_NE(text.find(" V     | ARRAY<VARCHAR(STRING)> "), std::string::npos) << text;
}

TEST(Entity, ExtendedDescriptionShowsStatisticsPerHost) {
  const auto entity = Json::parse(
      R"({"@type":"sourceDescription","sourceDescription":{"name":"S","type":"STREAM","extended":true,
      "fields":[],"statistics":"total-messages:         3","errorStats":"",
      "clusterStatistics":[{"name":"messages-per-sec","host":"h:8088","value":0.104,"timestamp":1709227325123},
                           {"name":"total-messages","host":"h:8088","value":3,"timestamp":1709227325123}],
      "clusterErrorStats":[{"name":"consumer-failed-messages","host":"h:8088","value":1,"timestamp":1709227325123}]}})");
  EXPECT_NE(
      entity_text(entity).find("Runtime statistics by host\n--------------------------\n"
                               " Host   | Metric                   | Value | Last Message             \n"
                               "----------------------------------------------------------------------\n"
                               " h:8088 | messages-per-sec         | 0.10  | 2024-02-29T17:22:05.123Z \n"
                               " h:8088 | total-messages           | 3     | 2024-02-29T17:22:05.123Z \n"
                               " h:8088 | consumer-failed-messages | 1     | 2024-02-29T17:22:05.123Z \n"),
      std::string::npos)
      << entity_text(entity);
}

TEST(Entity, ExtendedDescriptionOfAServerThatTellsOfItselfOnly) {
  const auto entity = Json::parse(
      R"({"@type":"sourceDescription","sourceDescription":{"name":"S","type":"STREAM","extended":true,
      "fields":[],"statistics":"total-messages:         3","errorStats":""}})");
  EXPECT_NE(entity_text(entity).find("Local runtime statistics\n------------------------\ntotal-messages: "),
            std::string::npos)
      << entity_text(entity);
}

TEST(Entity, QueriesAndTheirStates) {
  const auto entity = Json::parse(
      R"({"@type":"queries","queries":[{"queryString":"CREATE TABLE T AS\nSELECT 1;","sinks":["T"],
      "sinkKafkaTopics":["T"],"id":"CTAS_T_5","statusCount":{"RUNNING":2,"ERROR":1},"queryType":"PERSISTENT"}]})");
  const std::string text = entity_text(entity);
  EXPECT_NE(text.find(" CTAS_T_5 | PERSISTENT | RUNNING:2,ERROR:1 | T         | T "), std::string::npos)
      << text;
  EXPECT_NE(text.find("EXPLAIN <Query ID>;"), std::string::npos);
}

TEST(Entity, DescribedQuery) {
  const auto entity =
      Json::parse(R"({"@type":"queryDescription","queryDescription":{"id":"CSAS_O_1","statementText":"CREATE",
      "fields":[],"sources":["S"],"sinks":["O"],"topology":"Topologies:","executionPlan":"plan",
      "ksqlHostQueryStatus":{"h:8088":"RUNNING"},"queryType":"PERSISTENT","queryErrors":[]}})");
  const std::string text = entity_text(entity);
  EXPECT_NE(text.find("Host Query Status    : h:8088 RUNNING\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Processing topology\n-------------------\nTopologies:\n"), std::string::npos) << text;
}

TEST(Entity, Types) {
  const auto entity = Json::parse(R"({"@type":"type_list","types":{"PAIR":"STRUCT<A INTEGER>"}})");
  EXPECT_NE(entity_text(entity).find(" PAIR      | STRUCT<A INTEGER> "), std::string::npos)
      << entity_text(entity);
}

TEST(Entity, UnknownKindsAppearAsJson) {
  EXPECT_EQ(entity_text(Json::parse(R"({"@type":"new_thing","x":1})")),
            "{\n  \"@type\": \"new_thing\",\n  \"x\": 1\n}\n");
}

}  // namespace
}  // namespace thalweg::shell
