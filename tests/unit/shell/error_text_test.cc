#include "shell/error_text.h"

#include <gtest/gtest.h>

namespace thalweg::shell {
namespace {

TEST(ErrorText, FindsPositions) {
  EXPECT_EQ(position_in("line 2:8: Syntax error"), (SourcePosition{2, 8}));
  EXPECT_EQ(position_in("Exception: Line: 3, Col: 14: x"), (SourcePosition{3, 14}));
  EXPECT_EQ(position_in("no position at all"), std::nullopt);
  EXPECT_EQ(position_in("line by line"), std::nullopt);
}

TEST(ErrorText, CaretStandsUnderTheColumn) {
  EXPECT_EQ(caret_lines("SELECT\n  hitz FROM t;", {2, 3}), "  hitz FROM t;\n  ^\n");
  EXPECT_EQ(caret_lines("SELECT", {2, 1}), "");
  EXPECT_EQ(caret_lines("SELECT", {1, 40}), "");
}

TEST(ErrorText, ServerErrorWithPosition) {
  const char* body = R"({"@type":"statement_error","error_code":40001,"message":"line 1:8: no such column"})";
  EXPECT_EQ(server_error_text(400, body, "SELECT hitz FROM t;"),
            "line 1:8: no such column\nSELECT hitz FROM t;\n       ^\n");
  EXPECT_EQ(server_error_code(body), 40001);
}

TEST(ErrorText, ServerErrorWithPositionApart) {
  const char* body =
      R"({"@type":"statement_error","error_code":40001,"message":"no such column","position":{"line":1,"column":8}})";
  EXPECT_EQ(server_error_text(400, body, "SELECT hitz FROM t;"),
            "no such column\nSELECT hitz FROM t;\n       ^\n");
}

TEST(ErrorText, AnswersThatAreNoJsonAreShown) {
  EXPECT_EQ(server_error_text(404, "Not Found", "x"), "HTTP 404: Not Found\n");
  EXPECT_EQ(server_error_text(502, "", "x"), "HTTP 502\n");
}

TEST(ErrorText, LocalErrorWithHint) {
  const Error error = Error(ErrorCode::kStatement, "column \"hitz\" does not exist", {1, 8})
                          .with_hint("did you mean \"hits\"?");
  EXPECT_EQ(error_text(error, "SELECT hitz;"),
            "column \"hitz\" does not exist\nhint: did you mean \"hits\"?\nSELECT hitz;\n       ^\n");
}

}  // namespace
}  // namespace thalweg::shell
