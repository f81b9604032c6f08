#include "runtime/operators/merge.h"

#include <algorithm>

#include "runtime/operators/gather.h"

namespace thalweg::runtime {

void drop_null_keys(Batch& batch, std::size_t key_count, TaskContext& context) {
  const Rows rows = rows_of(batch);
  auto* kept = batch.arena->array<std::uint32_t>(rows.count);
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const bool null_key = batch.is_key_null(rows[i]) || (key_count == 1 && batch.columns[0].is_null(rows[i]));
    if (!null_key) kept[count++] = rows[i];
  }
  if (count == rows.count) return;
  bump(context.counters->filtered, rows.count - count);
  select(batch, kept, count);
}

Batch MergingOperator::cut(const Batch& batch, std::size_t first, std::size_t count) {
  const std::uint32_t begin = batch.row_at(first);
  Batch piece = slice(batch, begin, batch.row_at(first + count - 1) + 1 - begin);
  if (piece.rows == count) {
    select(piece, nullptr, count);
    return piece;
  }
  auto* positions = piece.arena->array<std::uint32_t>(count);
  for (std::size_t i = 0; i < count; ++i) positions[i] = batch.row_at(first + i) - begin;
  select(piece, positions, count);
  return piece;
}

Result<void> MergingOperator::process(int port, Batch& batch) {
  admit(port, batch);
  if (batch.selected == 0) return {};
  if (batch.turns == nullptr) return take(port, batch);
  waiting_.push_back({port, batch});
  return {};
}

Result<void> MergingOperator::end_round() {
  if (waiting_.empty()) return {};
  order_runs();
  std::vector<Arrival> arrivals = std::move(waiting_);
  waiting_.clear();
  return take_round(arrivals, runs_);
}

// A merge of the ports' rows by turn. No turn belongs to two ports, since it belongs to one input.
void MergingOperator::order_runs() {
  struct Head {
    int port;
    std::size_t arrival;
    std::size_t at;  // of the arrival's selected rows
  };
  std::vector<Head> heads;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const bool first_of_port = std::none_of(heads.begin(), heads.end(),
                                            [&](const Head& head) { return head.port == waiting_[i].port; });
    if (first_of_port) heads.push_back({waiting_[i].port, i, 0});
  }
  const auto turn_of = [&](const Head& head) {
    const Batch& batch = waiting_[head.arrival].batch;
    return batch.turns[batch.row_at(head.at)];
  };
  // To the port's next batch behind the end of one; false: there is none.
  const auto settle = [&](Head& head) {
    while (head.arrival < waiting_.size() &&
           (waiting_[head.arrival].port != head.port || head.at == waiting_[head.arrival].batch.selected)) {
      ++head.arrival;
      head.at = 0;
    }
    return head.arrival < waiting_.size();
  };
  runs_.clear();
  std::erase_if(heads, [&](Head& head) { return !settle(head); });
  while (!heads.empty()) {
    std::size_t best = 0;
    std::uint32_t limit = UINT32_MAX;  // turn of the head behind the best
    for (std::size_t h = 1; h < heads.size(); ++h) {
      const std::uint32_t turn = turn_of(heads[h]);
      if (turn < turn_of(heads[best])) {
        limit = turn_of(heads[best]);
        best = h;
      } else {
        limit = std::min(limit, turn);
      }
    }
    Head& head = heads[best];
    const Batch& batch = waiting_[head.arrival].batch;
    Run run{head.arrival, head.at, 0};
    do ++head.at;
    while (head.at < batch.selected && turn_of(head) < limit);
    run.count = head.at - run.first;
    runs_.push_back(run);
    if (!settle(head)) heads.erase(heads.begin() + static_cast<std::ptrdiff_t>(best));
  }
}

Result<void> MergingOperator::take_round(std::span<Arrival> arrivals, std::span<const Run> runs) {
  for (const Run& run : runs) {
    auto& [port, batch] = arrivals[run.arrival];
    if (run.count == batch.selected) {
      THALWEG_CHECK(take(port, batch));
      continue;
    }
    Batch piece = cut(batch, run.first, run.count);
    THALWEG_CHECK(take(port, piece));
  }
  return {};
}

}  // namespace thalweg::runtime
