#include "planner/catalog/catalog.h"

#include <charconv>

#include "planner/catalog/similar_names.h"

namespace thalweg::planner {
namespace {

std::optional<std::int32_t> parse_parameter(const std::string& text) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<SqlType> resolve_decimal(const ast::TypeName& name) {
  const auto precision = name.parameters.size() == 2 ? parse_parameter(name.parameters[0]) : std::nullopt;
  const auto scale = name.parameters.size() == 2 ? parse_parameter(name.parameters[1]) : std::nullopt;
  if (!precision || !scale) {
    return Error(ErrorCode::kStatement, "DECIMAL requires exactly two parameters: DECIMAL(precision, scale)",
                 name.at);
  }
  const auto shown = "DECIMAL(" + name.parameters[0] + "," + name.parameters[1] + ")";
  if (*precision < 1)
    return Error(ErrorCode::kStatement, "DECIMAL precision must be >= 1: " + shown, name.at);
  if (*scale < 0) return Error(ErrorCode::kStatement, "DECIMAL scale must be >= 0: " + shown, name.at);
  if (*precision < *scale) {
    return Error(ErrorCode::kStatement, "DECIMAL precision must be >= scale: " + shown, name.at);
  }
  return SqlType::decimal(*precision, *scale);
}

const std::map<std::string, SqlKind, std::less<>>& primitives() {
  static const std::map<std::string, SqlKind, std::less<>> kinds{
      {"BOOLEAN", SqlKind::kBoolean}, {"INT", SqlKind::kInteger},        {"INTEGER", SqlKind::kInteger},
      {"BIGINT", SqlKind::kBigint},   {"DOUBLE", SqlKind::kDouble},      {"STRING", SqlKind::kString},
      {"VARCHAR", SqlKind::kString},  {"BYTES", SqlKind::kBytes},        {"DATE", SqlKind::kDate},
      {"TIME", SqlKind::kTime},       {"TIMESTAMP", SqlKind::kTimestamp}};
  return kinds;
}

}  // namespace

DataSourcePtr Catalog::find(std::string_view name) const {
  const auto found = sources_.find(name);
  return found == sources_.end() ? nullptr : found->second;
}

void Catalog::remove(std::string_view name) {
  const auto found = sources_.find(name);
  if (found != sources_.end()) sources_.erase(found);
}

void Catalog::remove_type(std::string_view name) {
  const auto found = types_.find(name);
  if (found != types_.end()) types_.erase(found);
}

std::vector<std::string> Catalog::similar_names(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [known, source] : sources_) names.push_back(known);
  return nearest_names(name, names);
}

Result<SqlType> resolve_type(const ast::TypeName& name, const Catalog& catalog) {
  if (name.name == "DECIMAL") return resolve_decimal(name);
  if (name.name == "ARRAY" && name.arguments.size() == 1) {
    THALWEG_TRY(auto element, resolve_type(name.arguments[0], catalog));
    return SqlType::array(std::move(element));
  }
  if (name.name == "MAP" && name.arguments.size() == 2) {
    THALWEG_TRY(auto key, resolve_type(name.arguments[0], catalog));
    THALWEG_TRY(auto value, resolve_type(name.arguments[1], catalog));
    return SqlType::map(std::move(key), std::move(value));
  }
  if (name.name == "STRUCT" && name.arguments.size() == name.field_names.size()) {
    std::vector<Field> fields;
    for (std::size_t i = 0; i < name.arguments.size(); ++i) {
      THALWEG_TRY(auto type, resolve_type(name.arguments[i], catalog));
      fields.push_back(Field{name.field_names[i], std::move(type)});
    }
    return SqlType::structure(std::move(fields));
  }
  const auto primitive = primitives().find(name.name);
  if (primitive != primitives().end()) return SqlType(primitive->second);
  const auto custom = catalog.types().find(name.name);
  if (custom != catalog.types().end()) return custom->second;
  std::vector<std::string> known;
  for (const auto& [word, kind] : primitives()) known.push_back(word);
  for (const auto& [word, type] : catalog.types()) known.push_back(word);
  Error error(ErrorCode::kStatement, "Cannot resolve unknown type: " + name.name, name.at);
  error.hint = did_you_mean(name.name, known);
  return error;
}

}  // namespace thalweg::planner
