// Rows in batches of any size make the output of rows one by one, also when epochs fail and are run again.
#include <random>

#include "tests/unit/engine/operator_bench.h"

namespace thalweg::runtime {
namespace {

using namespace bench;  // NOLINT
using ast::JoinType;

struct Arrival {
  int port;
  Row row;
};

std::vector<Arrival> random_arrivals(std::uint32_t seed, std::size_t count) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return random() % n; };
  std::vector<Arrival> arrivals;
  std::int64_t now = 0;
  int port = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (below(3) == 0) port = static_cast<int>(below(2));
    now += below(4) == 0 ? below(20'000) : below(500);
    Row row;
    row.time = std::max<std::int64_t>(0, now - (below(3) == 0 ? below(30'000) : 0));
    if (below(20) != 0) row.key = std::string(1, static_cast<char>('a' + below(5)));
    if (below(6) != 0) row.value = std::string(1, static_cast<char>('a' + below(5)));
    arrivals.push_back({port, std::move(row)});
  }
  return arrivals;
}

std::string one_by_one(Bench& bench, const std::vector<Arrival>& arrivals) {
  std::string lines;
  for (const Arrival& arrival : arrivals) lines += bench.feed(arrival.port, {arrival.row}) + "\n";
  std::erase(lines, ' ');
  std::erase(lines, '\n');
  return lines;
}

std::string in_batches(Bench& bench, const std::vector<Arrival>& arrivals, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string lines;
  for (std::size_t at = 0; at < arrivals.size();) {
    std::vector<Row> rows;
    const std::size_t first = at;
    const std::size_t size_max = 1 + random() % 40;
    while (at < arrivals.size() && arrivals[at].port == arrivals[first].port && rows.size() < size_max) {
      rows.push_back(arrivals[at++].row);
    }
    if (random() % 3 == 0) {
      bench.commit();
      bench.feed(arrivals[first].port, rows);
      bench.roll_back();
    }
    lines += bench.feed(arrivals[first].port, rows);
  }
  std::erase(lines, ' ');
  return lines;
}

planner::QueryPlan join_plan(planner::StepNode node, bool table) {
  const auto left = two_columns("L"), right = two_columns("R");
  return plan_over({left, right}, joined(left, right), std::move(node), table);
}

void expect_the_same(const planner::QueryPlan& plan) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    Bench single(plan, from_factory(), joined_value), batched(plan, from_factory(), joined_value);
    batched.context.batch_rows_max = 7;
    const auto arrivals = random_arrivals(seed, 400);
    const std::string expected = one_by_one(single, arrivals);
    EXPECT_FALSE(expected.empty());
    EXPECT_EQ(in_batches(batched, arrivals, seed), expected) << "seed " << seed;
  }
}

class JoinBatches : public testing::TestWithParam<JoinType> {};

TEST_P(JoinBatches, StreamStream) {
  planner::StreamStreamJoinStep step{GetParam(), 5000, 8000, 2000, 15'000, "left", "right", "pending"};
  expect_the_same(join_plan(step, false));
  step.grace_ms.reset();
  step.retention_ms = 40'000;
  expect_the_same(join_plan(step, false));
}

TEST_P(JoinBatches, TableTable) {
  auto plan = join_plan(planner::TableTableJoinStep{GetParam(), "left", "right"}, true);
  expect_the_same(plan);
  plan.steps.back().needs_old = true;
  expect_the_same(plan);
}

class ForeignKeyBatches : public testing::TestWithParam<JoinType> {};

TEST_P(ForeignKeyBatches, ForeignKey) {
  const auto key = planner::make_typed(planner::InputColumn{1}, SqlKind::kString, "LV");
  expect_the_same(
      join_plan(planner::ForeignKeyJoinStep{GetParam(), key, "left", "right", "subscriptions"}, true));
}

INSTANTIATE_TEST_SUITE_P(Types, JoinBatches,
                         testing::Values(JoinType::kInner, JoinType::kLeft, JoinType::kRight,
                                         JoinType::kFull));
INSTANTIATE_TEST_SUITE_P(Types, ForeignKeyBatches, testing::Values(JoinType::kInner, JoinType::kLeft));

}  // namespace
}  // namespace thalweg::runtime
