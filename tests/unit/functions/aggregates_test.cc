// Aggregates driven as the operators drive them.
#include <cmath>

#include <gtest/gtest.h>

#include "planner/types/text.h"
#include "runtime/functions/library.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

Value number(std::int64_t value) { return Value(value); }
Value real(double value) { return Value(value); }
Value text(const char* value) { return Value(std::string(value)); }

// One group of one aggregate, whichever way it keeps its state.
class Group {
 public:
  Group(std::string_view name, std::int32_t overload, std::vector<SqlType> types, SqlType result,
        std::vector<Value> constants = {}, FunctionEnvironment environment = {})
      : types_(std::move(types)), result_(std::move(result)), environment_(std::move(environment)) {
    const Overload* found = standard_library()->find(name, overload);
    EXPECT_NE(found, nullptr) << name;
    auto kernel = found->aggregate(types_, constants, result_, environment_);
    EXPECT_TRUE(kernel.has_value());
    kernel_ = std::move(*kernel);
    bytes_.resize(kernel_->state_bytes() / 8);
    fixed() ? kernel_->initialize(state()) : void(boxed_ = kernel_->initial());
  }

  Result<void> add(std::vector<Value> arguments) {
    if (!fixed()) return kernel_->add(std::span<const Value>(arguments), boxed_);
    const std::vector<Column> columns = columns_of(arguments);
    char* const states[] = {state()};
    return kernel_->add(columns, {nullptr, 1}, states);
  }
  Result<void> undo(std::vector<Value> arguments) {
    if (!fixed()) return kernel_->undo(std::span<const Value>(arguments), boxed_);
    return kernel_->undo(columns_of(arguments), 0, state());
  }
  void merge(Group& other) {
    const auto merged =
        fixed() ? kernel_->merge(other.state(), state()) : kernel_->merge(other.boxed_, boxed_);
    EXPECT_TRUE(merged.has_value());
  }
  std::string result() {
    Value value;
    if (fixed()) {
      Column out = make_column(arena_, result_, 1);
      kernel_->result(state(), arena_, out, 0);
      value = value_at(out, result_, 0);
    } else {
      value = kernel_->result(boxed_);
    }
    return value.is_null() ? "NULL" : planner::cast_to_string(value, result_);
  }

 private:
  bool fixed() const { return kernel_->state_bytes() > 0; }
  char* state() { return reinterpret_cast<char*>(bytes_.data()); }
  std::vector<Column> columns_of(const std::vector<Value>& arguments) {
    std::vector<Column> columns;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      columns.push_back(make_constant(arena_, types_[i], arguments[i]));
    return columns;
  }

  std::vector<SqlType> types_;
  SqlType result_;
  FunctionEnvironment environment_;
  std::unique_ptr<AggregateKernel> kernel_;
  std::vector<std::uint64_t> bytes_;
  Value boxed_;
  Arena arena_;
};

void add_all(Group& group, const std::vector<Value>& values) {
  for (const Value& value : values) EXPECT_TRUE(group.add({value}).has_value());
}

TEST(Aggregates, CountSkipsNulls) {
  Group count("COUNT", 0, {SqlKind::kString}, SqlKind::kBigint);
  add_all(count, {text("a"), Value(), text("b")});
  EXPECT_EQ(count.result(), "2");
  EXPECT_TRUE(count.undo({text("a")}).has_value());
  EXPECT_EQ(count.result(), "1");
}

TEST(Aggregates, SumWrapsInItsOwnWidth) {
  Group sum("SUM", 0, {SqlKind::kInteger}, SqlKind::kInteger);
  EXPECT_EQ(sum.result(), "0");
  add_all(sum, {number(2147483647), Value(), number(1)});
  EXPECT_EQ(sum.result(), "-2147483648");
}

TEST(Aggregates, DecimalSumStopsTheQueryAtOverflow) {
  const SqlType type = SqlType::decimal(3, 1);
  Group sum("SUM", 3, {type}, type);
  EXPECT_TRUE(sum.add({Value(planner::Decimal{990, 1})}).has_value());
  EXPECT_EQ(sum.result(), "99.0");
  const auto overflow = sum.add({Value(planner::Decimal{10, 1})});
  ASSERT_FALSE(overflow.has_value());
  EXPECT_EQ(overflow.error().code, ErrorCode::kFatal);
  EXPECT_NE(overflow.error().message.find("Numeric field overflow"), std::string::npos);
}

TEST(Aggregates, AverageOfNothingIsZero) {
  Group average("AVG", 0, {SqlKind::kInteger}, SqlKind::kDouble);
  EXPECT_EQ(average.result(), "0.0");
  add_all(average, {number(1), number(2)});
  EXPECT_EQ(average.result(), "1.5");
}

TEST(Aggregates, SumListSkipsNulls) {
  Group sum("SUM_LIST", 1, {SqlType::array(SqlKind::kBigint)}, SqlKind::kBigint);
  add_all(sum, {planner::make_list({number(1), Value(), number(4)}), Value()});
  EXPECT_EQ(sum.result(), "5");
}

TEST(Aggregates, ExtremaSkipNulls) {
  Group greatest("MAX", 2, {SqlKind::kDouble}, SqlKind::kDouble);
  EXPECT_EQ(greatest.result(), "NULL");
  add_all(greatest, {real(-3), Value(), real(-5)});
  EXPECT_EQ(greatest.result(), "-3.0");
  Group least("MIN", 7, {SqlKind::kString}, SqlKind::kString);
  add_all(least, {text("b"), Value(), text("a")});
  EXPECT_EQ(least.result(), "a");
}

TEST(Aggregates, DeviationIsVarianceUnderItsOldName) {
  Group variance("STDDEV_SAMP", 1, {SqlKind::kBigint}, SqlKind::kDouble);
  add_all(variance, {number(2), number(4), number(9)});
  EXPECT_EQ(variance.result(), "13.0");
  EXPECT_TRUE(variance.undo({number(9)}).has_value());
  EXPECT_EQ(variance.result(), "2.0");
  Group deviation("STDDEV_SAMPLE", 1, {SqlKind::kBigint}, SqlKind::kDouble);
  add_all(deviation, {number(2), number(4), number(9)});
  EXPECT_EQ(deviation.result(), planner::double_to_string(std::sqrt(13.0)));
}

TEST(Aggregates, CorrelationOfALineIsOne) {
  Group correlation("CORRELATION", 2, {SqlKind::kDouble, SqlKind::kDouble}, SqlKind::kDouble);
  EXPECT_TRUE(correlation.add({real(1), real(2)}).has_value());
  EXPECT_EQ(correlation.result(), "NaN");
  EXPECT_TRUE(correlation.add({real(2), Value()}).has_value());
  EXPECT_TRUE(correlation.add({real(3), real(6)}).has_value());
  EXPECT_EQ(correlation.result(), "1.0");
}

TEST(Aggregates, CollectListKeepsNullsUpToItsLimit) {
  FunctionEnvironment environment;
  environment.properties["ksql.functions.collect_list.limit"] = "2";
  Group list("COLLECT_LIST", 0, {SqlKind::kInteger}, SqlType::array(SqlKind::kInteger), {}, environment);
  add_all(list, {number(1), Value(), number(3)});
  EXPECT_EQ(list.result(), "[1, null]");
  EXPECT_TRUE(list.undo({number(1)}).has_value());
  EXPECT_EQ(list.result(), "[null]");
}

TEST(Aggregates, CollectSetMergesInOrder) {
  const SqlType type = SqlType::array(SqlKind::kInteger);
  Group left("COLLECT_SET", 0, {SqlKind::kInteger}, type);
  Group right("COLLECT_SET", 0, {SqlKind::kInteger}, type);
  add_all(left, {number(2), number(1), number(2)});
  add_all(right, {number(3), number(1)});
  left.merge(right);
  EXPECT_EQ(left.result(), "[2, 1, 3]");
}

TEST(Aggregates, HistogramForgetsKeysTakenBack) {
  Group histogram("HISTOGRAM", 0, {SqlKind::kString}, SqlType::map(SqlKind::kString, SqlKind::kBigint));
  add_all(histogram, {text("a"), text("b"), text("a"), Value()});
  EXPECT_EQ(histogram.result(), "{a=2, b=1, null=1}");
  EXPECT_TRUE(histogram.undo({text("b")}).has_value());
  EXPECT_TRUE(histogram.undo({text("never seen")}).has_value());
  EXPECT_EQ(histogram.result(), "{a=2, null=1}");
}

TEST(Aggregates, AttrIsTheOneDistinctValue) {
  Group attr("ATTR", 0, {SqlKind::kInteger}, SqlKind::kInteger);
  add_all(attr, {number(4), number(4)});
  EXPECT_EQ(attr.result(), "4");
  add_all(attr, {Value()});
  EXPECT_EQ(attr.result(), "NULL");
  EXPECT_TRUE(attr.undo({Value()}).has_value());
  EXPECT_EQ(attr.result(), "4");
}

TEST(Aggregates, TopKeepsOlderRowsOnTies) {
  const SqlType row = SqlType::structure({{"sort_col", SqlKind::kInteger}, {"col0", SqlKind::kString}});
  Group top("TOPK", 0, {SqlKind::kInteger, SqlKind::kString}, SqlType::array(row), {number(2)});
  EXPECT_TRUE(top.add({number(5), text("old")}).has_value());
  EXPECT_TRUE(top.add({number(7), text("best")}).has_value());
  EXPECT_TRUE(top.add({number(5), text("new")}).has_value());
  EXPECT_TRUE(top.add({Value(), text("null")}).has_value());
  EXPECT_EQ(top.result(), "[Struct{sort_col=7,col0=best}, Struct{sort_col=5,col0=old}]");
}

TEST(Aggregates, TopDistinctDropsEqualValues) {
  Group top("TOPKDISTINCT", 0, {SqlKind::kInteger}, SqlType::array(SqlKind::kInteger), {number(2)});
  add_all(top, {number(3), number(5), number(5), number(1), number(4)});
  EXPECT_EQ(top.result(), "[5, 4]");
}

TEST(Aggregates, TopRefusesNothing) {
  const Overload* top = standard_library()->find("TOPK", 0);
  const std::vector<SqlType> types{SqlKind::kInteger};
  const std::vector<Value> zero{number(0)};
  EXPECT_FALSE(top->aggregate(types, zero, SqlType::array(SqlKind::kInteger), {}).has_value());
}

TEST(Aggregates, OffsetsFollowProcessingOrder) {
  Group earliest("EARLIEST_BY_OFFSET", 0, {SqlKind::kInteger}, SqlKind::kInteger);
  Group latest("LATEST_BY_OFFSET", 1, {SqlKind::kString}, SqlKind::kString, {Value(false)});
  Group last_two("LATEST_BY_OFFSET", 2, {SqlKind::kInteger}, SqlType::array(SqlKind::kInteger), {number(2)});
  add_all(earliest, {Value(), number(1), number(2)});
  add_all(latest, {text("a"), Value()});
  add_all(last_two, {number(1), Value(), number(2), number(3)});
  EXPECT_EQ(earliest.result(), "1");
  EXPECT_EQ(latest.result(), "NULL");
  EXPECT_EQ(last_two.result(), "[2, 3]");
}

TEST(Aggregates, CountDistinctIsCloseAndMerges) {
  Group left("COUNT_DISTINCT", 0, {SqlKind::kBigint}, SqlKind::kBigint);
  Group right("COUNT_DISTINCT", 0, {SqlKind::kBigint}, SqlKind::kBigint);
  for (std::int64_t i = 0; i < 100; ++i) add_all(left, {number(i % 10), Value()});
  EXPECT_EQ(left.result(), "10");
  for (std::int64_t i = 0; i < 20000; ++i) add_all(right, {number(i)});
  left.merge(right);
  EXPECT_NEAR(std::stod(left.result()), 20000, 20000 * 0.03);
}

TEST(TableFunctions, CubeGivesAllCombinations) {
  const Overload* cube = standard_library()->find("CUBE_EXPLODE", 0);
  const SqlType type = SqlType::array(SqlKind::kInteger);
  const auto kernel = cube->table(std::vector<SqlType>{type}, type, {});
  const std::vector<Value> arguments{planner::make_list({number(1), Value(), number(2)})};
  const auto rows = kernel->rows(arguments);
  ASSERT_TRUE(rows.has_value());
  std::string shown;
  for (const Value& row : *rows) shown += planner::cast_to_string(row, type);
  EXPECT_EQ(shown, "[null, null, null][null, null, 2][1, null, null][1, null, 2]");
}

}  // namespace
}  // namespace thalweg::runtime
