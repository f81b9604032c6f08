// COUNT_DISTINCT.
#include <bit>

#include "planner/types/text.h"
#include "runtime/functions/boxed_state.h"
#include "runtime/functions/families.h"
#include "runtime/functions/hyper_log_log.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::Value;

class CountDistinctKernel final : public AggregateKernel {
 public:
  explicit CountDistinctKernel(SqlType argument) : argument_(std::move(argument)) {}
  Value initial() const override { return Value(HyperLogLog::empty()); }
  Result<void> add(std::span<const Value> arguments, Value& state) override {
    if (!arguments[0].is_null()) HyperLogLog::add(std::get<std::string>(state), hash_of(arguments[0]));
    return {};
  }
  Result<void> merge(const Value& other, Value& state) override {
    HyperLogLog::merge(other.as_string(), std::get<std::string>(state));
    return {};
  }
  Value result(const Value& state) const override { return Value(HyperLogLog::estimate(state.as_string())); }
  SqlType state_type() const override { return SqlKind::kBytes; }

 private:
  std::uint64_t hash_of(const Value& value) const {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      return HyperLogLog::hash(static_cast<std::uint64_t>(*number));
    }
    if (const auto* number = std::get_if<double>(&value)) {
      return HyperLogLog::hash(std::bit_cast<std::uint64_t>(*number));
    }
    if (const auto* text = std::get_if<std::string>(&value)) return HyperLogLog::hash(*text);
    return HyperLogLog::hash(planner::cast_to_string(value, argument_));
  }
  SqlType argument_;
};

}  // namespace

void add_distinct_count_aggregates(FunctionLibrary& library) {
  Overload overload = own_aggregate(
      {.parameters = {{"", any_type("T")}}, .result = sql(SqlKind::kBigint)},
      [](std::span<const SqlType> types, std::span<const Value>, const SqlType&,
         const FunctionEnvironment&) -> Result<std::unique_ptr<AggregateKernel>> {
        return std::unique_ptr<AggregateKernel>(std::make_unique<CountDistinctKernel>(types[0]));
      });
  overload.structured_state = true;
  library.add({.name = "COUNT_DISTINCT",
               .category = "AGGREGATE",
               .doc = "Estimates how many different values a column has (standard error 0.8 %).",
               .arguments = {"val1"},
               .overloads = {std::move(overload)},
               .kind = planner::FunctionKind::kAggregate});
}

}  // namespace thalweg::runtime
