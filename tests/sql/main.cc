// The .test runner as a program of its own, so that the SQL tests need no server.
//   sql_test [--world NAME|all] [--seed N] [--rewrite] [--positions] FILE_OR_FOLDER…
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "shell/testing/test_command.h"

int main(int argc, char** argv) {
  thalweg::shell::TestCommandOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--world" && has_value) {
      options.world = argv[++i];
    } else if (argument == "--seed" && has_value) {
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--rewrite") {
      options.rewrite = true;
    } else if (argument == "--positions") {
      options.positions = true;
    } else if (argument.starts_with("--")) {
      std::fprintf(
          stderr,
          "usage: sql_test [--world NAME|all] [--seed N] [--rewrite] [--positions] FILE_OR_FOLDER...\n");
      return 2;
    } else {
      options.files.emplace_back(argument);
    }
  }
  return thalweg::shell::run_test_command(options);
}
