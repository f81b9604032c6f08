#include "server/metrics/metrics.h"

#include <algorithm>
#include <map>

#include "planner/types/text.h"

namespace thalweg::server {
namespace {

constexpr std::array<std::string_view, kRouteCount> kRouteNames = {
    "other", "/ksql",        "/query",  "/query-stream", "/inserts-stream", "/close-query", "/ws/query",
    "/info", "/healthcheck", "/status", "/metrics",      "/ksql/terminate", "small"};

std::string escape(std::string_view label) {
  std::string out;
  for (const char c : label) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

// Collects one metric family after another.
class Page {
 public:
  explicit Page(const std::string& service_id) : service_("service_id=\"" + escape(service_id) + "\"") {}

  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = std::string("ksql_").append(name);
    text_ +=
        "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
  }
  void sample(std::uint64_t value, const std::string& labels = {}, std::string_view suffix = {}) {
    line(std::to_string(value), labels, suffix);
  }
  void sample(std::int64_t value, const std::string& labels = {}) { line(std::to_string(value), labels, {}); }
  void sample(double value, const std::string& labels, std::string_view suffix = {}) {
    line(planner::double_to_string(value), labels, suffix);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "gauge", help);
    sample(value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "counter", help);
    sample(value);
  }
  std::string take() { return std::move(text_); }

 private:
  void line(const std::string& value, const std::string& labels, std::string_view suffix) {
    text_ += name_;
    text_ += suffix;
    text_ += "{" + service_ + (labels.empty() ? "" : "," + labels) + "} " + value + "\n";
  }
  std::string service_;
  std::string name_;
  std::string text_;
};

std::string_view state_name(runtime::QueryState state) {
  switch (state) {
    case runtime::QueryState::kRunning: return "RUNNING";
    case runtime::QueryState::kPaused: return "PAUSED";
    case runtime::QueryState::kError: return "ERROR";
  }
  return "UNKNOWN";
}

std::string query_label(const runtime::QueryDescription& query) {
  return "query_id=\"" + escape(query.plan->id) + "\"";
}

template <typename Get>
void per_query(Page& page, const std::vector<runtime::QueryDescription>& queries, std::string_view name,
               std::string_view type, std::string_view help, Get get) {
  page.family(name, type, help);
  for (const auto& query : queries) page.sample(static_cast<std::uint64_t>(get(query)), query_label(query));
}

void write_queries(Page& page, const std::vector<runtime::QueryDescription>& queries) {
  const auto in_state = [&](runtime::QueryState state) {
    return static_cast<std::uint64_t>(std::count_if(queries.begin(), queries.end(),
                                                    [&](const auto& query) { return query.state == state; }));
  };
  page.gauge("num_persistent_queries", "Persistent queries.", queries.size());
  page.gauge("num_active_queries", "Queries that run.", in_state(runtime::QueryState::kRunning));
  page.gauge("running_queries", "Persistent queries in state RUNNING.",
             in_state(runtime::QueryState::kRunning));
  page.gauge("paused_queries", "Persistent queries in state PAUSED.", in_state(runtime::QueryState::kPaused));
  page.gauge("error_queries", "Persistent queries in state ERROR.", in_state(runtime::QueryState::kError));
  page.family("query_status", "gauge", "1 for the state a query is in.");
  for (const auto& query : queries) {
    page.sample(std::uint64_t{1},
                query_label(query) + ",state=\"" + std::string(state_name(query.state)) + "\"");
  }
  const auto counter = [&](std::string_view name, std::string_view help, auto member) {
    per_query(page, queries, name, "counter", help,
              [member](const auto& query) { return query.counters.*member; });
  };
  using Counters = runtime::QueryCounters;
  counter("query_messages_consumed_total", "Records read.", &Counters::in);
  counter("query_messages_produced_total", "Records written.", &Counters::out);
  counter("query_filtered_total", "Rows dropped by WHERE, HAVING or null keys.", &Counters::filtered);
  counter("query_late_total", "Rows whose window had closed.", &Counters::late);
  counter("query_bad_records_total", "Records that could not be read.", &Counters::bad);
  counter("query_processing_log_total", "Lines in the processing log.", &Counters::errors);
  per_query(page, queries, "query_state_rows", "gauge", "Rows in the query's state stores.",
            [](const auto& query) { return query.state_rows; });
  page.family("query_lag", "gauge", "Records not yet read, per partition.");
  for (const auto& query : queries) {
    for (const auto& position : query.positions) {
      page.sample(std::max<std::int64_t>(position.end.value - position.next.value, 0),
                  query_label(query) + ",source=\"" + escape(position.from.topic) + "\",partition=\"" +
                      std::to_string(position.from.partition.value) + "\"");
    }
  }
}

void write_topics(Page& page, const runtime::Engine& engine) {
  std::map<std::string, runtime::TopicTraffic> topics;  // by label
  const auto catalog = engine.catalog();
  for (const auto& [name, source] : catalog->sources()) {
    const auto traffic = engine.traffic(source->topic);
    if (traffic.written.records + traffic.read.records > 0)
      topics.emplace("source=\"" + escape(source->topic) + "\"", traffic);
  }
  const auto per_topic = [&](std::string_view name, std::string_view type, std::string_view help, auto get) {
    page.family(name, type, help);
    for (const auto& [label, traffic] : topics) page.sample(get(traffic), label);
  };
  using Traffic = runtime::TopicTraffic;
  per_topic("total_messages", "counter", "Records written to a topic.",
            [](const Traffic& traffic) { return traffic.written.records; });
  per_topic("messages_per_sec", "gauge", "Records written to a topic per second, of late.",
            [](const Traffic& traffic) { return traffic.written.per_second; });
  per_topic("consumer_total_messages", "counter", "Records that queries read from a topic.",
            [](const Traffic& traffic) { return traffic.read.records; });
  per_topic("consumer_messages_per_sec", "gauge",
            "Records that queries read from a topic per second, of late.",
            [](const Traffic& traffic) { return traffic.read.per_second; });
  per_topic("consumer_total_bytes", "counter", "Bytes of the records that queries read from a topic.",
            [](const Traffic& traffic) { return traffic.read_bytes; });
  per_topic("consumer_failed_messages", "counter", "Records of a topic that could not be read.",
            [](const Traffic& traffic) { return traffic.unreadable.records; });
  per_topic("consumer_failed_messages_per_sec", "gauge",
            "Records of a topic that could not be read per second, of late.",
            [](const Traffic& traffic) { return traffic.unreadable.per_second; });
}

void write_totals(Page& page, const std::vector<runtime::QueryDescription>& queries) {
  runtime::QueryCounters sum;
  for (const auto& query : queries) {
    sum.in += query.counters.in;
    sum.out += query.counters.out;
    sum.errors += query.counters.errors;
  }
  page.counter("messages_consumed_total", "Records read by all queries.", sum.in);
  page.counter("messages_produced_total", "Records written by all queries.", sum.out);
  page.counter("processing_log_total", "Lines in the processing log of all queries.", sum.errors);
}

}  // namespace

void Metrics::count_request(Route route, int status) {
  const auto hundreds = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  requests_[static_cast<std::size_t>(route)][hundreds].fetch_add(1, std::memory_order_relaxed);
}

void Metrics::count_pull_latency(std::int64_t nanoseconds) {
  const auto us = nanoseconds / 1000;
  const auto bucket = std::lower_bound(kBucketsUs.begin(), kBucketsUs.end(), us) - kBucketsUs.begin();
  latency_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  latency_sum_us_.fetch_add(us, std::memory_order_relaxed);
}

std::string Metrics::exposition(const runtime::Engine* engine, const std::string& service_id,
                                std::size_t open_connections) const {
  Page page(service_id);
  page.gauge("liveness_indicator", "1 while the server runs.", 1);
  page.gauge("http_open_connections", "Open connections.", open_connections);
  page.family("http_requests_total", "counter", "Requests by path and class of status.");
  for (std::size_t route = 0; route < kRouteCount; ++route) {
    for (std::size_t hundreds = 0; hundreds < requests_[route].size(); ++hundreds) {
      const auto count = requests_[route][hundreds].load();
      if (count == 0) continue;
      page.sample(count, "path=\"" + std::string(kRouteNames[route]) + "\",status=\"" +
                             std::to_string(hundreds) + "xx\"");
    }
  }
  page.counter("statements_total", "Statements sent to /ksql.", statements.load());
  page.counter("statement_errors_total", "Requests to /ksql that failed.", statement_errors.load());
  page.counter("inserted_rows_total", "Rows accepted by /inserts-stream.", inserted_rows.load());
  page.counter("pull_query_requests_total", "Pull queries.", pull.requests.load());
  page.counter("pull_query_error_total", "Pull queries that failed.", pull.errors.load());
  page.counter("pull_query_rows_returned_total", "Rows returned by pull queries.", pull.rows.load());
  page.family("pull_query_latency_seconds", "histogram", "Time from request to answer of pull queries.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBucketsUs.size(); ++i) {
    below += latency_[i].load();
    page.sample(below, "le=\"" + planner::double_to_string(static_cast<double>(kBucketsUs[i]) / 1e6) + "\"",
                "_bucket");
  }
  below += latency_.back().load();
  page.sample(below, "le=\"+Inf\"", "_bucket");
  page.sample(static_cast<double>(latency_sum_us_.load()) / 1e6, {}, "_sum");
  page.sample(below, {}, "_count");
  page.gauge("push_query_connections", "Running push queries.",
             static_cast<std::uint64_t>(std::max<std::int64_t>(push.active.load(), 0)));
  page.counter("push_query_started_total", "Push queries started.", push.started.load());
  page.counter("push_query_rows_total", "Rows sent by push queries.", push.rows.load());
  if (engine == nullptr) return page.take();
  const auto queries = engine->queries();
  write_queries(page, queries);
  write_totals(page, queries);
  write_topics(page, *engine);
  const auto status = engine->status();
  page.gauge("command_runner_status", "0 running, 2 degraded.", status.degraded ? 2 : 0);
  page.gauge("command_log_size", "Commands in the log.", status.commands);
  page.gauge("state_memory_bytes", "Memory held by state stores.", engine->state_memory_bytes());
  return page.take();
}

}  // namespace thalweg::server
