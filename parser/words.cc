#include "parser/words.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "parser/parser.h"

namespace thalweg::parser {
namespace {

// Sorted. The lexer's list, here without its dependency.
constexpr std::array kReserved = std::to_array<std::string_view>(
    {"ADVANCE",    "ALL",          "AND",         "AS",           "AT",        "BEGINNING",  "BETWEEN",
     "BY",         "CASE",         "CAST",        "CATALOG",      "CONNECTOR", "CONNECTORS", "CREATE",
     "DAYS",       "DECIMAL",      "DELETE",      "DESCRIBE",     "DISTINCT",  "DROP",       "ELSE",
     "END",        "EXISTS",       "EXPORT",      "EXTENDED",     "FALSE",     "FROM",       "FULL",
     "GROUP",      "HAVING",       "HOPPING",     "HOURS",        "IN",        "INNER",      "INSERT",
     "INTO",       "IS",           "JOIN",        "LEFT",         "LIKE",      "LIMIT",      "LIST",
     "LOAD",       "MATERIALIZED", "MILLISECOND", "MILLISECONDS", "MINUTES",   "MONTHS",     "NAMESPACE",
     "NOT",        "NULL",         "ON",          "OR",           "OUTER",     "PAUSE",      "PRINT",
     "PROPERTIES", "QUERIES",      "QUERY",       "RENAME",       "RESUME",    "RETENTION",  "RIGHT",
     "RUN",        "SAMPLE",       "SCRIPT",      "SECONDS",      "SELECT",    "SIZE",       "STREAM",
     "STREAMS",    "TABLE",        "TERMINATE",   "THEN",         "TO",        "TOPIC",      "TOPICS",
     "TRUE",       "TUMBLING",     "UNSET",       "VALUES",       "VIEW",      "WHEN",       "WHERE",
     "WINDOW",     "WITH",         "WITHIN",      "YEARS"});

constexpr std::array kFree = std::to_array<std::string_view>(
    {"ADD",       "ALTER",   "ANALYZE", "ARRAY",     "ASSERT", "CHANGES",   "COLUMN",     "COLUMNS",
     "DATE",      "DAY",     "DEFINE",  "EMIT",      "ESCAPE", "EXPLAIN",   "FINAL",      "FUNCTION",
     "FUNCTIONS", "GRACE",   "HEADER",  "HEADERS",   "HOUR",   "ID",        "IF",         "INTEGER",
     "INTERVAL",  "KEY",     "MAP",     "MINUTE",    "MONTH",  "PARTITION", "PARTITIONS", "PERIOD",
     "PLUGINS",   "PRIMARY", "REPLACE", "RESET",     "ROWS",   "SCHEMA",    "SECOND",     "SESSION",
     "SET",       "SHOW",    "SINK",    "SOURCE",    "STRING", "STRUCT",    "SUBJECT",    "SYSTEM",
     "TABLES",    "TIME",    "TIMEOUT", "TIMESTAMP", "TYPE",   "TYPES",     "UNDEFINE",   "VARIABLES",
     "YEAR",      "ZONE"});

static_assert(std::is_sorted(kReserved.begin(), kReserved.end()));
static_assert(std::is_sorted(kFree.begin(), kFree.end()));

// What a statement may begin with.
constexpr std::array kStarters = std::to_array<std::string_view>(
    {"ALTER", "ASSERT", "CREATE", "DEFINE", "DESCRIBE", "DROP", "EXPLAIN", "INSERT", "LIST", "PAUSE", "PRINT",
     "RESUME", "SELECT", "SET", "SHOW", "TERMINATE", "UNDEFINE", "UNSET"});

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

bool is_reserved_word(std::string_view upper_case_word) {
  return std::binary_search(kReserved.begin(), kReserved.end(), upper_case_word);
}

bool is_free_keyword(std::string_view upper_case_word) {
  return std::binary_search(kFree.begin(), kFree.end(), upper_case_word);
}

std::optional<std::string_view> nearest_starter(std::string_view upper_case_word) {
  constexpr std::size_t kWordMax = 32;  // nothing longer is near to any starter
  if (upper_case_word.size() > kWordMax) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t best = 3;
  for (const auto starter : kStarters) {
    const auto distance = edit_distance(upper_case_word, starter);
    if (distance < best && distance < upper_case_word.size()) {
      best = distance;
      nearest = starter;
    }
  }
  return nearest;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return result;
}

bool is_plain_identifier(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '@'; };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), inner);
}

}  // namespace thalweg::parser
