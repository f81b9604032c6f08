// CREATE OR REPLACE of a query: whether a new plan may take over offsets and state of a running one.
#include <algorithm>

#include "planner/physical/json_archive.h"
#include "planner/physical/plan_builder.h"
#include "planner/planner.h"

namespace thalweg::planner {
namespace {

Error refused(const std::string& message) {
  return Error(ErrorCode::kStatement, "Query is not upgradeable. " + message);
}

Error differs(const std::string& type, const std::string& property, const std::string& before,
              const std::string& after) {
  return refused("Plan step of type " + type + " must have matching " + property + ". Values differ: '" +
                 before + "' vs. '" + after + "'");
}

std::string type_name(const Step& step) {
  struct Visitor {
    bool table;
    std::string operator()(const SourceStep& n) const { return n.table ? "TableSource" : "StreamSource"; }
    std::string operator()(const FilterStep&) const { return table ? "TableFilter" : "StreamFilter"; }
    std::string operator()(const ProjectStep&) const { return table ? "TableSelect" : "StreamSelect"; }
    std::string operator()(const SelectKeyStep&) const {
      return table ? "TableSelectKey" : "StreamSelectKey";
    }
    std::string operator()(const FlatMapStep&) const { return "StreamFlatMap"; }
    std::string operator()(const GroupByStep&) const { return table ? "TableGroupBy" : "StreamGroupBy"; }
    std::string operator()(const RepartitionStep&) const { return "Repartition"; }
    std::string operator()(const AggregateStep& n) const {
      return n.table_input ? "TableAggregate" : n.window ? "StreamWindowedAggregate" : "StreamAggregate";
    }
    std::string operator()(const StreamTableJoinStep&) const { return "StreamTableJoin"; }
    std::string operator()(const StreamStreamJoinStep&) const { return "StreamStreamJoin"; }
    std::string operator()(const TableTableJoinStep&) const { return "TableTableJoin"; }
    std::string operator()(const ForeignKeyJoinStep&) const { return "ForeignKeyTableTableJoin"; }
    std::string operator()(const MaterializeStep&) const { return "TableMaterialize"; }
    std::string operator()(const SinkStep& n) const { return n.table ? "TableSink" : "StreamSink"; }
    std::string operator()(const DeliverStep&) const { return "Deliver"; }
  };
  return std::visit(Visitor{step.table}, step.node);
}

bool may_change(const Step& step) {
  return std::holds_alternative<FilterStep>(step.node) || std::holds_alternative<ProjectStep>(step.node);
}

std::string format_text(const SideFormat& format) {
  auto text = format.format.name;
  for (const auto& [name, value] : format.format.properties) text += " " + name + "=" + value;
  return text + (format.wrapping == Wrapping::kUnwrapped ? " unwrapped" : "");
}

std::string expressions_text(const std::vector<TypedPtr>& list, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, list.size()); ++i)
    text += (text.empty() ? "" : ", ") + list[i]->text;
  return "[" + text + "]";
}

std::string timestamp_text(const SourceStep& step) {
  if (!step.timestamp) return "none";
  const auto& fields =
      step.timestamp->column.origin == SourceColumn::Origin::kKey ? step.key_fields : step.value_fields;
  return fields[static_cast<std::size_t>(step.timestamp->column.index)].name + " " +
         step.timestamp->format.value_or("");
}

// Properties that have to agree, as (name, text) pairs in a fixed order.
using Properties = std::vector<std::pair<std::string, std::string>>;
Properties properties_of(const Step& step) {
  struct Visitor {
    const Step& step;
    Properties operator()(const SourceStep& n) const {
      return {{"sourceName", n.source},
              {"topicName", n.topic},
              {"keyFormat", format_text(n.key)},
              {"valueFormat", format_text(n.value)},
              {"timestampColumn", timestamp_text(n)}};
    }
    Properties operator()(const FilterStep&) const { return {}; }
    Properties operator()(const ProjectStep&) const { return {}; }
    Properties operator()(const SelectKeyStep& n) const {
      return {{"keyExpressions", expressions_text(n.columns, step.schema.key_count)}};
    }
    Properties operator()(const FlatMapStep&) const { return {}; }
    Properties operator()(const GroupByStep& n) const {
      return {{"groupByExpressions", expressions_text(n.columns, step.schema.key_count)}};
    }
    Properties operator()(const RepartitionStep& n) const { return {{"keyFormat", format_text(n.key)}}; }
    Properties operator()(const AggregateStep& n) const {
      std::string functions;
      for (const auto& call : n.calls) functions += (functions.empty() ? "" : ", ") + call.function;
      return {{"aggregationFunctions", "[" + functions + "]"}};
    }
    Properties operator()(const StreamTableJoinStep&) const { return {}; }
    Properties operator()(const StreamStreamJoinStep&) const { return {}; }
    Properties operator()(const TableTableJoinStep&) const { return {}; }
    Properties operator()(const ForeignKeyJoinStep&) const { return {}; }
    Properties operator()(const MaterializeStep&) const { return {}; }
    Properties operator()(const SinkStep& n) const {
      return {{"topicName", n.topic},
              {"keyFormat", format_text(n.key)},
              {"valueFormat", format_text(n.value)},
              {"timestampColumn", n.timestamp ? n.timestamp->column : "none"}};
    }
    Properties operator()(const DeliverStep&) const { return {}; }
  };
  return std::visit(Visitor{step}, step.node);
}

bool supported(const Step& step) {
  const auto type = type_name(step);
  return type == "StreamSource" || type == "TableSource" || type == "StreamSelectKey" ||
         type == "StreamGroupBy" || type == "Repartition" || type == "StreamAggregate" ||
         type == "StreamSink" || type == "TableSink";
}

std::vector<const Step*> fixed_steps(const QueryPlan& plan) {
  std::vector<const Step*> steps;
  for (const auto& step : plan.steps) {
    if (!may_change(step)) steps.push_back(&step);
  }
  return steps;
}

}  // namespace

Result<void> check_query_upgrade(const QueryPlan& running, const QueryPlan& replacement,
                                 const DataSource& running_sink, const DataSource& replacement_sink) {
  THALWEG_CHECK(check_source_upgrade(running_sink, replacement_sink));
  const auto before = fixed_steps(running), after = fixed_steps(replacement);
  for (const auto* list : {&before, &after}) {
    for (const auto* step : *list) {
      if (!supported(*step)) return refused("Upgrades not yet supported for " + type_name(*step));
    }
  }
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const auto old_type = i < before.size() ? type_name(*before[i]) : "nothing";
    const auto new_type = i < after.size() ? type_name(*after[i]) : "nothing";
    if (old_type != new_type) return differs(old_type, "type", old_type, new_type);
    const auto old_properties = properties_of(*before[i]), new_properties = properties_of(*after[i]);
    for (std::size_t p = 0; p < old_properties.size(); ++p) {
      if (old_properties[p] == new_properties[p]) continue;
      return differs(old_type, old_properties[p].first, old_properties[p].second, new_properties[p].second);
    }
  }
  return {};
}

}  // namespace thalweg::planner
