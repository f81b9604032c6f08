// Functions whose types a C++ lambda cannot spell: generics, arrays, maps, lambdas.
//
//   on_values({{"array", array_of("T")}, {"val", any_type("T"), Nulls::kSeen}}, any_type("T"),
//             [](const ValueCall& call) -> Result<Value> { … })
//   vectorised(signature, maker)   the whole-batch way out: maker(types, result, environment) → kernel
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/functions/scalar.h"

namespace thalweg::runtime {

inline planner::ParamType any_type(std::string name) {
  return planner::ParamType::type_variable(std::move(name));
}
inline planner::ParamType array_of(planner::ParamType element) {
  return planner::ParamType::array(std::move(element));
}
inline planner::ParamType array_of(std::string name) { return array_of(any_type(std::move(name))); }
inline planner::ParamType map_of(planner::ParamType key, planner::ParamType value) {
  return planner::ParamType::map(std::move(key), std::move(value));
}
inline planner::ParamType sql(planner::SqlKind kind) { return planner::ParamType::of(kind); }
inline planner::ParamType varchar() { return sql(planner::SqlKind::kString); }

enum class Nulls : std::uint8_t { kNullOut, kSeen, kRefused };

struct Param {
  std::string name;
  planner::ParamType type;
  Nulls nulls = Nulls::kNullOut;
  bool variadic = false;
};

planner::Signature make_signature(const std::vector<Param>& parameters, planner::ParamType result);

// One row's arguments of a value-based body. Lambdas and units hold NULL in `arguments`.
struct ValueCall {
  std::span<const planner::Value> arguments;
  std::span<const planner::SqlType> types;
  std::span<LambdaBody* const> lambdas;
  const planner::SqlType& result;
  std::uint32_t row;

  const planner::Value& operator[](std::size_t index) const { return arguments[index]; }
  Result<planner::Value> call(std::size_t lambda, std::span<const planner::Value> tuple) const {
    return lambdas[lambda]->call(tuple, row);
  }
};
using ValueBody = std::function<Result<planner::Value>(const ValueCall&)>;

Overload on_values(const std::vector<Param>& parameters, planner::ParamType result, ValueBody body,
                   planner::ResultTypeRule rule = {});
Overload vectorised(planner::Signature signature, ScalarFactory factory);

}  // namespace thalweg::runtime
