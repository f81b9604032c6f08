#include "shell/session.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "parser/parser.h"
#include "server/config/text_file.h"
#include "server/http/request.h"
#include "shell/entity.h"
#include "shell/error_text.h"
#include "shell/interrupt.h"
#include "shell/json_text.h"
#include "shell/table.h"

namespace thalweg::shell {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kShellVersion = "0.1.0";
constexpr int kCommandTimeout = 50301;

}  // namespace

int exit_code(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
    case Outcome::kExit: return 0;
    case Outcome::kFailed: return 1;
    case Outcome::kNoConnection: return 3;
    case Outcome::kInterrupted: return 130;
  }
  return 1;
}

Session::Session(Client client, Screen& screen, const ShellOptions& options)
    : client_(std::move(client)), screen_(screen), options_(options), variables_(options.defines) {
  style_.json = options.output == "JSON" || options.output == "json";
}

Outcome Session::failed(const Error& error) {
  if (error.code == ErrorCode::kTimeout) return Outcome::kInterrupted;
  screen_.error(describe(error) + "\n");
  return error.code == ErrorCode::kIo ? Outcome::kNoConnection : Outcome::kFailed;
}

Outcome Session::greet() {
  const auto reply = client_.get("/info");
  if (!reply) {
    screen_.note("thalweg " + std::string(kShellVersion) + ", no server at " + client_.url() + "\n");
    return failed(reply.error());
  }
  const auto json = nlohmann::json::parse(reply->body, nullptr, false);
  if (reply->status != 200 || !json.is_object() || !json.contains("KsqlServerInfo")) {
    screen_.error(server_error_text(reply->status, reply->body, ""));
    return Outcome::kFailed;
  }
  const auto& info = json["KsqlServerInfo"];
  screen_.note("thalweg " + std::string(kShellVersion) + ", server " + info.value("version", "?") + " at " +
               client_.url() + ", " + info.value("serverStatus", "?") + "\n" +
               "'help' lists what can be said; statements end with a semicolon.\n");
  return Outcome::kOk;
}

// ---- statements ------------------------------------------------------------------------------------

Outcome Session::run(const std::string& text) {
  auto statements = parser::parse_statements(text, variables_, {.allow_client_statements = true});
  if (!statements) {
    screen_.error(error_text(statements.error(), text));
    return Outcome::kFailed;
  }
  Outcome worst = Outcome::kOk;
  const auto note = [&](Outcome outcome) {
    if (outcome != Outcome::kOk && worst != Outcome::kNoConnection) worst = outcome;
    return outcome == Outcome::kOk || (outcome == Outcome::kFailed && options_.keep_going);
  };
  std::vector<std::string> batch;
  for (const ast::Statement& statement : *statements) {
    const bool travels_alone = std::holds_alternative<ast::Query>(statement.node) ||
                               std::holds_alternative<ast::Print>(statement.node) ||
                               std::holds_alternative<ast::RunScript>(statement.node) ||
                               std::holds_alternative<ast::SetProperty>(statement.node) ||
                               std::holds_alternative<ast::UnsetProperty>(statement.node) ||
                               std::holds_alternative<ast::DefineVariable>(statement.node) ||
                               std::holds_alternative<ast::UndefineVariable>(statement.node);
    const auto* list = std::get_if<ast::List>(&statement.node);
    if (!travels_alone && (list == nullptr || list->what != ast::Listing::kVariables)) {
      batch.push_back(statement.text);
      if (!options_.keep_going) continue;
    }
    if (!note(flush(batch))) return worst;
    if (travels_alone || list != nullptr) {
      if (!note(run(statement))) return worst;
    }
  }
  note(flush(batch));
  return worst;
}

// A statement that the shell handles itself or that goes to /query.
Outcome Session::run(const ast::Statement& statement) {
  if (std::holds_alternative<ast::Query>(statement.node)) return query(statement.text + ";", false);
  if (std::holds_alternative<ast::Print>(statement.node)) return query(statement.text + ";", true);
  if (const auto* script = std::get_if<ast::RunScript>(&statement.node)) return run_script(script->file);
  if (const auto* set = std::get_if<ast::SetProperty>(&statement.node))
    return set_property(set->name, set->value);
  if (const auto* unset = std::get_if<ast::UnsetProperty>(&statement.node)) {
    properties_.erase(unset->name);
  } else if (const auto* define = std::get_if<ast::DefineVariable>(&statement.node)) {
    variables_[define->name] = define->value;
  } else if (const auto* undefine = std::get_if<ast::UndefineVariable>(&statement.node)) {
    if (variables_.erase(undefine->name) == 0)
      screen_.note("WARNING: no variable " + undefine->name + " is defined\n");
  } else if (const auto* list = std::get_if<ast::List>(&statement.node);
             list != nullptr && list->what == ast::Listing::kVariables) {
    show_variables();
  }
  return Outcome::kOk;
}

Outcome Session::flush(std::vector<std::string>& batch) {
  if (batch.empty()) return Outcome::kOk;
  std::string ksql;
  for (const std::string& text : batch) ksql += (ksql.empty() ? "" : "\n") + text + ";";
  batch.clear();
  return send(ksql, false);
}

std::string Session::request_body(const std::string& ksql, bool with_variables) const {
  Json body{{"ksql", ksql}, {"streamsProperties", Json(properties_)}};
  if (properties_.empty()) body["streamsProperties"] = Json::object();
  if (with_variables && !variables_.empty()) body["sessionVariables"] = variables_;
  if (!pipelining_ && command_sequence_ >= 0) body["commandSequenceNumber"] = command_sequence_;
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Outcome Session::send(const std::string& ksql, bool with_variables) {
  const auto reply = client_.post("/ksql", request_body(ksql, with_variables));
  if (!reply) return failed(reply.error());
  if (reply->status != 200) {
    screen_.error(server_error_text(reply->status, reply->body, ksql));
    explain_wait(server_error_code(reply->body));
    return Outcome::kFailed;
  }
  Outcome outcome = Outcome::kOk;
  show_entities(reply->body, outcome);
  return outcome;
}

void Session::explain_wait(int code) {
  if (code != kCommandTimeout) return;
  screen_.note(
      "The server did not catch up with earlier statements in time.\n"
      "'request-pipelining ON' sends statements without waiting for them.\n");
}

void Session::show_entities(const std::string& body, Outcome& outcome) {
  const auto entities = Json::parse(body, nullptr, false);
  if (!entities.is_array()) {
    screen_.error("the server's answer is not understood: " + body + "\n");
    outcome = Outcome::kFailed;
    return;
  }
  for (const auto& entity : entities) {
    if (is_failed_command(entity)) outcome = Outcome::kFailed;
    command_sequence_ = std::max(command_sequence_, entity.value("commandSequenceNumber", std::int64_t{-1}));
    if (style_.json) continue;
    if (entities.size() > 1) screen_.print("\n" + entity.value("statementText", "") + "\n");
    screen_.print(entity_text(entity));
  }
  if (style_.json) screen_.print(pretty_json(body) + "\n");
}

Outcome Session::query(const std::string& ksql, bool print_topic) {
  const InterruptScope scope;
  clear_interrupt();
  RowPrinter printer(screen_, style_);
  if (screen_.is_terminal()) screen_.note("Press CTRL-C to interrupt\n");
  std::int64_t lines = 0;
  const auto reply = client_.stream("/query", request_body(ksql, false), options_.query_timeout_ms,
                                    [&](std::string_view line) {
                                      if (print_topic) {
                                        screen_.print(std::string(line) + "\n");
                                        lines += line.starts_with("rowtime") ? 1 : 0;
                                      } else if (!printer.line(line)) {
                                        return false;
                                      }
                                      const std::int64_t rows = print_topic ? lines : printer.row_count();
                                      return options_.query_row_limit < 0 || rows < options_.query_row_limit;
                                    });
  if (!reply) return failed(reply.error());
  if (!printer.error().empty()) {
    screen_.error(server_error_text(200, printer.error(), ksql));
    return Outcome::kFailed;
  }
  if (reply->end == StreamEnd::kFinished && reply->status != 200) {
    screen_.error(server_error_text(reply->status, reply->body, ksql));
    explain_wait(server_error_code(reply->body));
    return Outcome::kFailed;
  }
  if (print_topic) {
    screen_.note("Topic printing ceased\n");
  } else if (reply->end != StreamEnd::kFinished) {
    screen_.note("Query terminated\n");
  }
  return reply->end == StreamEnd::kInterrupted ? Outcome::kInterrupted : Outcome::kOk;
}

Outcome Session::set_property(const std::string& name, const std::string& value) {
  const auto reply = client_.get("/is_valid_property/" + server::percent_encode(name));
  if (!reply) return failed(reply.error());
  if (reply->status != 200) {
    screen_.error(server_error_text(reply->status, reply->body, ""));
    return Outcome::kFailed;
  }
  const auto [entry, added] = properties_.try_emplace(name, value);
  const std::string before = added ? "" : " from '" + std::exchange(entry->second, value) + "'";
  screen_.note("Successfully changed local property '" + name + "'" + before + " to '" + value + "'.\n");
  return Outcome::kOk;
}

Outcome Session::run_script(const std::string& file) {
  const auto text = server::read_text_file(file);
  if (!text) {
    screen_.error(describe(text.error()) + "\n");
    return Outcome::kFailed;
  }
  return send(*text, true);
}

void Session::show_variables() {
  EntityTable table({"Variable Name", "Value"});
  for (const auto& [name, value] : variables_) table.add({name, value});
  screen_.print(table.text());
}

// ---- built-ins -------------------------------------------------------------------------------------

Outcome Session::use_server(const std::string& url) {
  if (url.empty()) {
    screen_.print(client_.url() + "\n");
    return Outcome::kOk;
  }
  auto client = Client::make(url, options_.user, options_.password);
  if (!client) return failed(client.error());
  client_ = std::move(*client);
  command_sequence_ = -1;
  pipelining_ = false;
  return greet();
}

Outcome Session::set_cli(const CliCommand& command) {
  const bool number = !command.value.empty() && command.value.size() < 5 &&
                      command.value.find_first_not_of("0123456789") == std::string::npos;
  if (command.name == "WRAP" && (command.value == "ON" || command.value == "OFF")) {
    style_.wrap = command.value == "ON";
  } else if (command.name == "COLUMN-WIDTH" && number) {
    style_.column_width = static_cast<std::size_t>(std::stoi(command.value));
  } else {
    screen_.error("write SET CLI WRAP ON|OFF or SET CLI COLUMN-WIDTH n\n");
    return Outcome::kFailed;
  }
  return Outcome::kOk;
}

Outcome Session::run(const Builtin& command, const std::vector<std::string>& history) {
  struct Visitor {
    Session& session;
    const std::vector<std::string>& history;
    Screen& screen = session.screen_;

    Outcome print(const std::string& text) const {
      screen.print(text);
      return Outcome::kOk;
    }
    Outcome operator()(const HelpCommand&) const { return print(help_text()); }
    Outcome operator()(const ClearCommand&) const {
      screen.clear();
      return Outcome::kOk;
    }
    Outcome operator()(const HistoryCommand&) const {
      for (std::size_t i = 0; i < history.size(); ++i)
        print(std::to_string(i + 1) + ": " + history[i] + "\n");
      return Outcome::kOk;
    }
    Outcome operator()(const VersionCommand&) const { return session.greet(); }
    Outcome operator()(const ExitCommand&) const { return Outcome::kExit; }
    Outcome operator()(const OutputCommand& output) const {
      if (output.format.empty())
        return print(session.style_.json ? "Current output format: JSON\n"
                                         : "Current output format: TABULAR\n");
      if (output.format != "JSON" && output.format != "TABULAR") {
        screen.error("the output format is JSON or TABULAR\n");
        return Outcome::kFailed;
      }
      session.style_.json = output.format == "JSON";
      return print("Output format set to " + output.format + "\n");
    }
    Outcome operator()(const ServerCommand& server) const { return session.use_server(server.url); }
    Outcome operator()(const RunScriptCommand& script) const { return session.run_script(script.file); }
    Outcome operator()(const SpoolCommand& spool) const {
      if (spool.file.empty()) {
        screen.spool_off();
        return Outcome::kOk;
      }
      const auto done = screen.spool_to(spool.file);
      if (done) return print("Session will be spooled to " + spool.file + "\n");
      screen.error(describe(done.error()) + "\n");
      return Outcome::kFailed;
    }
    Outcome operator()(const PipeliningCommand& pipelining) const {
      if (pipelining.on) session.pipelining_ = *pipelining.on;
      return print(std::string("Request pipelining: ") + (session.pipelining_ ? "ON\n" : "OFF\n"));
    }
    Outcome operator()(const CliCommand& cli) const { return session.set_cli(cli); }
  };
  return std::visit(Visitor{*this, history}, command);
}

}  // namespace thalweg::shell
