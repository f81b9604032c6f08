// Plans pinned as text in tests/plans; THALWEG_REWRITE=1 writes them anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "session.h"

namespace thalweg::planner::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The SQL in front of the line "----", the pinned text behind it.
struct Golden {
  std::string sql, expected;
};
Golden split(const std::string& text) {
  const auto cut = text.find("----\n");
  if (cut == std::string::npos) return {text, {}};
  return {text.substr(0, cut), text.substr(cut + 5)};
}

std::vector<fs::path> plan_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(THALWEG_SOURCE_DIR) / "tests/plans")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(GoldenPlanTest, PlansAreAsPinned) {
  for (const auto& path : plan_files()) {
    SCOPED_TRACE(path.filename().string());
    const auto golden = split(read_file(path));
    Session session;
    const auto result = session.run(golden.sql);
    ASSERT_TRUE(result) << result.error().message;
    const auto actual = session.query().statement + "\n\n" + describe_execution_plan(session.query()) + "\n" +
                        describe_topology(session.query());
    if (std::getenv("THALWEG_REWRITE")) {
      std::ofstream(path) << golden.sql << "----\n" << actual;
    } else {
      EXPECT_EQ(actual, golden.expected);
    }
  }
}

TEST(PlanJsonTest, EveryPinnedPlanSurvivesTheRoundTrip) {
  for (const auto& path : plan_files()) {
    SCOPED_TRACE(path.filename().string());
    Session session;
    ASSERT_TRUE(session.run(split(read_file(path)).sql));
    const auto json = to_json(session.query());
    EXPECT_EQ(json.find('\n'), std::string::npos);
    const auto read = plan_from_json(json);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_json(*read), json);
    EXPECT_EQ(read->steps.back().id, session.query().steps.back().id);
    for (const auto& [name, source] : session.catalog.sources()) {
      const auto copy = source_from_json(to_json(*source));
      ASSERT_TRUE(copy) << copy.error().message;
      EXPECT_EQ(*copy, *source);
    }
  }
}

TEST(PlanJsonTest, AnotherVersionIsRefused) {
  const auto read = plan_from_json(R"({"version":99})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "the stored plan has version 99, this server reads version 1");
  EXPECT_FALSE(plan_from_json("nonsense"));
}

TEST(StepIdTest, AnUnchangedStepKeepsItsIdWhenTheProjectionChanges) {
  const char* sources =
      "CREATE STREAM s (k INT KEY, a INT) WITH (kafka_topic = 's', partitions = 1, value_format = 'json');";
  Session one, two;
  ASSERT_TRUE(one.run(std::string(sources) + "CREATE TABLE o AS SELECT k, COUNT(a) AS n FROM s GROUP BY k;"));
  ASSERT_TRUE(
      two.run(std::string(sources) + "CREATE TABLE o AS SELECT k, COUNT(a) + 1 AS n FROM s GROUP BY k;"));
  EXPECT_EQ(one.query().steps[2].id, two.query().steps[2].id);
  EXPECT_NE(one.query().steps.back().id, two.query().steps.back().id);
}

}  // namespace
}  // namespace thalweg::planner::test
