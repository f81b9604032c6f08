// Where inputs of a task meet: joins. Rows of several inputs take turns, often row by row, so a task plans a
// round of turns, sends the rows of each input through the operators in front as one batch that bears their
// turns, and ends the round; here they are put back in order.
#pragma once

#include <span>
#include <vector>

#include "runtime/operators/operator.h"

namespace thalweg::runtime {

class MergingOperator : public Operator {
 public:
  using Operator::Operator;
  // A batch that bears turns waits for the end of its round; one that bears none is all there is.
  Result<void> process(int port, Batch& batch) final;
  Result<void> end_round() final;
  Result<void> roll_back() override {
    waiting_.clear();
    return Operator::roll_back();
  }

 protected:
  struct Arrival {
    int port;
    Batch batch;
  };
  // Rows that follow each other at one port: selected rows [first, first + count) of an arrival's batch.
  struct Run {
    std::size_t arrival;
    std::size_t first, count;
  };
  // Leaves out rows that concern nobody, as soon as they come.
  virtual void admit(int port, Batch& batch) {
    static_cast<void>(port);
    static_cast<void>(batch);
  }
  // Takes in the rows of one port.
  virtual Result<void> take(int port, Batch& batch) = 0;
  // Takes in a round, run by run in the order given. Unless overridden, by cutting the batches.
  virtual Result<void> take_round(std::span<Arrival> arrivals, std::span<const Run> runs);
  // Rows [first, first + count) of those selected.
  static Batch cut(const Batch& batch, std::size_t first, std::size_t count);

 private:
  void order_runs();

  std::vector<Arrival> waiting_;  // of each port in the order of turns
  std::vector<Run> runs_;
};

// Leaves in `batch` only rows with a key, as tables demand.
void drop_null_keys(Batch& batch, std::size_t key_count, TaskContext& context);

}  // namespace thalweg::runtime
