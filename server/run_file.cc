#include "server/run_file.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <map>

#include "parser/parser.h"
#include "parser/print.h"
#include "server/config/property_table.h"
#include "server/config/text_file.h"
#include "server/logging.h"
#include "server/serve.h"

namespace thalweg::server {
namespace {

template <typename... Alternatives>
bool is_any(const ast::Statement& statement) {
  return (std::holds_alternative<Alternatives>(statement.node) || ...);
}

// Two texts of one statement: compared as the parser sees them.
bool same_statement(const std::string& stored, const ast::Statement& statement) {
  if (stored == statement.text || stored == statement.text + ";") return true;
  const auto parsed = parser::parse_statement(stored);
  return parsed && parser::print(*parsed) == parser::print(statement);
}

// A restart runs the same file again over what the last run left behind.
bool already_there(const runtime::Engine& engine, const ast::Statement& statement) {
  const auto catalog = engine.catalog();
  const auto source_made = [&](const std::string& name) {
    const auto source = catalog->find(name);
    return source && same_statement(source->statement, statement);
  };
  if (const auto* create = std::get_if<ast::CreateSource>(&statement.node)) return source_made(create->name);
  if (const auto* create = std::get_if<ast::CreateAsSelect>(&statement.node)) {
    if (source_made(create->name)) return true;
  }
  if (const auto* type = std::get_if<ast::CreateType>(&statement.node))
    return catalog->types().contains(type->name);
  return false;
}

// Queries of INSERT INTO have no name to go by: the planned text tells them apart, and of two alike in
// the file each stands for one that runs.
class RunningInserts {
 public:
  explicit RunningInserts(const runtime::Engine& engine) {
    for (const auto& query : engine.queries()) {
      if (query.plan->kind == planner::QueryKind::kInsertInto) ++texts_[query.plan->statement];
    }
  }
  bool take(runtime::Engine& engine, const ast::Statement& statement, const planner::PropertyMap& session) {
    if (texts_.empty() || !is_any<ast::InsertInto>(statement)) return false;
    const auto plan = engine.explain(statement, session);
    const auto place = plan ? texts_.find(plan->statement) : texts_.end();
    if (place == texts_.end()) return false;
    if (--place->second == 0) texts_.erase(place);
    return true;
  }

 private:
  std::map<std::string, int> texts_;
};

Result<void> check_headless(const std::vector<ast::Statement>& statements) {
  bool any_query = false;
  for (const auto& statement : statements) {
    any_query = any_query || is_any<ast::CreateAsSelect, ast::InsertInto>(statement);
    if (is_any<ast::CreateSource, ast::CreateAsSelect, ast::InsertInto, ast::CreateType, ast::SetProperty,
               ast::UnsetProperty, ast::DefineVariable, ast::UndefineVariable>(statement)) {
      continue;
    }
    return Error{ErrorCode::kStatement,
                 "Unsupported statement. Only the following statements are supported in standalone mode:\n"
                 "CREATE STREAM\nCREATE TABLE\nCREATE TYPE\nCREATE STREAM AS\nCREATE TABLE AS\nINSERT INTO "
                 "... SELECT\n"
                 "SET\nUNSET",
                 statement.span.begin}
        .with_statement(statement.text);
  }
  if (!any_query) return Error{ErrorCode::kStatement, "The SQL file did not contain any queries to execute."};
  return {};
}

Result<int> run(const RunFileOptions& options) {
  THALWEG_TRY(const auto configuration,
              Configuration::load({options.files, process_environment(), options.settings}));
  THALWEG_CHECK(
      configure_logging(configuration.text("thalweg.log.level"), configuration.text("thalweg.log.format")));
  THALWEG_TRY(const auto text, read_text_file(options.file));
  THALWEG_TRY(auto settings, engine_options(configuration));
  const StopSignals signals;
  std::unique_ptr<runtime::Storage> memory;
  if (options.data.empty()) {
    memory = runtime::make_memory_storage();
    settings.storage = memory.get();
  }
  settings.data_folder = options.data;
  THALWEG_TRY(auto engine, runtime::Engine::open(std::move(settings)));
  THALWEG_TRY(const int executed, execute_file(*engine, text));
  std::printf("thalweg runs %s: %d statements executed\n", options.file.c_str(), executed);
  std::fflush(stdout);
  if (options.until_idle) {
    THALWEG_CHECK(engine->run_until_idle());
  } else {
    spdlog::info("stopping on signal {}", signals.wait());
  }
  return 0;
}

}  // namespace

Result<int> execute_file(runtime::Engine& engine, const std::string& text) {
  THALWEG_TRY(const auto statements, parser::parse_statements(text));
  THALWEG_CHECK(check_headless(statements));
  planner::PropertyMap session;
  int executed = 0;
  RunningInserts running_inserts(engine);
  for (const auto& statement : statements) {
    if (const auto* set = std::get_if<ast::SetProperty>(&statement.node)) {
      session[canonical_name(set->name)] = set->value;
    } else if (const auto* unset = std::get_if<ast::UnsetProperty>(&statement.node)) {
      session.erase(canonical_name(unset->name));
    } else if (!is_any<ast::DefineVariable, ast::UndefineVariable>(statement)) {
      if (already_there(engine, statement) || running_inserts.take(engine, statement, session)) continue;
      auto outcome = engine.execute(statement, session);
      if (!outcome) return std::move(outcome.error()).with_statement(statement.text);
      if (!outcome->message.empty()) spdlog::info("{}", outcome->message);
      ++executed;
    }
  }
  return executed;
}

int run_file(const RunFileOptions& options) {
  const auto outcome = run(options);
  return outcome ? *outcome : fail(outcome.error());
}

}  // namespace thalweg::server
