// Pull queries as text, in the layout of describe.cc.
#include "planner/planner.h"

namespace thalweg::planner {
namespace {

// Conversions the planner has added have no text of their own.
const std::string& text_of(const TypedExpression& expression) {
  const auto* cast = std::get_if<TypedCast>(&expression.node);
  return expression.text.empty() && cast != nullptr ? text_of(*cast->operand) : expression.text;
}

std::string keys_text(const std::vector<std::vector<TypedPtr>>& keys) {
  std::string text;
  for (const auto& key : keys) {
    text += text.empty() ? "(" : ", (";
    for (std::size_t i = 0; i < key.size(); ++i) text += (i == 0 ? "" : ", ") + text_of(*key[i]);
    text += ")";
  }
  return text;
}

std::string range_text(const PullPlan& plan) {
  const auto& access = plan.access;
  const auto& name = plan.input.columns.front().name;
  std::string text;
  if (access.low) text = name + (access.low_inclusive ? " >= " : " > ") + text_of(**access.low);
  if (access.low && access.high) text += " AND ";
  if (access.high) text += name + (access.high_inclusive ? " <= " : " < ") + text_of(**access.high);
  return text;
}

std::string bounds_text(std::string_view name, const std::optional<std::int64_t>& low,
                        const std::optional<std::int64_t>& high) {
  if (!low && !high) return {};
  const std::string column(name);
  if (low && high && *low == *high) return " | " + column + " = " + std::to_string(*low);
  return " | " + (low ? column + " >= " + std::to_string(*low) : std::string()) +
         (low && high ? " AND " : "") + (high ? column + " <= " + std::to_string(*high) : std::string());
}

std::string read_text(const PullPlan& plan, const QueryPlan& owner) {
  std::string text;
  switch (plan.access.kind) {
    case PullAccess::Kind::kKeys: text = "KEY_LOOKUP ] | Keys: " + keys_text(plan.access.keys); break;
    case PullAccess::Kind::kRange: text = "RANGE_SCAN ] | Range: " + range_text(plan); break;
    case PullAccess::Kind::kScan: text = "TABLE_SCAN ]"; break;
  }
  const auto& window = plan.access.window;
  return text + bounds_text("WINDOWSTART", window.start_min, window.start_max) +
         bounds_text("WINDOWEND", window.end_min, window.end_max) + " | Table: " + plan.source +
         " | Schema: " + to_string(plan.input) + " | Store: " + owner.materialization->store + " of " +
         owner.id;
}

std::string indented(const std::string& lines) {
  std::string text;
  for (std::size_t begin = 0; begin < lines.size();) {
    const auto end = std::min(lines.find('\n', begin), lines.size() - 1) + 1;
    text += "\t\t" + lines.substr(begin, end - begin);
    begin = end;
  }
  return text;
}

}  // namespace

std::string describe_topology(const PullPlan& plan, const QueryPlan& read) {
  if (plan.stream) return describe_topology(read);
  return "Topologies:\n   Sub-topology: 0\n    Processor: PULL-" + read.id + " (stores: [" +
         read.materialization->store + "])\n      --> none\n      <-- none\n\n";
}

std::string describe_execution_plan(const PullPlan& plan, const QueryPlan& read) {
  if (plan.stream) {
    return " > [ BOUNDED_SCAN ] | Stream: " + plan.source +
           " | From: its beginning | To: its end when the query starts" +
           (plan.limit ? " | Limit: " + std::to_string(*plan.limit) : std::string()) + "\n" +
           indented(describe_execution_plan(read));
  }
  std::vector<std::string> steps{"PROJECT ] | Schema: " + to_string(plan.output)};
  if (plan.limit) steps.push_back("LIMIT ] | Rows: " + std::to_string(*plan.limit));
  if (plan.predicate) steps.push_back("FILTER ] | Predicate: " + text_of(*plan.predicate));
  steps.push_back(read_text(plan, read));
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) text += std::string(i * 2, '\t') + " > [ " + steps[i] + "\n";
  return text;
}

}  // namespace thalweg::planner
