#include "server/api/command_statuses.h"

#include <algorithm>

namespace thalweg::server {
namespace {

std::map<std::string, CommandStatus> from_catalog(const runtime::Engine& engine) {
  std::map<std::string, CommandStatus> statuses;
  const auto catalog = engine.catalog();
  for (const auto& [name, source] : catalog->sources()) {
    const bool stream = source->kind == ast::SourceKind::kStream;
    const auto id = std::string(stream ? "stream/`" : "table/`") + name + "`/create";
    const auto message = !source->created_by.empty()
                             ? "Created query with ID " + source->created_by
                             : std::string(stream ? "Stream created" : "Table created");
    statuses[id] = {"SUCCESS", message, source->created_by};
  }
  for (const auto& [name, type] : catalog->types()) {
    statuses["type/" + name + "/create"] = {
        "SUCCESS",
        "Registered custom type with name '" + name + "' and SQL type " + planner::to_string(type),
        {}};
  }
  return statuses;
}

}  // namespace

void CommandStatuses::record(const runtime::CommandOutcome& outcome) {
  if (outcome.command_id.empty()) return;
  MutexLock lock(mutex_);
  sequence_max_ = std::max(sequence_max_, outcome.sequence);
  if (statuses_
          .insert_or_assign(outcome.command_id, CommandStatus{"SUCCESS", outcome.message, outcome.query_id})
          .second) {
    order_.push_back(outcome.command_id);
  }
  if (order_.size() > kEntriesMax) {
    statuses_.erase(order_.front());
    order_.pop_front();
  }
}

std::optional<CommandStatus> CommandStatuses::find(const std::string& command_id,
                                                   const runtime::Engine& engine) const {
  {
    MutexLock lock(mutex_);
    if (const auto place = statuses_.find(command_id); place != statuses_.end()) return place->second;
  }
  const auto known = from_catalog(engine);
  const auto place = known.find(command_id);
  return place == known.end() ? std::nullopt : std::optional(place->second);
}

std::map<std::string, CommandStatus> CommandStatuses::all(const runtime::Engine& engine) const {
  auto statuses = from_catalog(engine);
  MutexLock lock(mutex_);
  for (const auto& [id, status] : statuses_) statuses[id] = status;
  return statuses;
}

bool CommandStatuses::reached(std::int64_t sequence, const runtime::Engine& engine) const {
  if (sequence < 0) return true;
  {
    MutexLock lock(mutex_);
    if (sequence <= sequence_max_) return true;
  }
  return static_cast<std::uint64_t>(sequence) < engine.status().commands;
}

}  // namespace thalweg::server
