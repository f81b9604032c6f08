// Literals, precedence and every form of expression.
#include <gtest/gtest.h>

#include "parser/parser.h"
#include "parser/print.h"

namespace thalweg::parser {
namespace {

ast::ExpressionPtr parse(const std::string& text) {
  auto parsed = parse_expression(text);
  EXPECT_TRUE(parsed.has_value()) << text << "\n" << parsed.error().message;
  return parsed ? *parsed : ast::make_expression(ast::NullLiteral{});
}

std::string canonical(const std::string& text) {
  const auto first = parse(text);
  const auto printed = print(*first);
  EXPECT_TRUE(ast::equal(*first, *parse(printed))) << text << " was printed as " << printed;
  return printed;
}

template <typename Literal>
auto literal(const std::string& text) {
  const auto parsed = parse(text);
  const auto* node = std::get_if<Literal>(&parsed->node);
  EXPECT_NE(node, nullptr) << text << " is another kind of literal";
  return node == nullptr ? Literal{} : *node;
}

std::string failure(const std::string& text) {
  const auto parsed = parse_expression(text);
  return parsed ? "parsed" : parsed.error().message;
}

TEST(Literals, IntegersWidenToBigint) {
  EXPECT_EQ(literal<ast::IntegerLiteral>("2147483647").value, 2147483647);
  EXPECT_EQ(literal<ast::IntegerLiteral>("-2147483648").value, -2147483648LL);
  EXPECT_EQ(literal<ast::BigintLiteral>("2147483648").value, 2147483648LL);
  EXPECT_EQ(literal<ast::BigintLiteral>("-9223372036854775808").value,
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(failure("9223372036854775808"),
            "Failed to prepare statement: line 1:2: Invalid numeric literal: 9223372036854775808");
  EXPECT_EQ(failure("-9223372036854775809"),
            "Failed to prepare statement: line 1:2: Invalid numeric literal: -9223372036854775809");
}

TEST(Literals, DecimalsArePlain) {
  EXPECT_EQ(literal<ast::DecimalLiteral>("2.340").text, "2.340");
  EXPECT_EQ(literal<ast::DecimalLiteral>(".5").text, "0.5");
  EXPECT_EQ(literal<ast::DecimalLiteral>("-.5").text, "-0.5");
  EXPECT_EQ(literal<ast::DecimalLiteral>("1.").text, "1");
  EXPECT_EQ(literal<ast::DecimalLiteral>("007.50").text, "7.50");
  EXPECT_EQ(literal<ast::DecimalLiteral>("DECIMAL '-1.2'").text, "-1.2");
  EXPECT_EQ(canonical("1."), "1.");
  EXPECT_NE(failure("DECIMAL 'x'").find("Invalid numeric literal: x"), std::string::npos);
}

TEST(Literals, DoublesHaveExponents) {
  EXPECT_EQ(literal<ast::DoubleLiteral>("1E3").value, 1000);
  EXPECT_EQ(literal<ast::DoubleLiteral>(".5e-2").value, 0.005);
  EXPECT_EQ(literal<ast::DoubleLiteral>("-1.5e+2").value, -150);
  EXPECT_EQ(literal<ast::DoubleLiteral>("1e-999").value, 0);
  EXPECT_EQ(canonical("1500e0"), "1.5E3");
  EXPECT_EQ(canonical("0.05E0"), "5E-2");
  EXPECT_EQ(failure("1.7976931348623159E308"),
            "Failed to prepare statement: line 1:2: Number overflows DOUBLE: 1.7976931348623159E308");
}

TEST(Literals, StringsAndWords) {
  EXPECT_EQ(literal<ast::StringLiteral>("'it''s\n -- \"x\"'").value, "it's\n -- \"x\"");
  EXPECT_EQ(literal<ast::StringLiteral>("'Grüße'").value, "Grüße");
  EXPECT_TRUE(literal<ast::BooleanLiteral>("true").value);
  EXPECT_FALSE(literal<ast::BooleanLiteral>("False").value);
  literal<ast::NullLiteral>("null");
}

TEST(Names, FoldUnlessQuoted) {
  EXPECT_EQ(literal<ast::ColumnRef>("abc").name, "ABC");
  EXPECT_EQ(literal<ast::ColumnRef>("`a``b`").name, "a`b");
  EXPECT_EQ(literal<ast::ColumnRef>("\"a\"\"b\"").name, "a\"b");
  EXPECT_EQ(literal<ast::ColumnRef>("a@b").name, "A@B");
  EXPECT_EQ(literal<ast::ColumnRef>("1r").name, "1R");
  EXPECT_EQ(literal<ast::ColumnRef>("t.`c`").qualifier, "T");
}

TEST(Expressions, Precedence) {
  EXPECT_EQ(canonical("a or b and not c = d + e * -f->g[1] || 'x'"),
            "(A OR (B AND (NOT (C = CONCAT((D + (E * -F->G[1])), 'x')))))");
  EXPECT_EQ(canonical("a - b - c"), "((A - B) - C)");
  EXPECT_EQ(canonical("a / b % c * d"), "(((A / B) % C) * D)");
  EXPECT_EQ(canonical("a || b || c"), "CONCAT(A, B, C)");
  EXPECT_EQ(canonical("a and b and c or d"), "(((A AND B) AND C) OR D)");
  EXPECT_EQ(canonical("a -5"), "(A - 5)");
  EXPECT_EQ(canonical("a - -5"), "(A - -5)");
}

TEST(Expressions, Predicates) {
  EXPECT_EQ(canonical("a between 1 and 2 and b"), "((A BETWEEN 1 AND 2) AND B)");
  EXPECT_EQ(canonical("a not between 1 and 2"), "(NOT (A BETWEEN 1 AND 2))");
  EXPECT_EQ(canonical("a in (1, 'x', null)"), "(A IN (1, 'x', null))");
  EXPECT_EQ(canonical("a not in (1)"), "(NOT (A IN (1)))");
  EXPECT_EQ(canonical("a like b || '%' escape '!'"), "(A LIKE CONCAT(B, '%') ESCAPE '!')");
  EXPECT_EQ(canonical("a not like 'x'"), "(NOT (A LIKE 'x'))");
  EXPECT_EQ(canonical("a is null"), "(A IS NULL)");
  EXPECT_EQ(canonical("a is not null"), "(A IS NOT NULL)");
  EXPECT_EQ(canonical("a is distinct from b"), "(A IS DISTINCT FROM B)");
  EXPECT_EQ(canonical("a is not distinct from b"), "(A IS NOT DISTINCT FROM B)");
  EXPECT_EQ(canonical("a != b"), "(A <> B)");
  EXPECT_EQ(failure("a < b < c"), "line 1:7: Syntax Error\n\nStatement: a < b < c");
  EXPECT_EQ(failure("a in ()").find("line 1:7: Syntax Error"), 0U);
}

TEST(Expressions, Signs) {
  EXPECT_EQ(canonical("-a"), "-A");
  EXPECT_EQ(canonical("-(5)"), "-(5)");
  EXPECT_EQ(canonical("- -5"), "-(-5)");
  EXPECT_EQ(canonical("+5"), "+(5)");
  EXPECT_EQ(canonical("-(-a)"), "-(-A)");
  EXPECT_EQ(canonical("(-a)->f"), "(-A)->F");
}

TEST(Expressions, CaseAndCast) {
  EXPECT_EQ(canonical("case when a then 1 when b then 2 else 3 end"),
            "(CASE WHEN A THEN 1 WHEN B THEN 2 ELSE 3 END)");
  EXPECT_EQ(canonical("case x when 1 then 'a' end"), "(CASE X WHEN 1 THEN 'a' END)");
  EXPECT_EQ(canonical("cast(a as array<decimal(4,2)>)"), "CAST(A AS ARRAY<DECIMAL(4, 2)>)");
  EXPECT_EQ(canonical("a at time zone 'UTC'"), "(A AT TIME ZONE 'UTC')");
}

TEST(Expressions, CallsAndLambdas) {
  EXPECT_EQ(canonical("count(*)"), "COUNT(*)");
  EXPECT_EQ(canonical("count()"), "COUNT()");
  EXPECT_EQ(canonical("dateadd(days, 1, d)"), "DATEADD(DAYS, 1, D)");
  literal<ast::ColumnRef>("day");
  EXPECT_EQ(canonical("transform(a, x => x + 1)"), "TRANSFORM(A, X => (X + 1))");
  EXPECT_EQ(canonical("reduce(m, 0, (s, k, v) => s + v)"), "REDUCE(M, 0, (S, K, V) => (S + V))");
  EXPECT_EQ(canonical("transform(m, (k, v) => k, (k, v) => transform(v, x => k))"),
            "TRANSFORM(M, (K, V) => K, (K, V) => TRANSFORM(V, X => K))");
  EXPECT_NE(failure("f(x => x)"), "parsed");
  EXPECT_NE(failure("f(a, x => x, b)"), "parsed");
}

TEST(Expressions, Constructors) {
  EXPECT_EQ(canonical("array[1, array[]]"), "ARRAY[1, ARRAY[]]");
  EXPECT_EQ(canonical("map('a' := 1, b := map())"), "MAP('a':=1, B:=MAP())");
  EXPECT_EQ(canonical("struct(f0 := 1, `g` := struct())"), "STRUCT(F0:=1, `g`:=STRUCT())");
  EXPECT_EQ(canonical("`ARRAY`[1]"), "`ARRAY`[1]");
  EXPECT_EQ(canonical("array"), "`ARRAY`");
  EXPECT_EQ(canonical("`MAP`(1)"), "`MAP`(1)");
  EXPECT_EQ(canonical("array[1][1]->x['k']"), "ARRAY[1][1]->X['k']");
}

TEST(Expressions, EqualityIgnoresPositionsOnly) {
  EXPECT_TRUE(ast::equal(*parse("a + b"), *parse("( A+  b )")));
  EXPECT_FALSE(ast::equal(*parse("a + b"), *parse("b + a")));
  EXPECT_FALSE(ast::equal(*parse("f(a)"), *parse("f(a, a)")));
  EXPECT_FALSE(ast::equal(*parse("1"), *parse("1.0")));
  EXPECT_FALSE(ast::equal(*parse("case when a then b end"), *parse("case when a then b else null end")));
}

}  // namespace
}  // namespace thalweg::parser
