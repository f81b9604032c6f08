#include "runtime/tasks/task.h"

#include <algorithm>

#include "runtime/operators/foreign_key_sides.h"
#include "runtime/operators/gather.h"

namespace thalweg::runtime {
namespace {

using Kind = SubTopology::Input::Kind;

constexpr std::size_t kFetchBytes = std::size_t{1} << 20;

// The step that takes what `step` emits, and at which port; -1: none.
std::pair<std::int32_t, int> consumer_of(const planner::QueryPlan& plan, std::int32_t step) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& inputs = plan.steps[i].inputs;
    const auto at = std::find(inputs.begin(), inputs.end(), step);
    if (at != inputs.end()) return {static_cast<std::int32_t>(i), static_cast<int>(at - inputs.begin())};
  }
  return {-1, 0};
}

bool is_join(const planner::StepNode& node) {
  return std::holds_alternative<planner::StreamTableJoinStep>(node) ||
         std::holds_alternative<planner::TableTableJoinStep>(node) ||
         std::holds_alternative<planner::ForeignKeyJoinStep>(node);
}

}  // namespace

Result<std::shared_ptr<Task>> Task::make(std::unique_ptr<TaskContext> context,
                                         std::shared_ptr<const planner::QueryPlan> plan,
                                         const Topology& topology, std::size_t part, StartAt start,
                                         const std::vector<Log::StoredPosition>& positions) {
  std::shared_ptr<Task> task(new Task);
  task->context_ = std::move(context);
  task->plan_ = std::move(plan);
  THALWEG_CHECK(task->build(topology, part));
  for (auto& input : task->inputs_) THALWEG_CHECK(task->place(*input, start, positions));
  return task;
}

Result<void> Task::build(const Topology& topology, std::size_t part) {
  const SubTopology& sub = topology.parts[part];
  const auto in_part = [&](std::int32_t step) {
    return std::find(sub.steps.begin(), sub.steps.end(), step) != sub.steps.end();
  };
  std::map<std::int32_t, std::int32_t> fused_into;  // filter step → source step that runs it
  for (const std::int32_t index : sub.steps) {
    const planner::Step& step = plan_->steps[static_cast<std::size_t>(index)];
    if (fused_into.contains(index)) continue;
    if (const auto* source = std::get_if<planner::SourceStep>(&step.node)) {
      const auto [consumer, port] = consumer_of(*plan_, index);
      const planner::Step* next = consumer < 0 ? nullptr : &plan_->steps[static_cast<std::size_t>(consumer)];
      const bool fuse =
          next != nullptr && !source->table && std::holds_alternative<planner::FilterStep>(next->node);
      const bool materialize = !source->store.empty() && (next == nullptr || !is_join(next->node));
      THALWEG_TRY(auto made, SourceOperator::make(*context_, step, fuse ? next : nullptr, materialize));
      operators_[index] = std::move(made);
      if (fuse) fused_into[consumer] = index;
    } else {
      THALWEG_TRY(operators_[index], make_step(topology, sub, index));
    }
  }
  for (auto& [index, made] : operators_) {
    auto [consumer, port] = consumer_of(*plan_, index);
    if (fused_into.contains(consumer)) std::tie(consumer, port) = consumer_of(*plan_, consumer);
    if (consumer >= 0 && in_part(consumer)) made->connect(*operators_.at(consumer), port);
  }
  for (const SubTopology::Input& from : sub.inputs) connect_input(from);
  return {};
}

Result<std::unique_ptr<Operator>> Task::make_step(const Topology& topology, const SubTopology& part,
                                                  std::int32_t index) {
  const auto at = static_cast<std::size_t>(index);
  const auto hop = [&](Kind kind) -> std::optional<MessageHop> {
    const auto* topic = topology.internal_topic_of(index, kind);
    if (topic == nullptr) return std::nullopt;
    return MessageHop{topic->name, topic->partitions};
  };
  if (auto moved = hop(Kind::kRepartition))
    return RepartitionWriter::make(*context_, plan_->steps[at], moved->topic, moved->partitions);
  auto requests = hop(Kind::kRequests), answers = hop(Kind::kAnswers);
  if (!requests) return make_operator(*context_, *plan_, at);
  const bool keeps_right_rows = std::any_of(
      part.inputs.begin(), part.inputs.end(),
      [&](const SubTopology::Input& input) { return input.step == index && input.kind == Kind::kRequests; });
  return keeps_right_rows ? ForeignKeyRightOperator::make(*context_, *plan_, at, std::move(*answers))
                          : ForeignKeyLeftOperator::make(*context_, *plan_, at, std::move(*requests));
}

void Task::connect_input(const SubTopology::Input& from) {
  auto input = std::make_unique<Input>();
  input->from = {from.topic, context_->partition};
  input->step = from.step;
  input->index = inputs_.size();
  const planner::Step& step = plan_->steps[static_cast<std::size_t>(from.step)];
  input->table = step.table;
  switch (from.kind) {
    case Kind::kSource: input->source = static_cast<SourceOperator*>(operators_.at(from.step).get()); break;
    case Kind::kRepartition: {
      input->reader = std::make_unique<RepartitionReader>(step.schema);
      const auto [consumer, port] = consumer_of(*plan_, from.step);
      input->consumer = operators_.at(consumer).get();
      input->consumer_port = port;
      break;
    }
    case Kind::kRequests:
    case Kind::kAnswers:
      input->reader = std::make_unique<MessageReader>();
      input->consumer = operators_.at(from.step).get();
      input->consumer_port = from.kind == Kind::kRequests ? ForeignKeyRightOperator::kRequests
                                                          : ForeignKeyLeftOperator::kAnswers;
      break;
  }
  inputs_.push_back(std::move(input));
}

Result<void> Task::place(Input& input, StartAt start, const std::vector<Log::StoredPosition>& positions) {
  const auto topic = context_->log->topic(input.from.topic);
  if (!topic) return Error{ErrorCode::kNotFound, "topic " + input.from.topic + " does not exist"};
  if (input.from.partition.value >= topic->partitions) {
    input.next = Offset{0};  // fewer partitions than its siblings: nothing to read here
    input.limit = 0;
    return {};
  }
  const auto stored =
      std::find_if(positions.begin(), positions.end(),
                   [&](const Log::StoredPosition& position) { return position.from == input.from; });
  if (stored != positions.end()) {
    input.next = stored->next;
  } else {
    const bool latest =
        !input.reader && (start == StartAt::kLatest || (start == StartAt::kDefault && !input.table));
    THALWEG_TRY(input.next,
                latest ? context_->log->end_offset(input.from) : context_->log->start_offset(input.from));
  }
  input.fetch_next = input.next;
  input.committed = input.next.value;
  return {};
}

bool Task::has_input() const {
  for (const auto& input : inputs_) {
    const auto end = context_->log->end_offset(input->from);
    if (end && std::min(end->value, input->limit.load()) > input->committed.load()) return true;
  }
  return false;
}

Result<void> Task::fetch(Input& input) {
  for (int attempts = 0; attempts < 16; ++attempts) {
    auto batches = context_->log->read(input.from, input.fetch_next, kFetchBytes);
    if (batches) {
      for (auto& batch : *batches) input.fetched.push_back(std::move(batch));
      if (!input.fetched.empty()) input.fetch_next = input.fetched.back()->next_offset();
      return {};
    }
    Error& error = batches.error();
    // Only users' records may be left out, and only where a line can say so.
    const bool skippable =
        input.reader == nullptr && context_->durable && !context_->fail_on_deserialization_error;
    if (error.code != ErrorCode::kCorrupted || !skippable) return std::move(error);
    THALWEG_TRY(const Offset behind, context_->log->batch_end(input.from, input.fetch_next));
    if (behind <= input.fetch_next) return std::move(error);
    bump(context_->counters->errors, 1);
    context_->processing_log->deserialization_error(
        *context_, "Source", false, error.message, {}, {},
        {input.from.topic, input.from.partition.value, input.fetch_next.value});
    input.next = input.fetch_next = behind;
  }
  return {};
}

Result<bool> Task::fill(Input& input) {
  if (input.cursor < input.current.count) return true;
  input.clear();
  const std::int64_t limit = input.limit.load();
  if (input.next.value >= limit) return false;
  const auto forget_done = [&] {
    while (!input.fetched.empty() && input.fetched.front()->next_offset().value <= input.next.value)
      input.fetched.pop_front();
  };
  forget_done();
  if (input.fetched.empty()) THALWEG_CHECK(fetch(input));
  forget_done();
  if (input.fetched.empty()) return false;
  const RecordBatchPtr& records = input.fetched.front();
  const auto first =
      static_cast<std::uint32_t>(std::max<std::int64_t>(0, input.next.value - records->base_offset().value));
  const std::int64_t available =
      std::min(records->next_offset().value, limit) - records->base_offset().value - first;
  if (available <= 0) return false;
  const auto count = static_cast<std::uint32_t>(
      std::min<std::int64_t>(available, static_cast<std::int64_t>(context_->batch_rows_max)));
  input.current_base = records->base_offset().value + first;
  if (input.source != nullptr) {
    THALWEG_TRY(input.current, input.source->prepare(records, first, count));
  } else {
    THALWEG_TRY(input.current.batch, input.reader->read(records, first, count, input.table));
    input.current.count = count;
    input.current.records = records;
  }
  return true;
}

// Of equal times the table goes first, so that a row and the table's row of the same instant meet.
bool Task::precedes(const Input& a, std::int64_t time_of_a, const Input& b, std::int64_t time_of_b) {
  return std::tuple(time_of_a, !a.table, a.index) < std::tuple(time_of_b, !b.table, b.index);
}

Task::Input* Task::choose() {
  Input* best = nullptr;
  std::int64_t best_time = 0;
  for (auto& input : inputs_) {
    if (input->planned >= input->current.count) continue;
    // Rows that never enter the query delay nobody.
    if (!input->current.dropped.empty() && input->current.dropped[input->planned]) return input.get();
    const std::int64_t time = input->current.batch.timestamps[input->planned];
    if (best != nullptr && !precedes(*input, time, *best, best_time)) continue;
    best = input.get();
    best_time = time;
  }
  return best;
}

std::uint32_t Task::run_length(const Input& chosen, std::size_t records_max) const {
  const auto left =
      static_cast<std::uint32_t>(std::min<std::size_t>(chosen.current.count - chosen.planned, records_max));
  const auto& dropped = chosen.current.dropped;
  if (!dropped.empty() && dropped[chosen.planned]) {
    // What the others begin with may be such rows too, and says nothing about the rows behind them.
    std::uint32_t length = 1;
    while (length < left && dropped[chosen.planned + length]) ++length;
    return length;
  }
  const Input* next = nullptr;  // whose turn it is after this run
  std::int64_t next_time = 0;
  for (const auto& other : inputs_) {
    if (other.get() == &chosen || other->planned >= other->current.count) continue;
    const std::int64_t time = other->current.batch.timestamps[other->planned];
    if (next != nullptr && !precedes(*other, time, *next, next_time)) continue;
    next = other.get();
    next_time = time;
  }
  if (next == nullptr) return left;
  std::uint32_t length = 1;
  const std::int64_t* times = chosen.current.batch.timestamps + chosen.planned;
  while (length < left && precedes(chosen, times[length], *next, next_time)) ++length;
  return length;
}

void Task::note_turn(Input& chosen, std::uint32_t count, std::uint32_t turn, std::int64_t& stream_time) {
  const Batch& batch = chosen.current.batch;
  if (inputs_.size() > 1) {
    if (chosen.turns == nullptr) chosen.turns = batch.arena->array<std::uint32_t>(chosen.current.count);
    std::fill_n(chosen.turns + chosen.planned, count, turn);
  }
  if (!context_->wants_stream_times) return;
  if (chosen.stream_times == nullptr)
    chosen.stream_times = batch.arena->array<std::int64_t>(chosen.current.count);
  const auto& dropped = chosen.current.dropped;
  for (std::uint32_t row = chosen.planned; row < chosen.planned + count; ++row) {
    if (dropped.empty() || !dropped[row]) stream_time = std::max(stream_time, batch.timestamps[row]);
    chosen.stream_times[row] = stream_time;
  }
}

std::size_t Task::plan_round(std::size_t records_max) {
  std::size_t records = 0;
  std::int64_t stream_time = context_->stream_time;
  const Input* first = nullptr;
  bool alternate = false, refill = false;
  for (std::uint32_t turn = 0; !refill && records < records_max; ++turn) {
    Input* chosen = choose();
    if (chosen == nullptr) break;
    const std::uint32_t count = run_length(*chosen, records_max - records);
    note_turn(*chosen, count, turn, stream_time);
    if (first == nullptr) first = chosen;
    alternate |= chosen != first;
    chosen->planned += count;
    records += count;
    refill = chosen->planned == chosen->current.count;
  }
  for (auto& input : inputs_) {
    input->current.batch.turns = alternate ? input->turns : nullptr;
    input->current.batch.stream_times = input->stream_times;
  }
  return records;
}

Result<void> Task::process_round() {
  bool alternate = false;
  for (auto& input : inputs_) {
    if (input->planned == input->cursor) continue;
    alternate |= input->current.batch.turns != nullptr;
    THALWEG_CHECK(process(*input));
  }
  if (!alternate) return {};
  for (auto& [step, made] : operators_) THALWEG_CHECK(made->end_round());
  return {};
}

Result<void> Task::process(Input& input) {
  if (input.source != nullptr) {
    THALWEG_CHECK(input.source->run(input.current, input.cursor, input.planned));
  } else {
    Batch batch = slice(input.current.batch, input.cursor, input.planned - input.cursor);
    for (std::size_t i = 0; i < batch.rows; ++i) {
      context_->stream_time = std::max(context_->stream_time, batch.timestamps[i]);
    }
    THALWEG_CHECK(input.consumer->process(input.consumer_port, batch));
  }
  input.cursor = input.planned;
  input.next = Offset{input.current_base + input.cursor};
  return {};
}

Result<std::size_t> Task::run(std::size_t records_max) {
  std::size_t taken = 0;
  if (careful) records_max = 1;
  while (taken < records_max) {
    for (auto& input : inputs_) {
      THALWEG_TRY(const bool filled, fill(*input));
      static_cast<void>(filled);
    }
    const std::size_t records = plan_round(records_max - taken);
    if (records == 0) break;
    THALWEG_CHECK(process_round());
    taken += records;
  }
  bool moved = taken > 0;
  for (const auto& input : inputs_) moved |= input->next.value != input->committed.load();
  if (moved) THALWEG_CHECK(finish_epoch());
  return taken;
}

Result<void> Task::finish_epoch() {
  for (auto& [step, made] : operators_) THALWEG_CHECK(made->flush());
  if (!context_->durable) return {};
  for (auto& [step, made] : operators_) THALWEG_CHECK(made->checkpoint(context_->epoch.state));
  for (const auto& input : inputs_) {
    if (input->next.value == input->committed.load()) continue;
    context_->epoch.positions.push_back({context_->query_id, input->from, input->next, {}});
  }
  return {};
}

void Task::committed() {
  for (auto& [step, made] : operators_) {
    made->committed();
    made->evict();
  }
  for (auto& input : inputs_) {
    input->committed = input->next.value;
    if (input->reader != nullptr && context_->durable) {
      // Internal records are needed no more; failing to drop them now only costs space.
      static_cast<void>(context_->log->purge_before(input->from, input->next));
    }
  }
  context_->forget_epoch();
}

Result<void> Task::roll_back() {
  for (auto& [step, made] : operators_) THALWEG_CHECK(made->roll_back());
  for (auto& input : inputs_) {
    input->clear();
    input->fetched.clear();
    input->next = input->fetch_next = Offset{input->committed.load()};
  }
  context_->forget_epoch();
  return {};
}

Operator* Task::operator_of(std::int32_t step) {
  const auto at = operators_.find(step);
  return at == operators_.end() ? nullptr : at->second.get();
}

std::vector<TopicPartition> Task::inputs() const {
  std::vector<TopicPartition> list;
  for (const auto& input : inputs_) list.push_back(input->from);
  return list;
}

std::map<TopicPartition, Offset> Task::committed_positions() const {
  std::map<TopicPartition, Offset> positions;
  for (const auto& input : inputs_) positions[input->from] = Offset{input->committed.load()};
  return positions;
}

std::uint64_t Task::state_rows() const {
  std::uint64_t rows = 0;
  for (const auto& [step, made] : operators_) {
    if (const StateStore* store = made->store()) rows += store->row_count_estimate();
  }
  return rows;
}

void Task::limit_input(const std::optional<std::map<TopicPartition, Offset>>& limits) {
  for (auto& input : inputs_) {
    if (input->reader != nullptr) continue;
    std::int64_t limit = INT64_MAX;
    if (limits) {
      const auto at = limits->find(input->from);
      limit = at == limits->end() ? 0 : at->second.value;
    }
    input->limit = limit;
  }
}

}  // namespace thalweg::runtime
