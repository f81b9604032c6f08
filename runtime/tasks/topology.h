// How a plan becomes tasks: steps connected without a hop over an internal topic form a sub-topology, and
// each sub-topology runs once per partition.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "planner/physical/steps.h"
#include "runtime/log/log.h"

namespace thalweg::runtime {

struct SubTopology {
  std::vector<std::int32_t> steps;  // positions in the plan, topological order
  // Where its rows come from: a SourceStep's topic, or the internal topic of a RepartitionStep in front of
  // it.
  struct Input {
    std::int32_t step;  // the SourceStep, or the RepartitionStep read from
    std::string topic;
    bool internal = false;
  };
  std::vector<Input> inputs;
  std::int32_t partitions = 1;
};

struct Topology {
  std::vector<SubTopology> parts;
  struct InternalTopic {
    std::int32_t step;  // the RepartitionStep
    std::string name;
    std::int32_t partitions;
  };
  std::vector<InternalTopic> internal_topics;
  std::string internal_topic_of(std::int32_t step) const;  // empty: the hop is passed straight through
};

// `single_partition`: the whole plan is one task whatever the topics say. kNotFound: a source topic is
// missing.
Result<Topology> cut_into_tasks(const planner::QueryPlan& plan, const Log& log,
                                const std::string& application_id, bool single_partition);

}  // namespace thalweg::runtime
