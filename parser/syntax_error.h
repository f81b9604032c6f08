// Turns what ANTLR found wrong into the dialect's texts. Only files of parser/ include this.
#pragma once

#include <string>
#include <string_view>

#include "antlr4-runtime.h"
#include "base/error.h"

namespace thalweg::parser {

// Text of one statement (or expression) and where it stands in the request. Views are borrowed.
struct Source {
  std::string_view text;
  SourcePosition origin{1, 1};  // of the first character of `text`
  // The request as written, and the part of it that `text` was made from; empty if that is all.
  std::string_view request;
  std::size_t begin = 0, end = 0;
};

// Position of a token, counted from the beginning of the request.
SourcePosition position_of(const antlr4::Token& token, SourcePosition origin);

// Thrown by SyntaxListener through ANTLR's code at the first error; caught where ANTLR was called.
struct SyntaxFailure {
  SourcePosition at;
  std::string detail;
};

// Remembers where optional clauses could have begun before a token that then failed to match, so that
// they count among what would have been acceptable.
class ReportingStrategy final : public antlr4::DefaultErrorStrategy {
 public:
  void reset(antlr4::Parser* parser) override;
  void sync(antlr4::Parser* parser) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;

  // Set when a single token was demanded where optional clauses were possible too.
  const antlr4::misc::IntervalSet* clauses() const { return demanded_ && optional_ ? &clauses_ : nullptr; }
  // False when no alternative of a choice began with the token.
  bool demanded() const { return demanded_; }

 private:
  std::size_t index_ = 0;  // of the token the clauses could have begun at
  bool optional_ = false;
  bool demanded_ = false;
  antlr4::misc::IntervalSet clauses_;
};

class SyntaxListener final : public antlr4::BaseErrorListener {
 public:
  // `statement_expected`: the first token has to be a word that begins a statement.
  SyntaxListener(SourcePosition origin, bool statement_expected, const ReportingStrategy& strategy)
      : origin_(origin), statement_expected_(statement_expected), strategy_(strategy) {}

  void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t line,
                   std::size_t column, const std::string& message, std::exception_ptr cause) override;

 private:
  SourcePosition origin_;
  bool statement_expected_;
  const ReportingStrategy& strategy_;
};

// "line L:C: Syntax Error\n‹detail›\nStatement: ‹source line›", with position and line set.
Error syntax_error(const Source& source, const SyntaxFailure& failure);
Error too_large_error();

}  // namespace thalweg::parser
