#include "runtime/operators/source_window_aggregate.h"

namespace thalweg::runtime {
Result<std::unique_ptr<Operator>> SourceWindowAggregateOperator::make(TaskContext& context,
                                                                      const planner::Step& step,
                                                                      const planner::Schema& input) {
  std::unique_ptr<SourceWindowAggregateOperator> made(new SourceWindowAggregateOperator(context, step));
  THALWEG_CHECK(made->open(input));
  if (made->aggregate().window->type == ast::WindowType::kSession)
    made->key_window_ = {KeyWindow::Bytes::kBounds, 0};
  return std::unique_ptr<Operator>(std::move(made));
}

Result<void> SourceWindowAggregateOperator::find_hits(const Batch& batch) {
  hits_.clear();
  ends_.clear();
  const Rows rows = rows_of(batch);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t row = rows[i];
    if (has_null_key(batch, step_.schema.key_count, row) || !batch.is_new(row)) continue;
    hits_.push_back({row, batch.window_start[row]});
    if (key_window_.bytes == KeyWindow::Bytes::kBounds) ends_.push_back(batch.window_end[row]);
  }
  bump(context_.counters->filtered, rows.count - hits_.size());
  return {};
}

}  // namespace thalweg::runtime
