// Compiled expressions: a tree of typed kernels, each of which runs over the rows of a whole batch.
//
// A failing row becomes NULL (of the smallest enclosing call, cast, field or item, as the reference's
// nested-error rule says) and one RowError; its neighbours are untouched. AND, OR and CASE evaluate
// their later operands only for the rows that need them.
// Thread: a compiled expression has scratch state and belongs to one task.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "planner/expression/typed_expression.h"
#include "runtime/columns/batch.h"
#include "runtime/functions/library.h"

namespace thalweg::runtime {

struct RowError {
  std::uint32_t row;
  // "Error processing A / B: why" where only an inner value became NULL; "A / B: why" where the whole
  // expression did: the operator puts "Error computing expression …" or "Error evaluating predicate …" before
  // it.
  std::string message;
};

// What an evaluation may use besides its columns.
struct EvaluationContext {
  Arena& arena;                        // of the batch: results live there
  const std::vector<Column>& columns;  // by the step's input schema
  std::vector<RowError>& errors;
};

class CompiledExpression {
 public:
  virtual ~CompiledExpression() = default;
  // The result is defined at the positions of `rows` only. Aliasing an input column is allowed.
  virtual Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) = 0;
  virtual const planner::SqlType& type() const = 0;
};

// Instantiates functions from `library` (one instance per call site). `environment` outlives the result.
Result<std::unique_ptr<CompiledExpression>> compile(const planner::TypedExpression& expression,
                                                    const FunctionLibrary& library,
                                                    const FunctionEnvironment& environment);

// Positions of `rows` for which a BOOLEAN expression is true; NULL and failing rows are not.
// Writes to `out` (room for rows.count); returns how many.
std::size_t select_true(CompiledExpression& predicate, EvaluationContext& context, Rows rows,
                        std::size_t capacity, std::uint32_t* out);

// Evaluates without a batch: literals of INSERT VALUES, pull-query keys. InputColumn is an error.
Result<planner::Value> evaluate_constant(const planner::TypedExpression& expression,
                                         const FunctionLibrary& library,
                                         const FunctionEnvironment& environment);

}  // namespace thalweg::runtime
