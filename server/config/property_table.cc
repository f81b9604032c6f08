#include "server/config/property_table.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "server/http/request.h"

namespace thalweg::server {
namespace {

using enum PropertyKind;
constexpr auto kRequest = PropertyScope::kRequest;
constexpr auto kServer = PropertyScope::kServer;

// Sorted by name: find_property searches by halves.
constexpr auto kTable = std::to_array<PropertyInfo>({
    {"access.control.allow.headers", "X-Requested-With,Content-Type,Accept,Origin", kText, kServer},
    {"access.control.allow.methods", "GET,POST,HEAD", kText, kServer},
    {"access.control.allow.origin", "", kText, kServer},
    {"auto.offset.reset", "latest", kOffsetReset, kRequest, true},
    {"bootstrap.servers", "", kText, kServer},
    {"buffered.records.per.partition", "1000", kInteger, kRequest, true},
    {"cache.max.bytes.buffering", "10000000", kInteger, kRequest, true},
    {"commit.interval.ms", "2000", kInteger, kRequest, true},
    {"ksql.advertised.listener", "", kText, kServer},
    {"ksql.assert.schema.default.timeout.ms", "1000", kInteger, kRequest},
    {"ksql.assert.topic.default.timeout.ms", "1000", kInteger, kRequest},
    {"ksql.connect.url", "", kText, kServer},
    {"ksql.create.or.replace.enabled", "true", kBoolean, kRequest},
    {"ksql.create.topic.inherit.source.replicas", "true", kBoolean, kRequest},
    {"ksql.endpoint.migrate.query", "true", kBoolean, kRequest},
    {"ksql.extension.dir", "ext", kText, kServer},
    {"ksql.fail.on.deserialization.error", "false", kBoolean, kRequest},
    {"ksql.fail.on.production.error", "true", kBoolean, kRequest},
    {"ksql.fetch.remote.hosts.max.timeout.seconds", "10", kInteger, kServer},
    {"ksql.headers.columns.enabled", "true", kBoolean, kServer},
    {"ksql.healthcheck.interval.ms", "5000", kInteger, kServer},
    {"ksql.heartbeat.enable", "false", kBoolean, kServer},
    {"ksql.hidden.topics",
     "_confluent.*,__confluent.*,_schemas,__consumer_offsets,__transaction_state,connect-configs,connect-"
     "offsets,"
     "connect-status,connect-statuses",
     kText, kServer},
    {"ksql.idle.connection.timeout.seconds", "86400", kInteger, kServer},
    {"ksql.insert.into.values.enabled", "true", kBoolean, kRequest},
    {"ksql.internal.listener", "", kText, kServer},
    {"ksql.internal.topic.min.insync.replicas", "1", kInteger, kServer},
    {"ksql.internal.topic.replicas", "1", kInteger, kServer},
    {"ksql.lag.reporting.enable", "false", kBoolean, kServer},
    {"ksql.lambdas.enabled", "true", kBoolean, kRequest},
    {"ksql.logging.processing.rows.include", "false", kBoolean, kServer},
    {"ksql.logging.processing.stream.auto.create", "true", kBoolean, kServer},
    {"ksql.logging.processing.stream.name", "KSQL_PROCESSING_LOG", kText, kServer},
    {"ksql.logging.processing.topic.auto.create", "true", kBoolean, kServer},
    {"ksql.logging.processing.topic.name", "", kText, kServer},
    {"ksql.max.push.queries", "100", kInteger, kServer},
    {"ksql.metastore.backup.location", "", kText, kServer},
    {"ksql.nested.error.set.null", "true", kBoolean, kRequest},
    {"ksql.output.topic.name.prefix", "", kText, kRequest},
    {"ksql.persistence.default.format.key", "KAFKA", kText, kRequest},
    {"ksql.persistence.default.format.value", "", kText, kRequest},
    {"ksql.persistence.wrap.single.values", "", kText, kRequest},
    {"ksql.properties.overrides.allowlist", "", kText, kServer},
    {"ksql.properties.overrides.denylist", "", kText, kServer},
    {"ksql.properties.overrides.validation.mode", "denylist", kText, kServer},
    {"ksql.pull.queries.enable", "true", kBoolean, kServer},
    {"ksql.queries.file", "", kText, kServer},
    {"ksql.query.error.max.queue.size", "10", kInteger, kServer},
    {"ksql.query.persistent.active.limit", "2147483647", kInteger, kServer},
    {"ksql.query.pull.cancel.on.disconnect.enabled", "true", kBoolean, kServer},
    {"ksql.query.pull.enable.standby.reads", "false", kBoolean, kRequest},
    {"ksql.query.pull.limit.clause.enabled", "true", kBoolean, kRequest},
    {"ksql.query.pull.max.allowed.offset.lag", "9223372036854775807", kInteger, kRequest},
    {"ksql.query.pull.max.concurrent.requests", "2147483647", kInteger, kServer},
    {"ksql.query.pull.max.hourly.bandwidth.megabytes", "2147483647", kInteger, kServer},
    {"ksql.query.pull.max.qps", "2147483647", kInteger, kServer},
    {"ksql.query.pull.range.scan.enabled", "true", kBoolean, kRequest},
    {"ksql.query.pull.stream.enabled", "true", kBoolean, kRequest},
    {"ksql.query.pull.table.scan.enabled", "true", kBoolean, kRequest},
    {"ksql.query.push.v2.enabled", "false", kBoolean, kRequest},
    {"ksql.query.retry.backoff.initial.ms", "15000", kInteger, kRequest},
    {"ksql.query.retry.backoff.max.ms", "900000", kInteger, kRequest},
    {"ksql.readonly.topics",
     "_confluent.*,__confluent.*,_schemas,__consumer_offsets,__transaction_state,connect-configs,connect-"
     "offsets,"
     "connect-status,connect-statuses",
     kText, kServer},
    {"ksql.schema.registry.url", "", kText, kServer},
    {"ksql.server.command.response.timeout.ms", "5000", kInteger, kServer},
    {"ksql.server.command.topic.rate.limit", "2147483647", kInteger, kServer},
    {"ksql.service.id", "default_", kText, kServer},
    {"ksql.source.table.materialization.enabled", "true", kBoolean, kServer},
    {"ksql.suppress.enabled", "true", kBoolean, kRequest},
    {"ksql.timestamp.throw.on.invalid", "false", kBoolean, kRequest},
    {"ksql.udf.collect.metrics", "false", kBoolean, kServer},
    {"ksql.udfs.enabled", "true", kBoolean, kServer},
    {"ksql.variable.substitution.enable", "true", kBoolean, kRequest},
    {"ksql.websocket.connection.max.timeout.ms", "3600000", kInteger, kServer},
    {"listeners", "http://0.0.0.0:8088", kText, kServer},
    {"max.task.idle.ms", "0", kTaskIdle, kRequest, true},
    {"num.standby.replicas", "0", kInteger, kRequest, true},
    {"num.stream.threads", "4", kInteger, kRequest, true},
    {"processing.guarantee", "at_least_once", kGuarantee, kRequest, true},
    {"query.stream.disconnect.check", "1000", kInteger, kServer},
    {"replication.factor", "1", kInteger, kRequest, true},
    {"state.dir", "", kText, kServer, true},
    {"task.timeout.ms", "300000", kInteger, kRequest, true},
    {"thalweg.data.dir", "", kText, kServer},
    {"thalweg.durability", "sync", kText, kServer},
    {"thalweg.http.allowed.hosts", "", kText, kServer},
    {"thalweg.http.body.idle.ms", "30000", kInteger, kServer},
    {"thalweg.http.body.max.bytes", "33554432", kInteger, kServer},
    {"thalweg.http.connections.max", "10000", kInteger, kServer},
    {"thalweg.http.connections.per.address.max", "5000", kInteger, kServer},
    {"thalweg.http.head.max.bytes", "16384", kInteger, kServer},
    {"thalweg.http.head.max.fields", "100", kInteger, kServer},
    {"thalweg.http.header.timeout.ms", "10000", kInteger, kServer},
    {"thalweg.http.idle.ms", "600000", kInteger, kServer},
    {"thalweg.http.line.max.bytes", "1048576", kInteger, kServer},
    {"thalweg.log.format", "text", kText, kServer},
    {"thalweg.log.level", "info", kText, kServer},
    {"thalweg.state.memory.bytes", "1073741824", kInteger, kServer},
    {"thalweg.threads", "1", kInteger, kServer},
    {"thalweg.type.strictness", "lenient", kStrictness, kRequest},
    {"thalweg.websocket.idle.ms", "60000", kInteger, kServer},
    {"thalweg.websocket.message.max.bytes", "1048576", kInteger, kServer},
});

// Settings of Kafka clients and Streams that people carry along.
constexpr auto kClientNames = std::to_array<std::string_view>({
    "acceptable.recovery.lag",
    "acks",
    "allow.auto.create.topics",
    "application.id",
    "application.server",
    "auto.commit.interval.ms",
    "batch.size",
    "buffer.memory",
    "check.crcs",
    "client.dns.lookup",
    "client.id",
    "client.rack",
    "compression.type",
    "connections.max.idle.ms",
    "default.api.timeout.ms",
    "default.deserialization.exception.handler",
    "default.key.serde",
    "default.production.exception.handler",
    "default.timestamp.extractor",
    "default.value.serde",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.idempotence",
    "exclude.internal.topics",
    "fetch.max.bytes",
    "fetch.max.wait.ms",
    "fetch.min.bytes",
    "group.id",
    "group.instance.id",
    "heartbeat.interval.ms",
    "interceptor.classes",
    "isolation.level",
    "linger.ms",
    "max.block.ms",
    "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes",
    "max.poll.interval.ms",
    "max.poll.records",
    "max.request.size",
    "max.warmup.replicas",
    "metadata.max.age.ms",
    "metadata.max.idle.ms",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "partition.assignment.strategy",
    "poll.ms",
    "probing.rebalance.interval.ms",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retries",
    "retry.backoff.ms",
    "rocksdb.config.setter",
    "security.protocol",
    "send.buffer.bytes",
    "session.timeout.ms",
    "state.cleanup.delay.ms",
    "statestore.cache.max.bytes",
    "topology.optimization",
    "transaction.timeout.ms",
    "transactional.id",
    "upgrade.from",
    "window.size.ms",
    "windowstore.changelog.additional.retention.ms",
});

constexpr auto kClientPrefixes =
    std::to_array<std::string_view>({"main.consumer.", "restore.consumer.", "global.consumer.", "consumer.",
                                     "producer.", "admin.", "topic."});

}  // namespace

std::span<const PropertyInfo> known_properties() { return kTable; }

const PropertyInfo* find_property(std::string_view name) {
  const auto place =
      std::lower_bound(kTable.begin(), kTable.end(), name,
                       [](const PropertyInfo& info, std::string_view n) { return info.name < n; });
  return place != kTable.end() && place->name == name ? &*place : nullptr;
}

std::string canonical_name(std::string_view name) {
  constexpr std::string_view kStreams = "ksql.streams.";
  if (name.starts_with(kStreams)) name.remove_prefix(kStreams.size());
  return std::string(name);
}

std::string_view without_client_prefix(std::string_view name) {
  for (bool again = true; again;) {
    again = false;
    for (const auto prefix : kClientPrefixes) {
      if (!name.starts_with(prefix)) continue;
      name.remove_prefix(prefix.size());
      again = true;
    }
  }
  return name;
}

bool is_client_property(std::string_view name) {
  const auto bare = without_client_prefix(name);
  if (const auto* info = find_property(bare); info != nullptr && info->streams) return true;
  if (bare.starts_with("ssl.") || bare.starts_with("sasl.")) return true;
  return std::binary_search(kClientNames.begin(), kClientNames.end(), bare);
}

std::optional<std::string> value_problem(const PropertyInfo& property, std::string_view value) {
  switch (property.kind) {
    case PropertyKind::kText: return std::nullopt;
    case PropertyKind::kBoolean:
      if (equal_ignoring_case(value, "true") || equal_ignoring_case(value, "false")) return std::nullopt;
      return "Expected value to be either true or false";
    case PropertyKind::kInteger: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (!value.empty() && error == std::errc{} && end == value.data() + value.size()) return std::nullopt;
      return "Not a number of type LONG";
    }
    case PropertyKind::kOffsetReset:
      if (equal_ignoring_case(value, "earliest") || equal_ignoring_case(value, "latest")) return std::nullopt;
      return "String must be one of: earliest, latest";
    case PropertyKind::kGuarantee:
      if (value == "at_least_once" || value == "exactly_once" || value == "exactly_once_v2")
        return std::nullopt;
      return "String must be one of: at_least_once, exactly_once, exactly_once_v2";
    case PropertyKind::kTaskIdle:
      // Records that are known to exist are always waited for; waiting for those that may come is not
      // available.
      if (value == "0" || value == "-1") return std::nullopt;
      return "Must be 0 or -1: waiting for records that may come is not available";
    case PropertyKind::kStrictness:
      if (equal_ignoring_case(value, "strict") || equal_ignoring_case(value, "lenient")) return std::nullopt;
      return "String must be one of: strict, lenient";
  }
  return std::nullopt;
}

}  // namespace thalweg::server
