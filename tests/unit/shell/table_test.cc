#include "shell/table.h"

#include <gtest/gtest.h>

namespace thalweg::shell {
namespace {

TEST(EntityTable, WidthsFollowTheContent) {
  EntityTable table({"Name", "Topic"});
  table.add({"S", "a_longer_topic"});
  EXPECT_EQ(table.text(),
            " Name | Topic          \n"
            "-----------------------\n"
            " S    | a_longer_topic \n"
            "-----------------------\n");
}

TEST(EntityTable, CellsMayHaveSeveralLines) {
  EntityTable table({"Q"});
  table.add({"SELECT\nFROM"});
  EXPECT_EQ(table.text(), " Q      \n--------\n SELECT \n FROM   \n--------\n");
}

TEST(EntityTable, CountsCharactersNotBytes) {
  EntityTable table({"N"});
  table.add({"ä"});
  EXPECT_EQ(table.text(), " N \n---\n ä \n---\n");
}

TEST(RowBox, SharesTheTerminal) {
  const RowBox box({"A", "B"}, 20, 0, true);
  EXPECT_EQ(box.head(), "+--------+--------+\n|A       |B       |\n+--------+--------+\n");
  EXPECT_EQ(box.row({"x", "1"}), "|x       |1       |\n");
}

TEST(RowBox, LongCellsWrap) {
  const RowBox box({"A", "B"}, 80, 5, true);
  EXPECT_EQ(box.row({"abcdefgh", "1"}), "|abcde|1    |\n|fgh  |     |\n");
}

TEST(RowBox, LongCellsAreCutWithoutWrapping) {
  const RowBox box({"A"}, 80, 6, false);
  EXPECT_EQ(box.row({"abcdefgh"}), "|abc...|\n");
  EXPECT_EQ(box.row({"abcdef"}), "|abcdef|\n");
}

TEST(RowBox, NarrowColumnsAreCutToo) {
  EXPECT_EQ(RowBox({"A"}, 80, 2, false).row({"abcdefgh"}), "|..|\n");
  EXPECT_EQ(RowBox({"A"}, 80, 4, false).row({"abcdefgh"}), "|a...|\n");
}

TEST(RowBox, ColumnsNeverShrinkBelowFive) {
  const RowBox box({"A", "B", "C"}, 9, 0, true);
  EXPECT_EQ(box.row({"1", "2", "3"}), "|1    |2    |3    |\n");
}

}  // namespace
}  // namespace thalweg::shell
