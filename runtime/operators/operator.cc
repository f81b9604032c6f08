#include "runtime/operators/operator.h"

namespace thalweg::runtime {

Batch make_batch(std::size_t rows) {
  Batch batch;
  batch.arena = std::make_shared<Arena>();
  batch.rows = rows;
  batch.selected = rows;
  batch.timestamps = batch.arena->array<std::int64_t>(rows);
  return batch;
}

Batch with_columns_of(const Batch& from) {
  Batch batch = from;
  batch.columns.clear();
  batch.old_columns.clear();
  return batch;
}

void select(Batch& batch, const std::uint32_t* positions, std::size_t count) {
  batch.selection = positions;
  batch.selected = count;
}

}  // namespace thalweg::runtime
