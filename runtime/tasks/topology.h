// How a plan becomes tasks: steps connected without a hop over an internal topic form a sub-topology, and
// each sub-topology runs once per partition. A foreign-key join over several partitions belongs to two of
// them: that of its left rows, which goes on from there, and that of its right rows.
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
  struct Input {
    enum class Kind : std::uint8_t { kSource, kRepartition, kRequests, kAnswers };
    std::int32_t step;  // a SourceStep; the RepartitionStep read from; the ForeignKeyJoinStep (last two)
    std::string topic;
    Kind kind;
  };
  std::vector<Input> inputs;
  std::int32_t partitions = 1;
};

struct Topology {
  std::vector<SubTopology> parts;
  struct InternalTopic {
    std::int32_t step;  // the RepartitionStep or ForeignKeyJoinStep
    SubTopology::Input::Kind kind;
    std::string name;
    std::int32_t partitions;
  };
  std::vector<InternalTopic> internal_topics;
  // Null: the step's rows stay in their task.
  const InternalTopic* internal_topic_of(std::int32_t step, SubTopology::Input::Kind kind) const;
};

// `single_partition`: the whole plan is one task whatever the topics say. kNotFound: a source topic is
// missing.
Result<Topology> cut_into_tasks(const planner::QueryPlan& plan, const Log& log,
                                const std::string& application_id, bool single_partition);

}  // namespace thalweg::runtime
