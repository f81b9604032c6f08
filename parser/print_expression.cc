// Canonical text of names, types and expressions.
#include <algorithm>
#include <array>
#include <charconv>

#include "parser/expression_printer.h"
#include "parser/parser.h"
#include "parser/print.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

// Followed by a bracket, these begin a constructor.
bool begins_constructor(std::string_view name) {
  return name == "ARRAY" || name == "MAP" || name == "STRUCT";
}

std::string backquote(std::string_view identifier) {
  std::string result = "`";
  for (const char c : identifier) result.append(c == '`' ? 2 : 1, c);
  return result + "`";
}

std::string column_name(std::string_view name) {
  return begins_constructor(name) ? backquote(name) : quote_if_needed(name);
}

// Shortest digits that read back as `value`: 1.5E0, 5E-2.
std::string scientific(double value) {
  std::array<char, 40> buffer;
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data()));
  const auto e = text.find('e');
  auto exponent = text.substr(e + 1);
  const bool negative = exponent.starts_with('-');
  exponent.remove_prefix(1);
  while (exponent.size() > 1 && exponent.front() == '0') exponent.remove_prefix(1);
  return std::string(text.substr(0, e)) + (negative ? "E-" : "E") + std::string(exponent);
}

std::string_view symbol(ast::ArithmeticOp op) {
  switch (op) {
    case ast::ArithmeticOp::kAdd: return " + ";
    case ast::ArithmeticOp::kSubtract: return " - ";
    case ast::ArithmeticOp::kMultiply: return " * ";
    case ast::ArithmeticOp::kDivide: return " / ";
    case ast::ArithmeticOp::kModulus: return " % ";
  }
  return {};
}

std::string_view symbol(ast::ComparisonOp op) {
  switch (op) {
    case ast::ComparisonOp::kEqual: return " = ";
    case ast::ComparisonOp::kNotEqual: return " <> ";
    case ast::ComparisonOp::kLess: return " < ";
    case ast::ComparisonOp::kLessOrEqual: return " <= ";
    case ast::ComparisonOp::kGreater: return " > ";
    case ast::ComparisonOp::kGreaterOrEqual: return " >= ";
    case ast::ComparisonOp::kIsDistinctFrom: return " IS DISTINCT FROM ";
    case ast::ComparisonOp::kIsNotDistinctFrom: return " IS NOT DISTINCT FROM ";
  }
  return {};
}

bool is_number_or_sign(const ast::Expression& expression) {
  return std::holds_alternative<ast::IntegerLiteral>(expression.node) ||
         std::holds_alternative<ast::BigintLiteral>(expression.node) ||
         std::holds_alternative<ast::DoubleLiteral>(expression.node) ||
         std::holds_alternative<ast::DecimalLiteral>(expression.node) ||
         std::holds_alternative<ast::Sign>(expression.node);
}

class ExpressionPrinter {
 public:
  ExpressionPrinter(std::string& out, std::string_view qualifier) : out_(out), qualifier_(qualifier) {}

  void print(const ast::Expression& expression) { std::visit(*this, expression.node); }

  // Numbers and signs in parentheses, so that what surrounds them does not become part of them.
  void atom(const ast::Expression& expression) {
    const bool wrapped = is_number_or_sign(expression);
    if (wrapped) out_ += '(';
    print(expression);
    if (wrapped) out_ += ')';
  }

  void operator()(const ast::NullLiteral&) { out_ += "null"; }
  void operator()(const ast::BooleanLiteral& node) { out_ += node.value ? "true" : "false"; }
  void operator()(const ast::IntegerLiteral& node) { out_ += std::to_string(node.value); }
  void operator()(const ast::BigintLiteral& node) { out_ += std::to_string(node.value); }
  void operator()(const ast::DoubleLiteral& node) { out_ += scientific(node.value); }
  void operator()(const ast::DecimalLiteral& node) {
    out_ += node.text;
    if (node.text.find('.') == node.text.npos) out_ += '.';  // else it would read back as an integer
  }
  void operator()(const ast::StringLiteral& node) { out_ += quote_literal(node.value); }

  void operator()(const ast::ColumnRef& node) {
    if (node.qualifier) {
      out_ += column_name(*node.qualifier) + ".";
    } else if (!qualifier_.empty()) {
      out_ += column_name(qualifier_) + ".";
    }
    out_ += column_name(node.name);
  }
  void operator()(const ast::Dereference& node) {
    atom(*node.base);
    out_ += "->" + quote_if_needed(node.field);
  }
  void operator()(const ast::Subscript& node) {
    atom(*node.base);
    out_ += '[';
    print(*node.index);
    out_ += ']';
  }

  void operator()(const ast::Arithmetic& node) { binary(*node.left, symbol(node.op), *node.right); }
  void operator()(const ast::Sign& node) {
    out_ += node.minus ? '-' : '+';
    atom(*node.operand);
  }
  void operator()(const ast::Comparison& node) { binary(*node.left, symbol(node.op), *node.right); }
  void operator()(const ast::Logical& node) {
    binary(*node.left, node.is_and ? " AND " : " OR ", *node.right);
  }
  void operator()(const ast::Not& node) {
    out_ += "(NOT ";
    print(*node.operand);
    out_ += ')';
  }
  void operator()(const ast::IsNull& node) {
    out_ += '(';
    print(*node.operand);
    out_ += node.negated ? " IS NOT NULL)" : " IS NULL)";
  }
  void operator()(const ast::Between& node) {
    out_ += '(';
    print(*node.operand);
    out_ += " BETWEEN ";
    print(*node.low);
    out_ += " AND ";
    print(*node.high);
    out_ += ')';
  }
  void operator()(const ast::InList& node) {
    out_ += '(';
    print(*node.operand);
    out_ += " IN (";
    list(node.items);
    out_ += "))";
  }
  void operator()(const ast::Like& node) {
    out_ += '(';
    print(*node.operand);
    out_ += " LIKE ";
    print(*node.pattern);
    if (node.escape) out_ += " ESCAPE " + quote_literal(*node.escape);
    out_ += ')';
  }

  void operator()(const ast::Case& node) {
    out_ += "(CASE";
    if (node.operand) {
      out_ += ' ';
      print(*node.operand);
    }
    for (const auto& clause : node.whens) {
      out_ += " WHEN ";
      print(*clause.when);
      out_ += " THEN ";
      print(*clause.then);
    }
    if (node.otherwise) {
      out_ += " ELSE ";
      print(*node.otherwise);
    }
    out_ += " END)";
  }
  void operator()(const ast::Cast& node) {
    out_ += "CAST(";
    print(*node.operand);
    out_ += " AS ";
    append_type(out_, node.type);
    out_ += ')';
  }
  void operator()(const ast::FunctionCall& node) {
    out_ += column_name(node.name) + "(";
    if (node.star) out_ += '*';
    list(node.arguments);
    out_ += ')';
  }
  void operator()(const ast::Lambda& node) {
    const bool several = node.parameters.size() != 1;
    if (several) out_ += '(';
    for (std::size_t i = 0; i < node.parameters.size(); ++i) {
      out_ += (i == 0 ? "" : ", ") + quote_if_needed(node.parameters[i]);
    }
    out_ += several ? ") => " : " => ";
    print(*node.body);
  }
  void operator()(const ast::TimeUnit& node) { out_ += node.unit; }
  void operator()(const ast::AtTimeZone& node) {
    out_ += '(';
    atom(*node.operand);
    out_ += " AT TIME ZONE " + quote_literal(node.zone) + ")";
  }

  void operator()(const ast::ArrayConstructor& node) {
    out_ += "ARRAY[";
    list(node.items);
    out_ += ']';
  }
  void operator()(const ast::MapConstructor& node) {
    out_ += "MAP(";
    const char* separator = "";
    for (const auto& [key, mapped] : node.entries) {
      out_ += separator;
      print(*key);
      out_ += ":=";
      print(*mapped);
      separator = ", ";
    }
    out_ += ')';
  }
  void operator()(const ast::StructConstructor& node) {
    out_ += "STRUCT(";
    const char* separator = "";
    for (const auto& [field, content] : node.fields) {
      out_ += separator + quote_if_needed(field) + ":=";
      print(*content);
      separator = ", ";
    }
    out_ += ')';
  }

 private:
  void binary(const ast::Expression& left, std::string_view op, const ast::Expression& right) {
    out_ += '(';
    print(left);
    out_ += op;
    print(right);
    out_ += ')';
  }

  void list(const std::vector<ast::ExpressionPtr>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += ", ";
      print(*items[i]);
    }
  }

  std::string& out_;
  std::string_view qualifier_;
};

}  // namespace

void append_expression(std::string& out, const ast::Expression& expression, std::string_view qualifier) {
  ExpressionPrinter(out, qualifier).print(expression);
}

void append_base(std::string& out, const ast::Expression& expression) {
  ExpressionPrinter(out, {}).atom(expression);
}

void append_type(std::string& out, const ast::TypeName& type) {
  if (type.arguments.empty()) {
    out += type.name == "DECIMAL" ? type.name : column_name(type.name);
    for (std::size_t i = 0; i < type.parameters.size(); ++i)
      out += (i == 0 ? "(" : ", ") + type.parameters[i];
    if (!type.parameters.empty()) out += ')';
    return;
  }
  out += type.name + "<";
  for (std::size_t i = 0; i < type.arguments.size(); ++i) {
    if (i > 0) out += ", ";
    if (i < type.field_names.size()) out += quote_if_needed(type.field_names[i]) + " ";
    append_type(out, type.arguments[i]);
  }
  out += '>';
}

std::string quote_if_needed(std::string_view identifier) {
  const bool folds_to_itself =
      std::none_of(identifier.begin(), identifier.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool bare = folds_to_itself && is_plain_identifier(identifier) && !is_reserved_word(identifier);
  return bare ? std::string(identifier) : backquote(identifier);
}

std::string quote_keywords(std::string_view identifier) {
  return is_free_keyword(identifier) ? backquote(identifier) : quote_if_needed(identifier);
}

std::string quote_literal(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result.append(c == '\'' ? 2 : 1, c);
  return result + "'";
}

std::string print(const ast::Expression& expression) {
  std::string out;
  append_expression(out, expression);
  return out;
}

std::string print(const ast::TypeName& type) {
  std::string out;
  append_type(out, type);
  return out;
}

}  // namespace thalweg::parser
