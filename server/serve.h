// `thalweg server` and `thalweg run`: from command line to exit code.
//
// Exit codes: 0 stopped on request, 1 failed, 2 bad configuration or statement file, 3 port in use,
// 4 data folder in use.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine.h"
#include "server/config/configuration.h"

namespace thalweg::server {

struct ServeOptions {
  std::string listen;              // empty: property listeners
  std::string data;                // empty: property thalweg.data.dir, else ./thalweg-data
  std::string queries_file;        // empty: property ksql.queries.file; given: headless
  std::vector<std::string> files;  // configuration
  std::vector<std::string> settings;
};
int serve(const ServeOptions& options);

// What an engine gets from the configuration; without a data folder.
Result<runtime::EngineOptions> engine_options(const Configuration& configuration);

// Prints "thalweg: …" and turns an error into the exit code.
int fail(const Error& error);

// SIGTERM and SIGINT, taken away from all threads made later.
class StopSignals {
 public:
  StopSignals();
  int wait() const;                     // number of the signal
  bool pending(std::int64_t ms) const;  // waits that long at most
};

}  // namespace thalweg::server
