#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "shell/testing/test_run.h"

namespace thalweg::shell {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

// Takes "1:8 " off the front of `text`.
std::optional<SourcePosition> take_position(std::string_view& text) {
  SourcePosition at;
  const auto* end = text.data() + text.size();
  const auto line = std::from_chars(text.data(), end, at.line);
  if (line.ec != std::errc{} || line.ptr == end || *line.ptr != ':') return std::nullopt;
  const auto column = std::from_chars(line.ptr + 1, end, at.column);
  if (column.ec != std::errc{} || (column.ptr != end && *column.ptr != ' ')) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(column.ptr - text.data()));
  text = trim(text);
  return at;
}

bool error_matches(std::string_view wanted, const Error& error) {
  const auto at = take_position(wanted);
  if (at && (!error.at || !(*error.at == *at))) return false;
  return error.message.find(wanted) != std::string::npos || describe(error).find(wanted) != std::string::npos;
}

}  // namespace

// ---- statements ------------------------------------------------------------------------------------

Result<std::vector<ast::Statement>> TestRun::parse(const std::string& sql) {
  THALWEG_TRY(auto statements, parser::parse_statements(sql, variables_));
  if (statements.empty()) return Error(ErrorCode::kParse, "no statement");
  if (world_.partitions <= 1) return statements;
  for (ast::Statement& statement : statements) {
    auto* create = std::get_if<ast::CreateSource>(&statement.node);
    if (create == nullptr) continue;
    for (ast::Property& property : create->properties) {
      if (property.name != "PARTITIONS") continue;
      property.value = ast::make_expression(ast::IntegerLiteral{world_.partitions});
    }
  }
  return statements;
}

bool TestRun::run_statement(TestBlock& block) {
  const auto done = execute(joined(block.body));
  const std::string_view head = block.head;
  if (head == "ok") {
    if (done) return true;
    return fail(block, "the statement failed: " + error_text(done.error()));
  }
  if (!head.starts_with("error")) return fail(block, "write 'statement ok' or 'statement error TEXT'");
  const std::string wanted(trim(head.substr(5)));
  if (done) {
    mismatches_.push_back({block.line, "the statement succeeded", {wanted}, {}});
    return true;
  }
  const bool placed = done.error().at && done.error().at->line > 0;
  if (options_.positions && !placed)
    mismatches_.push_back({block.line, "the error does not say where", {}, {error_text(done.error())}});
  if (error_matches(wanted, done.error())) return true;
  if (options_.rewrite) block.text[0] = "statement error " + error_text(done.error());
  mismatches_.push_back({block.line, "another error", {wanted}, {error_text(done.error())}});
  return true;
}

Result<void> TestRun::execute(const std::string& sql) {
  THALWEG_TRY(const auto statements, parse(sql));
  const auto changes_nothing = [](const ast::Statement& statement) {
    return std::holds_alternative<ast::Query>(statement.node) ||
           std::holds_alternative<ast::Explain>(statement.node);
  };
  if (std::none_of(statements.begin(), statements.end(), changes_nothing)) {
    THALWEG_CHECK(engine().validate(statements, session_));
  }
  for (const ast::Statement& statement : statements) THALWEG_CHECK(execute(statement));
  reader_.forget_vanished(engine().log());
  return idle();
}

Result<void> TestRun::execute(const ast::Statement& statement) {
  const auto change = [&]() -> Result<void> {
    THALWEG_CHECK(engine().execute(statement, session_));
    return {};
  };
  const auto refuse = [&]() -> Result<void> {
    return Error(ErrorCode::kUnsupported, "a .test file cannot run this statement; ask the server");
  };
  return std::visit(Overloaded{
                        [&](const ast::Query& query) -> Result<void> {
                          THALWEG_CHECK(query_rows(query, statement.text));
                          return {};
                        },
                        [&](const ast::Explain& explain) -> Result<void> {
                          if (!explain.statement) return refuse();
                          THALWEG_CHECK(explained(*explain.statement));
                          return {};
                        },
                        [&](const ast::SetProperty& set) -> Result<void> {
                          session_[set.name] = set.value;
                          return {};
                        },
                        [&](const ast::UnsetProperty& unset) -> Result<void> {
                          session_.erase(unset.name);
                          return {};
                        },
                        [&](const ast::DefineVariable& define) -> Result<void> {
                          variables_[define.name] = define.value;
                          return {};
                        },
                        [&](const ast::UndefineVariable& undefine) -> Result<void> {
                          variables_.erase(undefine.name);
                          return {};
                        },
                        [&](const ast::CreateSource&) { return change(); },
                        [&](const ast::CreateAsSelect&) { return change(); },
                        [&](const ast::InsertInto&) { return change(); },
                        [&](const ast::InsertValues&) { return change(); },
                        [&](const ast::DropSource&) { return change(); },
                        [&](const ast::AlterSource&) { return change(); },
                        [&](const ast::CreateType&) { return change(); },
                        [&](const ast::DropType&) { return change(); },
                        [&](const ast::Lifecycle&) { return change(); },
                        [&](const ast::List&) { return refuse(); },
                        [&](const ast::DescribeSource&) { return refuse(); },
                        [&](const ast::DescribeAll&) { return refuse(); },
                        [&](const ast::DescribeFunction&) { return refuse(); },
                        [&](const ast::DescribeConnector&) { return refuse(); },
                        [&](const ast::Print&) { return refuse(); },
                        [&](const ast::AlterSystem&) { return refuse(); },
                        [&](const ast::CreateConnector&) { return refuse(); },
                        [&](const ast::DropConnector&) { return refuse(); },
                        [&](const ast::AssertTopic&) { return refuse(); },
                        [&](const ast::AssertSchema&) { return refuse(); },
                        [&](const ast::RunScript&) { return refuse(); },
                        [&](const ast::AssertValues&) { return refuse(); },
                        [&](const ast::AssertNullValues&) { return refuse(); },
                        [&](const ast::AssertSource&) { return refuse(); },
                    },
                    statement.node);
}

}  // namespace thalweg::shell
