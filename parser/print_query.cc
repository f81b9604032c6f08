// Canonical text of queries: one clause per line.
#include "parser/expression_printer.h"
#include "parser/print.h"

namespace thalweg::parser {
namespace {

std::string text_of(const ast::Duration& duration) {
  return std::to_string(duration.amount) + " " + duration.unit;
}

void append_item(std::string& out, const ast::SelectItem& item) {
  if (const auto* star = std::get_if<ast::StarItem>(&item.node)) {
    out += star->qualifier ? quote_if_needed(*star->qualifier) + ".*" : "*";
  } else if (const auto* fields = std::get_if<ast::StructStarItem>(&item.node)) {
    append_base(out, *fields->base);
    out += "->*";
  } else {
    const auto& column = std::get<ast::ExpressionItem>(item.node);
    append_expression(out, *column.expression);
    if (column.alias) out += " " + quote_if_needed(*column.alias);
  }
}

void append_source(std::string& out, const ast::SourceRef& source) {
  out += quote_if_needed(source.name);
  if (source.alias) out += " " + quote_if_needed(*source.alias);
}

std::string_view join_words(const ast::Join& join) {
  switch (join.type) {
    case ast::JoinType::kInner: return "INNER JOIN ";
    case ast::JoinType::kLeft: return join.outer_spelt ? "LEFT OUTER JOIN " : "LEFT JOIN ";
    case ast::JoinType::kRight: return join.outer_spelt ? "RIGHT OUTER JOIN " : "RIGHT JOIN ";
    case ast::JoinType::kFull: return join.outer_spelt ? "FULL OUTER JOIN " : "FULL JOIN ";
  }
  return {};
}

void append_join(std::string& out, const ast::Join& join) {
  out += "\n";
  out += join_words(join);
  append_source(out, join.source);
  if (const auto& within = join.within) {
    out += within->symmetric ? " WITHIN " + text_of(within->before)
                             : " WITHIN (" + text_of(within->before) + ", " + text_of(within->after) + ")";
    if (within->grace) out += " GRACE PERIOD " + text_of(*within->grace);
  }
  out += " ON (";
  append_expression(out, *join.on);
  out += ')';
}

std::string size_text(const std::optional<ast::Duration>& time, const std::optional<std::int64_t>& rows) {
  return time ? text_of(*time) : std::to_string(rows.value_or(0)) + " ROWS";
}

void append_window(std::string& out, const ast::Window& window) {
  out += "\nWINDOW ";
  if (window.name) out += quote_keywords(*window.name) + " ";
  switch (window.type) {
    case ast::WindowType::kTumbling: out += "TUMBLING (SIZE " + size_text(window.size, window.rows); break;
    case ast::WindowType::kHopping:
      out += "HOPPING (SIZE " + size_text(window.size, window.rows) + ", ADVANCE BY " +
             size_text(window.advance, window.advance_rows);
      break;
    case ast::WindowType::kSession: out += "SESSION (" + size_text(window.size, window.rows); break;
  }
  if (window.retention) out += ", RETENTION " + text_of(*window.retention);
  if (window.grace) out += ", GRACE PERIOD " + text_of(*window.grace);
  out += ')';
}

void append_condition(std::string& out, std::string_view clause, const ast::ExpressionPtr& condition) {
  if (condition == nullptr) return;
  out += clause;
  append_expression(out, *condition);
}

void append_list(std::string& out, std::string_view clause,
                 const std::optional<std::vector<ast::ExpressionPtr>>& expressions) {
  if (!expressions) return;
  out += clause;
  for (std::size_t i = 0; i < expressions->size(); ++i) {
    if (i > 0) out += ", ";
    append_expression(out, *(*expressions)[i]);
  }
}

}  // namespace

std::string print(const ast::Query& query) {
  std::string out = "SELECT";
  const char* separator = query.items.size() == 1 ? " " : "\n  ";
  for (const auto& item : query.items) {
    out += separator;
    append_item(out, item);
    separator = ",\n  ";
  }
  out += "\nFROM ";
  append_source(out, query.from);
  for (const auto& join : query.joins) append_join(out, join);
  if (query.window) append_window(out, *query.window);
  append_condition(out, "\nWHERE ", query.where);
  append_list(out, "\nGROUP BY ", query.group_by);
  append_list(out, "\nPARTITION BY ", query.partition_by);
  append_condition(out, "\nHAVING ", query.having);
  if (query.emit == ast::Emit::kChanges) out += "\nEMIT CHANGES";
  if (query.emit == ast::Emit::kFinal) out += "\nEMIT FINAL";
  if (query.limit) out += "\nLIMIT " + std::to_string(*query.limit);
  return out;
}

}  // namespace thalweg::parser
