#include "shell/builtin.h"

#include <cctype>
#include <vector>

namespace thalweg::shell {
namespace {

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// Words; a text in single quotes is one word and loses them.
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.size();) {
    if (std::isspace(static_cast<unsigned char>(line[i])) != 0) {
      ++i;
      continue;
    }
    std::size_t end;
    if (line[i] == '\'') {
      end = line.find('\'', i + 1);
      if (end == line.npos) end = line.size();
      words.emplace_back(line.substr(i + 1, end - i - 1));
      ++end;
    } else {
      end = line.find_first_of(" \t", i);
      if (end == line.npos) end = line.size();
      words.emplace_back(line.substr(i, end - i));
    }
    i = end;
  }
  return words;
}

std::optional<bool> on_off(const std::string& word) {
  if (upper(word) == "ON") return true;
  if (upper(word) == "OFF") return false;
  return std::nullopt;
}

}  // namespace

std::optional<Builtin> parse_builtin(std::string_view line) {
  while (!line.empty() &&
         (line.back() == ';' || std::isspace(static_cast<unsigned char>(line.back())) != 0)) {
    line.remove_suffix(1);
  }
  const auto words = split(line);
  if (words.empty() || words.size() > 4) return std::nullopt;
  const std::string first = upper(words[0]);
  const std::string second = words.size() > 1 ? upper(words[1]) : "";
  if (words.size() == 1) {
    if (first == "HELP") return HelpCommand{};
    if (first == "CLEAR") return ClearCommand{};
    if (first == "HISTORY") return HistoryCommand{};
    if (first == "VERSION") return VersionCommand{};
    if (first == "EXIT" || first == "QUIT") return ExitCommand{};
  }
  if (first == "OUTPUT" && words.size() <= 2) return OutputCommand{second};
  if (first == "SERVER" && words.size() <= 2) return ServerCommand{words.size() > 1 ? words[1] : ""};
  if (first == "RUN" && second == "SCRIPT" && words.size() == 3) return RunScriptCommand{words[2]};
  if (first == "SPOOL" && words.size() == 2) return SpoolCommand{second == "OFF" ? "" : words[1]};
  if (first == "REQUEST-PIPELINING" && words.size() <= 2) {
    return PipeliningCommand{words.size() > 1 ? on_off(words[1]) : std::nullopt};
  }
  if (first == "SET" && second == "CLI" && words.size() == 4)
    return CliCommand{upper(words[2]), upper(words[3])};
  return std::nullopt;
}

std::string help_text() {
  return R"(Commands of the shell (no semicolon needed):
  help                          this text
  clear                         empties the screen
  history                       earlier input; !! repeats the last, !n number n
  version                       versions of shell and server
  output [JSON|TABULAR]         shows or sets the style of results
  server [url]                  shows or changes the server
  run script 'file'             sends a whole file as one request
  spool 'file' | spool off      copies input and output to a file
  request-pipelining [ON|OFF]   ON: do not wait for earlier statements
  set cli WRAP ON|OFF           long cells: wrap or cut
  set cli COLUMN-WIDTH n        width of result columns; 0: automatic
  exit, quit                    leaves; so does Ctrl-D

SQL (ended by a semicolon):
  CREATE STREAM|TABLE name (column type [KEY | PRIMARY KEY], …) WITH (kafka_topic = '…', value_format = '…');
  CREATE STREAM|TABLE name [WITH (…)] AS SELECT …;
  INSERT INTO stream SELECT …;              INSERT INTO name (column, …) VALUES (…);
  SELECT … FROM … [WHERE …] EMIT CHANGES;   SELECT … FROM table WHERE key = …;
  PRINT topic [FROM BEGINNING] [LIMIT n];
  LIST STREAMS|TABLES|TOPICS|QUERIES|FUNCTIONS|PROPERTIES|TYPES|VARIABLES;
  DESCRIBE name [EXTENDED];                 DESCRIBE FUNCTION name;
  EXPLAIN query or query id;                TERMINATE|PAUSE|RESUME query id | ALL;
  DROP STREAM|TABLE name [DELETE TOPIC];    ALTER STREAM|TABLE name ADD column type;
  SET 'property' = 'value';                 UNSET 'property';
  DEFINE name = 'value';                    UNDEFINE name;

Ctrl-C ends a running query or drops the line.
)";
}

}  // namespace thalweg::shell
