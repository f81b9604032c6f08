// GROUP BY with WINDOW SESSION: a group's rows that lie at most the gap apart share one aggregate. A row may
// extend a session or bridge several; what it replaces leaves as deletions before the new session does.
//
//   TimedRows   key: KeyCodec of the group key   time: the session's end, ms, inclusive
//               bytes: [i64 start, ms][state, see aggregate_calls.h]
//
// Every change leaves at once, coalescing or not: what lies between is a session of its own.
// EMIT FINAL: a session leaves once, when no row can reach it any more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/operators/aggregate_calls.h"
#include "runtime/operators/operator.h"
#include "runtime/operators/timed_rows.h"

namespace thalweg::runtime {

class SessionAggregateOperator final : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& input);

  Result<void> process(int port, Batch& batch) override;
  Result<void> flush() override;
  Result<void> checkpoint(WriteSet& writes) override;
  void committed() override { committed_ = progress_; }
  Result<void> roll_back() override;
  void evict() override { sessions_->store().evict(); }
  StateStore* store() override { return &sessions_->store(); }
  Result<Batch> read(const ReadRequest& request) override;

 private:
  using Operator::Operator;
  struct Session {
    std::int64_t start = 0, end = 0;
    std::string state;
  };
  struct KeyedSession {
    std::string key;
    Session session;
  };
  // One output row; states lie in the arena of the input batch, empty: no such half.
  struct Change {
    std::uint32_t row;
    std::int64_t start, end;
    std::string_view state, old_state;
  };
  const planner::AggregateStep& aggregate() const { return std::get<planner::AggregateStep>(step_.node); }
  const planner::WindowSpec& window() const { return *aggregate().window; }
  bool encode_key(const Batch& batch, std::uint32_t row);
  // Fills touched_ with the visible sessions of key_ that a row at `time` belongs to, oldest first.
  Result<void> find_touched(std::int64_t time);
  Result<void> add(const Batch& batch, std::uint32_t row);
  Result<void> put(std::int64_t start, std::int64_t end);
  Result<void> emit_changes(const Batch& batch);
  Result<void> emit_closed();
  Result<Batch> make_output(const std::vector<KeyedSession>& sessions) const;
  void set_windows(Batch& out) const;

  std::unique_ptr<TimedRows> sessions_;
  std::unique_ptr<AggregateCalls> calls_;
  std::unique_ptr<KeyCodec> key_codec_;
  std::string initial_row_;

  struct Progress {
    std::int64_t observed = -1;       // highest event time that reached this operator
    std::int64_t emitted_until = -1;  // EMIT FINAL: sessions that ended before have left
    std::int64_t next_check_ms = 0;   // wall clock
  };
  Progress progress_, committed_;

  // Scratch.
  std::string key_, work_state_, entry_;
  std::vector<Session> touched_;
  std::vector<Change> changes_;
};

}  // namespace thalweg::runtime
