#include "planner/catalog/function_catalog.h"

#include <algorithm>
#include <cctype>

#include "parser/parser.h"
#include "planner/catalog/similar_names.h"

namespace thalweg::planner {

namespace {

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

bool is_identifier(std::string_view name) {
  const auto starts = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$';
  };
  const auto continues = [&](char c) { return starts(c) || std::isdigit(static_cast<unsigned char>(c)); };
  return !name.empty() && starts(name.front()) && std::all_of(name.begin(), name.end(), continues);
}

// The spelling of signatures differs from that of columns: VARCHAR, INT, DECIMAL without digits.
std::string signature_name(const SqlType& type) {
  switch (type.kind()) {
    case SqlKind::kString: return "VARCHAR";
    case SqlKind::kInteger: return "INT";
    case SqlKind::kArray: return "ARRAY<" + signature_name(type.element()) + ">";
    case SqlKind::kMap:
      return "MAP<" + signature_name(type.key()) + ", " + signature_name(type.value()) + ">";
    case SqlKind::kStruct: {
      std::string out = "STRUCT<";
      for (const Field& field : type.fields()) {
        if (out.back() != '<') out += ", ";
        out += field.name + " " + signature_name(field.type);
      }
      return out + ">";
    }
    default: return base_name(type.kind());
  }
}

std::string lambda_name(const std::vector<ParamType>& children) {
  std::string out = "LAMBDA (";
  for (std::size_t i = 0; i + 1 < children.size(); ++i) {
    if (i > 0) out += ", ";
    out += to_string(children[i]);
  }
  return out + ") => " + to_string(children.back());
}

}  // namespace

ParamType ParamType::of(SqlType type) {
  ParamType out;
  switch (type.kind()) {
    case SqlKind::kArray: return array(of(type.element()));
    case SqlKind::kMap: return map(of(type.key()), of(type.value()));
    case SqlKind::kStruct: out.kind = Kind::kStruct; break;
    default: break;
  }
  out.sql = std::move(type);
  return out;
}

ParamType ParamType::any_decimal() { return of(SqlType::decimal(1, 0)); }

ParamType ParamType::type_variable(std::string name) {
  ParamType out;
  out.kind = Kind::kGeneric;
  out.generic = std::move(name);
  return out;
}

ParamType ParamType::array(ParamType element) {
  ParamType out;
  out.kind = Kind::kArray;
  out.children.push_back(std::move(element));
  return out;
}

ParamType ParamType::map(ParamType key, ParamType value) {
  ParamType out;
  out.kind = Kind::kMap;
  out.children.push_back(std::move(key));
  out.children.push_back(std::move(value));
  return out;
}

ParamType ParamType::any() {
  ParamType out;
  out.kind = Kind::kAny;
  return out;
}

ParamType ParamType::unit() {
  ParamType out;
  out.kind = Kind::kUnit;
  return out;
}

ParamType ParamType::lambda(std::vector<ParamType> parameters, ParamType result) {
  ParamType out;
  out.kind = Kind::kLambda;
  out.children = std::move(parameters);
  out.children.push_back(std::move(result));
  return out;
}

std::string to_string(const ParamType& type) {
  switch (type.kind) {
    case ParamType::Kind::kSql:
    case ParamType::Kind::kStruct: return signature_name(type.sql);
    case ParamType::Kind::kGeneric: return type.generic;
    case ParamType::Kind::kArray: return "ARRAY<" + to_string(type.children[0]) + ">";
    case ParamType::Kind::kMap:
      return "MAP<" + to_string(type.children[0]) + ", " + to_string(type.children[1]) + ">";
    case ParamType::Kind::kAny: return "ANY";
    case ParamType::Kind::kUnit: return "INTERVAL UNIT";
    case ParamType::Kind::kLambda: return lambda_name(type.children);
  }
  return {};
}

Result<void> FunctionCatalog::add(FunctionDescription description) {
  std::string key = upper_case(description.name);
  if (!is_identifier(description.name) || parser::is_reserved_word(key)) {
    return Error{ErrorCode::kStatement,
                 description.name +
                     " is not a valid function name. Function names must be valid java identifiers and not a "
                     "KSQL reserved word"};
  }
  if (by_name_.contains(key)) {
    return Error{ErrorCode::kExists, "function \"" + description.name + "\" is already registered"};
  }
  by_name_.emplace(std::move(key), std::make_shared<const FunctionDescription>(std::move(description)));
  return {};
}

const FunctionDescription* FunctionCatalog::find(std::string_view name) const {
  const auto found = by_name_.find(upper_case(name));
  return found == by_name_.end() ? nullptr : found->second.get();
}

std::vector<const FunctionDescription*> FunctionCatalog::all() const {
  std::vector<const FunctionDescription*> out;
  out.reserve(by_name_.size());
  for (const auto& [name, description] : by_name_) out.push_back(description.get());
  return out;
}

std::vector<std::string> FunctionCatalog::similar_names(std::string_view name) const {
  std::vector<std::string> names;
  names.reserve(by_name_.size());
  for (const auto& [candidate, description] : by_name_) names.push_back(candidate);
  return nearest_names(name, names);
}

}  // namespace thalweg::planner
