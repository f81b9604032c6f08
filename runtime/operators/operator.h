// One node of a task. Rows are pushed through the graph depth first: whatever a batch causes downstream
// happens before the next batch enters. Operators of a task run on one thread at a time and need no locks.
//
//   process(port, batch)   rows arrive; the receiver may change the batch
//   end_round()            in topological order: all inputs of a round have been processed, see merge.h
//   flush()                end of an epoch, in topological order: pass on what coalescing held back
//   checkpoint(writes)     after all flushes: durable form of what changed
//   committed()            the epoch is durable
//   roll_back()            the epoch did not happen: forget everything since the last committed()
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "planner/physical/steps.h"
#include "runtime/columns/batch.h"
#include "runtime/operators/read_request.h"
#include "runtime/storage/storage.h"
#include "runtime/tasks/task_context.h"

namespace thalweg::runtime {

class Operator {
 public:
  Operator(TaskContext& context, const planner::Step& step) : context_(context), step_(step) {}
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  virtual Result<void> process(int port, Batch& batch) = 0;
  virtual Result<void> end_round() { return {}; }
  virtual Result<void> flush() { return {}; }
  // The stores it has opened are checkpointed, rolled back and evicted here; who keeps more state adds to it.
  virtual Result<void> checkpoint(WriteSet& writes) {
    for (StateStore* store : stores_) THALWEG_CHECK(store->checkpoint(writes));
    return {};
  }
  virtual void committed() {}
  virtual Result<void> roll_back() {
    for (StateStore* store : stores_) THALWEG_CHECK(store->roll_back());
    return {};
  }
  void evict() {
    for (StateStore* store : stores_) store->evict();
  }
  virtual StateStore* store() { return nullptr; }  // of its rows, where it keeps any
  // The rows a pull query asks for, by the step's schema; windowed steps fill window_start and window_end.
  virtual Result<Batch> read(const ReadRequest& request) {
    static_cast<void>(request);
    return Error{ErrorCode::kInternal, step_.name + " keeps no rows"};
  }

  void connect(Operator& next, int port) {
    next_ = &next;
    next_port_ = port;
  }
  const planner::Step& step() const { return step_; }

 protected:
  Result<void> emit(Batch& batch) {
    if (batch.selected == 0 || next_ == nullptr) return {};
    return next_->process(next_port_, batch);
  }

  // A store of this task that goes with this operator's epochs. It must live as long as the operator.
  Result<std::unique_ptr<StateStore>> open_store(const std::string& name, StoreKind kind) {
    THALWEG_TRY(auto store, context_.open_store(name, kind));
    stores_.push_back(store.get());
    return store;
  }

  TaskContext& context_;
  const planner::Step& step_;

 private:
  std::vector<StateStore*> stores_;
  Operator* next_ = nullptr;
  int next_port_ = 0;
};

// An empty batch of `rows` with its own arena, all rows selected, timestamps allocated.
Batch make_batch(std::size_t rows);
// The same per-row attributes as `from`, no columns: what an operator that rewrites columns starts from.
Batch with_columns_of(const Batch& from);
// Whether the record has no key, or one of its first `key_count` columns is NULL.
inline bool has_null_key(const Batch& batch, std::size_t key_count, std::uint32_t row) {
  bool null_key = batch.is_key_null(row);
  for (std::size_t k = 0; k < key_count && !null_key; ++k) null_key = batch.columns[k].is_null(row);
  return null_key;
}
// `positions` must live in the batch's arena.
void select(Batch& batch, const std::uint32_t* positions, std::size_t count);

// Makes the operator of one step. `inputs`: schemas of its input steps.
Result<std::unique_ptr<Operator>> make_operator(TaskContext& context, const planner::QueryPlan& plan,
                                                std::size_t step);

}  // namespace thalweg::runtime
