// GROUP BY: one row of state per group, or per window and group.
//
//   key   [window start, 8 bytes, when windowed][KeyCodec of the group key]      row: see aggregate_calls.h
//         [session start][session end][KeyCodec of the group key]  for sessions that the source's keys bring
//
// With coalescing a changed group leaves once per epoch, in the order groups were first changed; without,
// every input row makes one output row (one per window). EMIT FINAL: a window leaves once, when it closes.
#pragma once

#include <memory>
#include <vector>

#include "runtime/operators/aggregate_calls.h"
#include "runtime/operators/operator.h"

namespace thalweg::runtime {

class AggregateOperator : public Operator {
 public:
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& input);

  Result<void> process(int port, Batch& batch) override;
  Result<void> flush() override;
  Result<void> checkpoint(WriteSet& writes) override;
  void committed() override { committed_ = progress_; }
  Result<void> roll_back() override;
  StateStore* store() override { return store_.get(); }

  Result<Batch> read(const ReadRequest& request) override;

 protected:
  using Operator::Operator;
  struct Hit {  // an input row and one window it belongs to
    std::uint32_t row;
    std::int64_t start;
  };
  // Which windows take which rows: fills hits_.
  virtual Result<void> find_hits(const Batch& batch);
  // EMIT FINAL: windows that the batch has closed leave.
  virtual Result<void> emit_closed();
  // End of an epoch: what retention allows goes.
  virtual Result<void> expire();
  virtual std::int64_t first_visible_start() const;

  Result<void> open(const planner::Schema& input);
  const planner::AggregateStep& aggregate() const { return std::get<planner::AggregateStep>(step_.node); }
  // `with_old`: with columns for the rows that these replace, none so far.
  Batch make_output(std::size_t rows, bool with_old) const;
  // The batch's columns from a stored key and row.
  Result<void> read_row(std::string_view key, std::string_view row, Batch& out, std::uint32_t at) const;

  std::unique_ptr<StateStore> store_;
  std::unique_ptr<KeyCodec> key_codec_;
  std::vector<Hit> hits_;  // of one batch, and the slots of their groups
  std::vector<Slot> slots_;
  KeyWindow key_window_;
  std::vector<std::int64_t> ends_;  // of hits_, where the key has both bounds; else empty

 private:
  struct Check {  // stream time and newest window after an input row: when windows close
    std::int64_t observed;
    std::int64_t newest_start;
  };
  struct Dirty {
    Slot slot;
    std::string old_row;  // as last passed on; empty: nothing was
  };
  struct Range {  // of hits_
    std::size_t first, last;
  };
  Result<void> find_groups(const Batch& batch, Range range);
  Result<void> update_in_place(const Batch& batch, Range range);
  Result<void> update_by_group(const Batch& batch, Range range);
  Result<void> update_one_by_one(Batch& batch);
  void erase_empty_groups();
  void mark_dirty(Slot slot);
  Result<void> emit_windows(std::int64_t from_start, std::int64_t to_start);
  void fill_window(Batch& out, std::uint32_t at, std::int64_t start, std::int64_t end) const;
  // Takes the window off the front of a stored key.
  void read_window(std::string_view& key, Batch& out, std::uint32_t at) const;
  std::int64_t end_of_hit(std::size_t i) const {
    return ends_.empty() ? hits_[i].start + aggregate().window->size_ms : ends_[i];
  }
  std::int64_t last_start_of(std::int64_t time) const;  // newest window start ≤ time

  std::unique_ptr<AggregateCalls> calls_;
  std::string initial_row_;
  bool windowed_ = false;
  bool changes_kept_ = false;  // coalescing: leave at flush()

  struct Progress {
    std::int64_t observed = -1;       // highest event time that reached this operator
    std::int64_t newest_start = -1;   // highest window start stored
    std::int64_t emitted_until = -1;  // EMIT FINAL: windows that closed by then have left
    std::int64_t next_check_ms = 0;   // wall clock; EMIT FINAL looks for closed windows no more often
  };
  Progress progress_, committed_;

  // Scratch of one batch.
  std::vector<Check> checks_;
  std::string key_bytes_;
  std::vector<std::size_t> key_ends_;
  std::vector<StateKey> keys_;
  std::vector<std::uint8_t> inserted_;
  std::vector<std::uint32_t> hit_rows_;
  std::vector<char*> states_;
  std::string work_row_;
  std::vector<std::uint64_t> by_group_;  // [slot, upper half][index of hits_]
  std::vector<AggregateCalls::Change> group_changes_;

  std::vector<Dirty> dirty_;
  std::vector<std::uint64_t> dirty_bits_;  // by slot
};

}  // namespace thalweg::runtime
