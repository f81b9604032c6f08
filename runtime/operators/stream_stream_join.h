// Rows of two streams that share a key and lie close in time. Each side keeps its rows for the other to find;
// both share one stream time.
//
//   buffers   TimedRows   key: join key [window]   time: the row's   bytes: RowCodec of the side's value
//   columns pending   key: [time, 8 bytes big-endian][0 right, 1 left][join key [window]]   row: ([u32
//   size][bytes])*
//
//   join key  KeyCodec of the key column; windowed streams: then window start, 8 bytes big-endian, and for
//             sessions the end likewise, so that sessions meet only if their bounds are the same
//
// Unmatched rows of a preserved side leave padded with NULLs: at once without a GRACE clause, with one when
// their window has closed, which a sweep over the pending rows finds.
// Port 0: left. Port 1: right.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/operators/gather.h"
#include "runtime/operators/merge.h"
#include "runtime/operators/timed_rows.h"
#include "runtime/serde/row_codec.h"

namespace thalweg::runtime {

class StreamStreamJoinOperator final : public MergingOperator {
 public:
  // `window` of the left stream; results take it.
  static Result<std::unique_ptr<Operator>> make(TaskContext& context, const planner::Step& step,
                                                const planner::Schema& left, const planner::Schema& right,
                                                std::optional<planner::WindowInfo> window);
  Result<void> flush() override;
  void committed() override { committed_ = progress_; }
  Result<void> roll_back() override;
  StateStore* store() override { return &sides_[0].rows->store(); }

 private:
  using MergingOperator::MergingOperator;
  Result<void> take(int port, Batch& batch) override;
  struct Side {
    planner::Schema schema;
    std::unique_ptr<TimedRows> rows;
    std::unique_ptr<KeyCodec> key_codec;
    std::unique_ptr<RowCodec> value_codec;
    std::int64_t before_ms = 0, after_ms = 0;  // where the other side's rows may lie
    bool preserved = false;                    // unmatched rows make output
  };
  struct Row {  // that arrives, in the order of turns
    RowRef ref;
    int port;
    bool has_key;
    std::size_t key_begin, key_end;  // of key_bytes_
    std::size_t range = 0;           // of the other side's rows, with a key
    std::size_t place = 0;           // its own among its side's, with a key
  };
  struct Match {
    RowRef own;
    int port;
    std::int64_t time;
    bool padded;
    std::string_view other;  // value columns of the other side, in match_bytes_
  };
  const planner::StreamStreamJoinStep& join() const {
    return std::get<planner::StreamStreamJoinStep>(step_.node);
  }
  Result<void> take_round(std::span<Arrival> arrivals, std::span<const Run> runs) override;
  void read_keys(const Arrival& arrival, const Run& run);
  Result<void> look_ahead();
  void prefetch(const Row& row);
  Result<void> join_row(const Row& row);
  Result<void> find_matches(const Row& row, bool& matched);
  Result<void> emit_matches();
  // The columns of one side for all matches; `key` are those of the join key.
  Result<std::vector<Column>> side_columns(Arena& arena, int port, std::span<const Column> key) const;
  void set_windows(Batch& out) const;
  Side& own_side(const Row& row) { return sides_[static_cast<std::size_t>(row.port)]; }
  Side& other_side(const Row& row) { return sides_[static_cast<std::size_t>(1 - row.port)]; }

  bool is_open(std::int64_t time, bool left) const;
  std::string pending_key(std::int64_t time, bool left, std::string_view key) const;
  Result<Slot> find_pending(const std::string& key);
  Result<void> add_pending(std::string key, std::string_view bytes);
  Result<void> remove_pending(const std::string& key);
  Result<void> load_pending();
  // Emits the pending rows whose window has closed, on behalf of the row that says so.
  Result<void> sweep(const RowRef& cause);
  Result<void> emit_pending(std::span<const std::string> keys, const RowRef& cause);
  // Splits off a join key's window.
  std::string_view take_window(std::string_view key, std::int64_t& start, std::int64_t& end) const;

  std::array<Side, 2> sides_;
  std::optional<planner::WindowInfo> window_;
  bool sessions_ = false;
  std::unique_ptr<StateStore> pending_;  // null: unmatched rows never wait
  std::set<std::string> pending_keys_;

  struct Visit {
    std::int64_t time;
    bool left;
  };
  struct Progress {
    std::int64_t observed = -1;      // highest event time of both sides
    std::int64_t next_sweep_ms = 0;  // wall clock
    std::optional<Visit> visited;    // pending row a sweep saw last, or an older one added since
  };
  Progress progress_, committed_;

  // Scratch of one round.
  std::string key_bytes_, row_bytes_;
  std::vector<Row> arrived_;
  std::vector<Match> matches_;
  std::shared_ptr<Arena> match_bytes_;
};

}  // namespace thalweg::runtime
