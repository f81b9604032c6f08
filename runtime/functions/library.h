// Functions: signature, documentation and body in one block (see scalar.h and aggregate.h for how a
// C++ lambda becomes an overload). The planner sees only the descriptions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "planner/catalog/function_catalog.h"
#include "runtime/columns/batch.h"

namespace thalweg::runtime {

// What a body may ask of its surroundings.
struct FunctionEnvironment {
  const Clock* clock = nullptr;
  std::uint64_t random_seed = 0;                  // RANDOM, UUID
  std::map<std::string, std::string> properties;  // ksql.functions.*
};

// Collects failures of single rows.
class RowErrors {
 public:
  virtual ~RowErrors() = default;
  virtual void add(std::uint32_t row, std::string message) = 0;
};

// A lambda argument: evaluates its body for many argument tuples at once is not needed by any
// function of the reference, so one call is one tuple. Errors fail the calling function's row.
class LambdaBody {
 public:
  virtual ~LambdaBody() = default;
  virtual Result<planner::Value> call(std::span<const planner::Value> arguments, std::uint32_t row) = 0;
};

// One call site's arguments: columns for ordinary arguments, bodies for lambdas, ms for time units.
struct CallArguments {
  std::span<const Column> columns;  // lambdas and units leave their column empty
  std::span<const planner::SqlType> types;
  std::span<LambdaBody* const> lambdas;   // null where the argument is no lambda
  std::span<const std::int64_t> unit_ms;  // 0 where the argument is no unit
};

// A body over a whole batch: fills out at the positions of rows.
class ScalarKernel {
 public:
  virtual ~ScalarKernel() = default;
  virtual void run(const CallArguments& arguments, Rows rows, Arena& arena, Column& out,
                   RowErrors& errors) = 0;
};
// Makes one kernel per call site.
using ScalarFactory =
    std::function<std::unique_ptr<ScalarKernel>(std::span<const planner::SqlType> argument_types,
                                                const planner::SqlType& result, const FunctionEnvironment&)>;

// A table function: the rows it makes of one row's arguments.
class TableKernel {
 public:
  virtual ~TableKernel() = default;
  virtual Result<planner::ValueList> rows(std::span<const planner::Value> arguments) = 0;
};
using TableFactory =
    std::function<std::unique_ptr<TableKernel>(std::span<const planner::SqlType> argument_types,
                                               const planner::SqlType& result, const FunctionEnvironment&)>;

// An aggregate of one call site. The state of a group is bytes: a fixed part of state_bytes() that is
// updated in place, or, for growing states, a Value (boxed kinds have state_bytes() == 0).
class AggregateKernel {
 public:
  virtual ~AggregateKernel() = default;
  // Fixed states -----------------------------------------------------------------------------------
  virtual std::size_t state_bytes() const { return 0; }  // multiple of 8
  virtual void initialize(char* state) const { static_cast<void>(state); }
  // Adds arguments[·] at position rows[i] to states[i], for all i in order. A failure stops the query.
  virtual Result<void> add(std::span<const Column> arguments, Rows rows, char* const* states) {
    static_cast<void>(arguments), static_cast<void>(rows), static_cast<void>(states);
    return {};
  }
  virtual Result<void> undo(std::span<const Column> arguments, std::uint32_t row, char* state) {
    static_cast<void>(arguments), static_cast<void>(row), static_cast<void>(state);
    return {};
  }
  virtual Result<void> merge(const char* other, char* state) {
    static_cast<void>(other), static_cast<void>(state);
    return {};
  }
  virtual void result(const char* state, Arena& arena, Column& out, std::uint32_t row) const {
    static_cast<void>(state), static_cast<void>(arena), static_cast<void>(out), static_cast<void>(row);
  }
  // Boxed states -------------------------------------------------------------------------------------
  virtual planner::Value initial() const { return {}; }
  virtual Result<void> add(std::span<const planner::Value> arguments, planner::Value& state) {
    static_cast<void>(arguments), static_cast<void>(state);
    return {};
  }
  virtual Result<void> undo(std::span<const planner::Value> arguments, planner::Value& state) {
    static_cast<void>(arguments), static_cast<void>(state);
    return {};
  }
  virtual Result<void> merge(const planner::Value& other, planner::Value& state) {
    static_cast<void>(other), static_cast<void>(state);
    return {};
  }
  virtual planner::Value result(const planner::Value& state) const { return state; }
  virtual planner::SqlType state_type() const { return {}; }  // boxed: how the state is stored
  // Both --------------------------------------------------------------------------------------------
  // Kernels that number rows in processing order, to know whose is older when states merge: the next number,
  // and where to go on after a restart.
  virtual std::int64_t next_number() const { return 0; }
  virtual void continue_at(std::int64_t number) { static_cast<void>(number); }
};
// `constants`: the values of the trailing literal parameters.
using AggregateFactory = std::function<Result<std::unique_ptr<AggregateKernel>>(
    std::span<const planner::SqlType> argument_types, std::span<const planner::Value> constants,
    const planner::SqlType& result, const FunctionEnvironment&)>;

// One overload: its signature and its body.
struct Overload {
  planner::Signature signature;
  ScalarFactory scalar;
  TableFactory table;
  AggregateFactory aggregate;
  bool undoable = false;
  bool structured_state = false;  // aggregates whose state the reference keeps as ARRAY or STRUCT
};

// The block a function is declared in.
struct FunctionBlock {
  std::string name;  // spelt as in error texts
  std::string category;
  std::string doc;
  std::vector<std::string> arguments;  // published parameter names; a trailing "…" is not written
  std::vector<Overload> overloads;
  std::vector<std::pair<std::string, std::string>> examples;  // executed as tests
  std::string author = "Confluent";
  planner::FunctionKind kind = planner::FunctionKind::kScalar;
};

class FunctionLibrary {
 public:
  void add(FunctionBlock block);  // THALWEG_ASSERTs on a malformed block: our own mistake
  const Overload* find(std::string_view name, std::int32_t overload) const;
  const FunctionBlock* find(std::string_view name) const;
  const planner::FunctionCatalog& catalog() const { return catalog_; }
  std::vector<const FunctionBlock*> all() const;

 private:
  std::map<std::string, std::shared_ptr<const FunctionBlock>, std::less<>> by_name_;
  planner::FunctionCatalog catalog_;
};

// Every function of the dialect. Each family adds its own: add_text_functions(library), …
std::shared_ptr<const FunctionLibrary> standard_library();

}  // namespace thalweg::runtime
