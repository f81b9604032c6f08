#include "shell/testing/test_file.h"

#include <gtest/gtest.h>

#include "shell/testing/line_diff.h"
#include "shell/testing/row_text.h"

namespace thalweg::shell {
namespace {

using Lines = std::vector<std::string>;

TEST(TestFile, BlocksAndWayBack) {
  const std::string text =
      "# a comment\n\nstatement ok\nSELECT '#' -- not the end\nFROM s;\n\ninput clicks  # rows\n@0:05 ada | "
      "/x   # late\n\n"
      "query sorted\nSELECT 1;\n----\n2\n3\n";
  const auto file = parse_test_file("f", text);
  ASSERT_TRUE(file) << describe(file.error());
  EXPECT_EQ(to_text(*file), text);
  ASSERT_EQ(file->blocks.size(), 6u);
  EXPECT_EQ(file->blocks[1].kind, BlockKind::kStatement);
  EXPECT_EQ(file->blocks[1].head, "ok");
  EXPECT_EQ(file->blocks[1].body, (Lines{"SELECT '#' -- not the end", "FROM s;"}));
  EXPECT_EQ(file->blocks[3].head, "clicks");
  EXPECT_EQ(file->blocks[3].expected, Lines{"@0:05 ada | /x"});
  EXPECT_EQ(file->blocks[5].expected, (Lines{"2", "3"}));
  EXPECT_EQ(file->blocks[5].line, 10);
}

TEST(TestFile, Mistakes) {
  EXPECT_EQ(parse_test_file("f", "\nfrobnicate\n").error().message, "f:2: unknown block 'frobnicate'");
  EXPECT_FALSE(parse_test_file("f", "query\nSELECT 1;\n"));
}

TEST(TestFile, RewriteReplacesOnlyTheRows) {
  auto file = parse_test_file("f", "query\nSELECT 1;\n----\nold\n\noutput t\n+ a\n").value();
  replace_expected(file.blocks[0], {"new", "rows"});
  replace_expected(file.blocks[2], {});
  EXPECT_EQ(to_text(file), "query\nSELECT 1;\n----\nnew\nrows\n\noutput t\n");
}

TEST(RowText, Times) {
  EXPECT_EQ(parse_time_text("1:04").value(), 64'000);
  EXPECT_EQ(parse_time_text("0:00.25").value(), 250);
  EXPECT_EQ(parse_time_text("1:02:03").value(), 3'723'000);
  EXPECT_EQ(parse_time_text("-5ms").value(), -5);
  EXPECT_EQ(parse_time_text("1970-01-02T00:00:01").value(), 86'401'000);
  EXPECT_FALSE(parse_time_text("12"));
  for (const std::int64_t ms : {0LL, 999LL, 64'000LL, 3'599'001LL, 3'600'000LL, 86'400'000LL, -7LL}) {
    EXPECT_EQ(parse_time_text(time_text(ms)).value(), ms) << time_text(ms);
  }
}

TEST(RowText, Rows) {
  const auto row = parse_row("@0:05 [0:00,1:00) ada | 'it''s | one' | ^a=1 ^b").value();
  EXPECT_EQ(row.time_ms, 5000);
  EXPECT_EQ(row.window, (std::pair<std::int64_t, std::int64_t>{0, 60'000}));
  EXPECT_EQ(row.cells, (Lines{"ada", "'it''s | one'"}));
  ASSERT_EQ(row.headers.size(), 2u);
  EXPECT_EQ(row.headers[0], (runtime::Header{"a", "1"}));
  EXPECT_EQ(row.headers[1], (runtime::Header{"b", std::nullopt}));
  EXPECT_TRUE(parse_row("@1:00 - ada").value().null_value);
}

TEST(RowText, CellsReadBackAsTheyArePrinted) {
  const planner::SqlType text(planner::SqlKind::kString);
  for (const char* value : {"plain", "", "NULL", "it's", "a | b", " x", "[1", "say \"hi\"", "- x", "a # b"}) {
    const planner::Value before{std::string(value)};
    const auto after = parse_cell(cell_text(before, text), text);
    ASSERT_TRUE(after);
    EXPECT_TRUE(planner::equal(before, *after)) << cell_text(before, text);
  }
  EXPECT_EQ(cell_text(parse_cell("10.10", planner::SqlType::decimal(4, 2)).value(),
                      planner::SqlType::decimal(4, 2)),
            "10.10");
  EXPECT_EQ(cell_text(parse_cell("1", planner::SqlKind::kDouble).value(), planner::SqlKind::kDouble), "1.0");
  EXPECT_TRUE(parse_cell("NULL", text).value().is_null());
  EXPECT_FALSE(parse_cell("x", planner::SqlKind::kInteger));
}

TEST(RowText, BytesEscape) {
  EXPECT_EQ(bytes_text(std::string_view("\0\x01"
                                        "a\xff",
                                        4)),
            "\\x00\\x01a\\xff");
  EXPECT_EQ(bytes_text("ä"), "ä");
  EXPECT_EQ(parse_bytes_text("\\x00b").value(), std::string("\0b", 2));
}

TEST(LineDiff, ShowsBothSides) {
  EXPECT_EQ(line_diff({"a", "b", "c"}, {"a", "x", "c", "d"}), (Lines{"  a", "- b", "+ x", "  c", "+ d"}));
  EXPECT_EQ(line_diff({}, {}), Lines{});
}

}  // namespace
}  // namespace thalweg::shell
