#include "parser/parse_session.h"

#include <algorithm>

namespace thalweg::parser {
namespace {

using Grammar = grammar::ThalwegParser;
using grammar::ThalwegLexer;

// Bounds on what is handed to the recursive parser. Each nested bracket costs about ten frames.
constexpr std::size_t kTextBytesMax = 4U << 20;
constexpr int kNestingMax = 200;

template <auto Method>
antlr4::ParserRuleContext* call(Grammar& parser) {
  return (parser.*Method)();
}

// Follows how deeply brackets, CASE, nested types and prefix operators nest.
class NestingMeter {
 public:
  // False once the text nests too deeply.
  bool add(std::size_t type) {
    switch (type) {
      case Grammar::LPAREN:
      case Grammar::LBRACKET:
      case Grammar::CASE: ++open_; break;
      case Grammar::RPAREN:
      case Grammar::RBRACKET:
      case Grammar::END: open_ = std::max(open_ - 1, 0); break;
      case Grammar::LT:
        if (last_ == Grammar::ARRAY || last_ == Grammar::MAP || last_ == Grammar::STRUCT) ++types_;
        break;
      case Grammar::GT: types_ = std::max(types_ - 1, 0); break;
      default: break;
    }
    const bool prefix =
        type == Grammar::NOT || type == Grammar::MINUS || type == Grammar::PLUS || type == Grammar::EXPLAIN;
    run_ = prefix ? run_ + 1 : 0;
    last_ = type;
    return open_ + types_ + run_ <= kNestingMax;
  }

 private:
  int open_ = 0, types_ = 0, run_ = 0;
  std::size_t last_ = 0;
};

}  // namespace

ParseSession::ParseSession()
    : lexer_(&stream_),
      tokens_(&lexer_),
      parser_(&tokens_),
      bail_(std::make_shared<antlr4::BailErrorStrategy>()),
      report_(std::make_shared<ReportingStrategy>()) {
  lexer_.removeErrorListeners();
  parser_.removeErrorListeners();
}

ParseSession& ParseSession::this_thread() {
  thread_local ParseSession session;  // building one costs more than parsing a short statement
  return session;
}

Result<antlr4::ParserRuleContext*> ParseSession::parse(const Source& source, Entry entry,
                                                       const Options& options) {
  if (source.text.size() > kTextBytesMax) return too_large_error();
  auto* simulator = parser_.getInterpreter<antlr4::atn::ParserATNSimulator>();
  try {
    stream_.assign(source.text);
    lexer_.setInputStream(&stream_);
    tokens_.setTokenSource(&lexer_);
    tokens_.fill();
    if (!fits()) return too_large_error();
    if (options.never_keywords != nullptr) strip_keywords(*options.never_keywords);
    parser_.setTokenStream(&tokens_);
    const auto rule = rule_for(entry, options);
    simulator->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    parser_.setErrorHandler(bail_);
    try {
      return rule(parser_);
    } catch (const antlr4::ParseCancellationException&) {  // repeated below, with reports
    }
    tokens_.seek(0);
    parser_.setErrorHandler(report_);
    parser_.reset();
    simulator->setPredictionMode(antlr4::atn::PredictionMode::LL);
    SyntaxListener listener(source.origin, entry == Entry::kStatement, *report_);
    parser_.addErrorListener(&listener);
    auto* tree = rule(parser_);
    parser_.removeErrorListeners();
    return tree;
  } catch (const SyntaxFailure& failure) {
    parser_.removeErrorListeners();
    return syntax_error(source, failure);
  } catch (const std::exception& failure) {
    parser_.removeErrorListeners();
    return Error(ErrorCode::kInternal, std::string("the parser failed: ") + failure.what());
  }
}

void ParseSession::clear() {
  stream_.assign({});
  lexer_.setInputStream(&stream_);
  tokens_.setTokenSource(&lexer_);
  parser_.setTokenStream(&tokens_);
}

std::pair<std::size_t, std::size_t> ParseSession::extent() {
  auto last = tokens_.size();
  while (last > 0 && (type_at(last - 1) == antlr4::Token::EOF || type_at(last - 1) == Grammar::SEMI)) --last;
  if (last == 0) return {0, 0};
  return {stream_.byte_offset(tokens_.get(0)->getStartIndex()),
          stream_.byte_offset(tokens_.get(last - 1)->getStopIndex() + 1)};
}

bool ParseSession::fits() {
  NestingMeter meter;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (!meter.add(type_at(i))) return false;
  }
  return true;
}

void ParseSession::strip_keywords(const std::vector<std::pair<std::size_t, std::size_t>>& ranges) {
  if (ranges.empty()) return;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const auto type = type_at(i);
    if (type < ThalwegLexer::ADD || type > ThalwegLexer::ZONE) continue;  // the free keywords lie between
    const auto at = stream_.byte_offset(tokens_.get(i)->getStartIndex());
    const bool inside = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
      return at >= range.first && at < range.second;
    });
    if (inside) dynamic_cast<antlr4::WritableToken&>(*tokens_.get(i)).setType(ThalwegLexer::IDENTIFIER);
  }
}

ParseSession::Rule ParseSession::rule_for(Entry entry, const Options& options) {
  switch (entry) {
    case Entry::kExpression: return call<&Grammar::singleExpression>;
    case Entry::kColumnList: return call<&Grammar::singleColumnList>;
    case Entry::kType: return call<&Grammar::singleType>;
    case Entry::kStatement: break;
  }
  const auto first = type_at(0);
  const auto second = type_at(1);
  if ((options.test_statements || options.client_statements) && first == Grammar::RUN) {
    return call<&Grammar::singleClientStatement>;
  }
  const bool tests = second == Grammar::VALUES || second == Grammar::NULL_ || second == Grammar::STREAM ||
                     second == Grammar::TABLE;
  if (options.test_statements && first == Grammar::ASSERT && tests)
    return call<&Grammar::singleTestStatement>;
  return call<&Grammar::singleStatement>;
}

std::size_t ParseSession::type_at(std::size_t index) {
  return index < tokens_.size() ? tokens_.get(index)->getType() : antlr4::Token::EOF;
}

}  // namespace thalweg::parser
