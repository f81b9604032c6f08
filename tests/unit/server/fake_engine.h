// An Engine whose answers a test writes. Push queries are fed by hand.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/engine.h"

namespace thalweg::server {

// Shared between a test (feeding) and the server (polling).
class PushFeed {
 public:
  void rows(std::vector<runtime::ResultRow> rows);
  void finish(std::string message);
  void fail(Error error);
  bool stopped() const;
  std::size_t waiting() const;

 private:
  friend class FakePush;
  void wake();
  mutable std::mutex mutex_;
  std::deque<runtime::ResultRow> rows_;
  bool finished_ = false;
  bool stopped_ = false;
  std::string final_message_;
  std::optional<Error> error_;
  std::function<void()> ready_;
};

class FakeEngine final : public runtime::Engine {
 public:
  FakeEngine();

  // What the next calls answer.
  runtime::PullResult pull_result;
  std::optional<Error> pull_error;
  planner::Schema push_schema;
  std::shared_ptr<PushFeed> feed = std::make_shared<PushFeed>();
  std::map<std::string, std::map<std::string, planner::Value>> inserted;  // by target, the last row
  int inserted_count = 0;
  planner::PropertyMap last_session;
  int executed = 0;
  runtime::TopicTraffic topic_traffic;  // of every topic

  Result<runtime::CommandOutcome> execute(const ast::Statement& statement,
                                          const planner::PropertyMap& session) override;
  Result<void> validate(const std::vector<ast::Statement>& statements,
                        const planner::PropertyMap& session) override;
  Result<std::unique_ptr<runtime::PushQuery>> push(const ast::Query& query, const std::string& text,
                                                   const planner::PropertyMap& session) override;
  Result<runtime::PullResult> pull(const ast::Query& query, const planner::PropertyMap& session) override;
  Result<planner::QueryPlan> explain(const ast::Statement& statement,
                                     const planner::PropertyMap& session) override;
  Result<PullExplanation> explain_pull(const ast::Query& query, const planner::PropertyMap& session) override;
  bool close_push(const std::string& id) override;
  InsertOutcome insert_rows(const std::string& target, const std::vector<NamedRow>& rows) override;
  std::shared_ptr<const planner::Catalog> catalog() const override { return catalog_; }
  std::vector<runtime::QueryDescription> queries() const override;
  std::optional<runtime::QueryDescription> query(const std::string& id) const override;
  std::vector<runtime::QueryDescription> push_queries() const override;
  const runtime::FunctionLibrary& functions() const override { return functions_; }
  runtime::Log& log() override { return *log_; }
  const planner::PropertyMap& properties() const override { return properties_; }
  const Clock& clock() const override { return clock_; }
  runtime::TopicTraffic traffic(const std::string&) const override { return topic_traffic; }
  runtime::EngineStatus status() const override { return {false, {}, static_cast<std::uint64_t>(executed)}; }
  std::size_t state_memory_bytes() const override { return 0; }
  Result<bool> step() override { return false; }
  Result<void> run_until_idle() override { return {}; }
  Result<void> limit_input(const std::string&, std::optional<InputLimits>) override { return {}; }
  Result<void> maintain() override { return {}; }

  void produce(const std::string& topic, std::optional<std::string> key, std::optional<std::string> value);

 private:
  ManualClock clock_{WallTime{1'700'000'000'000}};
  std::unique_ptr<runtime::Storage> storage_;
  std::unique_ptr<runtime::Log> log_;
  std::shared_ptr<planner::Catalog> catalog_ = std::make_shared<planner::Catalog>();
  runtime::FunctionLibrary functions_;
  std::atomic<bool> push_started_{false};
  planner::PropertyMap properties_{{"listeners", "http://127.0.0.1:1"}};
};

}  // namespace thalweg::server
