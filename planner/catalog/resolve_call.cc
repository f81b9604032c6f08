// Overload resolution (reference, functions §1). Every overload is unfolded into the parameter lists it
// can stand for (variadic left out, repeated, or passed as one ARRAY), the lists that match are ranked.
#include <algorithm>
#include <array>
#include <compare>

#include "planner/catalog/function_catalog.h"

namespace thalweg::planner {

namespace {

using Bindings = std::map<std::string, SqlType>;

Error cannot_map(const ParamType& param, const SqlType& type, const SqlType& bound) {
  return {ErrorCode::kStatement, "Found invalid instance of generic schema when mapping " + to_string(param) +
                                     " to " + to_string(type) + ". Cannot map " + param.generic +
                                     " to both " + to_string(bound) + " and " + to_string(type)};
}

Error shape_mismatch(const ParamType& param, const SqlType& type) {
  return {ErrorCode::kStatement, "Cannot infer generics for " + to_string(param) + " from " +
                                     to_string(type) +
                                     " because they do not have the same schema structure."};
}

bool same_struct(const SqlType& wanted, const SqlType& given) {
  return wanted.fields().empty() || given.fields().empty() || wanted.fields() == given.fields();
}

bool same_simple(const SqlType& wanted, const SqlType& given) { return wanted.kind() == given.kind(); }

// Matches a type without conversion, binding generics on the way.
Result<void> match_exactly(const ParamType& param, const SqlType& given, Bindings& bindings) {
  switch (param.kind) {
    case ParamType::Kind::kSql:
      if (!same_simple(param.sql, given)) return shape_mismatch(param, given);
      return {};
    case ParamType::Kind::kGeneric: {
      const auto [entry, fresh] = bindings.emplace(param.generic, given);
      if (!fresh && !(entry->second == given)) return cannot_map(param, given, entry->second);
      return {};
    }
    case ParamType::Kind::kArray:
      if (!given.is(SqlKind::kArray)) return shape_mismatch(param, given);
      return match_exactly(param.children[0], given.element(), bindings);
    case ParamType::Kind::kMap:
      if (!given.is(SqlKind::kMap)) return shape_mismatch(param, given);
      THALWEG_CHECK(match_exactly(param.children[0], given.key(), bindings));
      return match_exactly(param.children[1], given.value(), bindings);
    case ParamType::Kind::kStruct:
      if (!given.is(SqlKind::kStruct) || !same_struct(param.sql, given)) return shape_mismatch(param, given);
      return {};
    case ParamType::Kind::kAny: return {};
    case ParamType::Kind::kUnit:
    case ParamType::Kind::kLambda: return shape_mismatch(param, given);
  }
  return {};
}

// What an argument of type `given` becomes for a simple parameter; nullopt if nothing converts.
std::optional<SqlType> converted(const ParamType& param, const SqlType& given) {
  if (param.kind != ParamType::Kind::kSql) return std::nullopt;
  if (param.sql.is(SqlKind::kDecimal)) {  // any precision: the argument keeps its own
    const bool whole = given.is(SqlKind::kInteger) || given.is(SqlKind::kBigint);
    return whole ? std::optional(decimal_of(given)) : std::nullopt;
  }
  if (!converts_implicitly(given, param.sql)) return std::nullopt;
  return param.sql;
}

// A parameter type with its holes filled; an error names the first open one.
Result<SqlType> substitute(const ParamType& param, const Bindings& bindings) {
  switch (param.kind) {
    case ParamType::Kind::kGeneric: {
      const auto found = bindings.find(param.generic);
      if (found != bindings.end()) return found->second;
      return Error{ErrorCode::kStatement, "Could not find mapping for generic type: " + param.generic};
    }
    case ParamType::Kind::kArray: {
      THALWEG_TRY(auto element, substitute(param.children[0], bindings));
      return SqlType::array(std::move(element));
    }
    case ParamType::Kind::kMap: {
      THALWEG_TRY(auto key, substitute(param.children[0], bindings));
      THALWEG_TRY(auto value, substitute(param.children[1], bindings));
      return SqlType::map(std::move(key), std::move(value));
    }
    case ParamType::Kind::kSql:
    case ParamType::Kind::kStruct: return param.sql;
    case ParamType::Kind::kAny:
    case ParamType::Kind::kUnit:
    case ParamType::Kind::kLambda: return SqlType(SqlKind::kString);
  }
  return SqlType(SqlKind::kString);
}

bool mentions_generics(const ParamType& type) {
  return type.kind == ParamType::Kind::kGeneric ||
         std::any_of(type.children.begin(), type.children.end(), mentions_generics);
}

// One parameter list an overload can stand for.
struct Expansion {
  std::size_t overload = 0;
  std::vector<ParamType> parameters;  // one per argument
  bool variadic_as_array = false;
};

struct Candidate {
  Expansion expansion;
  Bindings bindings;
  std::vector<SqlType> argument_types;
};

std::vector<Expansion> expansions_of(const Signature& signature, std::size_t overload,
                                     std::size_t arguments) {
  const std::vector<Parameter>& declared = signature.parameters;
  std::vector<Expansion> out;
  Expansion expansion{overload, {}, false};
  if (signature.variadic < 0) {
    if (declared.size() != arguments) return out;
    for (const Parameter& parameter : declared) expansion.parameters.push_back(parameter.type);
    out.push_back(std::move(expansion));
    return out;
  }
  if (arguments + 1 < declared.size()) return out;
  const auto variadic = static_cast<std::size_t>(signature.variadic);
  const std::size_t copies = arguments + 1 - declared.size();
  for (std::size_t i = 0; i < declared.size(); ++i) {
    expansion.parameters.insert(expansion.parameters.end(), i == variadic ? copies : 1, declared[i].type);
  }
  out.push_back(expansion);
  if (copies == 1) {
    expansion.parameters[variadic] = ParamType::array(declared[variadic].type);
    expansion.variadic_as_array = true;
    out.push_back(std::move(expansion));
  }
  return out;
}

// The type the body receives, or nullopt if the argument does not fit.
std::optional<SqlType> match_argument(const ParamType& param, const ArgumentType& argument, bool convert,
                                      Bindings& bindings) {
  const SqlType unspecified(SqlKind::kString);
  switch (argument.kind) {
    case ArgumentType::Kind::kNull: return unspecified;  // filled in once all generics are bound
    case ArgumentType::Kind::kUnit:
      return param.kind == ParamType::Kind::kUnit ? std::optional(unspecified) : std::nullopt;
    case ArgumentType::Kind::kLambda: {
      const bool fits = param.kind == ParamType::Kind::kLambda &&
                        static_cast<std::size_t>(argument.lambda_arity) + 1 == param.children.size();
      return fits ? std::optional(unspecified) : std::nullopt;
    }
    case ArgumentType::Kind::kSql: break;
  }
  if (match_exactly(param, argument.type, bindings)) return argument.type;
  return convert ? converted(param, argument.type) : std::nullopt;
}

std::optional<Candidate> match(Expansion expansion, std::span<const ArgumentType> arguments, bool convert) {
  Candidate candidate{std::move(expansion), {}, {}};
  const std::vector<ParamType>& parameters = candidate.expansion.parameters;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto type = match_argument(parameters[i], arguments[i], convert, candidate.bindings);
    if (!type) return std::nullopt;
    candidate.argument_types.push_back(std::move(*type));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].kind != ArgumentType::Kind::kNull) continue;
    candidate.argument_types[i] =
        substitute(parameters[i], candidate.bindings).value_or(SqlType(SqlKind::kString));
  }
  return candidate;
}

std::vector<Candidate> candidates_for(const FunctionDescription& function,
                                      std::span<const ArgumentType> arguments, bool convert) {
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < function.overloads.size(); ++i) {
    for (Expansion& expansion : expansions_of(function.overloads[i], i, arguments.size())) {
      if (auto candidate = match(std::move(expansion), arguments, convert))
        out.push_back(std::move(*candidate));
    }
  }
  return out;
}

// Greater is better, compared from the left.
using Rank = std::array<std::int64_t, 5>;

Rank rank_of(const Signature& signature) {
  const auto generics =
      std::count_if(signature.parameters.begin(), signature.parameters.end(),
                    [](const Parameter& parameter) { return mentions_generics(parameter.type); });
  const bool variadic = signature.variadic >= 0;
  const bool any_variadic =
      variadic &&
      signature.parameters[static_cast<std::size_t>(signature.variadic)].type.kind == ParamType::Kind::kAny;
  return {variadic ? 0 : 1, static_cast<std::int64_t>(signature.parameters.size()), -generics,
          any_variadic ? 0 : 1, signature.variadic};
}

// NULL fits both a repeated variadic and an ARRAY in its place: that is no reason to refuse the call.
bool differ_by_null_only(const Candidate& a, const Candidate& b, std::span<const ArgumentType> arguments,
                         const FunctionDescription& function) {
  if (a.expansion.overload != b.expansion.overload) return false;
  const auto variadic = static_cast<std::size_t>(function.overloads[a.expansion.overload].variadic);
  return arguments[variadic].kind == ArgumentType::Kind::kNull;
}

std::string plain_type(const SqlType& type) {
  std::string out = to_string(type);
  std::erase(out, '`');
  return out;
}

std::string describe_arguments(std::span<const ArgumentType> arguments) {
  std::string out = "(";
  for (const ArgumentType& argument : arguments) {
    if (out.size() > 1) out += ", ";
    switch (argument.kind) {
      case ArgumentType::Kind::kSql: out += plain_type(argument.type); break;
      case ArgumentType::Kind::kNull: out += "null"; break;
      case ArgumentType::Kind::kLambda: out += "LAMBDA"; break;
      case ArgumentType::Kind::kUnit: out += "INTERVAL UNIT"; break;
    }
  }
  return out + ")";
}

std::string describe_signature(const FunctionDescription& function, const Signature& signature) {
  std::string out = function.name + "(";
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const Parameter& parameter = signature.parameters[i];
    if (i > 0) out += ", ";
    out += to_string(parameter.type);
    if (static_cast<std::int32_t>(i) == signature.variadic) out += "...";
    if (!parameter.name.empty()) out += " " + parameter.name;
  }
  return out + ")";
}

// Most specific first, as resolution would try them: explode(ARRAY<DECIMAL>) before explode(ARRAY<T>).
std::string describe_overloads(const FunctionDescription& function) {
  std::vector<const Signature*> ordered;
  for (const Signature& signature : function.overloads) ordered.push_back(&signature);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Signature* a, const Signature* b) { return rank_of(*a) > rank_of(*b); });
  std::string out;
  for (const Signature* signature : ordered) out += describe_signature(function, *signature) + "\n";
  return out + "For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;";
}

Error no_overload(const FunctionDescription& function, std::span<const ArgumentType> arguments) {
  return {ErrorCode::kStatement, "Function '" + function.name + "' does not accept parameters " +
                                     describe_arguments(arguments) + ".\nValid alternatives are:\n" +
                                     describe_overloads(function)};
}

Error ambiguous(const FunctionDescription& function, std::span<const ArgumentType> arguments) {
  return {ErrorCode::kStatement,
          "Function '" + function.name + "' cannot be resolved due to ambiguous method parameters " +
              describe_arguments(arguments) +
              ".\nUse CAST() to explicitly cast your parameters to one of the supported function calls.\n"
              "Valid function calls are:\n" +
              describe_overloads(function)};
}

// The best candidate, or nullptr if the best place is shared.
const Candidate* choose(const FunctionDescription& function, const std::vector<Candidate>& candidates,
                        std::span<const ArgumentType> arguments) {
  const auto rank = [&function](const Candidate& candidate) {
    return rank_of(function.overloads[candidate.expansion.overload]);
  };
  const Candidate* best = &candidates.front();
  bool shared = false;
  for (const Candidate& candidate : std::span(candidates).subspan(1)) {
    const Rank mine = rank(candidate);
    const Rank top = rank(*best);
    if (mine > top) {
      best = &candidate;
      shared = false;
    } else if (mine == top && !differ_by_null_only(*best, candidate, arguments, function)) {
      shared = true;
    }
  }
  return shared ? nullptr : best;
}

// Lambdas stand behind ordinary parameters of non-variadic overloads, so positions coincide.
const ParamType& lambda_parameter(const FunctionDescription& function, const ResolvedCall& call,
                                  std::size_t argument) {
  const Signature& signature = function.overloads[static_cast<std::size_t>(call.overload)];
  THALWEG_ASSERT(argument < signature.parameters.size());
  const ParamType& param = signature.parameters[argument].type;
  THALWEG_ASSERT(param.kind == ParamType::Kind::kLambda);
  return param;
}

}  // namespace

Result<ResolvedCall> resolve_call(const FunctionDescription& function,
                                  std::span<const ArgumentType> arguments) {
  std::vector<Candidate> candidates = candidates_for(function, arguments, false);
  if (candidates.empty() && function.kind != FunctionKind::kAggregate) {
    candidates = candidates_for(function, arguments, true);
  }
  if (candidates.empty()) return no_overload(function, arguments);
  const Candidate* best = choose(function, candidates, arguments);
  if (best == nullptr) return ambiguous(function, arguments);
  ResolvedCall call;
  call.overload = static_cast<std::int32_t>(best->expansion.overload);
  call.argument_types = best->argument_types;
  call.bindings = best->bindings;
  call.variadic_as_array = best->expansion.variadic_as_array;
  call.needs_lambdas = std::any_of(arguments.begin(), arguments.end(), [](const ArgumentType& argument) {
    return argument.kind == ArgumentType::Kind::kLambda;
  });
  if (!call.needs_lambdas) { THALWEG_TRY(call.result, result_type(function, call)); }
  return call;
}

Result<std::vector<SqlType>> lambda_parameter_types(const FunctionDescription& function,
                                                    const ResolvedCall& call, std::size_t argument) {
  const ParamType& param = lambda_parameter(function, call, argument);
  std::vector<SqlType> out;
  for (std::size_t i = 0; i + 1 < param.children.size(); ++i) {
    THALWEG_TRY(auto type, substitute(param.children[i], call.bindings));
    out.push_back(std::move(type));
  }
  return out;
}

Result<void> bind_lambda_result(const FunctionDescription& function, ResolvedCall& call, std::size_t argument,
                                const SqlType& body_type) {
  return match_exactly(lambda_parameter(function, call, argument).children.back(), body_type, call.bindings);
}

Result<SqlType> result_type(const FunctionDescription& function, const ResolvedCall& call) {
  const Signature& signature = function.overloads[static_cast<std::size_t>(call.overload)];
  if (signature.result_rule) return signature.result_rule(call.argument_types);
  return substitute(signature.result, call.bindings);
}

}  // namespace thalweg::planner
