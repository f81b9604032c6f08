// LIKE: % any run, _ one character; neither matches a line terminator. Whole text.
#include "planner/types/utf8.h"
#include "runtime/expressions/node.h"

namespace thalweg::runtime {
namespace {

using planner::TypedExpression;

bool is_line_terminator(char32_t code) {
  return code == U'\n' || code == U'\r' || code == 0x85 || code == 0x2028 || code == 0x2029;
}

// False: surely no line terminator. The first bytes of all five decide.
bool may_have_line_terminator(std::string_view text) {
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '\xC2' || c == '\xE2') return true;
  }
  return false;
}

// A pattern cut at its % signs. Segments match leftmost; only the last % ever has to be extended, since
// an earlier one that cannot reach its segment cannot reach it later either.
class LikePattern {
 public:
  // Fails if the escape character ends the pattern.
  static Result<LikePattern> parse(std::string_view text, const std::optional<std::string>& escape) {
    LikePattern pattern;
    THALWEG_CHECK(pattern.add_symbols(text, escape));
    return pattern;
  }

  bool matches(std::string_view text) const {
    std::size_t at = 0;
    if (!match_segment(segments_.front(), text, at)) return false;
    const bool one_line = !may_have_line_terminator(text.substr(at));
    for (std::size_t i = 1; i < segments_.size(); ++i) {
      const bool last = i + 1 == segments_.size();
      const bool found = one_line && is_literal(segments_[i]) ? find_literal(segments_[i], text, at, last)
                                                              : find_segment(segments_[i], text, at, last);
      if (!found) return false;
    }
    return at == text.size();
  }

 private:
  struct Part {
    std::string literal;
    bool any_one = false;
  };
  using Segment = std::vector<Part>;

  LikePattern() : segments_(1) {}

  Result<void> add_symbols(std::string_view pattern, const std::optional<std::string>& escape) {
    for (std::size_t at = 0; at < pattern.size();) {
      const std::size_t begin = at;
      planner::next_code_point(pattern, at);
      std::string_view symbol = pattern.substr(begin, at - begin);
      if (escape && symbol == *escape) {
        const std::size_t escaped = at;
        if (escaped == pattern.size()) {
          return Error{ErrorCode::kBadRecord, "LIKE pattern must not end with its escape character"};
        }
        planner::next_code_point(pattern, at);
        add_literal(pattern.substr(escaped, at - escaped));
      } else if (symbol == "%") {
        segments_.emplace_back();
      } else if (symbol == "_") {
        segments_.back().push_back({{}, true});
      } else {
        add_literal(symbol);
      }
    }
    return {};
  }

  void add_literal(std::string_view text) {
    Segment& segment = segments_.back();
    if (segment.empty() || segment.back().any_one) segment.emplace_back();
    segment.back().literal += text;
  }

  static bool match_segment(const Segment& segment, std::string_view text, std::size_t& at) {
    std::size_t position = at;
    for (const Part& part : segment) {
      if (part.any_one) {
        if (position == text.size()) return false;
        if (is_line_terminator(planner::next_code_point(text, position))) return false;
      } else {
        if (text.substr(position, part.literal.size()) != part.literal) return false;
        position += part.literal.size();
      }
    }
    at = position;
    return true;
  }

  static bool is_literal(const Segment& segment) {
    return segment.empty() || (segment.size() == 1 && !segment.front().any_one);
  }

  // Plain search: in a text of one line % passes over everything.
  static bool find_literal(const Segment& segment, std::string_view text, std::size_t& at, bool last) {
    const std::string_view literal = segment.empty() ? std::string_view() : segment.front().literal;
    const std::size_t room = text.size() - at;
    if (literal.size() > room) return false;
    const std::size_t found = last ? text.size() - literal.size() : text.find(literal, at);
    if (found == text.npos || text.substr(found, literal.size()) != literal) return false;
    at = found + literal.size();
    return true;
  }

  // Skips as little as possible before the segment; the last one must end the text.
  static bool find_segment(const Segment& segment, std::string_view text, std::size_t& at, bool last) {
    for (std::size_t start = at;;) {
      std::size_t end = start;
      if (match_segment(segment, text, end) && (!last || end == text.size())) {
        at = end;
        return true;
      }
      if (start == text.size() || is_line_terminator(planner::next_code_point(text, start))) return false;
    }
  }

  std::vector<Segment> segments_;
};

class LikeNode final : public Node {
 public:
  LikeNode(const TypedExpression& expression, NodePtr operand, NodePtr pattern,
           std::optional<std::string> escape)
      : Node(expression.type, expression.text),
        operand_(std::move(operand)),
        pattern_(std::move(pattern)),
        escape_(std::move(escape)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column text = operand_->evaluate(context, rows, capacity);
    const Column pattern = pattern_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (text.is_null(row) || pattern.is_null(row)) return;
      const Result<LikePattern>& compiled = compiled_for(pattern.get<std::string_view>(row));
      if (!compiled) return fail(context, row, compiled.error().message);
      out.set<std::uint8_t>(row, compiled->matches(text.get<std::string_view>(row)) ? 1 : 0);
    });
    return out;
  }

 private:
  // Patterns are nearly always constant: the last one is enough of a cache.
  const Result<LikePattern>& compiled_for(std::string_view pattern) {
    if (!compiled_ || source_ != pattern) {
      source_ = pattern;
      compiled_.emplace(LikePattern::parse(pattern, escape_));
    }
    return *compiled_;
  }

  NodePtr operand_;
  NodePtr pattern_;
  std::optional<std::string> escape_;
  std::string source_;
  std::optional<Result<LikePattern>> compiled_;
};

}  // namespace

Result<NodePtr> make_node(const planner::TypedLike& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr operand, compile_node(*node.operand, scope));
  THALWEG_TRY(NodePtr pattern, compile_node(*node.pattern, scope));
  return NodePtr(std::make_unique<LikeNode>(expression, std::move(operand), std::move(pattern), node.escape));
}

}  // namespace thalweg::runtime
