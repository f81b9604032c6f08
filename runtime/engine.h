// The engine: everything between parsed statements and rows. It owns the log, the state, the catalog,
// the command log and the running queries. The server, the test runner and the conformance runner are
// thin drivers of this interface.
//
// Thread: every call from any thread unless said otherwise. Statements that change something are
// executed one after another. With EngineOptions::workers == 0 nothing runs by itself: the caller drives
// all tasks with step() from one thread, and a seed decides every choice.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "parser/ast/statement.h"
#include "planner/catalog/catalog.h"
#include "planner/planner.h"
#include "runtime/functions/library.h"
#include "runtime/log/log.h"
#include "runtime/state/state_store.h"
#include "runtime/storage/storage.h"
#include "runtime/tasks/topic_traffic.h"

namespace thalweg::runtime {

struct EngineOptions {
  // One of the two: a folder for RocksDB, or a borrowed storage (tests).
  std::string data_folder;
  Storage* storage = nullptr;
  const Clock* clock = nullptr;  // null: the machine's
  std::uint64_t seed = 1;        // randomness of ids, RANDOM(), UUID()
  int workers = 1;               // threads that run tasks; 0: step() only
  Durability durability = Durability::kSync;
  std::size_t batch_rows_max = 4096;
  std::size_t epoch_records_max = 65536;  // per task and epoch
  StateOptions state;
  EmbeddedLogOptions log;
  planner::PropertyMap properties;  // the server's: "ksql.service.id", "auto.offset.reset", …
  std::shared_ptr<const FunctionLibrary> functions;  // null: standard_library()
  // Conformance: every key belongs to partition 0, so that each query runs as one task.
  bool single_partition = false;
};

// What a changing statement did.
struct CommandOutcome {
  std::string command_id;      // "stream/`X`/create"
  std::string message;         // "Stream created"
  std::string query_id;        // of a query that was started; else empty
  std::int64_t sequence = -1;  // position in the command log
  bool warning = false;        // IF [NOT] EXISTS made it a no-op: message says why
};

struct QueryCounters {         // since start of the process; in = out-of-filter … see docs/operations.md
  std::uint64_t in = 0;        // records read from sources
  std::uint64_t out = 0;       // records written to the sink
  std::uint64_t filtered = 0;  // rows dropped by WHERE, HAVING, null keys or values
  std::uint64_t late = 0;      // rows dropped because their window had closed
  std::uint64_t bad = 0;       // records skipped because they could not be read
  std::uint64_t errors = 0;    // lines in the processing log
};

enum class QueryState : std::uint8_t { kRunning, kPaused, kError };

struct QueryError {
  WallTime at;
  std::string message;
  std::string type;  // USER, SYSTEM, UNKNOWN
};

struct QueryDescription {
  std::shared_ptr<const planner::QueryPlan> plan;
  QueryState state = QueryState::kRunning;
  QueryCounters counters;
  std::vector<QueryError> errors;  // newest last, at most 10
  std::string sink_topic;          // empty for push queries
  struct Position {
    TopicPartition from;
    Offset next;  // committed
    Offset end;
  };
  std::vector<Position> positions;
  std::uint64_t state_rows = 0;
};

struct ResultRow {
  planner::ValueList values;
  bool tombstone = false;  // a deleted table row: key columns and NULLs
};

// A running push query. Destroying it stops it.
class PushQuery {
 public:
  virtual ~PushQuery() = default;
  virtual const std::string& id() const = 0;  // "transient_SRC_4711"
  virtual const planner::Schema& schema() const = 0;
  struct Poll {
    std::vector<ResultRow> rows;
    bool finished = false;      // LIMIT reached, or failed: no more rows
    std::string final_message;  // "Limit Reached"
    std::optional<Error> error;
  };
  // Takes at most `rows_max` waiting rows; never blocks. A bounded number waits: the query's task stands
  // still until they are taken.
  virtual Poll poll(std::size_t rows_max) = 0;
  // Called from another thread whenever poll may have something new; must only wake somebody up.
  virtual void on_ready(std::function<void()> callback) = 0;
};

struct PullResult {
  std::string query_id;  // "query_1700000000000"
  planner::Schema schema;
  std::vector<std::string> marks;  // per column, for the header: KEY, HEADERS, HEADER('k') or nothing
  std::vector<planner::ValueList> rows;
  std::string final_message;  // streams: "Query Completed" or "Limit Reached"; tables: empty
};

struct EngineStatus {
  bool degraded = false;  // a command could not be replayed
  std::string detail;
  std::uint64_t commands = 0;  // in the command log
};

class Engine {
 public:
  // Opens or creates the data folder, replays the command log and resumes every query where it was.
  // kInUse, kIo, kCorrupted: see open_rocksdb. A command that cannot be replayed is skipped and reported
  // in status(); the rest is served.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options);
  virtual ~Engine() = default;  // stops: running epochs are committed, nothing is lost

  // ---- statements -------------------------------------------------------------------------------
  // Changing statements: CREATE, CREATE AS, INSERT (both kinds), DROP, ALTER, types, TERMINATE, PAUSE,
  // RESUME. Others are kInternal. INSERT VALUES answers an outcome with an empty command_id.
  virtual Result<CommandOutcome> execute(const ast::Statement& statement,
                                         const planner::PropertyMap& session) = 0;
  // Runs all statements against a copy of the catalog: each sees its predecessors' effects, nothing happens.
  virtual Result<void> validate(const std::vector<ast::Statement>& statements,
                                const planner::PropertyMap& session) = 0;

  // ---- queries ----------------------------------------------------------------------------------
  virtual Result<std::unique_ptr<PushQuery>> push(const ast::Query& query, const std::string& text,
                                                  const planner::PropertyMap& session) = 0;
  virtual Result<PullResult> pull(const ast::Query& query, const planner::PropertyMap& session) = 0;
  // The plan of a push query, C*AS or INSERT … SELECT without running it.
  virtual Result<planner::QueryPlan> explain(const ast::Statement& statement,
                                             const planner::PropertyMap& session) = 0;
  // What pull() would do; fails where it would fail before reading.
  struct PullExplanation {
    planner::PullPlan plan;
    std::string topology, execution_plan;
  };
  virtual Result<PullExplanation> explain_pull(const ast::Query& query,
                                               const planner::PropertyMap& session) = 0;
  virtual bool close_push(const std::string& id) = 0;  // false: unknown
  // Appends rows given by column name in one commit, each value of its column's type; missing columns are
  // NULL. Stops before the first row that cannot be written: `error` is that row's, those before it are
  // there.
  using NamedRow = std::map<std::string, planner::Value>;
  struct InsertOutcome {
    std::size_t written = 0;
    std::optional<Error> error;
  };
  virtual InsertOutcome insert_rows(const std::string& target, const std::vector<NamedRow>& rows) = 0;

  // ---- looking ----------------------------------------------------------------------------------
  virtual std::shared_ptr<const planner::Catalog> catalog() const = 0;
  virtual std::vector<QueryDescription> queries() const = 0;  // persistent, by position in the command log
  virtual std::optional<QueryDescription> query(const std::string& id) const = 0;
  virtual std::vector<QueryDescription> push_queries() const = 0;
  virtual const FunctionLibrary& functions() const = 0;
  virtual Log& log() = 0;
  virtual const planner::PropertyMap& properties() const = 0;
  virtual const Clock& clock() const = 0;
  virtual TopicTraffic traffic(const std::string& topic) const = 0;
  virtual EngineStatus status() const = 0;
  virtual std::size_t state_memory_bytes() const = 0;

  // ---- driving (tests; with workers == 0 from one thread) -----------------------------------------
  // Runs every ready task once; false: nothing was ready.
  virtual Result<bool> step() = 0;
  // Steps until nothing is ready. With workers > 0: waits for that.
  virtual Result<void> run_until_idle() = 0;
  // Restricts `query` to the records below the given offsets (absent partitions: nothing to read); nullopt:
  // no limit.
  using InputLimits = std::map<TopicPartition, Offset>;
  virtual Result<void> limit_input(const std::string& query, std::optional<InputLimits> limits) = 0;
  // Background work that otherwise happens now and then: folding, retention.
  virtual Result<void> maintain() = 0;
};

}  // namespace thalweg::runtime
