// high_cardinality: an aggregation with millions of groups.
#include <cstdio>
#include <sstream>

#include "bench/apart.h"
#include "parser/parser.h"
#include "runtime/storage/storage.h"

namespace thalweg::bench {
namespace {

constexpr double kRecordsPerKey = 1.2;
constexpr std::size_t kReadBytes = 1 << 20;

WorldOptions options_for(const std::string& folder, std::int64_t keys, std::uint64_t seed) {
  WorldOptions options;
  options.folder = folder;
  options.seed = seed;
  options.keys = keys;
  options.bids = static_cast<std::int64_t>(static_cast<double>(keys) * kRecordsPerKey);
  return options;
}

Result<std::int64_t> pulled_count(runtime::Engine& engine, std::int64_t device) {
  THALWEG_TRY(const auto parsed, parser::parse_statements(
                                     "SELECT n FROM devices WHERE device = " + std::to_string(device) + ";"));
  THALWEG_TRY(const auto result, engine.pull(std::get<ast::Query>(parsed[0].node), {}));
  if (result.rows.size() != 1)
    return Error{ErrorCode::kInternal, "device " + std::to_string(device) + " is gone"};
  return result.rows[0][0].as_int();
}

// What the newest batch of the table's topic says must be what a pull says.
Result<void> check_newest(runtime::Engine& engine) {
  THALWEG_TRY(const Offset end, engine.log().end_offset({"DEVICES", PartitionId{0}}));
  THALWEG_TRY(const auto batches,
              engine.log().read({"DEVICES", PartitionId{0}}, Offset{end.value - 1}, kReadBytes));
  const auto& batch = *batches.back();
  for (std::uint32_t i = 0; i < batch.size(); i += 97) {
    const auto device = static_cast<std::int64_t>(runtime::read_u64_be(batch.key(i)));
    THALWEG_TRY(const std::int64_t count, pulled_count(engine, device));
    const std::string expected = "{\"N\":" + std::to_string(count) + ",";
    if (!batch.value(i).starts_with(expected))
      return Error{ErrorCode::kInternal, "device " + std::to_string(device) + " was pulled as " + expected};
  }
  return {};
}

}  // namespace

Result<void> run_many_keys(Report& report, std::int64_t keys, std::uint64_t seed) {
  THALWEG_TRY(const auto folder, TemporaryFolder::make());
  const WorldOptions options = options_for(folder.path(), keys, seed);
  const auto first = run_apart([&]() -> Result<std::string> {
    THALWEG_TRY(const auto world, World::open(options));
    THALWEG_TRY(const Line line, measure(*world, many_keys_benchmarks()[0], 1, true));
    std::ostringstream text;
    text << line.engine_rps << ' ' << line.limit_rps << ' ' << resident_mb() << ' '
         << static_cast<double>(world->engine().state_memory_bytes()) / (1 << 20);
    return text.str();
  });
  if (!first) return first.error();
  const auto again = run_apart([&]() -> Result<std::string> {
    const double begin = seconds_now();
    THALWEG_TRY(const auto world, World::open(options));
    THALWEG_TRY(const std::int64_t count, pulled_count(world->engine(), keys / 2));
    const double seconds = seconds_now() - begin;
    if (count < 1) return Error{ErrorCode::kInternal, "a device without readings"};
    THALWEG_CHECK(check_newest(world->engine()));
    std::ostringstream text;
    text << seconds << ' ' << resident_mb();
    return text.str();
  });
  if (!again) return again.error();
  Line line;
  line.name = "high_cardinality";
  double rss_mb = 0, state_mb = 0, restart_s = 0, restart_rss_mb = 0;
  std::istringstream(*first) >> line.engine_rps >> line.limit_rps >> rss_mb >> state_mb;
  std::istringstream(*again) >> restart_s >> restart_rss_mb;
  char text[256];
  std::snprintf(text, sizeof text,
                ", \"keys\": %lld, \"rss_mb\": %.0f, \"state_mb\": %.0f, \"restart_seconds\": %.3f, "
                "\"restart_rss_mb\": %.0f",
                static_cast<long long>(keys), rss_mb, state_mb, restart_s, restart_rss_mb);
  line.more = text;
  report.print(line);
  std::snprintf(
      text, sizeof text,
      "  %lld keys: %.0f MiB resident, %.0f MiB of it state; killed with SIGKILL, then open and first "
      "pull %.2f s, %.0f MiB",
      static_cast<long long>(keys), rss_mb, state_mb, restart_s, restart_rss_mb);
  report.remark(text);
  return {};
}

}  // namespace thalweg::bench
