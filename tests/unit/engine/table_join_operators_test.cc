// Joins of tables, row by row as in the tables of the semantics.
#include "tests/unit/engine/operator_bench.h"

namespace thalweg::runtime {
namespace {

using namespace bench;  // NOLINT
using ast::JoinType;

std::unique_ptr<Bench> table_join(JoinType type, bool needs_old = false) {
  const auto left = two_columns("L"), right = two_columns("R");
  auto plan =
      plan_over({left, right}, joined(left, right), planner::TableTableJoinStep{type, "left", "right"}, true);
  plan.steps.back().needs_old = needs_old;
  return std::make_unique<Bench>(std::move(plan), from_factory(), joined_value);
}

struct Step {
  int port;
  Row row;
  std::string inner, left, right, outer;
};

const std::vector<Step> kPrimaryKeySteps{
    {0, {"k", "a", 10}, "", "k:(a,·)@10", "", "k:(a,·)@10"},
    {1, {"k", "x", 20}, "k:(a,x)@20", "k:(a,x)@20", "k:(a,x)@20", "k:(a,x)@20"},
    {0, {"k", "b", 15}, "k:(b,x)@20", "k:(b,x)@20", "k:(b,x)@20", "k:(b,x)@20"},
    {1, {"k", {}, 30}, "k:⊥@30", "k:(b,·)@30", "k:⊥@30", "k:(b,·)@30"},
    {0, {"k", {}, 40}, "", "k:⊥@40", "", "k:⊥@40"},
    {0, {"k", {}, 50}, "", "", "", ""},
    {1, {"k", "y", 60}, "", "", "k:(·,y)@60", "k:(·,y)@60"},
    {0, {"k", {}, 70}, "k:⊥@70", "k:⊥@70", "k:(·,y)@70", "k:(·,y)@70"},
};

std::string expected(const Step& step, JoinType type) {
  switch (type) {
    case JoinType::kInner: return step.inner;
    case JoinType::kLeft: return step.left;
    case JoinType::kRight: return step.right;
    case JoinType::kFull: return step.outer;
  }
  return {};
}

class TableTableJoin : public testing::TestWithParam<JoinType> {};

TEST_P(TableTableJoin, FollowsTheTable) {
  const auto join = table_join(GetParam());
  for (const Step& step : kPrimaryKeySteps) {
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
  }
}

TEST_P(TableTableJoin, FollowsTheTableOverRestarts) {
  const auto join = table_join(GetParam());
  for (const Step& step : kPrimaryKeySteps) {
    join->feed(step.port, {step.row});
    join->roll_back();
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
    join->commit();
    join->restart();
  }
}

INSTANTIATE_TEST_SUITE_P(Types, TableTableJoin,
                         testing::Values(JoinType::kInner, JoinType::kLeft, JoinType::kRight,
                                         JoinType::kFull));

TEST(TableTableJoinOld, FormerPairsAreKnown) {
  const auto join = table_join(JoinType::kLeft, true);
  EXPECT_EQ(join->feed(0, {{"k", "a", 1}, {"k", "b", 2}}), "k:(a,·)@1 k:(a,·)→(b,·)@2");
  EXPECT_EQ(join->feed(1, {{"k", "x", 3}, {"k", {}, 4}, {"other", "x", 5}}),
            "k:(b,·)→(b,x)@3 k:(b,x)→(b,·)@4");
  EXPECT_EQ(join->feed(0, {{"k", {}, 6}, {"k", {}, 7}, {"k", "c", 8}}), "k:(b,·)→⊥@6 k:(c,·)@8");
}

TEST(TableTableJoinKeys, NullKeysAreDropped) {
  const auto join = table_join(JoinType::kFull);
  EXPECT_EQ(join->feed(0, {{{}, "a", 1}, {"k", "b", 2}}), "k:(b,·)@2");
  EXPECT_EQ(join->counters.filtered.load(), 1u);
}

TEST(TableTableJoinValues, NullColumnsMatch) {
  const auto join = table_join(JoinType::kInner);
  join->feed(1, {{"k", "·", 1}});
  EXPECT_EQ(join->feed(0, {{"k", "a", 2}}), "k:(a,·)@2");
}

// ---- foreign keys ----------------------------------------------------------------------------------

std::unique_ptr<Bench> foreign_key_join(JoinType type) {
  const auto left = two_columns("L"), right = two_columns("R");
  const auto key = planner::make_typed(planner::InputColumn{1}, SqlKind::kString, "LV");
  auto plan = plan_over({left, right}, joined(left, right),
                        planner::ForeignKeyJoinStep{type, key, "left", "right", "subscriptions"}, true);
  return std::make_unique<Bench>(std::move(plan), from_factory(), joined_value);
}

const std::vector<Step> kForeignKeySteps{
    {1, {"A", "x", 10}, "", "", "", ""},
    {0, {"1", "A", 20}, "1:(A,x)@20", "1:(A,x)@20", "", ""},
    {0, {"1", "B", 30}, "1:⊥@30", "1:(B,·)@30", "", ""},
    {1, {"B", "y", 5}, "1:(B,y)@5", "1:(B,y)@5", "", ""},
    {0, {"1", "·", 40}, "1:⊥@40", "1:(·,·)@40", "", ""},
    {0, {"1", "A", 60}, "1:(A,x)@60", "1:(A,x)@60", "", ""},
    {1, {"A", {}, 70}, "1:⊥@70", "1:(A,·)@70", "", ""},
    {0, {"1", {}, 80}, "1:⊥@80", "1:⊥@80", "", ""},
};

class ForeignKeyJoin : public testing::TestWithParam<JoinType> {};

TEST_P(ForeignKeyJoin, FollowsTheTable) {
  const auto join = foreign_key_join(GetParam());
  for (const Step& step : kForeignKeySteps) {
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
  }
}

TEST_P(ForeignKeyJoin, FollowsTheTableOverRestarts) {
  const auto join = foreign_key_join(GetParam());
  for (const Step& step : kForeignKeySteps) {
    join->feed(step.port, {step.row});
    join->roll_back();
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
    join->commit();
    join->restart();
  }
}

INSTANTIATE_TEST_SUITE_P(Types, ForeignKeyJoin, testing::Values(JoinType::kInner, JoinType::kLeft));

TEST(ForeignKeyJoinInner, LeavesOnlyWhatMayHaveBeenThere) {
  const auto join = foreign_key_join(JoinType::kInner);
  EXPECT_EQ(join->feed(0, {{"1", "A", 1}}), "") << "insert without a partner";
  EXPECT_EQ(join->feed(0, {{"1", "A", 2}}), "") << "update that stays without";
  EXPECT_EQ(join->feed(0, {{"1", "B", 3}}), "1:⊥@3") << "another key";
  EXPECT_EQ(join->feed(0, {{"1", {}, 4}}), "1:⊥@4");
  EXPECT_EQ(join->feed(0, {{"1", {}, 5}}), "") << "unknown key";
  EXPECT_EQ(join->feed(0, {{"2", "·", 6}, {"2", {}, 7}}), "") << "a NULL key subscribes to nothing";
}

TEST(ForeignKeyJoinRight, SubscribersComeInTheOrderOfTheirKeys) {
  const auto join = foreign_key_join(JoinType::kLeft);
  join->feed(0, {{"3", "A", 1}, {"1", "A", 2}, {"2", "AB", 3}, {"2", "A", 4}, {"4", "AB", 5}});
  EXPECT_EQ(join->feed(1, {{"A", "x", 3}, {"AB", "y", 9}}), "1:(A,x)@3 2:(A,x)@3 3:(A,x)@3 4:(AB,y)@9");
  join->context.batch_rows_max = 2;
  EXPECT_EQ(join->feed(1, {{"A", "x", 4}}), "1:(A,x)@4 2:(A,x)@4 3:(A,x)@4")
      << "a repeated value is passed on";
}

TEST(ForeignKeyJoinLeft, TimesAreTheLater) {
  const auto join = foreign_key_join(JoinType::kInner);
  join->feed(1, {{"A", "x", 100}});
  EXPECT_EQ(join->feed(0, {{"1", "A", 20}}), "1:(A,x)@100");
}

}  // namespace
}  // namespace thalweg::runtime
