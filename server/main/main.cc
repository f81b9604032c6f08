// The binary: one command per way of running.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "server/api/small_endpoints.h"
#include "server/run_file.h"
#include "server/serve.h"
#include "shell/shell.h"
#include "shell/testing/test_command.h"

namespace {

using namespace thalweg;

void add_configuration(CLI::App& command, std::vector<std::string>& files,
                       std::vector<std::string>& settings) {
  command.add_option("--config", files, "properties file; repeatable, later ones win")->type_name("FILE");
  command.add_option("--set", settings, "one property; repeatable")->type_name("NAME=VALUE");
}

CLI::App* add_server(CLI::App& app, server::ServeOptions& options) {
  auto* command = app.add_subcommand("server", "serve REST and WebSocket clients");
  command->add_option("--listen", options.listen, "address, such as http://127.0.0.1:8088")->type_name("URL");
  command->add_option("--data", options.data, "data folder (default thalweg-data)")->type_name("DIR");
  command->add_option("--queries-file", options.queries_file, "run these statements, without a listener")
      ->type_name("FILE");
  add_configuration(*command, options.files, options.settings);
  return command;
}

CLI::App* add_run(CLI::App& app, server::RunFileOptions& options) {
  auto* command = app.add_subcommand("run", "run a file of statements without a listener");
  command->add_option("file", options.file, "statements")->required();
  command->add_option("--data", options.data, "data folder (default: nothing is kept)")->type_name("DIR");
  command->add_flag("--until-idle", options.until_idle, "exit once all input is processed");
  add_configuration(*command, options.files, options.settings);
  return command;
}

CLI::App* add_shell(CLI::App& app, shell::ShellOptions& options, std::vector<std::string>& defines) {
  auto* command = app.add_subcommand("sql", "the interactive shell");
  command->add_option("server", options.url, "server to talk to")->type_name("URL");
  command->add_option("-e,--execute", options.execute, "run these statements and exit")->type_name("SQL");
  command->add_option("-f,--file", options.file, "run a script and exit")->type_name("FILE");
  command->add_option("-d,--define", defines, "variable; repeatable")->type_name("NAME=VALUE");
  command->add_option("--output", options.output, "JSON or TABULAR");
  command->add_option("-u,--user", options.user, "user name");
  command->add_option("-p,--password", options.password, "password");
  command->add_option("--query-row-limit", options.query_row_limit,
                      "end a SELECT or PRINT after so many rows");
  command->add_option("--query-timeout", options.query_timeout_ms, "end a SELECT or PRINT after so many ms");
  command->add_flag("--keep-going", options.keep_going, "go on after a failed statement");
  return command;
}

CLI::App* add_test(CLI::App& app, shell::TestCommandOptions& options) {
  auto* command = app.add_subcommand("test", "run .test files in simulated worlds");
  command->add_option("files", options.files, "files or folders")->required();
  command->add_option("--seed", options.seed, "of every random choice");
  command->add_option("--world", options.world, "only this world");
  command->add_flag("--rewrite", options.rewrite, "write the results into the files");
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Thalweg, a streaming SQL server");
  server::ServeOptions serve_options;
  server::RunFileOptions run_options;
  shell::ShellOptions shell_options;
  shell::TestCommandOptions test_options;
  std::vector<std::string> defines;
  const auto* serve = add_server(app, serve_options);
  const auto* run = add_run(app, run_options);
  const auto* sql = add_shell(app, shell_options, defines);
  const auto* test = add_test(app, test_options);
  app.add_subcommand("version", "print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (app.get_subcommands().empty()) {
    std::fprintf(stderr, "thalweg: a command is required: server, run, sql, test or version; see --help\n");
    return 2;
  }
  for (const auto& define : defines) {
    const auto equals = define.find('=');
    if (equals == define.npos) {
      std::fprintf(stderr, "thalweg: expected NAME=VALUE, got %s\n", define.c_str());
      return 2;
    }
    shell_options.defines[define.substr(0, equals)] = define.substr(equals + 1);
  }
  if (serve->parsed()) return server::serve(serve_options);
  if (run->parsed()) return server::run_file(run_options);
  if (sql->parsed()) return shell::run_shell(shell_options);
  if (test->parsed()) return shell::run_test_command(test_options);
  std::printf("thalweg %s (dialect %s)\n", std::string(server::kProductVersion).c_str(),
              std::string(server::kDialectVersion).c_str());
  return 0;
}
