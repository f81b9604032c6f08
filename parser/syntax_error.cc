#include "parser/syntax_error.h"

#include "grammar/ThalwegParser.h"
#include "parser/parser.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

using Grammar = grammar::ThalwegParser;

// What ANTLR reported, without its exception types.
struct Report {
  bool mismatch = false;
  bool no_alternative = false;
  antlr4::misc::IntervalSet expected;  // empty when prediction failed behind its first token
};

Report examine(antlr4::Parser& parser, const antlr4::Token* offending, const std::exception_ptr& cause) {
  Report report;
  if (!cause) {
    report.expected = parser.getExpectedTokens();
    return report;
  }
  try {
    std::rethrow_exception(cause);
  } catch (const antlr4::NoViableAltException& failure) {
    report.no_alternative = true;
    if (failure.getStartToken() == offending) report.expected = failure.getExpectedTokens();
  } catch (const antlr4::RecognitionException& failure) {
    report.mismatch = true;
    report.expected = failure.getExpectedTokens();
  } catch (const std::exception&) {  // only the two above are ever reported
  }
  return report;
}

// True where nothing but a name was acceptable (and perhaps punctuation).
bool name_expected(const Report& report, const antlr4::dfa::Vocabulary& vocabulary) {
  if (!report.expected.contains(static_cast<std::size_t>(Grammar::IDENTIFIER))) return false;
  if (report.expected.contains(static_cast<std::size_t>(Grammar::INTEGER_VALUE))) return false;
  for (const auto type : report.expected.toList()) {
    const auto literal = vocabulary.getLiteralName(static_cast<std::size_t>(type));
    if (literal.size() > 2 && is_reserved_word(literal.substr(1, literal.size() - 2))) return false;
  }
  return true;
}

bool unbalanced_before(antlr4::TokenStream& tokens, const antlr4::Token& end) {
  std::ptrdiff_t open = 0;
  for (std::size_t i = 0; i < end.getTokenIndex(); ++i) {
    switch (tokens.get(i)->getType()) {
      case Grammar::LPAREN:
      case Grammar::LBRACKET: ++open; break;
      case Grammar::RPAREN:
      case Grammar::RBRACKET: --open; break;
      default: break;
    }
  }
  return open > 0;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

bool ends_text(const antlr4::Token& token) {
  return token.getType() == Grammar::SEMI || token.getType() == antlr4::Token::EOF;
}

std::string unknown_statement(const std::string& word) {
  std::string detail = "Unknown statement '" + word + "'";
  if (const auto near = nearest_starter(upper(word))) {
    detail += "\nDid you mean '" + std::string(*near) + "'?";
  }
  return detail;
}

std::string_view line_before(std::string_view text, std::size_t at) {
  const auto newline = text.substr(0, at).rfind('\n');
  const auto begin = newline == text.npos ? 0 : newline + 1;
  return text.substr(begin, at - begin);
}

std::string_view line_after(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  return rest.substr(0, rest.find('\n'));
}

// The line of the request that holds position `at`, or the last line before it that is not blank.
std::string line_at(const Source& source, SourcePosition at) {
  std::string_view rest = source.text;
  bool first = true;
  for (auto line = source.origin.line; line < at.line; ++line) {
    const auto end = rest.find('\n');
    if (end == rest.npos || rest.find_first_not_of(" \t\r\n", end) == rest.npos) break;
    rest.remove_prefix(end + 1);
    first = false;
  }
  const auto end = rest.find('\n');
  std::string line(first ? line_before(source.request, source.begin) : std::string_view{});
  line += rest.substr(0, end);
  if (end == rest.npos) line += line_after(source.request, source.end);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

SourcePosition position_of(const antlr4::Token& token, SourcePosition origin) {
  const auto line = static_cast<std::int32_t>(token.getLine());
  const auto column = static_cast<std::int32_t>(token.getCharPositionInLine());
  return {origin.line + line - 1, line == 1 ? origin.column + column : column + 1};
}

void ReportingStrategy::reset(antlr4::Parser* parser) {
  optional_ = false;
  demanded_ = false;
  antlr4::DefaultErrorStrategy::reset(parser);
}

void ReportingStrategy::sync(antlr4::Parser* parser) {
  const auto& atn = parser->getATN();
  auto* state = atn.states[parser->getState()];
  const auto following = atn.nextTokens(state);
  const auto index = parser->getCurrentToken()->getTokenIndex();
  if (optional_ && index_ != index) optional_ = false;
  if (following.contains(parser->getTokenStream()->LA(1))) {
    optional_ = false;
  } else if (following.contains(antlr4::Token::EPSILON) && !optional_) {
    optional_ = true;
    index_ = index;
    clauses_ = atn.getExpectedTokens(parser->getState(), parser->getContext());
  }
  antlr4::DefaultErrorStrategy::sync(parser);
}

antlr4::Token* ReportingStrategy::recoverInline(antlr4::Parser* parser) {
  optional_ = optional_ && index_ == parser->getCurrentToken()->getTokenIndex();
  demanded_ = true;
  auto* token = antlr4::DefaultErrorStrategy::recoverInline(parser);
  demanded_ = false;
  return token;
}

void SyntaxListener::syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t,
                                 std::size_t, const std::string& message, std::exception_ptr cause) {
  auto& parser = dynamic_cast<antlr4::Parser&>(*recognizer);
  const auto& vocabulary = parser.getVocabulary();
  auto report = examine(parser, offending, cause);
  if (report.mismatch && strategy_.clauses() != nullptr) report.expected = *strategy_.clauses();
  const auto at = position_of(*offending, origin_);
  const auto text = offending->getText();
  const auto word = upper(text);
  const bool keyword = is_reserved_word(word);
  if (keyword && name_expected(report, vocabulary)) {
    throw SyntaxFailure{at, "\"" + text +
                                "\" is a reserved keyword and it can't be used as an identifier."
                                " You can use it as an identifier by escaping it as '" +
                                text + "'"};
  }
  if (statement_expected_ && offending->getTokenIndex() == 0 && (keyword || is_plain_identifier(text))) {
    throw SyntaxFailure{at, unknown_statement(text)};
  }
  if (ends_text(*offending) && unbalanced_before(*parser.getTokenStream(), *offending)) {
    throw SyntaxFailure{at, "Syntax error at or near \";\"\n'}', ']', or ')' is missing"};
  }
  constexpr std::size_t kListedMax = 3;  // more acceptable tokens than this are not worth listing
  const bool many = report.expected.size() > kListedMax;
  if (report.no_alternative || (many && !(report.mismatch && strategy_.demanded()))) {
    throw SyntaxFailure{at, "Syntax error at or near '" + first_line(text) + "' at line " +
                                std::to_string(at.line) + ":" + std::to_string(at.column)};
  }
  if (report.mismatch && !many) throw SyntaxFailure{at, "Expecting " + report.expected.toString(vocabulary)};
  throw SyntaxFailure{at, many ? std::string() : message};
}

Error syntax_error(const Source& source, const SyntaxFailure& failure) {
  auto line = line_at(source, failure.at);
  Error error(ErrorCode::kParse,
              "line " + std::to_string(failure.at.line) + ":" + std::to_string(failure.at.column) +
                  ": Syntax Error\n" + failure.detail + "\nStatement: " + line,
              failure.at);
  return std::move(error).with_statement(std::move(line));
}

Error too_large_error() {
  return Error(ErrorCode::kParse, "Error processing statement: Statement is too large to parse.");
}

}  // namespace thalweg::parser
