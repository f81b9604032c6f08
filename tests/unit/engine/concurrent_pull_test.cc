// Bounded scans of a stream while workers are awake: the scan's tasks belong to the asking thread alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "parser/parser.h"
#include "runtime/engine.h"

namespace thalweg::runtime {
namespace {

constexpr std::int64_t kRows = 30'000;

TEST(ConcurrentPull, ScansOfAStreamSeeEveryRowOnce) {
  const auto storage = make_memory_storage();
  EngineOptions options;
  options.storage = storage.get();
  options.workers = 2;
  auto engine = Engine::open(std::move(options));
  ASSERT_TRUE(engine) << describe(engine.error());
  const auto create = parser::parse_statement(
      "CREATE STREAM r (k BIGINT KEY, v BIGINT) WITH (kafka_topic = 'r', partitions = 2, value_format = "
      "'json');");
  ASSERT_TRUE(create);
  ASSERT_TRUE((*engine)->execute(*create, {}));
  std::vector<Engine::NamedRow> rows;
  for (std::int64_t i = 0; i < kRows; ++i)
    rows.push_back({{"K", planner::Value(i % 40)}, {"V", planner::Value(i)}});
  const auto inserted = (*engine)->insert_rows("R", rows);
  ASSERT_FALSE(inserted.error) << describe(*inserted.error);
  const auto select = parser::parse_statement("SELECT v FROM r;");
  ASSERT_TRUE(select);
  for (int round = 0; round < 20; ++round) {
    const auto result = (*engine)->pull(std::get<ast::Query>(select->node), {});
    ASSERT_TRUE(result) << describe(result.error());
    ASSERT_EQ(result->rows.size(), static_cast<std::size_t>(kRows)) << "round " << round;
    std::vector<bool> seen(kRows, false);
    for (const auto& row : result->rows) seen[static_cast<std::size_t>(row[0].as_int())] = true;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), kRows) << "round " << round;
  }
}

}  // namespace
}  // namespace thalweg::runtime
