// Plans and sources as JSON: what the command log stores.
#include "planner/physical/json_archive.h"
#include "planner/physical/steps.h"

namespace thalweg::planner {
namespace {

template <typename N, typename T>
concept Is = std::is_same_v<std::remove_const_t<N>, T>;

constexpr const char* kStepNames[] = {"source.v1",
                                      "filter.v1",
                                      "project.v1",
                                      "select_key.v1",
                                      "flat_map.v1",
                                      "group_by.v1",
                                      "repartition.v1",
                                      "aggregate.v1",
                                      "stream_table_join.v1",
                                      "stream_stream_join.v1",
                                      "table_table_join.v1",
                                      "foreign_key_join.v1",
                                      "materialize.v1",
                                      "sink.v1",
                                      "deliver.v1"};

}  // namespace

// Field names: const when written, mutable when read.
template <typename A, typename N>
requires Is<N, SchemaColumn>
void describe(A& a, N& n) {
  a("name", n.name);
  a("type", n.type);
}
template <typename A, typename N>
requires Is<N, Schema>
void describe(A& a, N& n) {
  a("columns", n.columns);
  a("key_count", n.key_count);
}
template <typename A, typename N>
requires Is<N, Format>
void describe(A& a, N& n) {
  a("name", n.name);
  a("properties", n.properties);
}
template <typename A, typename N>
requires Is<N, SideFormat>
void describe(A& a, N& n) {
  a("format", n.format);
  a("wrapping", n.wrapping);
}
// Written only where it is set, so that plans without it keep their text and their steps' ids.
template <typename A, typename N>
void describe_flag(A& a, const char* name, N& flag) {
  if constexpr (A::kReading) {
    flag = a.json.contains(name);
  } else if (flag) {
    a(name, flag);
  }
}
template <typename A, typename N>
requires Is<N, WindowInfo>
void describe(A& a, N& n) {
  a("type", n.type);
  a("size_ms", n.size_ms);
  describe_flag(a, "counts_rows", n.counts_rows);
}
template <typename A, typename N>
requires Is<N, TimestampColumn>
void describe(A& a, N& n) {
  a("column", n.column);
  a("format", n.format);
}
template <typename A, typename N>
requires Is<N, HeaderColumn>
void describe(A& a, N& n) {
  a("name", n.name);
  a("key", n.key);
}
template <typename A, typename N>
requires Is<N, SourceColumn>
void describe(A& a, N& n) {
  a("origin", n.origin);
  a("index", n.index);
  a("header_key", n.header_key);
}
template <typename A, typename N>
requires Is<N, SourceStep::Timestamp>
void describe(A& a, N& n) {
  a("column", n.column);
  a("format", n.format);
}
template <typename A, typename N>
requires Is<N, AggregateCall>
void describe(A& a, N& n) {
  a("function", n.function);
  a("overload", n.overload);
  a("arguments", n.arguments);
  a("constants", n.constants);
  a("constant_types", n.constant_types);
  a("result", n.result);
}
template <typename A, typename N>
requires Is<N, WindowSpec>
void describe(A& a, N& n) {
  a("type", n.type);
  a("size_ms", n.size_ms);
  a("advance_ms", n.advance_ms);
  a("grace_ms", n.grace_ms);
  a("retention_ms", n.retention_ms);
  a("size_rows", n.size_rows);
  a("advance_rows", n.advance_rows);
  describe_flag(a, "of_source", n.of_source);
}
template <typename A, typename N>
requires Is<N, Materialization>
void describe(A& a, N& n) {
  a("step", n.step);
  a("store", n.store);
  a("above", n.above);
}
template <typename A, typename N>
requires Is<N, SourceStep>
void describe(A& a, N& n) {
  a("table", n.table);
  a("source", n.source);
  a("topic", n.topic);
  a("key", n.key);
  a("value", n.value);
  a("window", n.window);
  a("key_fields", n.key_fields);
  a("value_fields", n.value_fields);
  a("columns", n.columns);
  a("timestamp", n.timestamp);
  a("store", n.store);
}
template <typename A, typename N>
requires Is<N, FilterStep>
void describe(A& a, N& n) { a("predicate", n.predicate); }
template <typename A, typename N>
requires Is<N, ProjectStep>
void describe(A& a, N& n) { a("columns", n.columns); }
template <typename A, typename N>
requires Is<N, SelectKeyStep>
void describe(A& a, N& n) { a("columns", n.columns); }
template <typename A, typename N>
requires Is<N, FlatMapStep>
void describe(A& a, N& n) { a("functions", n.functions); }
template <typename A, typename N>
requires Is<N, GroupByStep>
void describe(A& a, N& n) { a("columns", n.columns); }
template <typename A, typename N>
requires Is<N, RepartitionStep>
void describe(A& a, N& n) {
  a("topic_suffix", n.topic_suffix);
  a("key", n.key);
  a("drop_null_keys", n.drop_null_keys);
}
template <typename A, typename N>
requires Is<N, AggregateStep>
void describe(A& a, N& n) {
  a("table_input", n.table_input);
  a("carried", n.carried);
  a("calls", n.calls);
  a("window", n.window);
  a("emit_final", n.emit_final);
  a("store", n.store);
}
template <typename A, typename N>
requires Is<N, StreamTableJoinStep>
void describe(A& a, N& n) {
  a("type", n.type);
  a("store", n.store);
}
template <typename A, typename N>
requires Is<N, StreamStreamJoinStep>
void describe(A& a, N& n) {
  a("type", n.type);
  a("before_ms", n.before_ms);
  a("after_ms", n.after_ms);
  a("grace_ms", n.grace_ms);
  a("retention_ms", n.retention_ms);
  a("left_store", n.left_store);
  a("right_store", n.right_store);
  a("pending_store", n.pending_store);
}
template <typename A, typename N>
requires Is<N, TableTableJoinStep>
void describe(A& a, N& n) {
  a("type", n.type);
  a("left_store", n.left_store);
  a("right_store", n.right_store);
}
template <typename A, typename N>
requires Is<N, ForeignKeyJoinStep>
void describe(A& a, N& n) {
  a("type", n.type);
  a("foreign_key", n.foreign_key);
  a("left_store", n.left_store);
  a("right_store", n.right_store);
  a("subscription_store", n.subscription_store);
}
template <typename A, typename N>
requires Is<N, MaterializeStep>
void describe(A& a, N& n) { a("store", n.store); }
template <typename A, typename N>
requires Is<N, SinkStep>
void describe(A& a, N& n) {
  a("table", n.table);
  a("sink", n.sink);
  a("topic", n.topic);
  a("key", n.key);
  a("value", n.value);
  a("window", n.window);
  a("key_columns", n.key_columns);
  a("value_columns", n.value_columns);
  a("timestamp", n.timestamp);
  a("timestamp_column", n.timestamp_column);
}
template <typename A, typename N>
requires Is<N, DeliverStep>
void describe(A& a, N& n) {
  a("columns", n.columns);
  a("limit", n.limit);
}
template <typename A, typename N>
requires Is<N, DataSource>
void describe(A& a, N& n) {
  a("name", n.name);
  a("kind", n.kind);
  a("schema", n.schema);
  a("headers", n.headers);
  a("topic", n.topic);
  a("key", n.key);
  a("value", n.value);
  a("window", n.window);
  a("timestamp", n.timestamp);
  a("read_only", n.read_only);
  a("statement", n.statement);
  a("created_by", n.created_by);
}

namespace archive {

template <>
struct Codec<Step> {
  static Json encode(const Step& step) {
    Writer writer;
    writer("id", step.id);
    writer("name", step.name);
    writer("inputs", step.inputs);
    writer("schema", step.schema);
    writer("table", step.table);
    writer("windowed", step.windowed);
    writer("needs_old", step.needs_old);
    writer.json["node"] = encode_variant(step.node, kStepNames);
    return std::move(writer.json);
  }
  static void decode(const Json& json, Step& step) {
    Reader reader{json};
    reader("id", step.id);
    reader("name", step.name);
    reader("inputs", step.inputs);
    reader("schema", step.schema);
    reader("table", step.table);
    reader("windowed", step.windowed);
    reader("needs_old", step.needs_old);
    step.node = decode_variant<StepNode>(json.at("node"), kStepNames);
  }
};

}  // namespace archive

namespace {

using archive::Json;

template <typename A, typename P>
void describe_plan(A& a, P& plan) {
  a("kind", plan.kind);
  a("id", plan.id);
  a("statement", plan.statement);
  a("steps", plan.steps);
  a("sources", plan.sources);
  a("sink", plan.sink);
  a("materialization", plan.materialization);
  a("properties", plan.properties);
}

std::string print(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Runs `decode` over the parsed text; what it throws becomes an error.
template <typename T, typename Decode>
Result<T> read(std::string_view text, const char* what, Decode decode) {
  try {
    const auto json = Json::parse(text);
    const int version = json.at("version").get<int>();
    if (version != kPlanVersion) {
      return Error(ErrorCode::kCorrupted, std::string("the stored ") + what + " has version " +
                                              std::to_string(version) + ", this server reads version " +
                                              std::to_string(kPlanVersion));
    }
    T value;
    decode(archive::Reader{json}, value);
    return value;
  } catch (const std::exception& failure) {
    return Error(ErrorCode::kCorrupted,
                 std::string("the stored ") + what + " cannot be read: " + failure.what());
  }
}

// Inputs stand before their consumers and columns exist: the runtime relies on it.
bool well_formed(const QueryPlan& plan) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (const auto input : plan.steps[i].inputs) {
      if (input < 0 || static_cast<std::size_t>(input) >= i) return false;
    }
  }
  if (!plan.materialization) return true;
  return plan.materialization->step >= 0 &&
         static_cast<std::size_t>(plan.materialization->step) < plan.steps.size();
}

}  // namespace

std::string to_json(const QueryPlan& plan) {
  archive::Writer writer;
  writer("version", kPlanVersion);
  describe_plan(writer, plan);
  return print(writer.json);
}

Result<QueryPlan> plan_from_json(std::string_view json) {
  THALWEG_TRY(auto plan, read<QueryPlan>(json, "plan", [](archive::Reader reader, QueryPlan& value) {
                describe_plan(reader, value);
              }));
  if (!well_formed(plan)) return Error(ErrorCode::kCorrupted, "the stored plan's steps do not fit together");
  return plan;
}

std::string to_json(const DataSource& source) {
  archive::Writer writer;
  writer("version", kPlanVersion);
  describe(writer, source);
  return print(writer.json);
}

Result<DataSource> source_from_json(std::string_view json) {
  return read<DataSource>(json, "source",
                          [](archive::Reader reader, DataSource& value) { describe(reader, value); });
}

}  // namespace thalweg::planner
