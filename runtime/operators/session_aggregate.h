// GROUP BY with WINDOW SESSION: a group's rows that lie at most the gap apart share one aggregate. A row may
// extend a session or bridge several; what it replaces leaves as deletions before the new session does.
//
//   TimedRows   key: KeyCodec of the group key   time: the session's end, ms, inclusive
//               bytes: [i64 start, ms][state, see aggregate_calls.h]
//
// With coalescing the sessions of a group that an epoch has changed leave at its end, after deletions for
// what they replace; without, every row's changes leave at once. EMIT FINAL: a session leaves once, when no
// row can reach it any more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/operators/aggregate_calls.h"
#include "runtime/operators/open_sessions.h"
#include "runtime/operators/operator.h"

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
  StateStore* store() override { return &sessions_->store(); }
  Result<Batch> read(const ReadRequest& request) override;

 private:
  using Operator::Operator;
  struct KeyedSession {
    std::string key;
    Session session;
  };
  // One output row; the strings lie in the arena of the output; states empty: no such half.
  struct Change {
    std::uint32_t row;  // of the batch that caused it, if there is one
    std::int64_t start, end;
    std::string_view key, state, old_state;
  };
  const planner::AggregateStep& aggregate() const { return std::get<planner::AggregateStep>(step_.node); }
  const planner::WindowSpec& window() const { return *aggregate().window; }
  bool encode_key(const Batch& batch, std::uint32_t row);
  Result<void> add(const Batch& batch, std::uint32_t row);
  // A row's own output: what it replaced, then the session it is in now.
  void note_replaced(Arena& arena, const OpenSessions::Group& group, OpenSessions::Touched touched,
                     std::uint32_t row);
  void note_session(Arena& arena, const OpenSessions::Group& group, const Session& session,
                    std::string_view old_state, std::uint32_t row);
  // Everything the epoch has changed.
  Result<void> emit_open();
  // `cause`: the rows' attributes come from there.
  Result<void> emit_changes(const std::shared_ptr<Arena>& arena, const Batch* cause);
  Result<void> emit_closed();
  Result<Batch> make_output(const std::vector<KeyedSession>& sessions) const;
  void set_windows(Batch& out) const;

  std::unique_ptr<TimedRows> sessions_;
  std::unique_ptr<OpenSessions> open_;
  bool changes_kept_ = false;  // coalescing: leave at flush()
  std::unique_ptr<AggregateCalls> calls_;
  std::unique_ptr<KeyCodec> key_codec_;
  std::string initial_row_;

  struct Progress {
    std::int64_t observed = -1;       // highest event time that reached this operator
    std::int64_t emitted_until = -1;  // EMIT FINAL: sessions that ended before have left
    std::int64_t next_check_ms = 0;   // wall clock
  };
  Progress progress_, committed_;
  std::int64_t numbered_ = 0;  // AggregateCalls::next_number() as stored

  // Scratch.
  std::string key_;
  std::vector<Change> changes_;
};

}  // namespace thalweg::runtime
