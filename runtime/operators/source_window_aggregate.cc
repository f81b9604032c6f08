#include "runtime/operators/source_window_aggregate.h"

#include <algorithm>
#include <tuple>

namespace thalweg::runtime {
namespace {

// A stored session's key without its bounds.
std::string_view group_of(std::string_view key) { return key.substr(16); }

bool wanted(const ReadRequest& request, std::string_view key) {
  const auto start = static_cast<std::int64_t>(read_u64_be(key));
  const auto end = static_cast<std::int64_t>(read_u64_be(key.substr(8)));
  if (start < request.start_min || start > request.start_max) return false;
  if (end < request.end_min || end > request.end_max) return false;
  const std::string_view group = group_of(key);
  if (request.keys)
    return std::find(request.keys->begin(), request.keys->end(), group) != request.keys->end();
  return group >= request.from && (request.to.empty() || group < request.to);
}

}  // namespace

Result<std::unique_ptr<Operator>> SourceWindowAggregateOperator::make(TaskContext& context,
                                                                      const planner::Step& step,
                                                                      const planner::Schema& input) {
  std::unique_ptr<SourceWindowAggregateOperator> made(new SourceWindowAggregateOperator(context, step));
  THALWEG_CHECK(made->open(input));
  made->ends_in_key_ = made->aggregate().window->type == ast::WindowType::kSession;
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
    if (ends_in_key_) ends_.push_back(batch.window_end[row]);
  }
  bump(context_.counters->filtered, rows.count - hits_.size());
  return {};
}

// Sessions lie by their bounds, so that a reader of one key looks at all of them.
Result<Batch> SourceWindowAggregateOperator::read(const ReadRequest& request) {
  if (!ends_in_key_) return AggregateOperator::read(request);
  StoredRows found;
  THALWEG_CHECK(store_->scan({}, {}, [&](std::string_view key, std::string_view row) {
    if (!row.empty() && wanted(request, key)) found.emplace_back(key, row);
    return true;
  }));
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return group_of(a.first) < group_of(b.first); });
  Batch out = make_output(found.size(), false);
  for (std::uint32_t i = 0; i < found.size(); ++i) {
    THALWEG_CHECK(read_row(out.arena->copy(found[i].first), out.arena->copy(found[i].second), out, i));
  }
  return out;
}

}  // namespace thalweg::runtime
