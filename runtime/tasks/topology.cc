#include "runtime/tasks/topology.h"

#include <algorithm>
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

std::string Topology::internal_topic_of(std::int32_t step) const {
  for (const auto& topic : internal_topics) {
    if (topic.step == step) return topic.name;
  }
  return {};
}

Result<Topology> cut_into_tasks(const planner::QueryPlan& plan, const Log& log,
                                const std::string& application_id, bool single_partition) {
  const std::size_t count = plan.steps.size();
  // Partitions of the rows each step emits: the most of any topic that feeds it.
  std::vector<std::int32_t> partitions(count, 1);
  for (std::size_t i = 0; i < count && !single_partition; ++i) {
    if (const auto* source = std::get_if<planner::SourceStep>(&plan.steps[i].node)) {
      const auto topic = log.topic(source->topic);
      if (!topic) return Error{ErrorCode::kNotFound, "topic " + source->topic + " does not exist"};
      partitions[i] = topic->partitions;
    }
    for (const std::int32_t input : plan.steps[i].inputs) {
      partitions[i] = std::max(partitions[i], partitions[static_cast<std::size_t>(input)]);
    }
  }
  Topology topology;
  Groups groups(count);
  const auto is_hop = [&](std::size_t i) {
    return partitions[i] > 1 && std::holds_alternative<planner::RepartitionStep>(plan.steps[i].node);
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (is_hop(i)) {
      const auto& hop = std::get<planner::RepartitionStep>(plan.steps[i].node);
      topology.internal_topics.push_back(
          {static_cast<std::int32_t>(i), application_id + "-" + hop.topic_suffix, partitions[i]});
    }
    // A hop's writer belongs to its input; whoever reads the hop starts anew.
    for (const std::int32_t input : plan.steps[i].inputs) {
      if (!is_hop(static_cast<std::size_t>(input))) groups.unite(i, static_cast<std::size_t>(input));
    }
  }
  std::map<std::size_t, std::size_t> part_of;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [at, inserted] = part_of.try_emplace(groups.find(i), topology.parts.size());
    if (inserted) topology.parts.emplace_back();
    SubTopology& part = topology.parts[at->second];
    part.steps.push_back(static_cast<std::int32_t>(i));
    part.partitions = std::max(part.partitions, partitions[i]);
    if (const auto* source = std::get_if<planner::SourceStep>(&plan.steps[i].node)) {
      part.inputs.push_back({static_cast<std::int32_t>(i), source->topic, false});
    }
    for (const std::int32_t input : plan.steps[i].inputs) {
      if (is_hop(static_cast<std::size_t>(input))) {
        part.inputs.push_back({input, topology.internal_topic_of(input), true});
      }
    }
  }
  return topology;
}

}  // namespace thalweg::runtime
