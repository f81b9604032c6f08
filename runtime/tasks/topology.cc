#include "runtime/tasks/topology.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>

namespace thalweg::runtime {
namespace {

// Union-find over steps: who shares a task with whom.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void unite(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

using Kind = SubTopology::Input::Kind;

const Topology::InternalTopic* Topology::internal_topic_of(std::int32_t step, Kind kind) const {
  const auto at = std::find_if(internal_topics.begin(), internal_topics.end(),
                               [&](const auto& topic) { return topic.step == step && topic.kind == kind; });
  return at == internal_topics.end() ? nullptr : &*at;
}

namespace {

class Cutter {
 public:
  Cutter(const planner::QueryPlan& plan, const std::string& application_id)
      : plan_(plan), prefix_(application_id + "-"), partitions_(plan.steps.size(), 1) {}

  Result<void> count_partitions(const Log& log);
  Topology cut();

 private:
  using Position = std::size_t;
  const planner::StepNode& node(Position i) const { return plan_.steps[i].node; }
  Position input(Position i, std::size_t which) const {
    return static_cast<Position>(plan_.steps[i].inputs[which]);
  }
  bool is_hop(Position i) const {
    return partitions_[i] > 1 && std::holds_alternative<planner::RepartitionStep>(node(i));
  }
  // Whether right rows live in other tasks than left ones.
  bool is_split(Position i) const {
    return std::holds_alternative<planner::ForeignKeyJoinStep>(node(i)) &&
           std::max(partitions_[input(i, 0)], partitions_[input(i, 1)]) > 1;
  }
  bool reads_across(Position i, std::size_t which) const {
    return is_hop(input(i, which)) || (is_split(i) && which == 1);
  }
  void name_topics();
  void add_step(SubTopology& part, Position i);

  const planner::QueryPlan& plan_;
  std::string prefix_;
  std::vector<std::int32_t> partitions_;  // of the rows each step emits
  Topology topology_;
};

Result<void> Cutter::count_partitions(const Log& log) {
  for (Position i = 0; i < plan_.steps.size(); ++i) {
    if (const auto* source = std::get_if<planner::SourceStep>(&node(i))) {
      const auto topic = log.topic(source->topic);
      if (!topic) return Error{ErrorCode::kNotFound, "topic " + source->topic + " does not exist"};
      partitions_[i] = topic->partitions;
    }
    const bool lies_left = std::holds_alternative<planner::ForeignKeyJoinStep>(node(i));
    const std::size_t inputs = lies_left ? 1 : plan_.steps[i].inputs.size();
    for (std::size_t k = 0; k < inputs; ++k)
      partitions_[i] = std::max(partitions_[i], partitions_[input(i, k)]);
  }
  return {};
}

void Cutter::name_topics() {
  for (Position i = 0; i < plan_.steps.size(); ++i) {
    const auto step = static_cast<std::int32_t>(i);
    if (is_hop(i)) {
      const auto& hop = std::get<planner::RepartitionStep>(node(i));
      topology_.internal_topics.push_back(
          {step, Kind::kRepartition, prefix_ + hop.topic_suffix, partitions_[i]});
    } else if (is_split(i)) {
      char number[16];
      std::snprintf(number, sizeof number, "%010zu", i);
      const std::string prefix = prefix_ + "KTABLE-FK-JOIN-SUBSCRIPTION-";
      topology_.internal_topics.push_back(
          {step, Kind::kRequests, prefix + "REGISTRATION-" + number + "-topic", partitions_[input(i, 1)]});
      topology_.internal_topics.push_back(
          {step, Kind::kAnswers, prefix + "RESPONSE-" + number + "-topic", partitions_[i]});
    }
  }
}

void Cutter::add_step(SubTopology& part, Position i) {
  const auto step = static_cast<std::int32_t>(i);
  part.steps.push_back(step);
  part.partitions = std::max(part.partitions, partitions_[i]);
  if (const auto* source = std::get_if<planner::SourceStep>(&node(i)))
    part.inputs.push_back({step, source->topic, Kind::kSource});
  for (const std::int32_t from : plan_.steps[i].inputs) {
    if (is_hop(static_cast<Position>(from)))
      part.inputs.push_back(
          {from, topology_.internal_topic_of(from, Kind::kRepartition)->name, Kind::kRepartition});
  }
}

Topology Cutter::cut() {
  const std::size_t count = plan_.steps.size();
  name_topics();
  Groups groups(count);
  // A hop's writer belongs to its input; whoever reads the hop starts anew.
  for (Position i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < plan_.steps[i].inputs.size(); ++k) {
      if (!reads_across(i, k)) groups.unite(i, input(i, k));
    }
  }
  std::map<std::size_t, std::size_t> part_of;
  for (Position i = 0; i < count; ++i) {
    const auto [at, inserted] = part_of.try_emplace(groups.find(i), topology_.parts.size());
    if (inserted) topology_.parts.emplace_back();
    add_step(topology_.parts[at->second], i);
    if (!is_split(i)) continue;
    const auto step = static_cast<std::int32_t>(i);
    SubTopology& left = topology_.parts[at->second];
    SubTopology& right = topology_.parts[part_of.at(groups.find(input(i, 1)))];
    right.steps.push_back(step);
    right.inputs.push_back({step, topology_.internal_topic_of(step, Kind::kRequests)->name, Kind::kRequests});
    left.inputs.push_back({step, topology_.internal_topic_of(step, Kind::kAnswers)->name, Kind::kAnswers});
  }
  return std::move(topology_);
}

}  // namespace

Result<Topology> cut_into_tasks(const planner::QueryPlan& plan, const Log& log,
                                const std::string& application_id, bool single_partition) {
  Cutter cutter(plan, application_id);
  if (!single_partition) THALWEG_CHECK(cutter.count_partitions(log));
  return cutter.cut();
}

}  // namespace thalweg::runtime
