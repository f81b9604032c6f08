// `thalweg test`: runs .test files, and the test blocks of Markdown pages, against the engine under a manual
// clock. See tests/README.md for the language of the files and for the worlds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thalweg::shell {

struct TestCommandOptions {
  std::vector<std::string> files;     // .test files, Markdown pages, or folders that are searched for both
  std::optional<std::uint64_t> seed;  // of kills and engine choices; absent: 1
  bool rewrite = false;               // replaces expected blocks that differ; default world only
  bool positions = false;             // every error that a file expects must say where in the statement it is
  std::string world;  // default, one-row, small-state, kill, partitions, rocksdb, all; empty: default
};

// Prints what differs and a summary. Returns 0: all passed, 1: something failed, 2: wrong usage.
int run_test_command(const TestCommandOptions& options);

}  // namespace thalweg::shell
