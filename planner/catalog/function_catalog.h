// What the planner knows of functions: names and signatures, never bodies. The runtime's library
// hands these descriptions over as data, so planner tests can run on three invented functions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planner/types/sql_type.h"

namespace thalweg::planner {

// The declared type of a parameter or result: concrete, or with holes (generics).
struct ParamType {
  enum class Kind : std::uint8_t { kSql, kGeneric, kArray, kMap, kStruct, kAny, kUnit, kLambda };
  Kind kind = Kind::kSql;
  SqlType sql;                      // kSql (a DECIMAL accepts every precision and scale), kStruct (exact)
  std::string generic;              // kGeneric: "T"
  std::vector<ParamType> children;  // kArray 1, kMap 2, kLambda parameters then result

  static ParamType of(SqlType type);
  static ParamType any_decimal();
  static ParamType type_variable(std::string name);
  static ParamType array(ParamType element);
  static ParamType map(ParamType key, ParamType value);
  static ParamType any();
  static ParamType unit();
  static ParamType lambda(std::vector<ParamType> parameters, ParamType result);
};
// "VARCHAR", "ARRAY<T>", "LAMBDA (T) => R", "INTERVAL UNIT": the spelling of signatures in messages.
std::string to_string(const ParamType& type);

struct Parameter {
  ParamType type;
  std::string name;
  std::string doc;
  bool not_null = false;  // scalar: passing NULL is a run-time error
};

// Computes the result type from the argument types (after implicit conversion).
using ResultTypeRule = std::function<Result<SqlType>(std::span<const SqlType> arguments)>;

struct Signature {
  std::vector<Parameter> parameters;
  std::int32_t variadic = -1;      // index of the variadic parameter; -1: none
  std::int32_t literal_count = 0;  // aggregates: this many trailing parameters must be literals
  ParamType result;
  ResultTypeRule result_rule;  // when set, wins over `result`
  std::string doc;
};

enum class FunctionKind : std::uint8_t { kScalar, kTable, kAggregate };

struct FunctionDescription {
  std::string name;  // spelt as in error texts ("greatest", "COUNT")
  FunctionKind kind = FunctionKind::kScalar;
  std::string category;  // "STRING", "MATHEMATICAL", …
  std::string author;    // "Confluent" or empty
  std::string doc;
  std::vector<Signature> overloads;  // position = overload number used by plans' TypedCall
  std::vector<bool> undoable;        // aggregates: per overload, may stand over a table
  std::vector<bool>
      structured_state;  // aggregates: per overload, the state needs a format with ARRAY, STRUCT
  std::vector<std::pair<std::string, std::string>> examples;  // SQL expression, expected text
};

class FunctionCatalog {
 public:
  Result<void> add(FunctionDescription description);
  const FunctionDescription* find(std::string_view name) const;         // any case
  std::vector<const FunctionDescription*> all() const;                  // by upper-case name
  std::vector<std::string> similar_names(std::string_view name) const;  // for "did you mean"

 private:
  std::map<std::string, std::shared_ptr<const FunctionDescription>, std::less<>> by_name_;
};

// One argument of a call as resolution sees it.
struct ArgumentType {
  enum class Kind : std::uint8_t { kSql, kNull, kLambda, kUnit } kind = Kind::kSql;
  SqlType type;
  std::int32_t lambda_arity = 0;
};

struct ResolvedCall {
  std::int32_t overload = 0;
  // Per argument: the concrete type the body receives (a differing argument needs a CAST). For kNull
  // arguments the parameter's type (STRING for holes no other argument fills); for lambdas and units
  // unspecified.
  std::vector<SqlType> argument_types;
  SqlType result;                           // meaningless until lambda bodies are typed when needs_lambdas
  std::map<std::string, SqlType> bindings;  // generics bound so far
  bool needs_lambdas = false;
  bool variadic_as_array = false;  // one ARRAY stands in the variadic parameter's place
};

// The algorithm of the reference (functions §1.1-1.5), with its error texts. With lambdas: call
// resolve_call first, type each body with lambda_parameter_types, then finish with bind_lambda_result
// in argument order and result_type.
Result<ResolvedCall> resolve_call(const FunctionDescription& function,
                                  std::span<const ArgumentType> arguments);
Result<std::vector<SqlType>> lambda_parameter_types(const FunctionDescription& function,
                                                    const ResolvedCall& call, std::size_t argument);
Result<void> bind_lambda_result(const FunctionDescription& function, ResolvedCall& call, std::size_t argument,
                                const SqlType& body_type);
Result<SqlType> result_type(const FunctionDescription& function, const ResolvedCall& call);

}  // namespace thalweg::planner
