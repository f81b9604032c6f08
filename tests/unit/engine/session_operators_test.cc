// Session windows, step by step as in the semantics.
#include "tests/unit/engine/operator_bench.h"

namespace thalweg::runtime {
namespace {

using namespace bench;  // NOLINT

constexpr std::int64_t kDayMs = 86'400'000;

planner::AggregateCall call_of(const std::string& name, std::int32_t column) {
  const auto library = standard_library();
  std::vector<planner::ArgumentType> arguments(1);
  arguments[0].type = SqlKind::kBigint;
  const auto resolved = planner::resolve_call(*library->catalog().find(name), arguments);
  THALWEG_EXPECT_OK(resolved);
  planner::AggregateCall call;
  call.function = name;
  call.overload = resolved->overload;
  call.arguments = {column};
  call.result = resolved->result;
  return call;
}

struct Options {
  std::int64_t gap_ms = 30'000;
  std::optional<std::int64_t> grace_ms, retention_ms;
  bool emit_final = false;
  bool needs_old = false;
  bool coalesce = false;
  std::string function = "MAX";
};

std::unique_ptr<Bench> sessions(const Options& options) {
  const planner::Schema input{{{"K", SqlKind::kString}, {"V", SqlKind::kBigint}}, 1};
  planner::AggregateStep step;
  step.calls = {call_of(options.function, 1)};
  planner::WindowSpec window{};
  window.type = ast::WindowType::kSession;
  window.size_ms = options.gap_ms;
  window.grace_ms =
      options.grace_ms.value_or(options.emit_final ? 0 : std::max<std::int64_t>(kDayMs - options.gap_ms, 0));
  window.retention_ms = options.retention_ms.value_or(window.size_ms + window.grace_ms);
  step.window = window;
  step.emit_final = options.emit_final;
  step.store = "sessions";
  const planner::Schema output{{{"K", SqlKind::kString},
                                {"A", step.calls[0].result},
                                {"WINDOWSTART", SqlKind::kBigint},
                                {"WINDOWEND", SqlKind::kBigint}},
                               1};
  auto plan = plan_over({input}, output, std::move(step), false);
  plan.steps.back().table = plan.steps.back().windowed = true;
  plan.steps.back().needs_old = options.needs_old;
  const Format format = [](const planner::Schema& schema, const Batch& batch,
                           const std::vector<Column>& columns, std::uint32_t row) {
    EXPECT_EQ(columns[2].get<std::int64_t>(row), batch.window_start[row]);
    EXPECT_EQ(columns[3].get<std::int64_t>(row), batch.window_end[row]);
    const planner::Value value = value_at(columns[1], schema.columns[1].type, row);
    if (value.is_null()) return std::string("·");
    if (schema.columns[1].type.is(SqlKind::kBigint)) return std::to_string(value.as_int());
    std::string list;
    for (const auto& item : value.as_list()) list += std::to_string(item.as_int());
    return list;
  };
  auto made = std::make_unique<Bench>(std::move(plan), from_factory(), format);
  made->context.coalesce = options.coalesce;
  made->restart();
  return made;
}

TEST(SessionAggregate, ExtendsSessionsByDeletingTheFormer) {
  const auto query = sessions({});
  EXPECT_EQ(query->feed(0, {{"k", "0", 0}}), "k:0[0,0]@0");
  EXPECT_EQ(query->feed(0, {{"k", "1", 70010}}), "k:1[70010,70010]@70010");
  EXPECT_EQ(query->feed(0, {{"k", "5", 10009}}), "k:⊥[0,0]@0 k:5[0,10009]@10009");
  EXPECT_EQ(query->feed(0, {{"k", "6", 10010}}), "k:⊥[0,10009]@10009 k:6[0,10010]@10010");
}

TEST(SessionAggregate, OneBatchIsAsManyRows) {
  const auto query = sessions({});
  EXPECT_EQ(
      query->feed(0, {{"k", "0", 0}, {"k", "1", 70010}, {"k", "5", 10009}, {"j", "9", 5}, {"k", "6", 10010}}),
      "k:0[0,0]@0 k:1[70010,70010]@70010 k:⊥[0,0]@0 k:5[0,10009]@10009 j:9[5,5]@5 "
      "k:⊥[0,10009]@10009 k:6[0,10010]@10010");
}

TEST(SessionAggregate, WithCachingASessionLeavesOncePerEpoch) {
  const auto query = sessions({.coalesce = true});
  EXPECT_EQ(query->feed(0, {{"k", "0", 0}, {"k", "5", 10009}, {"j", "9", 5}}), "");
  EXPECT_EQ(query->commit(), "k:5[0,10009]@10009 j:9[5,5]@5");
  query->feed(0, {{"k", "7", 20000}, {"k", "1", 70000}});
  EXPECT_EQ(query->commit(), "k:⊥[0,10009]@10009 k:7[0,20000]@20000 k:1[70000,70000]@70000");
  query->feed(0, {{"k", "3", 45000}, {"j", "8", 5}});
  EXPECT_EQ(query->commit(), "k:⊥[70000,70000]@70000 k:⊥[0,20000]@20000 k:7[0,70000]@70000 j:9[5,5]@5");
  EXPECT_EQ(query->commit(), "");
}

TEST(SessionAggregate, WithCachingOldStatesAreThoseOfTheLastEpoch) {
  const auto query = sessions({.needs_old = true, .coalesce = true});
  query->feed(0, {{"k", "3", 0}, {"k", "4", 0}});
  EXPECT_EQ(query->commit(), "k:4[0,0]@0");
  query->feed(0, {{"k", "5", 0}, {"k", "6", 0}});
  EXPECT_EQ(query->commit(), "k:4→6[0,0]@0");
  query->feed(0, {{"k", "7", 0}, {"k", "8", 1}});
  EXPECT_EQ(query->commit(), "k:6→⊥[0,0]@0 k:8[0,1]@1");
}

// A row that goes back behind what its group has read so far, beside a row far ahead.
TEST(SessionAggregate, AnEarlierRowFindsItsStoredSession) {
  const auto query = sessions({});
  query->feed(0, {{"k", "0", 0}});
  query->commit();
  EXPECT_EQ(query->feed(0, {{"k", "1", 70010}, {"k", "5", 10009}}),
            "k:1[70010,70010]@70010 k:⊥[0,0]@0 k:5[0,10009]@10009");
}

TEST(SessionAggregate, TheGapIsInclusive) {
  const auto query = sessions({});
  query->feed(0, {{"k", "1", 0}});
  EXPECT_EQ(query->feed(0, {{"k", "2", 30000}}), "k:⊥[0,0]@0 k:2[0,30000]@30000");
  EXPECT_EQ(query->feed(0, {{"k", "3", 60001}}), "k:3[60001,60001]@60001");
}

TEST(SessionAggregate, ALateRowBridgesSessions) {
  const auto query = sessions({.function = "COLLECT_LIST"});
  query->feed(0, {{"k", "1", 0}, {"k", "2", 50000}, {"k", "3", 200000}});
  EXPECT_EQ(query->feed(0, {{"k", "4", 25000}}), "k:⊥[0,0]@0 k:⊥[50000,50000]@50000 k:124[0,50000]@50000");
}

TEST(SessionAggregate, ARowAtTheSameInstantUpdatesInPlace) {
  const auto query = sessions({.needs_old = true});
  query->feed(0, {{"k", "1", 5}});
  EXPECT_EQ(query->feed(0, {{"k", "7", 5}}), "k:1→7[5,5]@5");
  EXPECT_EQ(query->feed(0, {{"k", "2", 6}}), "k:7→⊥[5,5]@5 k:7[5,6]@6");
  EXPECT_EQ(query->feed(0, {{"k", "2", 5}}), "k:7→⊥[5,6]@6 k:7[5,6]@6") << "the same bounds, yet replaced";
}

TEST(SessionAggregate, NullsAreDropped) {
  const auto query = sessions({});
  EXPECT_EQ(query->feed(0, {{{}, "1", 5}, {"k", {}, 6}}), "");
  EXPECT_EQ(query->counters.filtered.load(), 2u);
}

TEST(SessionAggregate, LateRowsAreDroppedUnlessTheySomehowReachAnOpenSession) {
  const auto query = sessions({.gap_ms = 10, .grace_ms = 5});
  query->feed(0, {{"k", "1", 100}});
  EXPECT_EQ(query->feed(0, {{"j", "1", 84}}), "") << "84 < 100 - 5 - 10";
  EXPECT_EQ(query->counters.late.load(), 1u);
  EXPECT_EQ(query->feed(0, {{"j", "1", 86}}), "j:1[86,86]@86");
  EXPECT_EQ(query->feed(0, {{"j", "2", 80}}), "j:⊥[86,86]@86 j:2[80,86]@86");
}

TEST(SessionAggregate, ExpiredSessionsDoNotMerge) {
  const auto query = sessions({.grace_ms = 60'000});
  query->feed(0, {{"k", "1", 0}, {"j", "1", 100010}});
  EXPECT_EQ(query->feed(0, {{"k", "2", 10009}}), "") << "without [0,0] it is late";
  EXPECT_EQ(query->feed(0, {{"k", "3", 10010}}), "k:3[10010,10010]@10010")
      << "in time, but not to be seen again";
  EXPECT_EQ(query->feed(0, {{"k", "4", 10011}}), "k:4[10011,10011]@10011");
  EXPECT_EQ(query->feed(0, {{"k", "5", 20000}}), "k:⊥[10011,10011]@10011 k:5[10011,20000]@20000");
}

TEST(SessionAggregate, StateSurvives) {
  const auto query = sessions({});
  query->feed(0, {{"k", "3", 0}});
  query->commit();
  query->feed(0, {{"k", "9", 10}});
  query->roll_back();
  EXPECT_EQ(query->feed(0, {{"k", "2", 20}}), "k:⊥[0,0]@0 k:3[0,20]@20");
  query->commit();
  query->restart();
  EXPECT_EQ(query->feed(0, {{"k", "1", 30}}), "k:⊥[0,20]@20 k:3[0,30]@30");
}

TEST(SessionAggregate, ReadersSeeSessionsByKeyAndBounds) {
  const auto query = sessions({.gap_ms = 1000});
  query->feed(0, {{"k", "1", 0}, {"k", "2", 500}, {"k", "3", 90000}, {"j", "4", 100}, {"k", "5", 45000}});
  query->commit();  // readers come between epochs
  EXPECT_EQ(query->read({}), "j:4[100,100]@100 k:2[0,500]@500 k:5[45000,45000]@45000 k:3[90000,90000]@90000");
  ReadRequest request;
  request.keys = std::vector<std::string>{"k"};
  request.start_min = 1;
  request.end_max = 50000;
  EXPECT_EQ(query->read(request), "k:5[45000,45000]@45000");
}

TEST(SessionFinal, EachSessionLeavesOnceWhenItHasClosed) {
  const auto query = sessions({.gap_ms = 10, .emit_final = true});
  EXPECT_EQ(query->feed(0, {{"b", "1", 0}, {"a", "2", 0}, {"b", "3", 5}, {"c", "4", 3}}), "");
  EXPECT_EQ(query->feed(0, {{"d", "1", 15}}), "a:2[0,0]@0 c:4[3,3]@3") << "closed: end < 15 - 10";
  EXPECT_EQ(query->feed(0, {{"d", "1", 16}}), "b:3[0,5]@5");
  EXPECT_EQ(query->feed(0, {{"d", "1", 17}}), "");
}

TEST(SessionFinal, AJumpLosesNothing) {
  const auto query = sessions({.gap_ms = 10, .emit_final = true});
  query->context.emit_interval_ms = 1000;
  EXPECT_EQ(query->feed(0, {{"a", "1", 100}, {"a", "1", 1'000'000}}), "") << "throttled";
  query->commit();
  query->clock.advance_ms(1000);
  EXPECT_EQ(query->feed(0, {{"b", "1", 1'000'001}}), "a:1[100,100]@100");
  query->commit();
  query->restart();
  EXPECT_EQ(query->feed(0, {{"b", "1", 1'000'002}, {"b", "1", 1'000'050}}),
            "a:1[1000000,1000000]@1000000 b:1[1000001,1000002]@1000002");
}

}  // namespace
}  // namespace thalweg::runtime
