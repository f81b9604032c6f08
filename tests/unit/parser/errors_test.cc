// Texts and positions of what is refused.
#include <gtest/gtest.h>

#include <thread>

#include "parser/parser.h"

namespace thalweg::parser {
namespace {

Error failure(const std::string& text, const ParseOptions& options = {}) {
  auto parsed = parse_statements(text, {}, options);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? Error() : parsed.error();
}

TEST(SyntaxErrors, ListAtMostThreeExpectations) {
  EXPECT_EQ(failure("CREATE STREAM S (K DOUBLE (KEY));").message,
            "line 1:28: Syntax Error\nExpecting {'STRING', INTEGER_VALUE}\nStatement: CREATE STREAM S (K "
            "DOUBLE (KEY));");
  EXPECT_EQ(
      failure("CREATE STREAM S (K VARCHAR(STRING) (KEY));").message,
      "line 1:36: Syntax Error\nExpecting {',', ')'}\nStatement: CREATE STREAM S (K VARCHAR(STRING) (KEY));");
  EXPECT_EQ(failure("SELECT * FROM S1 ORDER BY X;").message,
            "line 1:24: Syntax Error\n\nStatement: SELECT * FROM S1 ORDER BY X;");
}

TEST(SyntaxErrors, QuoteOnlyTheLineOfARequest) {
  const auto error =
      failure("LIST STREAMS;\nLIST TABLES; SELECT A, B\nFROM T GROUP BY F3, (F2, F1); LIST TYPES;\n");
  EXPECT_EQ(
      error.message,
      "line 3:24: Syntax Error\nmissing ')' at ','\nStatement: FROM T GROUP BY F3, (F2, F1); LIST TYPES;");
  EXPECT_EQ(error.at, (SourcePosition{3, 24}));
  EXPECT_EQ(error.statement, "FROM T GROUP BY F3, (F2, F1); LIST TYPES;");
  EXPECT_EQ(
      failure("LIST STREAMS; LIST X;").message,
      "line 1:20: Syntax Error\nSyntax error at or near 'X' at line 1:20\nStatement: LIST STREAMS; LIST X;");
}

TEST(SyntaxErrors, NameReservedWords) {
  const auto text = failure("CREATE STREAM Select (A INT);").message;
  EXPECT_NE(
      text.find(
          "\"Select\" is a reserved keyword and it can't be used as an identifier. You can use it as an "
          "identifier by escaping it as 'Select'"),
      std::string::npos)
      << text;
}

TEST(SyntaxErrors, UnknownStatements) {
  EXPECT_EQ(failure("RUN SCRIPT 'x';").message,
            "line 1:1: Syntax Error\nUnknown statement 'RUN'\nStatement: RUN SCRIPT 'x';");
  EXPECT_EQ(failure("\nSELCT 1;").message,
            "line 2:1: Syntax Error\nUnknown statement 'SELCT'\nDid you mean 'SELECT'?\nStatement: SELCT 1;");
}

TEST(SyntaxErrors, EarlyEnds) {
  EXPECT_EQ(failure("SELECT (a;").message,
            "line 1:10: Syntax Error\nSyntax error at or near \";\"\n'}', ']', or ')' is missing\nStatement: "
            "SELECT (a;");
  EXPECT_EQ(failure("LIST STREAMS").message,
            "line 1:13: Syntax Error\nmissing ';' at '<EOF>'\nStatement: LIST STREAMS");
  EXPECT_EQ(failure("LIST STREAMS\n\n").message.find("line 3:1: Syntax Error\nmissing ';'"), 0U);
  EXPECT_EQ(failure("SELECT 'abc").code, ErrorCode::kParse);
  EXPECT_EQ(failure(";").code, ErrorCode::kParse);
}

TEST(SyntaxErrors, TestStatementsAreUnknownToServers) {
  EXPECT_NE(
      failure("ASSERT VALUES S VALUES (1);").message.find("Syntax error at or near 'VALUES' at line 1:8"),
      std::string::npos);
}

TEST(SyntaxErrors, TypesAreNotNull) {
  EXPECT_NE(
      failure("SELECT CAST(A AS NULL) FROM T;").message.find("Syntax error at or near 'NULL' at line 1:18"),
      std::string::npos);
  EXPECT_EQ(failure("CREATE STREAM S (A ARRAY<NULL>);").code, ErrorCode::kParse);
}

TEST(BuildErrors, KeyWordsMustFitTheSource) {
  EXPECT_EQ(failure("CREATE STREAM S (ID INT PRIMARY KEY);").message,
            "Failed to prepare statement: Line: 1, Col: 18: Column `ID` is a 'PRIMARY KEY' column: please "
            "use 'KEY' for "
            "streams.");
  EXPECT_EQ(failure("CREATE TABLE S (A INT, ID INT KEY);").message,
            "Failed to prepare statement: Line: 1, Col: 24: Column `ID` is a 'KEY' column: please use "
            "'PRIMARY KEY' for "
            "tables.");
}

TEST(BuildErrors, SourceNames) {
  const auto error = failure("CREATE STREAM `a.b` (ID INT);");
  EXPECT_EQ(
      error.message,
      "Failed to prepare statement: Illegal argument at Line: 1, Col: 15. Source names may only contain "
      "alphanumeric values, '_' or '-'. Got: 'a.b'");
  EXPECT_EQ(error.code, ErrorCode::kParse);
}

TEST(BuildErrors, GroupingLists) {
  auto error = failure("SELECT A FROM T PARTITION BY ();");
  EXPECT_EQ(error.message, "Failed to prepare statement: PARTITION BY requires at least one expression");
  EXPECT_EQ(error.code, ErrorCode::kStatement);
  error = failure("SELECT COUNT(*) FROM TEST GROUP BY DATA, TEST.DATA;");
  EXPECT_EQ(error.message, "Duplicate GROUP BY expression: TEST.DATA");
  EXPECT_EQ(error.code, ErrorCode::kStatement);
  EXPECT_TRUE(parse_statements("SELECT A FROM L JOIN R ON L.A = R.A GROUP BY A, L.A;").has_value());
}

TEST(BuildErrors, CountsAndLimits) {
  EXPECT_EQ(failure("SELECT * FROM T LIMIT 2.5;").message,
            "Failed to prepare statement: Value must be integer for command: LIMIT");
  EXPECT_EQ(failure("INSERT INTO T (A, B) VALUES (1);").message,
            "Failed to prepare statement: Expected number columns and values to match: 2, 1");
  EXPECT_EQ(failure("ASSERT SCHEMA;").code, ErrorCode::kParse);
  EXPECT_EQ(failure("SELECT A FROM T WINDOW HOPPING (SIZE 5 ROWS, ADVANCE BY 1 DAY) GROUP BY A;").code,
            ErrorCode::kParse);
  EXPECT_EQ(failure("SELECT A + B->* FROM T;").code, ErrorCode::kParse);
}

std::string repeated(std::size_t count, const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

TEST(Bounds, DeepStatementsAreRefused) {
  const std::string too_large = "Error processing statement: Statement is too large to parse.";
  for (const std::size_t count : {1000U, 20'000U}) {
    const std::vector<std::string> deep = {
        "SELECT " + repeated(count, "(") + "1" + repeated(count, ")") + " FROM T;",
        "SELECT " + repeated(count, "NOT ") + "A FROM T;",
        "SELECT " + repeated(count, "- ") + "A FROM T;",
        "SELECT A" + repeated(count, " + A") + " FROM T;",
        "SELECT A" + repeated(count, " AND A") + " FROM T;",
        "SELECT A" + repeated(count, "->B") + " FROM T;",
        "SELECT A" + repeated(count, "[1]") + " FROM T;",
        "SELECT " + repeated(count, "CASE WHEN A THEN ") + "1" + repeated(count, " END") + " FROM T;",
        "SELECT " + repeated(count, "F(") + "1" + repeated(count, ")") + " FROM T;",
        "SELECT " + repeated(count, "ARRAY[") + "1" + repeated(count, "]") + " FROM T;",
        "SELECT " + repeated(count, "A[") + "1" + repeated(count, "]") + " FROM T;",
        "CREATE STREAM S (A " + repeated(count, "ARRAY<") + "INT" + repeated(count, ">") + ");",
        "CREATE STREAM S (A INT" + repeated(count, " ARRAY") + ");",
        repeated(count, "EXPLAIN ") + "LIST STREAMS;",
        "SELECT " + repeated(count, "(") + " FROM T;",
    };
    for (const auto& text : deep) EXPECT_EQ(failure(text).message, too_large) << text.substr(0, 40);
  }
}

TEST(Bounds, ReasonableDepthsParse) {
  for (const auto& text : {"SELECT " + repeated(190, "(") + "1" + repeated(190, ")") + " FROM T;",
                           "SELECT A" + repeated(900, " OR A = 1") + " FROM T;",
                           "SELECT A IN (1" + repeated(20'000, ", 1") + ") FROM T;",
                           "SELECT " + repeated(100, "F(A, X => ") + "1" + repeated(100, ")") + " FROM T;",
                           "SELECT ARRAY[" + repeated(100, "ARRAY[1],") + "ARRAY[2]] FROM T;",
                           "SELECT " + repeated(100, "ARRAY[") + "1" + repeated(100, "]") + " FROM T;"}) {
    const auto parsed = parse_statements(text);
    EXPECT_TRUE(parsed.has_value()) << text.substr(0, 40) << parsed.error().message.substr(0, 200);
  }
}

TEST(Bounds, DeepErrorsAreReported) {
  for (const auto& text :
       {"SELECT " + repeated(190, "(") + "1 FROM T;", "SELECT " + repeated(95, "F(A[") + "1 FROM T;",
        "SELECT " + repeated(60, "F(A, (X, Y) => ARRAY[") + "1 FROM T;",
        "SELECT A FROM T GROUP BY " + repeated(190, "(") + "1 FROM;"}) {
    EXPECT_NE(failure(text).message.find("Syntax Error"), std::string::npos) << text.substr(0, 40);
  }
}

TEST(Bounds, HugeTextsAreRefused) {
  EXPECT_EQ(failure("SELECT '" + std::string(5U << 20, 'x') + "' FROM T;").message,
            "Error processing statement: Statement is too large to parse.");
}

TEST(Threads, ParseAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 50; ++i) {
        const auto number = std::to_string(t * 100 + i);
        EXPECT_TRUE(parse_statements("SELECT A, F(B, (X, Y) => X + " + number +
                                     ") FROM T WHERE ID = 'x' GROUP BY (A);"));
        EXPECT_FALSE(parse_statements("SELECT A FROM T WHERE " + number + " +;"));
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace thalweg::parser
