#include "planner/catalog/with_clause.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "planner/catalog/located.h"
#include "planner/catalog/similar_names.h"
#include "planner/planner.h"
#include "planner/types/datetime_format.h"
#include "planner/types/text.h"

namespace thalweg::planner {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

Error invalid(const ast::Property& property, const std::string& why) {
  return Error(ErrorCode::kParse,
               "Failed to prepare statement: Configuration " + property.name + " is invalid: " + why,
               property.at);
}

// Names fold like identifiers unless they are quoted.
std::string column_name(std::string text) {
  if (text.size() >= 2 && (text.front() == '`' || text.front() == '"') && text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return upper(std::move(text));
}

Result<std::int64_t> integer_of(const ast::Property& property) {
  const auto text = literal_text(*property.value);
  if (const auto number = parse_bigint(text)) return *number;
  return Error(ErrorCode::kParse,
               "Failed to prepare statement: Invalid value " + text + " for configuration " + property.name +
                   ": Not a number of type INT",
               property.at);
}

Result<bool> boolean_of(const ast::Property& property) {
  const auto text = upper(literal_text(*property.value));
  if (text == "TRUE") return true;
  if (text == "FALSE") return false;
  return Error(ErrorCode::kParse,
               "Failed to prepare statement: Invalid value " + literal_text(*property.value) +
                   " for configuration " + property.name + ": Expected value to be either true or false",
               property.at);
}

Result<std::string> delimiter_of(const ast::Property& property) {
  const auto text = literal_text(*property.value);
  constexpr auto kExample = "\nExample valid value: ';'";
  if (text.find_first_not_of(" \t") == std::string::npos) {
    return invalid(property, std::string("Delimiter cannot be empty, if you meant to have a tab or space for "
                                         "delimiter, please use the special values 'TAB' or 'SPACE'") +
                                 kExample);
  }
  const auto word = upper(text);
  if (word == "TAB" || word == "SPACE") return word;
  if (utf16_length(text) == 1) return text;
  return invalid(property, "Invalid delimiter value: '" + text +
                               "'. Delimiter must be a single character or TAB,SPACE" + kExample);
}

Result<std::string> format_of(const ast::Property& property) {
  auto name = upper(literal_text(*property.value));
  if (find_format(name)) return name;
  return unknown_format(name, property.at);
}

Result<ast::WindowType> window_type_of(const ast::Property& property) {
  const auto word = upper(literal_text(*property.value));
  if (word == "TUMBLING") return ast::WindowType::kTumbling;
  if (word == "HOPPING") return ast::WindowType::kHopping;
  if (word == "SESSION") return ast::WindowType::kSession;
  return Error(ErrorCode::kParse,
               "Failed to prepare statement: Invalid value " + literal_text(*property.value) +
                   " for configuration WINDOW_TYPE: String must be one of: SESSION, HOPPING, TUMBLING, null",
               property.at);
}

Result<void> read_side(SideProperties& side, const std::string& rest, const ast::Property& property) {
  if (rest == "FORMAT") {
    THALWEG_TRY(side.format, format_of(property));
  } else if (rest == "DELIMITER") {
    THALWEG_TRY(side.properties["delimiter"], delimiter_of(property));
  } else if (rest == "SCHEMA_FULL_NAME" || rest == "AVRO_SCHEMA_FULL_NAME") {
    if (side.properties.contains("fullSchemaName")) {
      return Error(ErrorCode::kParse,
                   "Failed to prepare statement: Cannot supply both 'VALUE_AVRO_SCHEMA_FULL_NAME' and "
                   "'VALUE_SCHEMA_FULL_NAME' properties. Please supply only 'VALUE_SCHEMA_FULL_NAME'.",
                   property.at);
    }
    side.properties["fullSchemaName"] = literal_text(*property.value);
  } else if (rest == "SCHEMA_ID") {
    THALWEG_TRY(side.schema_id, integer_of(property));
    side.properties["schemaId"] = std::to_string(*side.schema_id);
  } else {
    const auto word = upper(literal_text(*property.value));
    if (word != "OPTIONAL" && word != "WRAPPER") return invalid(property, "expected OPTIONAL or WRAPPER");
    side.properties["nullableRepresentation"] = word == "OPTIONAL" ? "optional" : "wrapper";
  }
  return {};
}

const std::set<std::string>& side_properties() {
  static const std::set<std::string> names{"FORMAT", "DELIMITER", "SCHEMA_FULL_NAME", "SCHEMA_ID",
                                           "PROTOBUF_NULLABLE_REPRESENTATION"};
  return names;
}

const std::set<std::string>& shared_properties() {
  static const std::set<std::string> names{"KAFKA_TOPIC",      "PARTITIONS",
                                           "REPLICAS",         "RETENTION_MS",
                                           "FORMAT",           "TIMESTAMP",
                                           "TIMESTAMP_FORMAT", "WRAP_SINGLE_VALUE",
                                           "CLEANUP_POLICY",   "VALUE_AVRO_SCHEMA_FULL_NAME"};
  return names;
}

// What may be set: of a declaration, a query's sink, an INSERT.
std::set<std::string> allowed_properties(WithOn on) {
  if (on == WithOn::kInsertInto) return {"QUERY_ID"};
  auto names = shared_properties();
  for (const auto& name : side_properties()) names.insert({"KEY_" + name, "VALUE_" + name});
  if (on == WithOn::kCreate)
    names.insert({"WINDOW_TYPE", "WINDOW_SIZE", "SOURCED_BY_CONNECTOR", "SOURCE_CONNECTOR"});
  return names;
}

Result<void> check_names(const ast::Properties& properties, WithOn on) {
  const auto allowed = allowed_properties(on);
  Error error(ErrorCode::kParse, "");
  for (const auto& property : properties) {
    if (allowed.contains(property.name)) continue;
    if (error.message.empty()) {
      error.at = property.at;
      error.hint = did_you_mean(property.name, {allowed.begin(), allowed.end()});
    }
    error.message += (error.message.empty() ? "" : ", ") + property.name;
  }
  if (error.message.empty()) return {};
  error.message =
      "Failed to prepare statement: Invalid config variable(s) in the WITH clause: " + error.message;
  return error;
}

Result<void> read_topic(WithClause& with, const ast::Property& property) {
  if (property.name == "KAFKA_TOPIC") {
    with.topic = literal_text(*property.value);
    if (with.topic->empty()) return invalid(property, "Topic name cannot be empty");
    return {};
  }
  THALWEG_TRY(const auto number, integer_of(property));
  if (property.name == "RETENTION_MS") {
    with.retention_ms = number;
    return {};
  }
  constexpr std::int64_t kPartitionsMax = 100'000;
  if (number < 1) return invalid(property, "Value must be at least 1");
  if (number > kPartitionsMax)
    return invalid(property, "Value must be at most " + std::to_string(kPartitionsMax));
  (property.name == "PARTITIONS" ? with.partitions : with.replicas) = static_cast<std::int32_t>(number);
  return {};
}

// A time, or a number of rows.
Result<void> read_window_size(WithClause& with, const ast::Property& property) {
  const auto text = literal_text(*property.value);
  const auto unit = upper(text.substr(std::min(text.find(' '), text.size())));
  const auto count = parse_bigint(text.substr(0, text.size() - unit.size()));
  if (count && (unit == " ROWS" || unit == " ROW")) {
    if (*count < 1) return invalid(property, "Invalid duration: '" + text + "'. It must be at least 1 ROW");
    with.window_counts_rows = true;
    with.window_size_ms = *count;
    return {};
  }
  auto size = parse_duration(text);
  if (!size) return invalid(property, size.error().message);
  with.window_size_ms = *size;
  return {};
}

Result<void> read_property(WithClause& with, const ast::Property& property) {
  const auto& name = property.name;
  if (name == "KAFKA_TOPIC" || name == "PARTITIONS" || name == "REPLICAS" || name == "RETENTION_MS") {
    return read_topic(with, property);
  }
  if (name == "FORMAT") {
    THALWEG_TRY(const auto format, format_of(property));
    with.format_for_both = true;
    if (!with.key.format) with.key.format = format;
    if (!with.value.format) with.value.format = format;
  } else if (name.starts_with("KEY_")) {
    return read_side(with.key, name.substr(4), property);
  } else if (name.starts_with("VALUE_")) {
    return read_side(with.value, name.substr(6), property);
  } else if (name == "WRAP_SINGLE_VALUE") {
    THALWEG_TRY(with.wrap_single_value, boolean_of(property));
  } else if (name == "TIMESTAMP") {
    with.timestamp = column_name(literal_text(*property.value));
  } else if (name == "TIMESTAMP_FORMAT") {
    with.timestamp_format = literal_text(*property.value);
  } else if (name == "WINDOW_TYPE") {
    THALWEG_TRY(with.window_type, window_type_of(property));
  } else if (name == "WINDOW_SIZE") {
    THALWEG_CHECK(read_window_size(with, property));
  } else if (name == "QUERY_ID") {
    with.query_id = upper(literal_text(*property.value));
  } else if (name == "CLEANUP_POLICY") {
    return Error(
        ErrorCode::kParse,
        "Failed to prepare statement: Invalid config variable in the WITH clause: CLEANUP_POLICY. It is "
        "inferred from the type of source and cannot be set.",
        property.at);
  }
  return {};
}

Result<void> check_whole(const WithClause& with, const ast::Properties& properties) {
  if (with.format_for_both) {
    for (const auto& property : properties) {
      if (property.name != "KEY_FORMAT" && property.name != "VALUE_FORMAT") continue;
      return Error(
          ErrorCode::kStatement,
          "Cannot supply both '" + property.name +
              "' and 'FORMAT' properties, as 'FORMAT' sets both key and value formats. Either use just "
              "'FORMAT', or use 'KEY_FORMAT' and 'VALUE_FORMAT'.",
          property.at);
    }
  }
  if (with.window_type == ast::WindowType::kSession && with.window_size_ms) {
    return Error(ErrorCode::kParse,
                 "Failed to prepare statement: 'WINDOW_SIZE' should not be set for SESSION windows.",
                 with.at({"WINDOW_SIZE"}));
  }
  if (with.window_type && *with.window_type != ast::WindowType::kSession && !with.window_size_ms) {
    const auto* word = *with.window_type == ast::WindowType::kTumbling ? "TUMBLING" : "HOPPING";
    return Error(ErrorCode::kParse,
                 std::string("Failed to prepare statement: ") + word +
                     " windows require 'WINDOW_SIZE' to be provided in the WITH clause. For "
                     "example: 'WINDOW_SIZE'='10 SECONDS'",
                 with.at({"WINDOW_TYPE"}));
  }
  return {};
}

}  // namespace

SourcePosition WithClause::at(std::initializer_list<const char*> names) const {
  for (const auto* name : names) {
    if (const auto found = positions.find(name); found != positions.end()) return found->second;
  }
  return {};
}

SourcePosition WithClause::side_at(Side side) const {
  if (side == Side::kKey) {
    return at({"KEY_DELIMITER", "KEY_SCHEMA_FULL_NAME", "KEY_PROTOBUF_NULLABLE_REPRESENTATION",
               "KEY_SCHEMA_ID", "KEY_FORMAT", "FORMAT"});
  }
  return at({"VALUE_DELIMITER", "VALUE_SCHEMA_FULL_NAME", "VALUE_AVRO_SCHEMA_FULL_NAME",
             "VALUE_PROTOBUF_NULLABLE_REPRESENTATION", "VALUE_SCHEMA_ID", "VALUE_FORMAT", "FORMAT"});
}

std::string literal_text(const ast::Expression& literal) {
  const auto& node = literal.node;
  if (const auto* text = std::get_if<ast::StringLiteral>(&node)) return text->value;
  if (const auto* small = std::get_if<ast::IntegerLiteral>(&node)) return std::to_string(small->value);
  if (const auto* large = std::get_if<ast::BigintLiteral>(&node)) return std::to_string(large->value);
  if (const auto* flag = std::get_if<ast::BooleanLiteral>(&node)) return flag->value ? "true" : "false";
  if (const auto* decimal = std::get_if<ast::DecimalLiteral>(&node)) return decimal->text;
  if (const auto* number = std::get_if<ast::DoubleLiteral>(&node)) return double_to_string(number->value);
  return {};
}

Result<std::int64_t> parse_duration(const std::string& text) {
  const auto space = text.find(' ');
  const auto amount = parse_bigint(text.substr(0, space));
  if (space == std::string::npos || !amount) {
    return Error(ErrorCode::kParse,
                 "Invalid duration: '" + text + "'. Expected a number and a time unit, like '10 SECONDS'");
  }
  auto unit = upper(text.substr(text.find_first_not_of(' ', space)));
  auto word = unit;
  if (word.ends_with('S')) word.pop_back();
  static const std::map<std::string, std::int64_t> units{
      {"DAY", 86'400'000}, {"HOUR", 3'600'000}, {"MINUTE", 60'000}, {"SECOND", 1'000}, {"MILLISECOND", 1}};
  const auto found = units.find(word);
  if (found == units.end()) {
    return Error(ErrorCode::kParse, "Invalid duration: '" + text + "'. Unknown time unit: '" + unit + "'");
  }
  if (*amount < 0)
    return Error(ErrorCode::kParse, "Invalid duration: '" + text + "'. It must not be negative");
  return *amount * found->second;
}

Result<WithClause> read_with_clause(const ast::Properties& properties, WithOn on) {
  WithClause with;
  THALWEG_CHECK(check_names(properties, on));
  for (const auto& property : properties) with.positions.emplace(property.name, property.at);
  for (const auto& property : properties) THALWEG_CHECK(read_property(with, property));
  THALWEG_CHECK(check_whole(with, properties));
  return with;
}

namespace {

// A pattern that no text can match would lose every row.
Result<void> check_timestamp_format(const WithClause& with) {
  const auto pattern = DateTimePattern::compile(*with.timestamp_format);
  if (pattern) return {};
  return Error(ErrorCode::kStatement,
               "Invalid TIMESTAMP_FORMAT '" + *with.timestamp_format + "': " + pattern.error().message,
               with.at({"TIMESTAMP_FORMAT"}));
}

}  // namespace

Result<std::optional<TimestampColumn>> resolve_timestamp(const WithClause& with, const Schema& schema) {
  if (!with.timestamp) return std::optional<TimestampColumn>();
  const auto index = schema.index_of(*with.timestamp);
  const auto at = with.at({"TIMESTAMP"});
  if (!index) {
    std::vector<std::string> names;
    for (const auto& column : schema.columns) names.push_back(column.name);
    return Error(ErrorCode::kStatement,
                 "The TIMESTAMP column set in the WITH clause does not exist in the schema: '" +
                     *with.timestamp + "'",
                 at)
        .with_hint(did_you_mean(*with.timestamp, names));
  }
  const auto& type = schema.columns[*index].type;
  const bool plain = type.is(SqlKind::kBigint) || type.is(SqlKind::kTimestamp);
  if (with.timestamp_format ? type.is(SqlKind::kString) : plain) {
    if (with.timestamp_format) THALWEG_CHECK(check_timestamp_format(with));
    return std::optional(TimestampColumn{*with.timestamp, with.timestamp_format});
  }
  if (with.timestamp_format && plain) {
    return Error(ErrorCode::kStatement,
                 "'TIMESTAMP_FORMAT' set in the WITH clause can only be used when the timestamp "
                 "column is of type STRING.",
                 with.at({"TIMESTAMP_FORMAT"}));
  }
  return Error(ErrorCode::kStatement,
               "Timestamp column, `" + *with.timestamp +
                   "`, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format "
                   "specified.",
               at);
}

Result<Wrapping> resolve_wrapping(const WithClause& with, const std::string& default_wrap,
                                  const Format& format, std::size_t value_columns) {
  const auto* traits = find_format(format.name);
  if (with.wrap_single_value) {
    const bool wrap = *with.wrap_single_value;
    const auto at = with.at({"WRAP_SINGLE_VALUE"});
    if (wrap ? !traits->wrapped : !traits->unwrapped) {
      // Several columns first: the reference looks at the schema before it asks the format.
      if (value_columns == 1 || !traits->many_columns) {
        return Error(ErrorCode::kStatement,
                     "Format '" + format.name + "' does not support 'WRAP_SINGLE_VALUE' set to '" +
                         (wrap ? "true" : "false") + "'.",
                     at);
      }
    }
    if (value_columns != 1) {
      return Error(ErrorCode::kStatement, "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas",
                   at);
    }
    return wrap ? Wrapping::kWrapped : Wrapping::kUnwrapped;
  }
  if (value_columns != 1 || default_wrap.empty()) return Wrapping::kDefault;
  const bool wrap = upper(default_wrap) == "TRUE";
  if (wrap) return traits->wrapped && traits->unwrapped ? Wrapping::kWrapped : Wrapping::kDefault;
  return traits->wrapped && traits->unwrapped ? Wrapping::kUnwrapped : Wrapping::kDefault;
}

}  // namespace thalweg::planner
