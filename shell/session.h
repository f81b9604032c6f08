// One person's session: properties, variables and settings live here, the server keeps none of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "parser/ast/statement.h"
#include "shell/builtin.h"
#include "shell/client.h"
#include "shell/row_printer.h"
#include "shell/screen.h"
#include "shell/shell.h"

namespace thalweg::shell {

enum class Outcome : std::uint8_t { kOk, kFailed, kNoConnection, kInterrupted, kExit };

class Session {
 public:
  Session(Client client, Screen& screen, const ShellOptions& options);

  // All statements of `text` are parsed first; then runs of statements that are no queries travel
  // together. Stops at the first failure unless keep_going.
  Outcome run(const std::string& text);
  Outcome run(const Builtin& command, const std::vector<std::string>& history);
  // Banner: versions and state of the server, or that there is none.
  Outcome greet();

 private:
  Outcome run(const ast::Statement& statement);
  Outcome flush(std::vector<std::string>& batch);
  Outcome send(const std::string& ksql, bool with_variables);
  Outcome query(const std::string& ksql, bool print_topic);
  Outcome set_property(const std::string& name, const std::string& value);
  Outcome run_script(const std::string& file);
  Outcome use_server(const std::string& url);
  Outcome set_cli(const CliCommand& command);
  void show_entities(const std::string& body, Outcome& outcome);
  void show_variables();
  void explain_wait(int code);
  Outcome failed(const Error& error);
  std::string request_body(const std::string& ksql, bool with_variables) const;

  Client client_;
  Screen& screen_;
  ShellOptions options_;
  RowStyle style_;
  bool pipelining_ = false;
  std::map<std::string, std::string> properties_;
  std::map<std::string, std::string> variables_;
  std::int64_t command_sequence_ = -1;
};

int exit_code(Outcome outcome);

}  // namespace thalweg::shell
