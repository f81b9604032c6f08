// Every example of every function block is executed; the totals are those of the reference.
#include <gtest/gtest.h>

#include "runtime/functions/library.h"
#include "tests/unit/functions/evaluate_sql.h"

namespace thalweg::runtime {
namespace {

TEST(FunctionLibrary, ExamplesHold) {
  for (const FunctionBlock* block : standard_library()->all()) {
    for (const auto& [expression, expected] : block->examples) {
      EXPECT_EQ(testing::evaluate_sql(expression), expected) << block->name << ": " << expression;
    }
  }
}

TEST(FunctionLibrary, EveryScalarFunctionHasAnExample) {
  for (const FunctionBlock* block : standard_library()->all()) {
    if (block->kind != planner::FunctionKind::kScalar) continue;
    EXPECT_FALSE(block->examples.empty()) << block->name;
  }
}

struct Totals {
  std::size_t names = 0;
  std::size_t overloads = 0;
  bool operator==(const Totals&) const = default;
};

Totals totals_of(planner::FunctionKind kind) {
  Totals totals;
  for (const FunctionBlock* block : standard_library()->all()) {
    if (block->kind != kind) continue;
    ++totals.names;
    totals.overloads += block->overloads.size();
  }
  return totals;
}

TEST(FunctionLibrary, TotalsAreThoseOfTheReference) {
  EXPECT_EQ(totals_of(planner::FunctionKind::kScalar), (Totals{129, 249}));
  EXPECT_EQ(totals_of(planner::FunctionKind::kAggregate), (Totals{18, 64}));
  EXPECT_EQ(totals_of(planner::FunctionKind::kTable), (Totals{2, 3}));
}

TEST(FunctionLibrary, CategoriesHaveTheReferencesCounts) {
  std::map<std::string, int> counts;
  for (const FunctionBlock* block : standard_library()->all()) ++counts[block->category];
  const std::map<std::string, int> expected{
      {"MATHEMATICAL", 29}, {"STRING", 27},     {"DATE / TIME", 21}, {"ARRAY", 14},
      {"JSON", 9},          {"URL", 9},         {"MAP", 5},          {"REGULAR EXPRESSION", 4},
      {"CONDITIONAL", 3},   {"CONVERSIONS", 3}, {"LAMBDA", 3},       {"OTHER", 2},
      {"TABLE", 2},         {"AGGREGATE", 18}};
  EXPECT_EQ(counts, expected);
}

TEST(FunctionLibrary, NamesAreFoundInAnyCase) {
  const auto library = standard_library();
  ASSERT_NE(library->find("Coalesce"), nullptr);
  EXPECT_EQ(library->find("ucase")->name, "ucase");
  EXPECT_EQ(library->find("no_such"), nullptr);
  EXPECT_EQ(library->find("LEN", 2), nullptr);
}

}  // namespace
}  // namespace thalweg::runtime
