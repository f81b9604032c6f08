// Joins of streams, row by row as in the tables of the semantics.
#include "tests/unit/engine/operator_bench.h"

namespace thalweg::runtime {
namespace {

using namespace bench;  // NOLINT
using ast::JoinType;

constexpr std::int64_t kDayMs = 86'400'000;

std::unique_ptr<Bench> stream_join(JoinType type, std::optional<std::int64_t> grace_ms,
                                   std::int64_t before_ms = 10'000, std::int64_t after_ms = 10'000) {
  const auto left = two_columns("L"), right = two_columns("R");
  planner::StreamStreamJoinStep step;
  step.type = type;
  step.before_ms = before_ms;
  step.after_ms = after_ms;
  step.grace_ms = grace_ms;
  step.retention_ms = before_ms + after_ms + grace_ms.value_or(kDayMs - 2 * before_ms);
  step.left_store = "left";
  step.right_store = "right";
  if (grace_ms && type != JoinType::kInner) step.pending_store = "pending";
  auto plan = plan_over({left, right}, joined(left, right), step, false);
  return std::make_unique<Bench>(std::move(plan), from_factory(), joined_value);
}

struct Step {
  int port;
  Row row;
  std::string inner, left, right, outer;
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

const std::string kB = "2:(B,b)@5000", kA = "1:(A,a)@9000";
const std::vector<Step> kDeferred{
    {0, {"1", "A", 1000}, "", "", "", ""},
    {0, {"2", "B", 2000}, "", "", "", ""},
    {1, {"2", "b", 5000}, kB, kB, kB, kB},
    {1, {"3", "c", 6000}, "", "", "", ""},
    {0, {"4", "D", 14000}, "", "1:(A,·)@1000", "", "1:(A,·)@1000"},
    {1, {"1", "a", 9000}, kA, kA, kA, kA},
    {0, {"5", "E", 3000}, "", "5:(E,·)@3000", "", "5:(E,·)@3000"},
    {0, {"6", "F", 30000}, "", "4:(D,·)@14000", "3:(·,c)@6000", "3:(·,c)@6000 4:(D,·)@14000"},
};
const std::vector<Step> kEager{
    {0, {"1", "A", 1000}, "", "1:(A,·)@1000", "", "1:(A,·)@1000"},
    {0, {"2", "B", 2000}, "", "2:(B,·)@2000", "", "2:(B,·)@2000"},
    {1, {"2", "b", 5000}, kB, kB, kB, kB},
    {1, {"3", "c", 6000}, "", "", "3:(·,c)@6000", "3:(·,c)@6000"},
    {0, {"4", "D", 14000}, "", "4:(D,·)@14000", "", "4:(D,·)@14000"},
    {1, {"1", "a", 9000}, kA, kA, kA, kA},
    {0, {"5", "E", 3000}, "", "5:(E,·)@3000", "", "5:(E,·)@3000"},
    {0, {"6", "F", 30000}, "", "6:(F,·)@30000", "", "6:(F,·)@30000"},
};

class StreamStreamJoin : public testing::TestWithParam<JoinType> {};

TEST_P(StreamStreamJoin, WithGraceUnmatchedRowsWait) {
  const auto join = stream_join(GetParam(), 2000);
  for (const Step& step : kDeferred) {
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
  }
}

TEST_P(StreamStreamJoin, WithoutGraceTheyLeaveAtOnce) {
  const auto join = stream_join(GetParam(), std::nullopt);
  for (const Step& step : kEager) {
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
  }
}

TEST_P(StreamStreamJoin, AnEpochThatFailedNeverWas) {
  const auto join = stream_join(GetParam(), 2000);
  for (const Step& step : kDeferred) {
    join->feed(step.port, {step.row});
    join->roll_back();
    EXPECT_EQ(join->feed(step.port, {step.row}), expected(step, GetParam())) << "at " << step.row.time;
    join->commit();
  }
}

INSTANTIATE_TEST_SUITE_P(Types, StreamStreamJoin,
                         testing::Values(JoinType::kInner, JoinType::kLeft, JoinType::kRight,
                                         JoinType::kFull));

TEST(StreamStreamJoinWindow, BoundsAreInclusiveAndMayDiffer) {
  const auto join = stream_join(JoinType::kInner, std::nullopt, 10, 20);
  join->feed(1, {{"k", "a", 89}, {"k", "b", 90}, {"k", "c", 120}, {"k", "d", 121}});
  EXPECT_EQ(join->feed(0, {{"k", "L", 100}}), "k:(L,b)@100 k:(L,c)@120");
  EXPECT_EQ(join->feed(1, {{"k", "e", 90}}), "k:(L,e)@100");
  EXPECT_EQ(join->feed(1, {{"k", "f", 89}}), "");
}

TEST(StreamStreamJoinWindow, DuplicatesAreKeptByTimeThenArrival) {
  const auto join = stream_join(JoinType::kInner, std::nullopt);
  join->feed(1, {{"k", "b", 20}, {"k", "a", 10}, {"k", "c", 20}, {"k", "x", 15000}, {"k", "b", 20}});
  EXPECT_EQ(join->feed(0, {{"k", "L", 5000}}),
            "k:(L,a)@5000 k:(L,b)@5000 k:(L,c)@5000 k:(L,b)@5000 k:(L,x)@15000");
  join->context.batch_rows_max = 2;
  EXPECT_EQ(join->feed(0, {{"k", "M", 15}}), "k:(M,a)@15 k:(M,b)@20 k:(M,c)@20 k:(M,b)@20");
}

TEST(StreamStreamJoinNulls, PreservedSidesKeepNullKeys) {
  const auto inner = stream_join(JoinType::kInner, std::nullopt);
  EXPECT_EQ(inner->feed(0, {{{}, "a", 1}}), "");
  const auto left = stream_join(JoinType::kLeft, 2000);
  EXPECT_EQ(left->feed(0, {{{}, "a", 1}, {"k", {}, 2}, {{}, {}, 3}}), "·:(a,·)@1");
  EXPECT_EQ(left->feed(1, {{{}, "x", 1}, {"k", {}, 2}}), "");
}

TEST(StreamStreamJoinExpiry, OldRowsAreInvisible) {
  const auto join = stream_join(JoinType::kInner, 0);
  join->feed(1, {{"k", "old", 0}, {"other", "new", 20000}});
  EXPECT_EQ(join->feed(0, {{"k", "L", 0}}), "") << "0 < 20000 - 20000 + 1";
  join->feed(1, {{"k", "old", 1}});
  EXPECT_EQ(join->feed(0, {{"k", "L", 1}}), "k:(L,old)@1");
}

TEST(StreamStreamJoinPending, ARestartKeepsWhatWaits) {
  const auto join = stream_join(JoinType::kFull, 2000);
  join->feed(0, {{"1", "A", 1000}, {"1", "B", 1000}});
  join->feed(1, {{"2", "x", 1000}});
  join->commit();
  join->restart();
  EXPECT_EQ(join->feed(0, {{"9", "Z", 90000}}), "2:(·,x)@1000 1:(A,·)@1000 1:(B,·)@1000");
}

TEST(StreamStreamJoinPending, SweepsAreThrottled) {
  const auto join = stream_join(JoinType::kLeft, 0);
  join->context.sweep_interval_ms = 1000;
  EXPECT_EQ(join->feed(0, {{"1", "A", 1000}, {"2", "B", 50000}}), "") << "the first row used up the sweep";
  join->clock.advance_ms(1000);
  EXPECT_EQ(join->feed(0, {{"3", "C", 90000}}), "1:(A,·)@1000 2:(B,·)@50000");
}

TEST(StreamStreamJoinPending, RowsOfABatchSeeEachSweep) {
  const auto join = stream_join(JoinType::kLeft, 0);
  join->feed(1, {{"4", "x", 2000}});
  EXPECT_EQ(join->feed(0, {{"1", "A", 1000}, {"4", "M", 1500}, {"2", "B", 90000}, {"3", "C", 70000}}),
            "4:(M,x)@2000 1:(A,·)@1000 3:(C,·)@70000");
}

TEST(StreamStreamJoinWindows, WindowsAreMatched) {
  const auto left = two_columns("L"), right = two_columns("R");
  planner::StreamStreamJoinStep step;
  step.type = JoinType::kLeft;
  step.before_ms = step.after_ms = 10;
  step.grace_ms = 0;
  step.retention_ms = 20;
  step.left_store = "left", step.right_store = "right", step.pending_store = "pending";
  auto plan = plan_over({left, right}, joined(left, right), step, false);
  for (auto& s : plan.steps) s.windowed = true;
  for (std::size_t i = 0; i < 2; ++i) {
    std::get<planner::SourceStep>(plan.steps[i].node).window =
        planner::WindowInfo{ast::WindowType::kSession, std::nullopt};
  }
  Bench join(std::move(plan), from_factory(), joined_value);
  const auto windowed = [&](const planner::Schema& schema, const Row& row, std::int64_t start,
                            std::int64_t end) {
    Batch batch = make_rows(schema, {row});
    batch.window_start = batch.arena->array<std::int64_t>(1);
    batch.window_end = batch.arena->array<std::int64_t>(1);
    batch.window_start[0] = start;
    batch.window_end[0] = end;
    return batch;
  };
  EXPECT_EQ(join.feed_batch(0, windowed(left, {"k", "a", 5}, 0, 5)), "");
  EXPECT_EQ(join.feed_batch(1, windowed(right, {"k", "x", 5}, 0, 4)), "");
  EXPECT_EQ(join.feed_batch(1, windowed(right, {"k", "y", 6}, 0, 5)), "k:(a,y)[0,5]@6");
  EXPECT_EQ(join.feed_batch(0, windowed(left, {"k", "b", 7}, 1, 7)), "");
  EXPECT_EQ(join.feed_batch(0, windowed(left, {"k", "c", 100}, 1, 100)), "k:(b,·)[1,7]@7");
}

}  // namespace
}  // namespace thalweg::runtime
