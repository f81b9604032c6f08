#include "server/serve.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include "server/logging.h"
#include "server/run_file.h"
#include "server/server.h"

namespace thalweg::server {
namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

Result<int> run_server(const ServeOptions& options) {
  ConfigurationSources sources{options.files, process_environment(), options.settings};
  if (!options.listen.empty()) sources.settings.push_back("listeners=" + options.listen);
  THALWEG_TRY(auto configuration, Configuration::load(sources));
  THALWEG_CHECK(
      configure_logging(configuration.text("thalweg.log.level"), configuration.text("thalweg.log.format")));
  for (const auto& warning : configuration.warnings()) spdlog::warn("{}", warning);
  auto data = options.data.empty() ? configuration.text("thalweg.data.dir") : options.data;
  if (data.empty()) data = "thalweg-data";
  const auto headless =
      options.queries_file.empty() ? configuration.text("ksql.queries.file") : options.queries_file;
  if (!headless.empty()) return run_file({headless, data, options.files, options.settings, false});

  const StopSignals signals;
  ServerOptions server_options;
  server_options.configuration = configuration;
  THALWEG_TRY(auto server,
              Server::listen(std::move(server_options)));  // before the data folder: the cheaper check
  THALWEG_TRY(auto engine_settings, engine_options(configuration));
  engine_settings.data_folder = data;
  THALWEG_TRY(auto engine, runtime::Engine::open(std::move(engine_settings)));
  server->serve(*engine);
  const auto status = engine->status();
  if (status.degraded) spdlog::warn("degraded: {}", status.detail);
  std::printf("thalweg listening on %s, port %u, data in %s\n", configuration.text("listeners").c_str(),
              server->port(), data.c_str());
  std::fflush(stdout);
  const int signal_number = signals.wait();
  spdlog::info("stopping on signal {}", signal_number);
  server->stop();
  server.reset();
  engine.reset();
  spdlog::info("stopped");
  return 0;
}

}  // namespace

StopSignals::StopSignals() {
  const auto set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file size limit (ulimit -f) is an error like a full disk
}

int StopSignals::wait() const {
  const auto set = stop_set();
  int number = 0;
  sigwait(&set, &number);
  return number;
}

bool StopSignals::pending(std::int64_t ms) const {
  const auto set = stop_set();
  const timespec patience{ms / 1000, ms % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &patience) > 0;
}

Result<runtime::EngineOptions> engine_options(const Configuration& configuration) {
  runtime::EngineOptions options;
  options.workers = static_cast<int>(configuration.number("thalweg.threads"));
  if (options.workers < 1) return Error{ErrorCode::kQuery, "property thalweg.threads must be at least 1"};
  const auto durability = configuration.text("thalweg.durability");
  if (durability != "sync" && durability != "async") {
    return Error{ErrorCode::kQuery, "property thalweg.durability must be sync or async"};
  }
  options.durability = durability == "sync" ? runtime::Durability::kSync : runtime::Durability::kAsync;
  options.log.durability = options.durability;
  options.state.memory_budget_bytes =
      static_cast<std::size_t>(configuration.number("thalweg.state.memory.bytes"));
  options.seed = static_cast<std::uint64_t>(system_clock().now().value) ^
                 static_cast<std::uint64_t>(system_clock().steady_ns());
  options.properties = configuration.given();
  return options;
}

int fail(const Error& error) {
  std::fprintf(stderr, "thalweg: %s\n", describe(error).c_str());
  if (error.message.starts_with("port in use")) return 3;
  switch (error.code) {
    case ErrorCode::kInUse: return 4;
    case ErrorCode::kParse:
    case ErrorCode::kStatement:
    case ErrorCode::kQuery: return 2;
    default: return 1;
  }
}

int serve(const ServeOptions& options) {
  const auto outcome = run_server(options);
  return outcome ? *outcome : fail(outcome.error());
}

}  // namespace thalweg::server
