// Step ids: what a step means and where its rows come from, as 16 hex digits.
#include <cstdint>

#include "planner/physical/json_archive.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

// FNV-1a, 64 bits: stable across machines and releases.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const unsigned char c : text) {
    h ^= c;
    h *= 1099511628211ULL;
  }
  return h;
}

std::string hex(std::uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; number >>= 4) text[i] = kDigits[number & 15];
  return text;
}

}  // namespace

void assign_step_ids(QueryPlan& plan) {
  for (auto& step : plan.steps) step.id.clear();
  for (auto& step : plan.steps) {
    QueryPlan alone;
    auto copy = step;
    copy.inputs.clear();
    alone.steps.push_back(std::move(copy));
    auto text = to_json(alone);
    for (const auto input : step.inputs) text += plan.steps[static_cast<std::size_t>(input)].id;
    step.id = hex(hash(text));
  }
}

}  // namespace thalweg::planner
