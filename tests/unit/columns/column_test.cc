#include <gtest/gtest.h>

#include "runtime/columns/column.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

TEST(Column, StartsNull) {
  Arena arena;
  const Column column = make_column(arena, SqlKind::kBigint, 3);
  EXPECT_TRUE(column.is_null(0));
  EXPECT_TRUE(column.is_null(2));
}

TEST(Column, KeepsEveryKindOfValue) {
  Arena arena;
  const std::vector<std::pair<SqlType, Value>> samples{
      {SqlKind::kBoolean, Value(true)},
      {SqlKind::kInteger, Value(std::int64_t{-5})},
      {SqlKind::kBigint, Value(std::int64_t{1} << 40)},
      {SqlKind::kDouble, Value(1.5)},
      {SqlType::decimal(5, 2), Value(planner::Decimal{12345, 2})},
      {SqlKind::kString, Value(std::string("a text beyond the small string size"))},
      {SqlKind::kBytes, Value(std::string("\0\1", 2))},
      {SqlKind::kDate, Value(std::int64_t{19782})},
      {SqlKind::kTimestamp, Value(std::int64_t{1'700'000'000'000})},
      {SqlType::array(SqlKind::kInteger), planner::make_list({Value(std::int64_t{1}), Value()})}};
  for (const auto& [type, value] : samples) {
    Column column = make_column(arena, type, 2);
    store_value(arena, column, type, 1, value);
    EXPECT_TRUE(value_at(column, type, 0).is_null()) << to_string(type);
    EXPECT_TRUE(planner::equal(value_at(column, type, 1), value)) << to_string(type);
  }
}

TEST(Column, DecimalsTakeTheTypesScale) {
  Arena arena;
  const SqlType type = SqlType::decimal(6, 3);
  const Column column = make_constant(arena, type, Value(planner::Decimal{15, 1}));
  EXPECT_EQ(value_at(column, type, 0).as_decimal(), (planner::Decimal{1500, 3}));
}

TEST(Column, ConstantsStandForAllRows) {
  Arena arena;
  const Column column = make_constant(arena, SqlKind::kInteger, Value(std::int64_t{7}));
  EXPECT_EQ(column.get<std::int32_t>(4095), 7);
  EXPECT_FALSE(column.is_null(4095));
  EXPECT_TRUE(make_constant(arena, SqlKind::kInteger, Value()).is_null(4095));
}

TEST(Arena, KeepsWhatItOwns) {
  Arena arena;
  auto owner = std::make_shared<int>(1);
  arena.keep(owner);
  EXPECT_EQ(owner.use_count(), 2);
  const std::size_t before = arena.allocated_bytes();
  arena.allocate(1 << 21);
  EXPECT_GT(arena.allocated_bytes(), before);
  arena.reset();
  EXPECT_EQ(owner.use_count(), 1);
}

}  // namespace
}  // namespace thalweg::runtime
