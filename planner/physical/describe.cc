// Plans as text: the topology in Kafka Streams' layout, and the steps with their schemas.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <numeric>

#include "planner/physical/steps.h"

namespace thalweg::planner {
namespace {

std::string numbered(const char* prefix, std::size_t number) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%010zu", number);
  return std::string(prefix) + digits;
}

std::vector<std::string> stores_of(const StepNode& node) {
  struct Visitor {
    using Names = std::vector<std::string>;
    Names operator()(const SourceStep& n) const { return {n.store}; }
    Names operator()(const FilterStep&) const { return {}; }
    Names operator()(const ProjectStep&) const { return {}; }
    Names operator()(const SelectKeyStep&) const { return {}; }
    Names operator()(const FlatMapStep&) const { return {}; }
    Names operator()(const GroupByStep&) const { return {}; }
    Names operator()(const RepartitionStep&) const { return {}; }
    Names operator()(const AggregateStep& n) const { return {n.store}; }
    Names operator()(const StreamTableJoinStep& n) const { return {n.store}; }
    Names operator()(const StreamStreamJoinStep& n) const {
      return {n.left_store, n.right_store, n.pending_store};
    }
    Names operator()(const TableTableJoinStep& n) const { return {n.left_store, n.right_store}; }
    Names operator()(const ForeignKeyJoinStep& n) const {
      return {n.left_store, n.right_store, n.subscription_store};
    }
    Names operator()(const MaterializeStep& n) const { return {n.store}; }
    Names operator()(const SinkStep&) const { return {}; }
    Names operator()(const DeliverStep&) const { return {}; }
  };
  auto names = std::visit(Visitor{}, node);
  std::erase(names, std::string());
  return names;
}

std::string join_words(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// One box of the drawing. A repartition is two of them: a sink in front of its topic and a source behind it.
struct Box {
  enum class Kind { kSource, kProcessor, kSink } kind;
  std::string name, topic;
  std::vector<std::string> stores;
  std::vector<std::size_t> next, previous;
  std::size_t part = 0;  // sub-topology, by its smallest box
};

std::vector<Box> boxes_of(const QueryPlan& plan) {
  std::vector<Box> boxes;
  std::vector<std::size_t> out(plan.steps.size());  // the box that emits a step's rows
  const auto connect = [&](std::size_t from, std::size_t to) {
    boxes[from].next.push_back(to);
    boxes[to].previous.push_back(from);
  };
  const auto add = [&](Box box, const std::vector<std::int32_t>& inputs) {
    box.part = boxes.size();
    boxes.push_back(std::move(box));
    for (const auto input : inputs) connect(out[static_cast<std::size_t>(input)], boxes.size() - 1);
    return boxes.size() - 1;
  };
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& step = plan.steps[i];
    if (const auto* source = std::get_if<SourceStep>(&step.node)) {
      out[i] =
          add({Box::Kind::kSource, numbered("KSTREAM-SOURCE-", boxes.size()), source->topic, {}, {}, {}}, {});
      if (!source->store.empty()) {
        const auto kept = add(
            {Box::Kind::kProcessor, numbered("KTABLE-SOURCE-", boxes.size()), {}, {source->store}, {}, {}},
            {});
        connect(out[i], kept);
        out[i] = kept;
      }
    } else if (const auto* hop = std::get_if<RepartitionStep>(&step.node)) {
      add({Box::Kind::kSink, hop->topic_suffix + "-sink", hop->topic_suffix, {}, {}, {}}, step.inputs);
      out[i] = add({Box::Kind::kSource, hop->topic_suffix + "-source", hop->topic_suffix, {}, {}, {}}, {});
    } else if (const auto* sink = std::get_if<SinkStep>(&step.node)) {
      out[i] = add({Box::Kind::kSink, numbered("KSTREAM-SINK-", boxes.size()), sink->topic, {}, {}, {}},
                   step.inputs);
    } else {
      out[i] = add({Box::Kind::kProcessor, step.name, {}, stores_of(step.node), {}, {}}, step.inputs);
    }
  }
  return boxes;
}

void find_parts(std::vector<Box>& boxes) {
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& box : boxes) {
      for (const auto next : box.next) {
        const auto part = std::min(box.part, boxes[next].part);
        changed = changed || box.part != part || boxes[next].part != part;
        box.part = boxes[next].part = part;
      }
    }
  }
}

std::string names_of(const std::vector<Box>& boxes, const std::vector<std::size_t>& list) {
  std::vector<std::string> names;
  for (const auto i : list) names.push_back(boxes[i].name);
  return names.empty() ? "none" : join_words(names);
}

std::string draw(const std::vector<Box>& boxes, const Box& box) {
  switch (box.kind) {
    case Box::Kind::kSource:
      return "    Source: " + box.name + " (topics: [" + box.topic + "])\n      --> " +
             names_of(boxes, box.next) + "\n";
    case Box::Kind::kSink:
      return "    Sink: " + box.name + " (topic: " + box.topic + ")\n      <-- " +
             names_of(boxes, box.previous) + "\n";
    case Box::Kind::kProcessor: break;
  }
  return "    Processor: " + box.name + " (stores: [" + join_words(box.stores) + "])\n      --> " +
         names_of(boxes, box.next) + "\n      <-- " + names_of(boxes, box.previous) + "\n";
}

const char* step_word(const StepNode& node) {
  struct Visitor {
    const char* operator()(const SourceStep&) const { return "SOURCE"; }
    const char* operator()(const FilterStep&) const { return "FILTER"; }
    const char* operator()(const ProjectStep&) const { return "PROJECT"; }
    const char* operator()(const SelectKeyStep&) const { return "REKEY"; }
    const char* operator()(const FlatMapStep&) const { return "FLAT_MAP"; }
    const char* operator()(const GroupByStep&) const { return "GROUP_BY"; }
    const char* operator()(const RepartitionStep&) const { return "REPARTITION"; }
    const char* operator()(const AggregateStep&) const { return "AGGREGATE"; }
    const char* operator()(const StreamTableJoinStep&) const { return "JOIN"; }
    const char* operator()(const StreamStreamJoinStep&) const { return "JOIN"; }
    const char* operator()(const TableTableJoinStep&) const { return "JOIN"; }
    const char* operator()(const ForeignKeyJoinStep&) const { return "FOREIGN_KEY_JOIN"; }
    const char* operator()(const MaterializeStep&) const { return "MATERIALIZE"; }
    const char* operator()(const SinkStep&) const { return "SINK"; }
    const char* operator()(const DeliverStep&) const { return "DELIVER"; }
  };
  return std::visit(Visitor{}, node);
}

}  // namespace

std::string describe_topology(const QueryPlan& plan) {
  auto boxes = boxes_of(plan);
  find_parts(boxes);
  std::vector<std::size_t> parts;
  for (const auto& box : boxes) {
    if (std::find(parts.begin(), parts.end(), box.part) == parts.end()) parts.push_back(box.part);
  }
  std::sort(parts.begin(), parts.end());
  std::string text = "Topologies:\n";
  for (std::size_t p = 0; p < parts.size(); ++p) {
    text += "   Sub-topology: " + std::to_string(p) + "\n";
    for (const auto& box : boxes) {
      if (box.part == parts[p]) text += draw(boxes, box);
    }
    text += "\n";
  }
  return text;
}

std::string describe_execution_plan(const QueryPlan& plan) {
  std::string text;
  if (plan.steps.empty()) return text;
  const std::function<void(std::size_t, std::size_t)> print = [&](std::size_t index, std::size_t depth) {
    const auto& step = plan.steps[index];
    const auto logger = plan.id.empty() ? step.name : plan.id + "." + step.name;
    text += std::string(depth * 2, '\t') + " > [ " + step_word(step.node) +
            " ] | Schema: " + to_string(step.schema) + " | Logger: " + logger + "\n";
    for (const auto input : step.inputs) print(static_cast<std::size_t>(input), depth + 1);
  };
  print(plan.steps.size() - 1, 0);
  return text;
}

}  // namespace thalweg::planner
