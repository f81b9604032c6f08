// The newest batches of all partitions, oldest forgotten first when their sizes exceed the limit.
//
// Thread: guarded by its owner.
#pragma once

#include <deque>
#include <memory>

#include "runtime/log/record_batch.h"

namespace thalweg::runtime {

// Consecutive batches that end at the partition's end.
struct PartitionTail {
  std::deque<RecordBatchPtr> batches;
};

class TailRing {
 public:
  explicit TailRing(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void add(const std::shared_ptr<PartitionTail>& tail, RecordBatchPtr batch) {
    bytes_ += batch->size_bytes();
    order_.push_back({tail, batch->base_offset()});
    tail->batches.push_back(std::move(batch));
    while (bytes_ > bytes_max_ && !order_.empty()) {
      PartitionTail& oldest = *order_.front().tail;
      if (!oldest.batches.empty() && oldest.batches.front()->base_offset() == order_.front().base)
        pop(oldest);
      order_.pop_front();
    }
  }

  // Drops the batches that end at or before `offset`.
  void forget_before(PartitionTail& tail, Offset offset) {
    while (!tail.batches.empty() && tail.batches.front()->next_offset() <= offset) pop(tail);
  }

 private:
  struct Entry {
    std::shared_ptr<PartitionTail> tail;
    Offset base;
  };
  void pop(PartitionTail& tail) {
    bytes_ -= tail.batches.front()->size_bytes();
    tail.batches.pop_front();
  }

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<Entry> order_;  // of commit
};

}  // namespace thalweg::runtime
