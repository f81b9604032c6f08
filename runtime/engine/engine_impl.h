// The engine's one implementation; see runtime/engine.h for what it promises.
//
// Locks, in this order: statements_ (one changing statement at a time), then a task's own mutex, then state_
// (the metastore and the running queries, held briefly; a failing task looks up its query).
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "runtime/engine.h"
#include "runtime/engine/metastore.h"
#include "runtime/engine/running_query.h"
#include "runtime/engine/statement_planner.h"

namespace thalweg::runtime {

class EngineImpl final : public Engine {
 public:
  explicit EngineImpl(EngineOptions options);
  ~EngineImpl() override;
  Result<void> start();

  Result<CommandOutcome> execute(const ast::Statement& statement,
                                 const planner::PropertyMap& session) override;
  Result<void> validate(const std::vector<ast::Statement>& statements,
                        const planner::PropertyMap& session) override;
  Result<std::unique_ptr<PushQuery>> push(const ast::Query& query, const std::string& text,
                                          const planner::PropertyMap& session) override;
  Result<PullResult> pull(const ast::Query& query, const planner::PropertyMap& session) override;
  Result<planner::QueryPlan> explain(const ast::Statement& statement,
                                     const planner::PropertyMap& session) override;
  Result<PullExplanation> explain_pull(const ast::Query& query, const planner::PropertyMap& session) override;
  bool close_push(const std::string& id) override;
  InsertOutcome insert_rows(const std::string& target, const std::vector<NamedRow>& rows) override;

  std::shared_ptr<const planner::Catalog> catalog() const override;
  std::vector<QueryDescription> queries() const override;
  std::optional<QueryDescription> query(const std::string& id) const override;
  std::vector<QueryDescription> push_queries() const override;
  const FunctionLibrary& functions() const override { return *options_.functions; }
  Log& log() override { return *log_; }
  const planner::PropertyMap& properties() const override { return options_.properties; }
  const Clock& clock() const override { return *options_.clock; }
  TopicTraffic traffic(const std::string& topic) const override;
  EngineStatus status() const override;
  std::size_t state_memory_bytes() const override { return state_backend_->memory_bytes(); }

  Result<bool> step() override { return scheduler_->step(); }
  Result<void> run_until_idle() override;
  Result<void> limit_input(const std::string& query, std::optional<InputLimits> limits) override;
  Result<void> maintain() override;

 private:
  class Push;
  planner::PropertyMap effective(const planner::PropertyMap& session) const;
  std::shared_ptr<const Metastore> metastore() const;
  QueryEnvironment environment();
  std::string random_id(const std::string& prefix);
  std::vector<std::shared_ptr<RunningQuery>> running_push_queries() const;
  void end_push_queries_over(const planner::DataSource& dropped);
  bool changed_since(const Metastore& planned, const std::vector<std::string>& sources) const;

  // Command log (commands.cc).
  Result<void> replay();
  Result<void> delete_leaked_topics(const std::map<std::string, QueryRecord>& queries);
  Result<std::int64_t> append_command(const Command& command);
  Result<void> carry_out(const Command& command, const Metastore& next);
  Result<void> start_query(const QueryRecord& record);
  Result<void> stop_queries(const std::vector<std::string>& ids, bool wipe);
  Result<void> create_processing_log();
  Result<void> delete_topic_of(const planner::DataSource& source);

  // Rows (insert.cc, pull.cc, explain.cc).
  Result<void> insert_values(const ast::InsertValues& insert, const planner::PropertyMap& session);
  class RowWriter;
  Result<PullResult> pull_stream(const ast::Query& query, const planner::PullPlan& plan,
                                 const planner::PropertyMap& session);
  Result<PullResult> pull_table(const planner::PullPlan& plan);
  static Result<planner::QueryPlan> plan_bounded_scan(const ast::Query& query,
                                                      const planner::PlanningContext& context);
  // A pull query over a table, up to the moment of reading.
  struct TableRead {
    std::shared_ptr<RunningQuery> query;
    ReadRequest request;
    std::unique_ptr<CompiledExpression> predicate;  // null: every row
    std::vector<std::unique_ptr<CompiledExpression>> projection;
  };
  Result<TableRead> prepare_read(const planner::PullPlan& plan);
  Result<std::shared_ptr<RunningQuery>> queryable(const std::string& source) const;
  Result<ReadRequest> read_request(const planner::PullPlan& plan);

  EngineOptions options_;
  std::unique_ptr<Storage> owned_storage_;
  Storage* storage_ = nullptr;
  std::unique_ptr<Log> log_;
  std::unique_ptr<StateBackend> state_backend_;
  std::unique_ptr<ProcessingLog> processing_log_;
  TrafficBook traffic_;
  std::unique_ptr<Scheduler> scheduler_;
  std::string service_id_;
  FunctionEnvironment function_environment_;

  Mutex statements_;
  mutable Mutex state_;
  std::shared_ptr<const Metastore> metastore_ THALWEG_GUARDED_BY(state_);
  std::map<std::string, std::shared_ptr<RunningQuery>> running_ THALWEG_GUARDED_BY(state_);
  std::map<std::string, std::weak_ptr<RunningQuery>> pushing_ THALWEG_GUARDED_BY(state_);
  std::mt19937_64 random_ THALWEG_GUARDED_BY(state_);
  EngineStatus status_ THALWEG_GUARDED_BY(state_);
  std::string skipped_commands_;  // why changing statements are refused; empty: they are not

  std::mutex background_mutex_;
  std::condition_variable background_wake_;
  bool stopping_ = false;
  std::thread background_;
};

}  // namespace thalweg::runtime
