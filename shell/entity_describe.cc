#include <array>
#include <cstdio>

#include "planner/types/text.h"
#include "shell/entity.h"
#include "shell/entity_parts.h"
#include "shell/table.h"

namespace thalweg::shell {
namespace {

std::string type_text(const Json& schema) {
  const std::string type = field_text(schema, "type");
  const Json member = schema.value("memberSchema", Json());
  if (type == "STRING") return "VARCHAR(STRING)";
  if (type == "ARRAY" && member.is_object()) return "ARRAY<" + type_text(member) + ">";
  if (type == "MAP" && member.is_object()) return "MAP<STRING, " + type_text(member) + ">";
  if (type == "DECIMAL" && schema.contains("parameters")) {
    const Json& parameters = schema["parameters"];
    return "DECIMAL(" + field_text(parameters, "precision") + ", " + field_text(parameters, "scale") + ")";
  }
  if (type == "STRUCT") {
    std::string fields;
    for (const Json& field : field_array(schema, "fields")) {
      if (!fields.empty()) fields += ", ";
      fields += field_text(field, "name") + " " + type_text(field.value("schema", Json::object()));
    }
    return "STRUCT<" + fields + ">";
  }
  return type;
}

std::string fields_table(const Json& fields, bool table) {
  EntityTable rows({"Field", "Type"});
  for (const Json& field : fields) rows.add({field_text(field, "name"), field_type_text(field, table)});
  return rows.text();
}

std::string labelled(const char* label, const std::string& text) {
  std::string name = label;
  name.resize(21, ' ');
  return name + ": " + text + "\n";
}

std::string query_list(const char* title, const Json& queries) {
  if (queries.empty()) return "";
  std::string out = std::string("\n") + title + "\n" + std::string(std::string(title).size(), '-') + "\n";
  for (const Json& query : queries) {
    out += field_text(query, "id") + " (" + field_text(query, "state") +
           ") : " + field_text(query, "queryString") + "\n";
  }
  return out;
}

std::string offsets_text(const Json& summaries) {
  std::string out;
  for (const Json& group : summaries) {
    out += "\n" + labelled("Consumer Group", field_text(group, "groupId"));
    for (const Json& topic : field_array(group, "topicSummaries")) {
      out += labelled("Kafka topic", field_text(topic, "kafkaTopic"));
      EntityTable rows({"Partition", "Start Offset", "End Offset", "Offset", "Lag"});
      for (const Json& offset : field_array(topic, "offsets")) {
        const auto end = offset.value("logEndOffset", std::int64_t{0});
        const auto at = offset.value("consumerOffset", std::int64_t{0});
        rows.add({field_text(offset, "partition"), field_text(offset, "logStartOffset"), std::to_string(end),
                  std::to_string(at), std::to_string(end - at)});
      }
      out += rows.text();
    }
  }
  return out;
}

std::string iso_time(const Json& statistic) {
  const auto ms = statistic.value("timestamp", std::int64_t{0});
  return ms == 0 ? "" : planner::timestamp_to_string(ms) + "Z";
}

// Rates are fractions, counts are not.
std::string value_text(const Json& statistic) {
  const Json value = statistic.value("value", Json());
  if (!value.is_number_float()) return field_text(statistic, "value");
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.2f", value.get<double>());
  return text.data();
}

// Per host; servers that tell of themselves only have text.
std::string statistics_text(const Json& source) {
  EntityTable table({"Host", "Metric", "Value", "Last Message"});
  bool any = false;
  for (const char* list : {"clusterStatistics", "clusterErrorStats"}) {
    for (const Json& statistic : field_array(source, list)) {
      any = true;
      table.add({field_text(statistic, "host"), field_text(statistic, "name"), value_text(statistic),
                 iso_time(statistic)});
    }
  }
  if (any) return "\nRuntime statistics by host\n--------------------------\n" + table.text();
  return "\nLocal runtime statistics\n------------------------\n" + field_text(source, "statistics") + "\n" +
         field_text(source, "errorStats") + "\n";
}

}  // namespace

std::string field_type_text(const Json& field, bool table) {
  std::string text = type_text(field.value("schema", Json::object()));
  const std::string role = field_text(field, "type");
  if (role == "KEY") text += table ? "  (primary key)" : "  (key)";
  if (role == "HEADER") {
    const std::string key = field_text(field, "headerKey");
    text += key.empty() ? "  (headers)" : "  (header('" + key + "'))";
  }
  return text;
}

std::string describe_source(const Json& source) {
  const bool table = field_text(source, "type") == "TABLE";
  std::string out = labelled("Name", field_text(source, "name"));
  const bool extended = source.value("extended", false);
  if (extended) {
    out += labelled("Type", field_text(source, "type"));
    const std::string timestamp = field_text(source, "timestamp");
    out += labelled("Timestamp field", timestamp.empty() ? "Not set - using <ROWTIME>" : timestamp);
    out += labelled("Key format", field_text(source, "keyFormat"));
    out += labelled("Value format", field_text(source, "valueFormat"));
    out += labelled("Kafka topic", field_text(source, "topic") +
                                       " (partitions: " + field_text(source, "partitions") +
                                       ", replication: " + field_text(source, "replication") + ")");
    out += labelled("Statement", field_text(source, "statement"));
    out += "\n";
  }
  out += fields_table(field_array(source, "fields"), table);
  if (!extended) {
    return out + "For runtime statistics and query details run: DESCRIBE <Stream,Table> EXTENDED;\n";
  }
  out += query_list("Queries that read from this source", field_array(source, "readQueries"));
  out += query_list("Queries that write from this source", field_array(source, "writeQueries"));
  out += statistics_text(source);
  return out + offsets_text(field_array(source, "queryOffsetSummaries"));
}

std::string describe_query(const Json& query) {
  std::string out = labelled("ID", field_text(query, "id"));
  out += labelled("Query Type", field_text(query, "queryType"));
  out += labelled("SQL", field_text(query, "statementText"));
  const Json hosts = query.value("ksqlHostQueryStatus", Json::object());
  for (const auto& [host, state] : hosts.items()) {
    out += labelled("Host Query Status",
                    host + " " + (state.is_string() ? state.get<std::string>() : state.dump()));
  }
  out += "\n" + fields_table(field_array(query, "fields"), false);
  const auto section = [&](const char* title, const std::string& text) {
    if (!text.empty())
      out +=
          "\n" + std::string(title) + "\n" + std::string(std::string(title).size(), '-') + "\n" + text + "\n";
  };
  section("Sources that this query reads from:", joined_texts(field_array(query, "sources"), "\n"));
  section("Sinks that this query writes to:", joined_texts(field_array(query, "sinks"), "\n"));
  section("Execution plan", field_text(query, "executionPlan"));
  section("Processing topology", field_text(query, "topology"));
  std::string errors;
  for (const Json& error : field_array(query, "queryErrors")) {
    errors += field_text(error, "timestamp") + " " + field_text(error, "type") + " " +
              field_text(error, "errorMessage") + "\n";
  }
  section("Errors", errors);
  return out;
}

std::string describe_function(const Json& function) {
  std::string out = labelled("Name", field_text(function, "name"));
  if (const auto author = field_text(function, "author"); !author.empty()) out += labelled("Author", author);
  out += labelled("Overview", field_text(function, "description"));
  out += labelled("Type", field_text(function, "type"));
  out += "Variations\n";
  for (const Json& overload : field_array(function, "functions")) {
    std::string arguments;
    std::string details;
    for (const Json& argument : field_array(overload, "arguments")) {
      if (!arguments.empty()) arguments += ", ";
      arguments += field_text(argument, "name") + " " + field_text(argument, "type") +
                   (argument.value("isVariadic", false) ? "[]" : "");
      const std::string text = field_text(argument, "description");
      if (!text.empty()) details += "    " + field_text(argument, "name") + ": " + text + "\n";
    }
    out += "\n  " + field_text(function, "name") + "(" + arguments + ") -> " +
           field_text(overload, "returnType") + "\n";
    const std::string text = field_text(overload, "description");
    if (!text.empty()) out += "    " + text + "\n";
    out += details;
  }
  return out;
}

}  // namespace thalweg::shell
