// `thalweg sql`: the interactive shell. Speaks to a server over its public HTTP API and knows nothing else
// of it; statements are parsed locally first, so that mistakes cost no round trip.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace thalweg::shell {

struct ShellOptions {
  std::string url = "http://localhost:8088";
  std::string execute;             // -e: run and leave; ';' is added when missing
  std::string file;                // -f: run a script and leave
  std::string output = "TABULAR";  // or JSON
  std::map<std::string, std::string> defines;
  std::string user, password;         // basic auth; a missing password is asked for
  std::int64_t query_row_limit = -1;  // rows after which a SELECT or PRINT is left; -1: none
  std::int64_t query_timeout_ms = -1;
  bool keep_going = false;  // -e, -f: go on behind a failed statement
};

// Returns the exit code: 0 success, 1 a statement failed, 2 wrong usage, 3 no connection, 130 interrupted.
int run_shell(const ShellOptions& options);

}  // namespace thalweg::shell
