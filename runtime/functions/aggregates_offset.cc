// EARLIEST_BY_OFFSET, LATEST_BY_OFFSET.
//
// Each value is kept with a number in processing order, by which session windows merge; nothing else compares
// the numbers of different groups. The operator of sessions stores where they go on after a restart, so that
// new rows outrank old ones; the others count on from what the row's own group holds.
#include <algorithm>

#include "runtime/functions/boxed_state.h"
#include "runtime/functions/families.h"

namespace thalweg::runtime {
namespace {

using planner::FunctionKind;
using planner::SqlKind;
using planner::SqlType;
using planner::Value;
using planner::ValueList;

struct OffsetRule {
  bool latest = false;
  bool ignore_nulls = true;
  std::size_t count = 0;  // of values kept by the list form
};

class Sequence {
 public:
  void observe(std::int64_t seen) { next_ = std::max(next_, seen + 1); }
  std::int64_t next() { return next_++; }
  std::int64_t peek() const { return next_; }

 private:
  std::int64_t next_ = 0;
};

SqlType entry_type(const SqlType& value) {
  return SqlType::structure({{"SEQ", SqlKind::kBigint}, {"VAL", value}});
}

// One flat value per group.
template <typename Element>
class FlatOffsetKernel final : public AggregateKernel {
 public:
  explicit FlatOffsetKernel(OffsetRule rule) : rule_(rule) {}
  std::size_t state_bytes() const override { return sizeof(State); }
  void initialize(char* state) const override { new (state) State(); }

  Result<void> add(std::span<const Column> arguments, Rows rows, char* const* states) override {
    const Column& column = arguments[0];
    for (std::size_t i = 0; i < rows.count; ++i) {
      State& state = at(states[i]);
      const bool is_null = column.is_null(rows[i]);
      if ((is_null && rule_.ignore_nulls) || (!rule_.latest && state.held != kNothing)) continue;
      sequence_.observe(state.sequence);
      state.sequence = sequence_.next();
      state.held = is_null ? kNull : kValue;
      if (!is_null) state.value = column.get<Element>(rows[i]);
    }
    return {};
  }

  Result<void> merge(const char* other_bytes, char* state_bytes) override {
    const State& other = *reinterpret_cast<const State*>(other_bytes);
    State& state = at(state_bytes);
    if (other.held == kNothing) return {};
    const bool wins = rule_.latest ? other.sequence > state.sequence : other.sequence < state.sequence;
    if (state.held == kNothing || wins) state = other;
    return {};
  }

  void result(const char* bytes, Arena&, Column& out, std::uint32_t row) const override {
    const State& state = *reinterpret_cast<const State*>(bytes);
    state.held == kValue ? out.set(row, state.value) : out.set_null(row);
  }
  std::int64_t next_number() const override { return sequence_.peek(); }
  void continue_at(std::int64_t number) override { sequence_.observe(number - 1); }

 private:
  enum Held : std::int64_t { kNothing, kNull, kValue };
  struct State {
    std::int64_t sequence = -1;
    Held held = kNothing;
    alignas(8) Element value{};
  };
  static State& at(char* state) { return *reinterpret_cast<State*>(state); }

  OffsetRule rule_;
  Sequence sequence_;
};

// One value of any other type: state [sequence, value], or NULL before the first.
class BoxedOffsetKernel final : public AggregateKernel {
 public:
  BoxedOffsetKernel(OffsetRule rule, SqlType type) : rule_(rule), type_(std::move(type)) {}

  Result<void> add(std::span<const Value> arguments, Value& state) override {
    if (arguments[0].is_null() && rule_.ignore_nulls) return {};
    if (!state.is_null()) {
      if (!rule_.latest) return {};
      sequence_.observe(state.as_list()[0].as_int());
    }
    state = planner::make_list({Value(sequence_.next()), arguments[0]});
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    if (other.is_null()) return {};
    const auto sequence = [](const Value& entry) { return entry.as_list()[0].as_int(); };
    if (state.is_null() ||
        (rule_.latest ? sequence(other) > sequence(state) : sequence(other) < sequence(state))) {
      state = other;
    }
    return {};
  }
  Value result(const Value& state) const override { return state.is_null() ? Value() : state.as_list()[1]; }
  SqlType state_type() const override { return entry_type(type_); }
  std::int64_t next_number() const override { return sequence_.peek(); }
  void continue_at(std::int64_t number) override { sequence_.observe(number - 1); }

 private:
  OffsetRule rule_;
  SqlType type_;
  Sequence sequence_;
};

// The first or last n values, oldest first.
class OffsetListKernel final : public AggregateKernel {
 public:
  OffsetListKernel(OffsetRule rule, SqlType result) : rule_(rule), type_(std::move(result)) {}
  Value initial() const override { return empty_list(); }

  Result<void> add(std::span<const Value> arguments, Value& state) override {
    if (arguments[0].is_null() && rule_.ignore_nulls) return {};
    ValueList& entries = writable_list(state);
    if (!rule_.latest && entries.size() >= rule_.count) return {};
    for (const Value& entry : entries) sequence_.observe(entry.as_list()[0].as_int());
    entries.push_back(planner::make_list({Value(sequence_.next()), arguments[0]}));
    if (entries.size() > rule_.count) entries.erase(entries.begin());
    return {};
  }
  // Keeps the first n of both, for LATEST too, as the reference does.
  Result<void> merge(const Value& other, Value& state) override {
    ValueList& entries = writable_list(state);
    entries.insert(entries.end(), other.as_list().begin(), other.as_list().end());
    std::stable_sort(entries.begin(), entries.end(), [](const Value& a, const Value& b) {
      return a.as_list()[0].as_int() < b.as_list()[0].as_int();
    });
    if (entries.size() > rule_.count) entries.resize(rule_.count);
    return {};
  }
  Value result(const Value& state) const override {
    ValueList values;
    for (const Value& entry : state.as_list()) values.push_back(entry.as_list()[1]);
    return planner::make_list(std::move(values));
  }
  SqlType state_type() const override { return SqlType::array(entry_type(type_.element())); }
  std::int64_t next_number() const override { return sequence_.peek(); }
  void continue_at(std::int64_t number) override { sequence_.observe(number - 1); }

 private:
  OffsetRule rule_;
  SqlType type_;
  Sequence sequence_;
};

std::unique_ptr<AggregateKernel> make_single(OffsetRule rule, const SqlType& type) {
  switch (physical_of(type.kind())) {
    case Physical::kBool: return std::make_unique<FlatOffsetKernel<std::uint8_t>>(rule);
    case Physical::kInt32: return std::make_unique<FlatOffsetKernel<std::int32_t>>(rule);
    case Physical::kInt64: return std::make_unique<FlatOffsetKernel<std::int64_t>>(rule);
    case Physical::kDouble: return std::make_unique<FlatOffsetKernel<double>>(rule);
    case Physical::kDecimal:
    case Physical::kString:
    case Physical::kBoxed: return std::make_unique<BoxedOffsetKernel>(rule, type);
  }
  return nullptr;
}

// `with_count`, `with_flag`: which of the trailing literals (n, ignoreNulls) the overload has.
Overload by_offset(bool latest, bool with_count, bool with_flag) {
  std::vector<Param> parameters{{"val", any_type("T")}};
  if (with_count) parameters.push_back({latest ? "latestN" : "earliestN", sql(SqlKind::kInteger)});
  if (with_flag) parameters.push_back({"ignoreNulls", sql(SqlKind::kBoolean)});
  const auto literals = static_cast<std::int32_t>(parameters.size() - 1);
  Overload overload = own_aggregate(
      {.parameters = parameters,
       .result = with_count ? array_of("T") : any_type("T"),
       .literal_count = literals},
      [=](std::span<const SqlType>, std::span<const Value> constants, const SqlType& result,
          const FunctionEnvironment&) -> Result<std::unique_ptr<AggregateKernel>> {
        OffsetRule rule{.latest = latest};
        if (with_flag && !constants.back().is_null()) rule.ignore_nulls = constants.back().as_bool();
        if (!with_count) return make_single(rule, result);
        if (constants[0].is_null() || constants[0].as_int() < 1) {
          return Error{ErrorCode::kStatement,
                       latest ? "latestN must be 1 or greater" : "earliestN must be 1 or greater"};
        }
        rule.count = static_cast<std::size_t>(constants[0].as_int());
        return std::unique_ptr<AggregateKernel>(std::make_unique<OffsetListKernel>(rule, result));
      });
  overload.structured_state = true;
  return overload;
}

std::vector<Overload> by_offset_overloads(bool latest) {
  return {by_offset(latest, false, false), by_offset(latest, false, true), by_offset(latest, true, false),
          by_offset(latest, true, true)};
}

}  // namespace

void add_offset_aggregates(FunctionLibrary& library) {
  library.add({.name = "EARLIEST_BY_OFFSET",
               .category = "AGGREGATE",
               .doc = "The value of the row processed first, or the first n values; NULLs are skipped unless "
                      "ignoreNulls is false.",
               .overloads = by_offset_overloads(false),
               .kind = FunctionKind::kAggregate});
  library.add({.name = "LATEST_BY_OFFSET",
               .category = "AGGREGATE",
               .doc = "The value of the row processed last, or the last n values; NULLs are skipped unless "
                      "ignoreNulls is false.",
               .overloads = by_offset_overloads(true),
               .kind = FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
