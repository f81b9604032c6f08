#include "runtime/operators/aggregate_calls.h"

#include <algorithm>
#include <cstring>

namespace thalweg::runtime {

Result<std::unique_ptr<AggregateCalls>> AggregateCalls::make(TaskContext& context,
                                                             const planner::AggregateStep& step,
                                                             const planner::Schema& input) {
  auto made = std::make_unique<AggregateCalls>();
  made->input_ = input;
  made->carried_ = step.carried;
  for (const std::int32_t column : step.carried) {
    made->tail_types_.push_back(input.columns[static_cast<std::size_t>(column)].type);
  }
  made->result_types_ = made->tail_types_;
  for (const auto& planned : step.calls) {
    const Overload* overload = context.library->find(planned.function, planned.overload);
    if (overload == nullptr || !overload->aggregate) {
      return Error{ErrorCode::kInternal, "aggregate function " + planned.function + " is not in the library"};
    }
    Call call;
    call.arguments = planned.arguments;
    call.result = planned.result;
    for (const std::int32_t column : planned.arguments) {
      call.argument_types.push_back(input.columns[static_cast<std::size_t>(column)].type);
    }
    THALWEG_TRY(call.kernel, overload->aggregate(call.argument_types, planned.constants, planned.result,
                                                 context.environment));
    call.fixed = call.kernel->state_bytes() > 0;
    if (call.fixed) {
      call.offset = made->fixed_bytes_;
      made->fixed_bytes_ += call.kernel->state_bytes();
    } else {
      call.boxed_index = made->boxed_.size();
      made->boxed_.push_back(made->calls_.size());
      made->tail_types_.push_back(call.kernel->state_type());
    }
    made->result_types_.push_back(planned.result);
    made->calls_.push_back(std::move(call));
  }
  made->tail_codec_ = std::make_unique<RowCodec>(made->tail_types_);
  return made;
}

std::int64_t AggregateCalls::next_number() const {
  std::int64_t next = 0;
  for (const Call& call : calls_) next = std::max(next, call.kernel->next_number());
  return next;
}

void AggregateCalls::continue_at(std::int64_t number) {
  for (Call& call : calls_) call.kernel->continue_at(number);
}

std::int64_t AggregateCalls::time_of(std::string_view state) {
  std::int64_t time;
  std::memcpy(&time, state.data(), sizeof time);
  return time;
}

void AggregateCalls::set_time(char* state, std::int64_t time) { std::memcpy(state, &time, sizeof time); }

void AggregateCalls::initialize(std::string& row) const {
  row.assign(fixed_bytes_, '\0');
  set_time(row.data(), -1);
  for (const Call& call : calls_) {
    if (call.fixed) call.kernel->initialize(row.data() + call.offset);
  }
  if (fixed_only()) return;
  planner::ValueList tail(carried_.size());
  for (const std::size_t i : boxed_) tail.push_back(calls_[i].kernel->initial());
  tail_codec_->encode_values(tail, row);
}

std::span<const Column> AggregateCalls::arguments_of(const Call& call, const std::vector<Column>& columns) {
  argument_columns_.clear();
  for (const std::int32_t i : call.arguments)
    argument_columns_.push_back(columns[static_cast<std::size_t>(i)]);
  return argument_columns_;
}

void AggregateCalls::values_of(const Call& call, const std::vector<Column>& columns, std::uint32_t row) {
  argument_values_.clear();
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    argument_values_.push_back(
        value_at(columns[static_cast<std::size_t>(call.arguments[i])], call.argument_types[i], row));
  }
}

Result<void> AggregateCalls::add(const Batch& batch, Rows rows, char* const* states) {
  for (std::size_t i = 0; i < rows.count; ++i) {
    set_time(states[i], std::max(time_of({states[i], 8}), batch.timestamps[rows[i]]));
  }
  state_pointers_.resize(rows.count);
  for (Call& call : calls_) {
    for (std::size_t i = 0; i < rows.count; ++i) state_pointers_[i] = states[i] + call.offset;
    THALWEG_CHECK(call.kernel->add(arguments_of(call, batch.columns), rows, state_pointers_.data()));
  }
  return {};
}

Result<void> AggregateCalls::apply(const Batch& batch, std::span<const Change> changes, std::string& state) {
  if (changes.empty()) return {};
  planner::ValueList tail;
  if (!fixed_only()) {
    THALWEG_TRY(tail, tail_codec_->decode_values(std::string_view(state).substr(fixed_bytes_)));
  }
  for (const Change& change : changes) THALWEG_CHECK(apply(batch, change, state, tail));
  if (fixed_only()) return {};
  carry(batch, changes.back(), tail);
  state.resize(fixed_bytes_);
  tail_codec_->encode_values(tail, state);
  return {};
}

// Carried columns are as the newest row has them.
void AggregateCalls::carry(const Batch& batch, const Change& change, planner::ValueList& tail) const {
  const auto& columns = change.add_new ? batch.columns : batch.old_columns;
  for (std::size_t i = 0; i < carried_.size(); ++i) {
    const auto column = static_cast<std::size_t>(carried_[i]);
    tail[i] = value_at(columns[column], input_.columns[column].type, change.row);
  }
}

Result<void> AggregateCalls::apply(const Batch& batch, const Change& change, std::string& state,
                                   planner::ValueList& tail) {
  const std::uint32_t row = change.row;
  set_time(state.data(), std::max(time_of(state), batch.timestamps[row]));
  for (Call& call : calls_) {
    if (call.fixed) {
      char* fixed = state.data() + call.offset;
      if (change.undo_old)
        THALWEG_CHECK(call.kernel->undo(arguments_of(call, batch.old_columns), row, fixed));
      if (change.add_new)
        THALWEG_CHECK(call.kernel->add(arguments_of(call, batch.columns), {&row, 1}, &fixed));
      continue;
    }
    planner::Value& growing = tail[carried_.size() + call.boxed_index];
    if (change.undo_old) {
      values_of(call, batch.old_columns, row);
      THALWEG_CHECK(call.kernel->undo(argument_values_, growing));
    }
    if (change.add_new) {
      values_of(call, batch.columns, row);
      THALWEG_CHECK(call.kernel->add(argument_values_, growing));
    }
  }
  return {};
}

Result<void> AggregateCalls::merge(std::string_view other, std::string& state) {
  set_time(state.data(), std::max(time_of(state), time_of(other)));
  planner::ValueList tail, other_tail;
  if (!fixed_only()) {
    THALWEG_TRY(tail, tail_codec_->decode_values(std::string_view(state).substr(fixed_bytes_)));
    THALWEG_TRY(other_tail, tail_codec_->decode_values(other.substr(fixed_bytes_)));
    for (std::size_t i = 0; i < carried_.size(); ++i) tail[i] = other_tail[i];
  }
  for (Call& call : calls_) {
    if (call.fixed) {
      THALWEG_CHECK(call.kernel->merge(other.data() + call.offset, state.data() + call.offset));
    } else {
      const std::size_t i = carried_.size() + call.boxed_index;
      THALWEG_CHECK(call.kernel->merge(other_tail[i], tail[i]));
    }
  }
  if (!fixed_only()) {
    state.resize(fixed_bytes_);
    tail_codec_->encode_values(tail, state);
  }
  return {};
}

Result<void> AggregateCalls::results(std::string_view state, Arena& arena, std::span<Column> out,
                                     std::uint32_t at) const {
  planner::ValueList tail;
  if (!fixed_only()) {
    THALWEG_TRY(tail, tail_codec_->decode_values(state.substr(fixed_bytes_)));
    for (std::size_t i = 0; i < carried_.size(); ++i)
      store_value(arena, out[i], result_types_[i], at, tail[i]);
  }
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const Call& call = calls_[i];
    Column& column = out[carried_.size() + i];
    if (call.fixed) {
      call.kernel->result(state.data() + call.offset, arena, column, at);
    } else {
      store_value(arena, column, call.result, at,
                  call.kernel->result(tail[carried_.size() + call.boxed_index]));
    }
  }
  return {};
}

}  // namespace thalweg::runtime
