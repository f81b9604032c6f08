// thousand_queries: what a query costs that has little to do.
#include <cstdio>
#include <sstream>

#include "bench/answer.h"
#include "bench/apart.h"
#include "bench/groups.h"

namespace thalweg::bench {
namespace {

constexpr std::int64_t kBids = 20'000;
constexpr double kResidentMbMax = 1024;
constexpr std::int64_t kThreadsMoreMax = 8;  // than before the queries were made, whatever their number
constexpr int kAggregateEvery = 4;

// Every fourth query counts, the others filter.
bool is_table(int query) { return query % kAggregateEvery == 0; }
std::string name_of(int query) { return "MANY_" + std::to_string(query); }
std::string statement_of(int query) {
  const std::string number = std::to_string(query);
  if (is_table(query)) {
    return "CREATE TABLE many_" + number +
           " AS SELECT bidder, COUNT(*) AS n FROM bid WHERE auction = " + std::to_string(kFirstId + query) +
           " GROUP BY bidder;";
  }
  return "CREATE STREAM many_" + number +
         " AS SELECT auction, price FROM bid WHERE auction = " + std::to_string(kFirstId + query) + ";";
}

struct One {
  int query;
  struct Count {
    std::int64_t n = 0, time = 0;
  };
  Groups<std::int64_t, Count> counts;

  void take(std::size_t, const LimitRecord& record, RecordBatchBuilder& out) {
    auto bid = record.json();
    const std::int64_t auction = bid["auction"].get_int64();
    if (auction != kFirstId + query) return;
    if (is_table(query)) {
      Count& count = counts.change(bid["bidder"].get_int64());
      ++count.n;
      count.time = std::max(count.time, record.time());
      return;
    }
    put_all(out.value_bytes(), "{\"AUCTION\":", auction, ",\"PRICE\":", bid["price"].get_int64().value(),
            "}");
    out.finish_record(record.time(), true, false);
  }
  void finish(RecordBatchBuilder& out, std::string& delta) {
    counts.take_changed([&](std::int64_t bidder, const Count& count) {
      put_key(out, bidder);
      put_all(out.value_bytes(), "{\"N\":", count.n, "}");
      out.finish_record(count.time, false, false);
      put_raw(delta, bidder);
      put_raw(delta, count);
    });
  }
};

// Seconds of as many hand-written programs, one after the other.
Result<double> run_limits(World& world, int queries) {
  runtime::Log& log = world.engine().log();
  double seconds = 0;
  for (int query = 0; query < queries; ++query) {
    const LimitPlace place{
        log, {"bid"}, "limit_" + name_of(query), runtime::EngineOptions{}.epoch_records_max};
    THALWEG_CHECK(log.create_topic(place.out, {}));
    const double begin = seconds_now();
    One body{query, {}};
    THALWEG_TRY(const auto read, run_limit(place, body));
    static_cast<void>(read);
    seconds += seconds_now() - begin;
  }
  return seconds;
}

struct Run {
  double create_s = 0, run_s = 0, limit_s = 0, rss_mb = 0;
  std::int64_t threads_before = 0, threads = 0;
};

Result<Run> run_all(World& world, int queries) {
  Run run;
  THALWEG_CHECK(world.need({"bid"}));
  run.threads_before = thread_count();
  const double begin = seconds_now();
  for (int query = 0; query < queries; ++query) THALWEG_CHECK(world.run_sql(statement_of(query)));
  run.create_s = seconds_now() - begin;
  THALWEG_TRY(const double rest, world.run_queries(""));
  run.run_s = run.create_s + rest;
  run.rss_mb = resident_mb();
  run.threads = thread_count();
  THALWEG_TRY(run.limit_s, run_limits(world, queries));
  runtime::Log& log = world.engine().log();
  for (int query = 0; query < queries; ++query) {
    THALWEG_TRY(const Answer ours, answer_in(log, name_of(query), is_table(query)));
    THALWEG_TRY(const Answer limits, answer_in(log, "limit_" + name_of(query), is_table(query)));
    if (ours != limits) return Error{ErrorCode::kInternal, name_of(query) + ": engine and limit disagree"};
  }
  return run;
}

}  // namespace

Result<void> run_many_queries(Report& report, int queries, std::uint64_t seed) {
  THALWEG_TRY(const auto folder, TemporaryFolder::make());
  WorldOptions options;
  options.folder = folder.path();
  options.seed = seed;
  options.bids = kBids;
  const auto told = run_apart([&]() -> Result<std::string> {
    THALWEG_TRY(const auto world, World::open(options));
    THALWEG_TRY(const Run run, run_all(*world, queries));
    std::ostringstream text;
    text << run.create_s << ' ' << run.run_s << ' ' << run.limit_s << ' ' << run.rss_mb << ' '
         << run.threads_before << ' ' << run.threads;
    return text.str();
  });
  if (!told) return told.error();
  Run run;
  std::istringstream(*told) >> run.create_s >> run.run_s >> run.limit_s >> run.rss_mb >> run.threads_before >>
      run.threads;
  const double records = static_cast<double>(kBids) * queries;
  Line line{"thousand_queries", records / run.run_s, records / run.limit_s, {}};
  char text[256];
  std::snprintf(text, sizeof text,
                ", \"queries\": %d, \"rss_mb\": %.0f, \"threads\": %lld, \"threads_before\": %lld, "
                "\"create_seconds\": %.2f",
                queries, run.rss_mb, static_cast<long long>(run.threads),
                static_cast<long long>(run.threads_before), run.create_s);
  line.more = text;
  report.print(line);
  std::snprintf(
      text, sizeof text,
      "  %d queries, %lld records each: %.0f MiB resident, %lld threads (%lld before), made in %.1f s",
      queries, static_cast<long long>(kBids), run.rss_mb, static_cast<long long>(run.threads),
      static_cast<long long>(run.threads_before), run.create_s);
  report.remark(text);
  if (run.rss_mb > kResidentMbMax)
    return Error{ErrorCode::kLimit,
                 "the queries need " + std::to_string(run.rss_mb) + " MiB, more than 1 GiB"};
  if (run.threads > run.threads_before + kThreadsMoreMax)
    return Error{ErrorCode::kLimit, "the number of threads grows with that of the queries"};
  return {};
}

}  // namespace thalweg::bench
