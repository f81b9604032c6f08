// Canonical text of statements, without the final ';'.
#include "parser/expression_printer.h"
#include "parser/parser.h"
#include "parser/print.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

std::string_view word(ast::SourceKind kind) {
  return kind == ast::SourceKind::kStream ? "STREAM " : "TABLE ";
}

// For names that keep their case without quotes: topics, connectors, variables.
std::string name_as_written(std::string_view name) {
  const bool bare = is_plain_identifier(name) && !is_reserved_word(upper(name));
  return bare ? std::string(name) : quote_if_needed(name);
}

std::string variable_name(std::string_view name) {
  return is_plain_identifier(name) ? std::string(name) : quote_if_needed(name);
}

template <typename Items, typename Append>
void append_list(std::string& out, const Items& items, Append append) {
  out += '(';
  const char* separator = "";
  for (const auto& item : items) {
    out += separator;
    append(item);
    separator = ", ";
  }
  out += ')';
}

void append_values(std::string& out, const std::vector<ast::ExpressionPtr>& values) {
  append_list(out, values, [&out](const ast::ExpressionPtr& value) { append_expression(out, *value); });
}

void append_names(std::string& out, const std::vector<std::string>& names) {
  if (names.empty()) return;
  out += ' ';
  append_list(out, names, [&out](const std::string& name) { out += quote_if_needed(name); });
}

// With `verbatim`, keys are case-sensitive and written as strings.
void append_with(std::string& out, const ast::Properties& properties, bool verbatim = false) {
  if (properties.empty()) return;
  out += " WITH ";
  append_list(out, properties, [&](const ast::Property& property) {
    const bool bare = !verbatim && quote_if_needed(property.name) == property.name;
    out += (bare ? property.name : quote_literal(property.name)) + "=";
    append_expression(out, *property.value);
  });
}

void append_columns(std::string& out, const std::vector<ast::ColumnDefinition>& columns) {
  append_list(out, columns, [&out](const ast::ColumnDefinition& column) {
    out += quote_if_needed(column.name) + " ";
    append_type(out, column.type);
    switch (column.role) {
      case ast::ColumnRole::kValue: break;
      case ast::ColumnRole::kKey: out += " KEY"; break;
      case ast::ColumnRole::kPrimaryKey: out += " PRIMARY KEY"; break;
      case ast::ColumnRole::kHeaders:
        out += column.header_key ? " HEADER(" + quote_literal(*column.header_key) + ")" : " HEADERS";
        break;
    }
  });
}

void append_timeout(std::string& out, const std::optional<ast::Duration>& timeout) {
  if (timeout) out += " TIMEOUT " + std::to_string(timeout->amount) + " " + timeout->unit;
}

std::string_view words(ast::Listing what) {
  switch (what) {
    case ast::Listing::kStreams: return "STREAMS";
    case ast::Listing::kTables: return "TABLES";
    case ast::Listing::kTopics: return "TOPICS";
    case ast::Listing::kAllTopics: return "ALL TOPICS";
    case ast::Listing::kQueries: return "QUERIES";
    case ast::Listing::kProperties: return "PROPERTIES";
    case ast::Listing::kFunctions: return "FUNCTIONS";
    case ast::Listing::kTypes: return "TYPES";
    case ast::Listing::kVariables: return "VARIABLES";
    case ast::Listing::kConnectors: return "CONNECTORS";
    case ast::Listing::kSourceConnectors: return "SOURCE CONNECTORS";
    case ast::Listing::kSinkConnectors: return "SINK CONNECTORS";
    case ast::Listing::kConnectorPlugins: return "CONNECTOR PLUGINS";
  }
  return {};
}

std::string_view word(ast::LifecycleAction action) {
  switch (action) {
    case ast::LifecycleAction::kTerminate: return "TERMINATE ";
    case ast::LifecycleAction::kPause: return "PAUSE ";
    case ast::LifecycleAction::kResume: return "RESUME ";
  }
  return {};
}

class StatementPrinter {
 public:
  std::string take() { return std::move(out_); }

  void operator()(const ast::Query& node) { out_ += print(node); }
  void operator()(const ast::CreateSource& node) {
    out_ += "CREATE ";
    if (node.or_replace) out_ += "OR REPLACE ";
    if (node.read_only) out_ += "SOURCE ";
    out_ += word(node.kind);
    if (node.if_not_exists) out_ += "IF NOT EXISTS ";
    source(node);
  }
  void operator()(const ast::CreateAsSelect& node) {
    out_ += "CREATE ";
    if (node.or_replace) out_ += "OR REPLACE ";
    out_ += word(node.kind);
    if (node.if_not_exists) out_ += "IF NOT EXISTS ";
    out_ += quote_if_needed(node.name);
    append_with(out_, node.properties);
    out_ += " AS " + print(node.query);
  }
  void operator()(const ast::InsertInto& node) {
    out_ += "INSERT INTO " + quote_if_needed(node.target);
    append_with(out_, node.properties);
    out_ += " " + print(node.query);
  }
  void operator()(const ast::InsertValues& node) {
    out_ += "INSERT INTO " + quote_if_needed(node.target);
    append_names(out_, node.columns);
    out_ += " VALUES ";
    for (std::size_t i = 0; i < node.rows.size(); ++i) {
      if (i > 0) out_ += ", ";
      append_values(out_, node.rows[i]);
    }
  }
  void operator()(const ast::DropSource& node) {
    out_ += "DROP ";
    out_ += word(node.kind);
    if (node.if_exists) out_ += "IF EXISTS ";
    out_ += quote_if_needed(node.name);
    if (node.delete_topic) out_ += " DELETE TOPIC";
  }
  void operator()(const ast::AlterSource& node) {
    out_ += "ALTER ";
    out_ += word(node.kind);
    out_ += quote_if_needed(node.name);
    const char* separator = " ";
    for (const auto& column : node.columns) {
      out_ += separator;
      out_ += "ADD COLUMN " + quote_if_needed(column.name) + " ";
      append_type(out_, column.type);
      separator = ", ";
    }
  }
  void operator()(const ast::CreateType& node) {
    out_ += "CREATE TYPE ";
    if (node.if_not_exists) out_ += "IF NOT EXISTS ";
    out_ += quote_keywords(node.name) + " AS ";
    append_type(out_, node.type);
  }
  void operator()(const ast::DropType& node) {
    out_ += node.if_exists ? "DROP TYPE IF EXISTS " : "DROP TYPE ";
    out_ += quote_keywords(node.name);
  }

  void operator()(const ast::Lifecycle& node) {
    out_ += word(node.action);
    out_ += node.query_id ? quote_keywords(*node.query_id) : "ALL";
  }
  void operator()(const ast::List& node) {
    out_ += "LIST ";
    out_ += words(node.what);
    if (node.extended) out_ += " EXTENDED";
  }
  void operator()(const ast::DescribeSource& node) {
    out_ += "DESCRIBE " + quote_keywords(node.name);
    if (node.extended) out_ += " EXTENDED";
  }
  void operator()(const ast::DescribeAll& node) {
    out_ += node.kind == ast::SourceKind::kStream ? "DESCRIBE STREAMS" : "DESCRIBE TABLES";
    if (node.extended) out_ += " EXTENDED";
  }
  void operator()(const ast::DescribeFunction& node) {
    out_ += "DESCRIBE FUNCTION " + quote_keywords(node.name);
  }
  void operator()(const ast::DescribeConnector& node) {
    out_ += "DESCRIBE CONNECTOR " + name_as_written(node.name);
  }
  void operator()(const ast::Explain& node) {
    out_ += "EXPLAIN ";
    if (node.statement != nullptr) {
      std::visit(*this, node.statement->node);
    } else if (node.query_id) {
      out_ += quote_keywords(*node.query_id);
    }
  }
  void operator()(const ast::Print& node) {
    out_ += "PRINT " + quote_literal(node.topic);
    if (node.from_beginning) out_ += " FROM BEGINNING";
    if (node.interval) out_ += " INTERVAL " + std::to_string(*node.interval);
    if (node.limit) out_ += " LIMIT " + std::to_string(*node.limit);
  }

  void operator()(const ast::SetProperty& node) { assign("SET ", node.name, node.value); }
  void operator()(const ast::UnsetProperty& node) { out_ += "UNSET " + quote_literal(node.name); }
  void operator()(const ast::AlterSystem& node) { assign("ALTER SYSTEM ", node.name, node.value); }
  void operator()(const ast::DefineVariable& node) {
    out_ += "DEFINE " + variable_name(node.name) + "=" + quote_literal(node.value);
  }
  void operator()(const ast::UndefineVariable& node) { out_ += "UNDEFINE " + variable_name(node.name); }
  void operator()(const ast::CreateConnector& node) {
    out_ += node.is_source ? "CREATE SOURCE CONNECTOR " : "CREATE SINK CONNECTOR ";
    if (node.if_not_exists) out_ += "IF NOT EXISTS ";
    out_ += name_as_written(node.name);
    append_with(out_, node.properties, true);
  }
  void operator()(const ast::DropConnector& node) {
    out_ += node.if_exists ? "DROP CONNECTOR IF EXISTS " : "DROP CONNECTOR ";
    out_ += name_as_written(node.name);
  }

  void operator()(const ast::AssertTopic& node) {
    out_ += node.exists ? "ASSERT TOPIC " : "ASSERT NOT EXISTS TOPIC ";
    out_ += quote_literal(node.topic);
    append_with(out_, node.properties);
    append_timeout(out_, node.timeout);
  }
  void operator()(const ast::AssertSchema& node) {
    out_ += node.exists ? "ASSERT SCHEMA" : "ASSERT NOT EXISTS SCHEMA";
    if (node.subject) out_ += " SUBJECT " + quote_literal(*node.subject);
    if (node.id) out_ += " ID " + std::to_string(*node.id);
    append_timeout(out_, node.timeout);
  }
  void operator()(const ast::RunScript& node) { out_ += "RUN SCRIPT " + quote_literal(node.file); }
  void operator()(const ast::AssertValues& node) {
    out_ += "ASSERT VALUES " + quote_if_needed(node.target);
    append_names(out_, node.columns);
    out_ += " VALUES ";
    append_values(out_, node.values);
  }
  void operator()(const ast::AssertNullValues& node) {
    out_ += "ASSERT NULL VALUES " + quote_if_needed(node.target);
    append_names(out_, node.columns);
    out_ += " KEY ";
    append_values(out_, node.key);
  }
  void operator()(const ast::AssertSource& node) {
    out_ += "ASSERT ";
    out_ += word(node.expected.kind);
    source(node.expected);
  }

 private:
  void source(const ast::CreateSource& node) {
    out_ += quote_if_needed(node.name);
    if (node.has_columns || !node.columns.empty()) {
      out_ += ' ';
      append_columns(out_, node.columns);
    }
    append_with(out_, node.properties);
  }

  void assign(std::string_view verb, std::string_view name, std::string_view value) {
    out_ += verb;
    out_ += quote_literal(name) + "=" + quote_literal(value);
  }

  std::string out_;
};

}  // namespace

std::string print(const ast::Statement& statement) {
  StatementPrinter printer;
  std::visit(printer, statement.node);
  return printer.take();
}

}  // namespace thalweg::parser
