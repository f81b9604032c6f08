// Names, strings and numbers.
#include <charconv>
#include <cmath>
#include <limits>

#include "parser/syntax_error.h"
#include "parser/tree_builder.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

// Removes the quotes around `text` and halves the doubled ones inside.
std::string unquote(std::string_view text) {
  const char quote = text.front();
  std::string result;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    result += text[i];
    if (text[i] == quote) ++i;
  }
  return result;
}

bool is_quote(char c) { return c == '"' || c == '`'; }

std::int64_t unit_ms(std::size_t token_type) {
  switch (token_type) {
    case Grammar::DAY:
    case Grammar::DAYS: return 86'400'000;
    case Grammar::HOUR:
    case Grammar::HOURS: return 3'600'000;
    case Grammar::MINUTE:
    case Grammar::MINUTES: return 60'000;
    case Grammar::SECOND:
    case Grammar::SECONDS: return 1'000;
    default: return 1;
  }
}

bool valid_source_name(std::string_view name) {
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') return false;
  }
  return !name.empty();
}

}  // namespace

SourcePosition TreeBuilder::at(const antlr4::Token* token) const { return position_of(*token, origin_); }

SourcePosition TreeBuilder::at(const antlr4::ParserRuleContext* tree) const { return at(tree->start); }

Error TreeBuilder::error(std::string text, SourcePosition where, ErrorCode code) const {
  return Error(code, "Failed to prepare statement: " + std::move(text), where);
}

// The dialect counts the column of these two messages from 2; clients compare the text.
Error TreeBuilder::number_error(std::string_view problem, std::string_view text, SourcePosition where) const {
  return error("line " + std::to_string(where.line) + ":" + std::to_string(where.column + 1) + ": " +
                   std::string(problem) + ": " + std::string(text),
               where);
}

Error TreeBuilder::invalid_number(std::string_view text, SourcePosition where) const {
  return number_error("Invalid numeric literal", text, where);
}

std::string TreeBuilder::name_as_written(antlr4::ParserRuleContext* identifier) const {
  auto text = identifier->start->getText();
  return is_quote(text.front()) ? unquote(text) : text;
}

std::string TreeBuilder::name(antlr4::ParserRuleContext* identifier) const {
  const auto text = identifier->start->getText();
  return is_quote(text.front()) ? unquote(text) : upper(text);
}

std::string TreeBuilder::resource_name(Grammar::ResourceNameContext* tree) const {
  return tree->identifier() != nullptr ? name_as_written(tree->identifier())
                                       : string_value(tree->STRING_VALUE());
}

Result<std::string> TreeBuilder::source_name(Grammar::IdentifierContext* tree) const {
  auto text = name(tree);
  if (valid_source_name(text)) return text;
  const auto where = at(tree);
  return error("Illegal argument at Line: " + std::to_string(where.line) +
                   ", Col: " + std::to_string(where.column) +
                   ". Source names may only contain alphanumeric values, '_' or '-'. Got: '" + text + "'",
               where);
}

std::string TreeBuilder::string_value(antlr4::tree::TerminalNode* token) const {
  return unquote(token->getSymbol()->getText());
}

Result<std::int64_t> TreeBuilder::integer(antlr4::Token* token, bool negative, SourcePosition where) const {
  const auto text = (negative ? "-" : "") + token->getText();
  std::int64_t parsed = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (result.ec != std::errc()) return invalid_number(text, where);
  return parsed;
}

TreeBuilder::Expr TreeBuilder::number(Grammar::NumberContext* tree, bool negative,
                                      SourcePosition where) const {
  using Limits = std::numeric_limits<std::int32_t>;
  auto text = (negative ? "-" : "") + tree->start->getText();
  if (tree->INTEGER_VALUE() != nullptr) {
    THALWEG_TRY(const auto parsed, integer(tree->start, negative, where));
    if (parsed >= Limits::min() && parsed <= Limits::max()) {
      return ast::make_expression(ast::IntegerLiteral{static_cast<std::int32_t>(parsed)}, where);
    }
    return ast::make_expression(ast::BigintLiteral{parsed}, where);
  }
  if (tree->DECIMAL_VALUE() != nullptr) return decimal(std::move(text), where);
  double parsed = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), parsed);
  const auto exponent = text.find_first_of("eE");
  const bool tiny = result.ec == std::errc::result_out_of_range && text.find('-', exponent) != text.npos;
  if (tiny) parsed = 0;  // too small to be told from zero
  if ((result.ec == std::errc::result_out_of_range && !tiny) || std::isinf(parsed)) {
    return number_error("Number overflows DOUBLE", text, where);
  }
  return ast::make_expression(ast::DoubleLiteral{parsed}, where);
}

// Accepts [sign] digits [. digits]; leaves at least one digit before a point and none needless.
TreeBuilder::Expr TreeBuilder::decimal(std::string text, SourcePosition where) const {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const auto digits_only = rest.find_first_not_of("0123456789.") == rest.npos;
  const auto point = rest.find('.');
  if (!digits_only || rest.find_first_of("0123456789") == rest.npos || rest.rfind('.') != point) {
    return invalid_number(text, where);
  }
  auto whole = rest.substr(0, point);
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  std::string plain = negative ? "-" : "";
  plain += whole.empty() ? "0" : whole;
  if (point != rest.npos && point + 1 < rest.size()) plain += rest.substr(point);
  return ast::make_expression(ast::DecimalLiteral{std::move(plain)}, where);
}

TreeBuilder::Expr TreeBuilder::property_value(Grammar::PropertyValueContext* tree) const {
  const auto where = at(tree);
  if (tree->number() != nullptr) return number(tree->number(), tree->MINUS() != nullptr, where);
  if (tree->STRING_VALUE() != nullptr) {
    return ast::make_expression(ast::StringLiteral{string_value(tree->STRING_VALUE())}, where);
  }
  if (tree->NULL_() != nullptr) return ast::make_expression(ast::NullLiteral{}, where);
  return ast::make_expression(ast::BooleanLiteral{tree->TRUE() != nullptr}, where);
}

Result<std::int64_t> TreeBuilder::limit(Grammar::LimitContext* tree, std::string_view command) const {
  auto* number = tree->number();
  if (number->INTEGER_VALUE() == nullptr) {
    return error("Value must be integer for command: " + std::string(command), at(tree));
  }
  return integer(number->start, tree->MINUS() != nullptr, at(tree));
}

Result<ast::Duration> TreeBuilder::duration(antlr4::Token* amount, Grammar::TimeUnitContext* unit) const {
  THALWEG_TRY(const auto count, integer(amount, false, at(amount)));
  const auto factor = unit_ms(unit->start->getType());
  if (count > std::numeric_limits<std::int64_t>::max() / factor)
    return invalid_number(amount->getText(), at(amount));
  return ast::Duration{count, upper(unit->start->getText()), count * factor};
}

Result<ast::Duration> TreeBuilder::duration(Grammar::DurationContext* tree) const {
  return duration(tree->start, tree->timeUnit());
}

}  // namespace thalweg::parser
