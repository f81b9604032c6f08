// `thalweg run FILE.sql`: a file of statements, no listener. Runs until SIGTERM or SIGINT.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine.h"

namespace thalweg::server {

struct RunFileOptions {
  std::string file;
  std::string data;                // folder; empty: everything in memory
  std::vector<std::string> files;  // configuration
  std::vector<std::string> settings;
  bool until_idle = false;  // exit once all input is processed
};
int run_file(const RunFileOptions& options);

// Executes the statements of a headless file: SET, UNSET, DEFINE, UNDEFINE, CREATE STREAM, TABLE and
// TYPE, CREATE … AS, INSERT INTO … SELECT, with at least one query among them. What a restarted engine
// already has, because the same statement made it, is left alone. Returns the number executed.
Result<int> execute_file(runtime::Engine& engine, const std::string& text);

}  // namespace thalweg::server
