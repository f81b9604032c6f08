// One operator on the bench: batches go in, what leaves is written down as text.
//
//   rows in    {key, value, time}; nullopt: a null key, a null value
//   rows out   "key:value@time", "·" for NULL, "⊥" for a deletion
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/operators/operator.h"
#include "tests/contract/storage_worlds.h"

namespace thalweg::runtime::bench {

using planner::SqlKind;
using Text = std::optional<std::string>;

struct Row {
  Text key;
  Text value;
  std::int64_t time;
};

inline planner::Schema two_columns(const std::string& prefix) {
  return {{{prefix + "K", SqlKind::kString}, {prefix + "V", SqlKind::kString}}, 1};
}

// [K] [left K, V] [right K, V]
inline planner::Schema joined(const planner::Schema& left, const planner::Schema& right) {
  planner::Schema schema{{left.columns[0]}, 1};
  schema.columns.insert(schema.columns.end(), left.columns.begin(), left.columns.end());
  schema.columns.insert(schema.columns.end(), right.columns.begin(), right.columns.end());
  return schema;
}

inline Batch make_rows(const planner::Schema& schema, const std::vector<Row>& rows) {
  Batch batch = make_batch(rows.size());
  Arena& arena = *batch.arena;
  for (const auto& column : schema.columns)
    batch.columns.push_back(make_column(arena, column.type, rows.size()));
  batch.has_new = arena.array<std::uint8_t>(rows.size());
  batch.key_null = arena.array<std::uint8_t>(rows.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    batch.timestamps[i] = rows[i].time;
    batch.has_new[i] = rows[i].value.has_value();
    batch.key_null[i] = !rows[i].key.has_value();
    if (rows[i].key)
      store_value(arena, batch.columns[0], schema.columns[0].type, i, planner::Value(*rows[i].key));
    if (!rows[i].value || *rows[i].value == "·") continue;
    const auto& type = schema.columns[1].type;
    const bool number = type.is(SqlKind::kBigint);
    store_value(
        arena, batch.columns[1], type, i,
        number ? planner::Value(std::int64_t{std::stoll(*rows[i].value)}) : planner::Value(*rows[i].value));
  }
  return batch;
}

inline std::string shown(const Column& column, const planner::SqlType& type, std::uint32_t row) {
  const planner::Value value = value_at(column, type, row);
  if (value.is_null()) return "·";
  return type.is(SqlKind::kString) ? value.as_string() : std::to_string(value.as_int());
}

using Format = std::function<std::string(const planner::Schema&, const Batch&, const std::vector<Column>&,
                                         std::uint32_t)>;

inline std::string joined_value(const planner::Schema& schema, const Batch&,
                                const std::vector<Column>& columns, std::uint32_t row) {
  return "(" + shown(columns[2], schema.columns[2].type, row) + "," +
         shown(columns[4], schema.columns[4].type, row) + ")";
}

class Collector final : public Operator {
 public:
  Collector(TaskContext& context, const planner::Step& step, Format format)
      : Operator(context, step), format_(std::move(format)) {}
  Result<void> process(int, Batch& batch) override {
    const Rows rows = rows_of(batch);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const std::uint32_t row = rows[i];
      std::string text = shown(batch.columns[0], step_.schema.columns[0].type, row) + ":";
      if (batch.is_old(row)) text += format_(step_.schema, batch, batch.old_columns, row) + "→";
      text += batch.is_new(row) ? format_(step_.schema, batch, batch.columns, row) : "⊥";
      if (batch.window_start != nullptr) {
        text +=
            "[" + std::to_string(batch.window_start[row]) + "," + std::to_string(batch.window_end[row]) + "]";
      }
      text += "@" + std::to_string(batch.timestamps[row]);
      lines += (lines.empty() ? "" : " ") + text;
    }
    return {};
  }
  std::string lines;

 private:
  Format format_;
};

// A task of one operator over memory that survives restart().
class Bench {
 public:
  using Maker = std::function<Result<std::unique_ptr<Operator>>(TaskContext&, const planner::QueryPlan&)>;

  // The operator's step is the last one of the plan.
  Bench(planner::QueryPlan plan, Maker maker, Format format)
      : plan_(std::move(plan)),
        maker_(std::move(maker)),
        format_(std::move(format)),
        library_(standard_library()) {
    restart();
  }

  void restart() {
    operator_.reset();
    backend_.reset();
    auto backend = make_state_backend(*storage_, {});
    THALWEG_EXPECT_OK(backend);
    backend_ = std::move(backend).value();
    context.query_id = "q";
    context.clock = &clock;
    context.library = library_.get();
    context.environment.clock = &clock;
    context.state = backend_.get();
    context.storage = storage_.get();
    context.counters = &counters;
    context.traffic = &traffic;
    context.processing_log = &processing_log_;
    context.emit_interval_ms = context.sweep_interval_ms = 0;
    auto made = maker_(context, plan_);
    THALWEG_EXPECT_OK(made);
    operator_ = std::move(made).value();
    collector_ = std::make_unique<Collector>(context, plan_.steps.back(), format_);
    operator_->connect(*collector_, 0);
  }

  // What leaves when the rows arrive as one batch.
  std::string feed(int port, const std::vector<Row>& rows) {
    const auto& inputs = plan_.steps.back().inputs;
    return feed_batch(
        port, make_rows(plan_.steps[static_cast<std::size_t>(inputs[static_cast<std::size_t>(port)])].schema,
                        rows));
  }
  std::string feed_batch(int port, Batch batch) {
    collector_->lines.clear();
    THALWEG_EXPECT_OK(operator_->process(port, batch));
    return collector_->lines;
  }
  // Ends the epoch; returns what leaves only then.
  std::string commit() {
    collector_->lines.clear();
    THALWEG_EXPECT_OK(operator_->flush());
    WriteSet writes;
    THALWEG_EXPECT_OK(operator_->checkpoint(writes));
    writes.append(std::move(context.epoch.state));
    THALWEG_EXPECT_OK(storage_->write(writes, Durability::kSync));
    operator_->committed();
    operator_->evict();
    context.forget_epoch();
    return collector_->lines;
  }
  void roll_back() {
    THALWEG_EXPECT_OK(operator_->roll_back());
    context.forget_epoch();
  }
  Operator& op() { return *operator_; }
  std::string read(const ReadRequest& request) {
    collector_->lines.clear();
    auto batch = operator_->read(request);
    THALWEG_EXPECT_OK(batch);
    THALWEG_EXPECT_OK(collector_->process(0, *batch));
    return collector_->lines;
  }

  TaskContext context;
  ManualClock clock;
  LiveCounters counters;
  TrafficBook traffic;

 private:
  planner::QueryPlan plan_;
  Maker maker_;
  Format format_;
  std::shared_ptr<const FunctionLibrary> library_;
  ProcessingLog processing_log_{"", false};
  std::unique_ptr<MemoryStorage> storage_ = make_memory_storage();
  std::unique_ptr<StateBackend> backend_;
  std::unique_ptr<Operator> operator_;
  std::unique_ptr<Collector> collector_;
};

// A plan of sources with the given schemas and `node` over them.
inline planner::QueryPlan plan_over(std::vector<planner::Schema> inputs, planner::Schema schema,
                                    planner::StepNode node, bool table) {
  planner::QueryPlan plan;
  planner::Step step;
  step.id = "step";
  step.name = "Join";
  for (auto& input : inputs) {
    planner::Step source;
    source.table = table;
    source.schema = std::move(input);
    source.node = planner::SourceStep{};
    step.inputs.push_back(static_cast<std::int32_t>(plan.steps.size()));
    plan.steps.push_back(std::move(source));
  }
  step.table = table;
  step.schema = std::move(schema);
  step.node = std::move(node);
  plan.steps.push_back(std::move(step));
  return plan;
}

inline Bench::Maker from_factory() {
  return [](TaskContext& context, const planner::QueryPlan& plan) {
    return make_operator(context, plan, plan.steps.size() - 1);
  };
}

}  // namespace thalweg::runtime::bench
