// ${name}, DEFINE and UNDEFINE; and where statements end.
#include <gtest/gtest.h>

#include "parser/parser.h"
#include "parser/print.h"

namespace thalweg::parser {
namespace {

const Variables kVariables{{"n", "abc"},         {"q", "it's"},   {"s", "'a b'"}, {"i", "`My Col`"},
                           {"b", "TRUE"},        {"d", "-1.5e3"}, {"bad", "a b"}, {"word", "SELECT"},
                           {"free", "STREAMS_"}, {"ref", "${n}"}};

std::string substituted(const std::string& text) {
  const auto result = substitute(text, kVariables);
  return result ? *result : "ERROR " + result.error().message;
}

TEST(Substitution, InsideStrings) {
  EXPECT_EQ(substituted("'<${n}>'"), "'<abc>'");
  EXPECT_EQ(substituted("'${q}'"), "'it''s'");
  EXPECT_EQ(substituted("'it''s ${n}'"), "'it''s abc'");
  EXPECT_EQ(substituted("'${unknown} ${bad}'"), "'${unknown} a b'");
  EXPECT_EQ(substituted("'$${n} $${n'"), "'${n} $${n'");
  EXPECT_EQ(substituted("'${ref}'"), "'${n}'");
  EXPECT_EQ(substituted("'${N}'"), "'${N}'");
}

TEST(Substitution, BareValues) {
  EXPECT_EQ(substituted("${n} ${s} ${i} ${b} ${d}"), "abc 'a b' `My Col` TRUE -1.5e3");
  EXPECT_EQ(substituted("${unknown}"), "${unknown}");
  EXPECT_EQ(substituted("x\n = ${bad}"),
            "ERROR Illegal argument at Line: 2, Col: 4. Variable 'bad' must hold a quoted string, a boolean, "
            "a number or "
            "an identifier. Got: 'a b'");
  EXPECT_EQ(substituted("${word}").find("ERROR Illegal argument at Line: 1, Col: 1."), 0U);
}

TEST(Substitution, LeavesCommentsAndQuotedIdentifiersAlone) {
  EXPECT_EQ(substituted("-- ${n}\n/* ${bad} */ `${n}` \"${n}\" ${n}"),
            "-- ${n}\n/* ${bad} */ `${n}` \"${n}\" abc");
}

TEST(Substitution, NeverMakesKeywords) {
  EXPECT_FALSE(parse_statements("${k} STREAMS;", {{"k", "SHOW"}}).has_value());
  EXPECT_TRUE(parse_statements("CREATE STREAM S (A ${t});", {{"t", "INTEGER"}}).has_value());
  EXPECT_TRUE(parse_statements("SELECT ${c} FROM ${c};", {{"c", "EMIT"}}).has_value());
}

TEST(Definitions, AffectTheStatementsBehindThem) {
  const auto parsed = parse_statements(
      "DEFINE a = 'x'; DEFINE b = '<${a}>'; SELECT '${a}${b}' FROM ${a}; UNDEFINE a; SELECT '${a}' FROM S;");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ((*parsed)[2].text, "SELECT 'x<x>' FROM x");
  EXPECT_EQ(print((*parsed)[4]), "SELECT '${a}'\nFROM S");
}

TEST(Definitions, KeepOnePairOfQuotes) {
  const auto parsed = parse_statements("DEFINE a = '''abc'''; SELECT ${a} FROM S;");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ((*parsed)[1].text, "SELECT 'abc' FROM S");
}

TEST(Definitions, CanBeTurnedOff) {
  const auto parsed = parse_statements("SELECT '${n}' FROM S;", kVariables, {.substitute_variables = false});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ((*parsed)[0].text, "SELECT '${n}' FROM S");
}

TEST(Scanner, SplitsAtSemicolonsOutsideQuotesAndComments) {
  EXPECT_EQ(split_statements("a ';' \";\" `;` -- ;\n; /* ; */ b;\n ; -- end\n"),
            (std::vector<std::string>{"a ';' \";\" `;` -- ;\n;", "/* ; */ b;"}));
  EXPECT_EQ(split_statements("a; b"), (std::vector<std::string>{"a;", "b"}));
  EXPECT_TRUE(split_statements(" -- x").empty());
}

TEST(Scanner, KnowsWhenAStatementEnds) {
  EXPECT_TRUE(ends_statement("SELECT 1;"));
  EXPECT_TRUE(ends_statement("SELECT 1; -- done"));
  EXPECT_TRUE(ends_statement("SELECT 1;\n"));
  EXPECT_FALSE(ends_statement("SELECT 1"));
  EXPECT_FALSE(ends_statement("SELECT ';"));
  EXPECT_FALSE(ends_statement("SELECT ';'"));
  EXPECT_FALSE(ends_statement("SELECT 1; SELECT"));
  EXPECT_FALSE(ends_statement("-- ;"));
  EXPECT_FALSE(ends_statement("x; /* open"));
  EXPECT_FALSE(ends_statement(""));
}

}  // namespace
}  // namespace thalweg::parser
