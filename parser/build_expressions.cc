// The layers of operators, loosest first.
#include "parser/syntax_error.h"
#include "parser/tree_builder.h"

namespace thalweg::parser {
namespace {

using ast::ExpressionPtr;
using ast::make_expression;

// Later stages walk expressions recursively; this bounds their stack as well as ours.
constexpr std::size_t kDepthMax = 1000;

std::size_t token_type(antlr4::tree::ParseTree* tree) {
  return child<antlr4::tree::TerminalNode>(tree)->getSymbol()->getType();
}

ast::ArithmeticOp arithmetic_op(std::size_t type) {
  switch (type) {
    case Grammar::PLUS: return ast::ArithmeticOp::kAdd;
    case Grammar::MINUS: return ast::ArithmeticOp::kSubtract;
    case Grammar::ASTERISK: return ast::ArithmeticOp::kMultiply;
    case Grammar::SLASH: return ast::ArithmeticOp::kDivide;
    default: return ast::ArithmeticOp::kModulus;
  }
}

ast::ComparisonOp comparison_op(std::size_t type) {
  switch (type) {
    case Grammar::EQ: return ast::ComparisonOp::kEqual;
    case Grammar::NEQ: return ast::ComparisonOp::kNotEqual;
    case Grammar::LT: return ast::ComparisonOp::kLess;
    case Grammar::LTE: return ast::ComparisonOp::kLessOrEqual;
    case Grammar::GT: return ast::ComparisonOp::kGreater;
    default: return ast::ComparisonOp::kGreaterOrEqual;
  }
}

ExpressionPtr negated_if(bool negated, ExpressionPtr expression, SourcePosition where) {
  return negated ? make_expression(ast::Not{std::move(expression)}, where) : expression;
}

// The number below a sign, if there is nothing but the number.
Grammar::NumberContext* bare_number(antlr4::ParserRuleContext* tree) {
  while (tree->children.size() == 1 && tree->getRuleIndex() != Grammar::RulePrimary) {
    if (tree->start->getType() == Grammar::ARRAY) return nullptr;
    tree = child<antlr4::ParserRuleContext>(tree->children[0]);
  }
  return tree->getRuleIndex() == Grammar::RulePrimary ? child<Grammar::PrimaryContext>(tree)->number()
                                                      : nullptr;
}

}  // namespace

class TreeBuilder::Depth {
 public:
  Depth(TreeBuilder& builder, std::size_t levels) : builder_(builder), levels_(levels) {
    builder_.depth_ += levels_;
  }
  ~Depth() { builder_.depth_ -= levels_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  bool exceeded() const { return builder_.depth_ > kDepthMax; }

 private:
  TreeBuilder& builder_;
  std::size_t levels_;
};

// operand (operator operand)*, to the left. A chain of n operators is n levels deep.
template <typename Operand, typename Tree, typename Combine>
TreeBuilder::Expr TreeBuilder::chain(Tree* tree, Expr (TreeBuilder::*operand)(Operand*), Combine combine) {
  const auto& children = tree->children;
  if (children.size() == 1) return (this->*operand)(child<Operand>(children[0]));
  const Depth depth(*this, children.size() / 2);
  if (depth.exceeded()) return too_large_error();
  const auto where = at(tree);
  THALWEG_TRY(auto left, (this->*operand)(child<Operand>(children[0])));
  for (std::size_t i = 1; i + 1 < children.size(); i += 2) {
    THALWEG_TRY(auto right, (this->*operand)(child<Operand>(children[i + 1])));
    left = make_expression(combine(token_type(children[i]), std::move(left), std::move(right)), where);
  }
  return left;
}

TreeBuilder::Expr TreeBuilder::expression(Grammar::ExpressionContext* tree) {
  const Depth depth(*this, 1);
  if (depth.exceeded()) return too_large_error();
  return chain(tree, &TreeBuilder::conjunction, [](std::size_t, ExpressionPtr left, ExpressionPtr right) {
    return ast::Logical{false, std::move(left), std::move(right)};
  });
}

TreeBuilder::Expr TreeBuilder::conjunction(Grammar::ConjunctionContext* tree) {
  return chain(tree, &TreeBuilder::negation, [](std::size_t, ExpressionPtr left, ExpressionPtr right) {
    return ast::Logical{true, std::move(left), std::move(right)};
  });
}

TreeBuilder::Expr TreeBuilder::negation(Grammar::NegationContext* tree) {
  if (tree->children.size() == 1) return predicate(child<Grammar::PredicateContext>(tree->children[0]));
  THALWEG_TRY(auto operand, negation(tree->negation()));
  return make_expression(ast::Not{std::move(operand)}, at(tree));
}

TreeBuilder::Expr TreeBuilder::predicate(Grammar::PredicateContext* tree) {
  THALWEG_TRY(auto operand, value(child<Grammar::ValueExpressionContext>(tree->children[0])));
  if (tree->children.size() == 1) return operand;
  return test(std::move(operand), child<Grammar::PredicateTailContext>(tree->children[1]), at(tree));
}

TreeBuilder::Expr TreeBuilder::test(ExpressionPtr operand, Grammar::PredicateTailContext* tree,
                                    SourcePosition where) {
  const bool negated = tree->start->getType() == Grammar::NOT;
  switch (token_type(tree->children[negated ? 1 : 0])) {
    case Grammar::IS: return is_test(std::move(operand), tree, where);
    case Grammar::LIKE: return like(std::move(operand), tree, where);
    case Grammar::BETWEEN: {
      THALWEG_TRY(auto low, value(tree->valueExpression(0)));
      THALWEG_TRY(auto high, value(tree->valueExpression(1)));
      auto between = ast::Between{std::move(operand), std::move(low), std::move(high)};
      return negated_if(negated, make_expression(std::move(between), where), where);
    }
    case Grammar::IN: {
      THALWEG_TRY(auto items, expressions(tree->expression()));
      auto in = ast::InList{std::move(operand), std::move(items)};
      return negated_if(negated, make_expression(std::move(in), where), where);
    }
    default: break;
  }
  THALWEG_TRY(auto right, value(child<Grammar::ValueExpressionContext>(tree->children[1])));
  const auto op = comparison_op(tree->start->getType());
  return make_expression(ast::Comparison{op, std::move(operand), std::move(right)}, where);
}

TreeBuilder::Expr TreeBuilder::is_test(ExpressionPtr operand, Grammar::PredicateTailContext* tree,
                                       SourcePosition where) {
  const bool negated = tree->NOT() != nullptr;
  if (tree->NULL_() != nullptr) return make_expression(ast::IsNull{std::move(operand), negated}, where);
  THALWEG_TRY(auto right, value(tree->valueExpression(0)));
  const auto op = negated ? ast::ComparisonOp::kIsNotDistinctFrom : ast::ComparisonOp::kIsDistinctFrom;
  return make_expression(ast::Comparison{op, std::move(operand), std::move(right)}, where);
}

TreeBuilder::Expr TreeBuilder::like(ExpressionPtr operand, Grammar::PredicateTailContext* tree,
                                    SourcePosition where) {
  THALWEG_TRY(auto pattern, value(tree->valueExpression(0)));
  std::optional<std::string> escape;
  if (tree->STRING_VALUE() != nullptr) escape = string_value(tree->STRING_VALUE());
  if (escape && escape->size() != 1) {
    return error("Expected ESCAPE character to have length 1. Got: '" + *escape + "'",
                 at(tree->STRING_VALUE()->getSymbol()));
  }
  auto like = ast::Like{std::move(operand), std::move(pattern), std::move(escape)};
  return negated_if(tree->NOT() != nullptr, make_expression(std::move(like), where), where);
}

// `a || b || c` is one call of CONCAT.
TreeBuilder::Expr TreeBuilder::value(Grammar::ValueExpressionContext* tree) {
  if (tree->children.size() == 1) return sum(child<Grammar::SumContext>(tree->children[0]));
  std::vector<ExpressionPtr> operands;
  for (std::size_t i = 0; i < tree->children.size(); i += 2) {
    THALWEG_TRY(auto operand, sum(child<Grammar::SumContext>(tree->children[i])));
    operands.push_back(std::move(operand));
  }
  return make_expression(ast::FunctionCall{"CONCAT", std::move(operands)}, at(tree));
}

TreeBuilder::Expr TreeBuilder::sum(Grammar::SumContext* tree) {
  return chain(tree, &TreeBuilder::product, [](std::size_t type, ExpressionPtr left, ExpressionPtr right) {
    return ast::Arithmetic{arithmetic_op(type), std::move(left), std::move(right)};
  });
}

TreeBuilder::Expr TreeBuilder::product(Grammar::ProductContext* tree) {
  return chain(tree, &TreeBuilder::signed_value,
               [](std::size_t type, ExpressionPtr left, ExpressionPtr right) {
                 return ast::Arithmetic{arithmetic_op(type), std::move(left), std::move(right)};
               });
}

// A minus joins the number behind it, so that the most negative BIGINT can be written.
TreeBuilder::Expr TreeBuilder::signed_value(Grammar::SignedExpressionContext* tree) {
  if (tree->children.size() == 1) return zoned(child<Grammar::ZonedExpressionContext>(tree->children[0]));
  const bool minus = token_type(tree->children[0]) == Grammar::MINUS;
  auto* inner = child<Grammar::SignedExpressionContext>(tree->children[1]);
  if (auto* literal = minus ? bare_number(inner) : nullptr) return number(literal, true, at(tree));
  THALWEG_TRY(auto operand, signed_value(inner));
  return make_expression(ast::Sign{minus, std::move(operand)}, at(tree));
}

TreeBuilder::Expr TreeBuilder::zoned(Grammar::ZonedExpressionContext* tree) {
  THALWEG_TRY(auto result, postfix(child<Grammar::PostfixExpressionContext>(tree->children[0])));
  if (tree->children.size() == 1) return result;
  const Depth depth(*this, tree->children.size() / 4);
  if (depth.exceeded()) return too_large_error();
  for (auto* zone : tree->STRING_VALUE()) {
    result = make_expression(ast::AtTimeZone{std::move(result), string_value(zone)}, at(tree));
  }
  return result;
}

TreeBuilder::Expr TreeBuilder::postfix(Grammar::PostfixExpressionContext* tree) {
  const bool word = tree->start->getType() == Grammar::ARRAY;
  auto* first = word ? nullptr : child<Grammar::PrimaryContext>(tree->children[0]);
  if (first != nullptr && tree->children.size() == 1) return primary(first);
  auto* tail = tree->arrayTail();
  const auto followers = tail != nullptr ? tail->postfix() : tree->postfix();
  const Depth depth(*this, followers.size());
  if (depth.exceeded()) return too_large_error();
  THALWEG_TRY(auto base, first != nullptr ? primary(first) : array_word(tree));
  return steps(std::move(base), followers, at(tree));
}

TreeBuilder::Expr TreeBuilder::steps(ExpressionPtr base, const std::vector<Grammar::PostfixContext*>& steps,
                                     SourcePosition where) {
  for (auto* step : steps) {
    if (step->identifier() != nullptr) {
      base = make_expression(ast::Dereference{std::move(base), name(step->identifier())}, where);
    } else {
      THALWEG_TRY(auto index, value(step->valueExpression()));
      base = make_expression(ast::Subscript{std::move(base), std::move(index)}, where);
    }
  }
  return base;
}

Result<std::vector<ExpressionPtr>> TreeBuilder::expressions(
    const std::vector<Grammar::ExpressionContext*>& trees) {
  std::vector<ExpressionPtr> result;
  result.reserve(trees.size());
  for (auto* tree : trees) {
    THALWEG_TRY(auto item, expression(tree));
    result.push_back(std::move(item));
  }
  return result;
}

Result<std::vector<ExpressionPtr>> TreeBuilder::values(
    const std::vector<Grammar::ValueExpressionContext*>& trees) {
  std::vector<ExpressionPtr> result;
  for (auto* tree : trees) {
    THALWEG_TRY(auto item, value(tree));
    result.push_back(std::move(item));
  }
  return result;
}

}  // namespace thalweg::parser
