// One lexer and one parser, reused: text → parse tree. Only files of parser/ include this.
#pragma once

#include <utility>
#include <vector>

#include "antlr4-runtime.h"
#include "base/result.h"
#include "grammar/ThalwegLexer.h"
#include "grammar/ThalwegParser.h"
#include "parser/case_folding_stream.h"
#include "parser/syntax_error.h"

namespace thalweg::parser {

enum class Entry { kStatement, kExpression, kColumnList, kType };

// Thread: one per thread, see this_thread(). Parsing first tries the fast prediction mode and repeats
// with the exact one only if that failed, so a correct statement is nearly always parsed once.
class ParseSession {
 public:
  struct Options {
    bool test_statements = false;
    bool client_statements = false;
    const std::vector<std::pair<std::size_t, std::size_t>>* never_keywords = nullptr;  // byte ranges
  };

  ParseSession();
  static ParseSession& this_thread();

  // The tree lives until the next call of parse() or clear(). Fails with kParse.
  Result<antlr4::ParserRuleContext*> parse(const Source& source, Entry entry, const Options& options);
  void clear();

  // Byte range of the last parsed text from its first token to its last, without ';'.
  std::pair<std::size_t, std::size_t> extent();

 private:
  using Rule = antlr4::ParserRuleContext* (*)(grammar::ThalwegParser&);

  bool fits();
  void strip_keywords(const std::vector<std::pair<std::size_t, std::size_t>>& ranges);
  Rule rule_for(Entry entry, const Options& options);
  std::size_t type_at(std::size_t index);

  CaseFoldingStream stream_;
  grammar::ThalwegLexer lexer_;
  antlr4::CommonTokenStream tokens_;
  grammar::ThalwegParser parser_;
  std::shared_ptr<antlr4::ANTLRErrorStrategy> bail_;
  std::shared_ptr<ReportingStrategy> report_;
};

}  // namespace thalweg::parser
