#include "shell/entity.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace thalweg::shell {
namespace {

using Json = nlohmann::ordered_json;

TEST(Entity, CommandShowsItsMessage) {
  const auto entity = Json::parse(R"({"@type":"currentStatus","commandStatus":{"status":"SUCCESS","message":"Stream created"}})");
  EXPECT_EQ(entity_text(entity), " Message        \n----------------\n Stream created \n----------------\n");
  EXPECT_FALSE(is_failed_command(entity));
}

TEST(Entity, FailedCommandIsAnError) {
  EXPECT_TRUE(is_failed_command(Json::parse(R"({"@type":"currentStatus","commandStatus":{"status":"ERROR","message":"no"}})")));
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
  const auto entity = Json::parse(R"({"@type":"sourceDescription","sourceDescription":{"name":"T","type":"TABLE","fields":[
      {"name":"ID","schema":{"type":"INTEGER","fields":null,"memberSchema":null},"type":"KEY"},
      {"name":"V","schema":{"type":"ARRAY","fields":null,"memberSchema":{"type":"STRING","fields":null,"memberSchema":null}}}]}})");
  const std::string text = entity_text(entity);
  EXPECT_NE(text.find(" ID    | INTEGER  (primary key) "), std::string::npos) << text;
  EXPECT_NE(text.find(" V     | ARRAY<VARCHAR(STRING)> "), std::string::npos) << text;
}

TEST(Entity, UnknownKindsAppearAsJson) {
  EXPECT_EQ(entity_text(Json::parse(R"({"@type":"new_thing","x":1})")), "{\n  \"@type\": \"new_thing\",\n  \"x\": 1\n}\n");
}

}  // namespace
}  // namespace thalweg::shell
