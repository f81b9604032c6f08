// Compiled expressions over batches: selections, NULLs, constants, errors.
#include <gtest/gtest.h>

#include "planner/types/text.h"
#include "runtime/expressions/expression.h"

namespace thalweg::runtime {
namespace {

using ast::ArithmeticOp;
using ast::ComparisonOp;
using planner::make_typed;
using planner::SqlKind;
using planner::SqlType;
using planner::TypedPtr;
using planner::Value;

Value number(std::int64_t value) { return Value(value); }
TypedPtr column(std::int32_t index, SqlType type) {
  return make_typed(planner::InputColumn{index}, std::move(type), "C");
}
TypedPtr constant(Value value, SqlType type) {
  return make_typed(planner::Constant{std::move(value)}, std::move(type), "k");
}
TypedPtr compare(ComparisonOp op, TypedPtr left, TypedPtr right) {
  return make_typed(planner::TypedComparison{op, std::move(left), std::move(right)}, SqlKind::kBoolean,
                    "cmp");
}

class Expressions : public ::testing::Test {
 protected:
  // Adds an input column.
  TypedPtr input(const SqlType& type, const std::vector<Value>& values) {
    Column made = make_column(arena_, type, values.size());
    for (std::size_t i = 0; i < values.size(); ++i) store_value(arena_, made, type, i, values[i]);
    columns_.push_back(made);
    rows_ = values.size();
    return column(static_cast<std::int32_t>(columns_.size() - 1), type);
  }

  std::string run(const TypedPtr& expression) { return run(expression, {nullptr, rows_}); }
  std::string run(const TypedPtr& expression, Rows rows) {
    auto compiled = compile(*expression, *standard_library(), environment_);
    EXPECT_TRUE(compiled.has_value());
    EvaluationContext context{arena_, columns_, errors_};
    const Column result = (*compiled)->evaluate(context, rows, rows_);
    std::string shown;
    for (std::size_t i = 0; i < rows.count; ++i) {
      const Value value = value_at(result, expression->type, rows[i]);
      shown +=
          (i == 0 ? "" : " ") + (value.is_null() ? "-" : planner::cast_to_string(value, expression->type));
    }
    return shown;
  }

  std::vector<std::uint32_t> select(const TypedPtr& predicate) {
    auto compiled = compile(*predicate, *standard_library(), environment_);
    EvaluationContext context{arena_, columns_, errors_};
    std::vector<std::uint32_t> positions(rows_);
    positions.resize(select_true(**compiled, context, {nullptr, rows_}, rows_, positions.data()));
    return positions;
  }

  Arena arena_;
  std::vector<Column> columns_;
  std::vector<RowError> errors_;
  std::size_t rows_ = 0;
  FunctionEnvironment environment_;
};

TEST_F(Expressions, ComparisonsAreTwoValued) {
  const auto a = input(SqlKind::kInteger, {number(1), Value(), number(3)});
  const auto two = constant(number(2), SqlKind::kInteger);
  EXPECT_EQ(run(compare(ComparisonOp::kLess, a, two)), "true false false");
  EXPECT_EQ(run(make_typed(planner::TypedNot{compare(ComparisonOp::kLess, a, two)}, SqlKind::kBoolean)),
            "false true true");
  EXPECT_EQ(run(compare(ComparisonOp::kIsDistinctFrom, a, constant(Value(), SqlKind::kInteger))),
            "true false true");
  EXPECT_EQ(select(compare(ComparisonOp::kGreaterOrEqual, a, two)), std::vector<std::uint32_t>{2});
}

TEST_F(Expressions, DecimalsCompareWithTheDigitsOfADouble) {
  const auto a =
      input(SqlType::decimal(4, 2), {Value(planner::Decimal{110, 2}), Value(planner::Decimal{111, 2})});
  EXPECT_EQ(run(compare(ComparisonOp::kLessOrEqual, a, constant(Value(1.1), SqlKind::kDouble))),
            "true false");
}

TEST_F(Expressions, MixedNumbersWiden) {
  const auto a = input(SqlKind::kInteger, {number(2147483647), Value()});
  const auto b = input(SqlKind::kBigint, {number(1), number(1)});
  EXPECT_EQ(run(make_typed(planner::TypedArithmetic{ArithmeticOp::kAdd, a, b}, SqlKind::kBigint)),
            "2147483648 -");
}

TEST_F(Expressions, DivisionByZeroFailsItsRowOnly) {
  const auto a = input(SqlKind::kInteger, {number(6), number(6), Value()});
  const auto b = input(SqlKind::kInteger, {number(0), number(4), number(0)});
  EXPECT_EQ(
      run(make_typed(planner::TypedArithmetic{ArithmeticOp::kDivide, a, b}, SqlKind::kInteger, "A / B")),
      "- 1 -");
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_EQ(errors_[0].row, 0U);
  EXPECT_EQ(errors_[0].message, "A / B: division by zero");
}

TEST_F(Expressions, SelectionsLeaveOtherRowsAlone) {
  const auto a = input(SqlKind::kInteger, {number(1), number(0), number(3), number(0)});
  const auto quotient =
      make_typed(planner::TypedArithmetic{ArithmeticOp::kDivide, constant(number(6), SqlKind::kInteger), a},
                 SqlKind::kInteger);
  const std::uint32_t positions[] = {0, 2};
  EXPECT_EQ(run(quotient, {positions, 2}), "6 2");
  EXPECT_TRUE(errors_.empty());
}

TEST_F(Expressions, AndStopsAtFalse) {
  const auto a = input(SqlKind::kInteger, {number(0), number(2)});
  const auto zero = constant(number(0), SqlKind::kInteger);
  const auto quotient =
      make_typed(planner::TypedArithmetic{ArithmeticOp::kDivide, constant(number(6), SqlKind::kInteger), a},
                 SqlKind::kInteger);
  const auto both = make_typed(planner::TypedLogical{true, compare(ComparisonOp::kNotEqual, a, zero),
                                                     compare(ComparisonOp::kGreater, quotient, zero)},
                               SqlKind::kBoolean);
  EXPECT_EQ(run(both), "false true");
  EXPECT_TRUE(errors_.empty());
}

TEST_F(Expressions, CaseEvaluatesOnlyWhatItTakes) {
  const auto a = input(SqlKind::kInteger, {number(0), number(2), Value()});
  const auto zero = constant(number(0), SqlKind::kInteger);
  const auto quotient =
      make_typed(planner::TypedArithmetic{ArithmeticOp::kDivide, constant(number(6), SqlKind::kInteger), a},
                 SqlKind::kInteger);
  const auto chosen = make_typed(
      planner::TypedCase{{{compare(ComparisonOp::kEqual, a, zero), constant(number(-1), SqlKind::kInteger)}},
                         quotient},
      SqlKind::kInteger);
  EXPECT_EQ(run(chosen), "-1 3 -");
  EXPECT_TRUE(errors_.empty());
}

TEST_F(Expressions, FailuresOfAPredicateDropTheRow) {
  const auto a = input(SqlKind::kString, {Value(std::string("x")), Value(std::string("4"))});
  const auto cast = make_typed(planner::TypedCast{a}, SqlKind::kInteger, "CAST(A AS INTEGER)");
  const auto negated = make_typed(
      planner::TypedNot{compare(ComparisonOp::kEqual, cast, constant(number(5), SqlKind::kInteger))},
      SqlKind::kBoolean);
  EXPECT_EQ(select(negated), std::vector<std::uint32_t>{1});
  ASSERT_EQ(errors_.size(), 1U);
}

TEST_F(Expressions, LikeKnowsLinesAndEscapes) {
  const auto like = [&](const char* text, const char* pattern, std::optional<std::string> escape = {}) {
    return run(make_typed(planner::TypedLike{constant(Value(std::string(text)), SqlKind::kString),
                                             constant(Value(std::string(pattern)), SqlKind::kString),
                                             std::move(escape)},
                          SqlKind::kBoolean),
               {nullptr, 1});
  };
  rows_ = 1;
  EXPECT_EQ(like("hello", "h%o"), "true");
  EXPECT_EQ(like("hello", "h_llo"), "true");
  EXPECT_EQ(like("hello", "ell"), "false");
  EXPECT_EQ(like("a\nb", "a%b"), "false");
  EXPECT_EQ(like("abcab", "%ab"), "true");
  EXPECT_EQ(like("10%", "10!%", "!"), "true");
  EXPECT_EQ(like("10x", "10!%", "!"), "false");
  EXPECT_EQ(like("", "%"), "true");
  EXPECT_EQ(like("é", "_"), "true");
}

TEST_F(Expressions, InFindsConstantsAndColumns) {
  const auto a = input(SqlKind::kBigint, {number(1), number(2), Value()});
  const auto in =
      make_typed(planner::TypedIn{a, {constant(number(2), SqlKind::kInteger), constant(Value(), {})}},
                 SqlKind::kBoolean);
  EXPECT_EQ(run(in), "false true false");
}

TEST_F(Expressions, CastsFlatAndNested) {
  const auto a = input(SqlKind::kDouble, {Value(1e10), Value(-1.9)});
  EXPECT_EQ(run(make_typed(planner::TypedCast{a}, SqlKind::kInteger)), "2147483647 -1");
  EXPECT_EQ(run(make_typed(planner::TypedCast{a}, SqlKind::kString)), "1.0E10 -1.9");
  const auto list = input(SqlType::array(SqlKind::kInteger), {planner::make_list({number(1)}), Value()});
  EXPECT_EQ(run(make_typed(planner::TypedCast{list}, SqlType::array(SqlKind::kString))), "[1] -");
}

TEST_F(Expressions, StringsTakeNullAsText) {
  const auto a = input(SqlKind::kString, {Value(std::string("x")), Value()});
  const auto bang = constant(Value(std::string("!")), SqlKind::kString);
  EXPECT_EQ(run(make_typed(planner::TypedArithmetic{ArithmeticOp::kAdd, a, bang}, SqlKind::kString)),
            "x! null!");
  EXPECT_EQ(run(make_typed(planner::TypedArithmetic{ArithmeticOp::kAdd, a, bang, false}, SqlKind::kString)),
            "x! -");
}

TEST_F(Expressions, LambdasSeeTheColumnsOfTheirRow) {
  const auto list = input(SqlType::array(SqlKind::kInteger),
                          {planner::make_list({number(1), number(2)}), planner::make_list({number(3)})});
  const auto factor = input(SqlKind::kInteger, {number(10), number(100)});
  const auto body =
      make_typed(planner::TypedArithmetic{ArithmeticOp::kMultiply,
                                          make_typed(planner::LambdaParameter{0}, SqlKind::kInteger), factor},
                 SqlKind::kInteger);
  const auto lambda = make_typed(planner::TypedLambda{{0}, {SqlKind::kInteger}, body}, SqlKind::kInteger);
  EXPECT_EQ(
      run(make_typed(planner::TypedCall{"TRANSFORM", 0, {list, lambda}}, SqlType::array(SqlKind::kInteger))),
      "[10, 20] [300]");
}

TEST(TypedExpressions, RemapAndCollectColumns) {
  const auto sum = make_typed(planner::TypedArithmetic{ArithmeticOp::kAdd, column(4, SqlKind::kInteger),
                                                       column(1, SqlKind::kInteger)},
                              SqlKind::kInteger);
  EXPECT_EQ(planner::input_columns(*sum), (std::vector<std::int32_t>{1, 4}));
  const TypedPtr moved = planner::remap_columns(sum, {9, 0, 9, 9, 1});
  EXPECT_EQ(planner::input_columns(*moved), (std::vector<std::int32_t>{0, 1}));
  const auto& left = std::get<planner::TypedArithmetic>(moved->node).left;
  EXPECT_EQ(planner::input_columns(*left), (std::vector<std::int32_t>{1}));
}

}  // namespace
}  // namespace thalweg::runtime
