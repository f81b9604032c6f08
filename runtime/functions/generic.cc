#include "runtime/functions/generic.h"

namespace thalweg::runtime {
namespace {

using planner::Value;

class ValueKernel final : public ScalarKernel {
 public:
  ValueKernel(ValueBody body, std::vector<Nulls> nulls, planner::SqlType result)
      : body_(std::move(body)), nulls_(std::move(nulls)), result_(std::move(result)) {}

  void run(const CallArguments& call, Rows rows, Arena& arena, Column& out, RowErrors& errors) override {
    values_.resize(call.columns.size());
    for_each_row(rows, [&](std::size_t row) {
      const ArgumentState state = load(call, row);
      if (state == ArgumentState::kPresent) return compute(call, row, arena, out, errors);
      if (state == ArgumentState::kRefused) fail(row, "an argument that must not be NULL is NULL", errors);
      out.set_null(row);
    });
  }

 private:
  ArgumentState load(const CallArguments& call, std::size_t row) {
    ArgumentState state = ArgumentState::kPresent;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (call.lambdas[i] != nullptr || call.unit_ms[i] != 0) continue;
      values_[i] = value_at(call.columns[i], call.types[i], row);
      if (!values_[i].is_null()) continue;
      const Nulls rule = nulls_[std::min(i, nulls_.size() - 1)];
      if (rule == Nulls::kRefused) state = ArgumentState::kRefused;
      if (rule == Nulls::kNullOut) state = std::max(state, ArgumentState::kNullOut);
    }
    return state;
  }

  void compute(const CallArguments& call, std::size_t row, Arena& arena, Column& out, RowErrors& errors) {
    auto result = body_({values_, call.types, call.lambdas, result_, static_cast<std::uint32_t>(row)});
    if (result) return store_value(arena, out, result_, row, *result);
    fail(row, result.error().message, errors);
    out.set_null(row);
  }

  static void fail(std::size_t row, const std::string& message, RowErrors& errors) {
    errors.add(static_cast<std::uint32_t>(row), message);
  }

  ValueBody body_;
  std::vector<Nulls> nulls_;  // per parameter; the last holds for variadic repetitions
  planner::SqlType result_;
  planner::ValueList values_;
};

}  // namespace

planner::Signature make_signature(const std::vector<Param>& parameters, planner::ParamType result) {
  planner::Signature signature;
  for (const Param& parameter : parameters) {
    if (parameter.variadic) signature.variadic = static_cast<std::int32_t>(signature.parameters.size());
    signature.parameters.push_back(
        {.type = parameter.type, .name = parameter.name, .not_null = parameter.nulls == Nulls::kRefused});
  }
  signature.result = std::move(result);
  return signature;
}

Overload on_values(const std::vector<Param>& parameters, planner::ParamType result, ValueBody body,
                   planner::ResultTypeRule rule) {
  Overload overload;
  overload.signature = make_signature(parameters, std::move(result));
  overload.signature.result_rule = std::move(rule);
  std::vector<Nulls> nulls;
  for (const Param& parameter : parameters) nulls.push_back(parameter.nulls);
  overload.scalar = [body = std::move(body), nulls = std::move(nulls)](
                        std::span<const planner::SqlType>, const planner::SqlType& result_type,
                        const FunctionEnvironment&) -> std::unique_ptr<ScalarKernel> {
    return std::make_unique<ValueKernel>(body, nulls, result_type);
  };
  return overload;
}

Overload vectorised(planner::Signature signature, ScalarFactory factory) {
  Overload overload;
  overload.signature = std::move(signature);
  overload.scalar = std::move(factory);
  return overload;
}

}  // namespace thalweg::runtime
