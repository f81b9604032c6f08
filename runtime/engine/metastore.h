// What the command log adds up to: sources, types, persistent queries. A value: statements are tried on a
// copy first, and the same code applies them to the real one and on replay.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "planner/planner.h"
#include "runtime/log/log.h"

namespace thalweg::runtime {

struct QueryRecord {
  std::shared_ptr<const planner::QueryPlan> plan;
  bool paused = false;
  std::int64_t sequence = 0;  // of the command that made it
};

// One entry of the command log: everything needed to do it again without parsing or planning.
struct Command {
  enum class Kind : std::uint8_t {
    kCreateSource,
    kCreateAs,
    kInsertInto,
    kDropSource,
    kAlterSource,
    kCreateType,
    kDropType,
    kTerminate,
    kPause,
    kResume
  };
  Kind kind = Kind::kCreateSource;
  std::string id;  // "stream/`X`/create"
  std::string statement;
  planner::PropertyMap properties;            // of the session
  std::optional<planner::DataSource> source;  // created, replaced or altered
  std::string topic;                          // to create, with topic_config
  std::optional<TopicConfig> topic_config;
  std::optional<planner::QueryPlan> query;
  std::string name;       // dropped source or type, created type
  std::string type_text;  // created type
  bool delete_topic = false;
  std::vector<std::string> query_ids;  // terminated, paused, resumed
};
std::string to_json(const Command& command);
Result<Command> command_from_json(std::string_view json);

struct Metastore {
  planner::Catalog catalog;
  std::map<std::string, QueryRecord> queries;               // by id
  std::map<std::string, std::vector<std::string>> lineage;  // sink → the sources it was derived from
  std::map<std::string, TopicConfig> planned_topics;        // dry runs: topics that would have been created

  // Applies a command's effect on names and queries; nothing is started or stopped here.
  Result<void> apply(const Command& command, std::int64_t sequence);
  std::vector<std::string> queries_reading(const std::string& source) const;
  std::vector<std::string> queries_writing(const std::string& source) const;
};

// Topics of the log and of a dry run.
class EngineTopics final : public planner::TopicDirectory {
 public:
  EngineTopics(const Log& log, const Metastore& metastore) : log_(log), metastore_(metastore) {}
  std::optional<planner::TopicDescription> find(const std::string& topic) const override;

 private:
  const Log& log_;
  const Metastore& metastore_;
};

}  // namespace thalweg::runtime
