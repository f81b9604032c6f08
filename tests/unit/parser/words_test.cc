// The list of reserved words and the grammar's idea of them agree.
#include <gtest/gtest.h>

#include "grammar/ThalwegLexer.h"
#include "parser/parser.h"
#include "parser/print.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

std::vector<std::string> keywords() {
  std::vector<std::string> words;
  antlr4::ANTLRInputStream input;
  grammar::ThalwegLexer lexer(&input);
  const auto& vocabulary = lexer.getVocabulary();
  for (std::size_t type = 1; type <= vocabulary.getMaxTokenType(); ++type) {
    const auto literal = vocabulary.getLiteralName(type);
    if (literal.size() > 2 && literal[1] >= 'A' && literal[1] <= 'Z') {
      words.push_back(literal.substr(1, literal.size() - 2));
    }
  }
  return words;
}

TEST(Words, EveryKeywordIsEitherReservedOrFree) {
  ASSERT_GT(keywords().size(), 140U);
  for (const auto& word : keywords()) EXPECT_NE(is_reserved_word(word), is_free_keyword(word)) << word;
}

TEST(Words, OnlyFreeKeywordsNameColumns) {
  for (const auto& word : keywords()) {
    EXPECT_NE(parse_columns(word + " INT").has_value(), is_reserved_word(word)) << word;
    EXPECT_TRUE(parse_columns("`" + word + "` INT").has_value()) << word;
  }
}

TEST(Words, FreeKeywordsAreColumnsAndAliases) {
  for (const auto& word : keywords()) {
    if (is_reserved_word(word)) continue;
    const auto text =
        "SELECT T." + word + ", " + word + " AS " + word + " FROM " + word + " WHERE " + word + " = 1;";
    const auto parsed = parse_statements(text);
    ASSERT_TRUE(parsed.has_value()) << text << "\n" << parsed.error().message;
    EXPECT_EQ(quote_if_needed(word), word);
  }
}

TEST(Words, QuotesWhatWouldNotReadBack) {
  EXPECT_EQ(quote_if_needed("A_1@B"), "A_1@B");
  EXPECT_EQ(quote_if_needed("a"), "`a`");
  EXPECT_EQ(quote_if_needed("SELECT"), "`SELECT`");
  EXPECT_EQ(quote_if_needed("1R"), "`1R`");
  EXPECT_EQ(quote_if_needed("A`B"), "`A``B`");
  EXPECT_EQ(quote_if_needed(""), "``");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
}

TEST(Words, NearestStarterIsAtMostTwoEditsAway) {
  EXPECT_EQ(nearest_starter("SELCT"), "SELECT");
  EXPECT_EQ(nearest_starter("CRAETE"), "CREATE");
  EXPECT_EQ(nearest_starter("XYZZY"), std::nullopt);
}

}  // namespace
}  // namespace thalweg::parser
