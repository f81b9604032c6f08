#include "shell/builtin.h"

#include <gtest/gtest.h>

#include "shell/client.h"
#include "shell/line_editor.h"

namespace thalweg::shell {
namespace {

template <typename Command>
Command parsed(std::string_view line) {
  const auto command = parse_builtin(line);
  EXPECT_TRUE(command.has_value()) << line;
  return std::get<Command>(*command);
}

TEST(Builtin, WordsWithoutArguments) {
  parsed<HelpCommand>("HELP");
  parsed<ExitCommand>(" quit ; ");
  parsed<HistoryCommand>("history");
}

TEST(Builtin, Arguments) {
  EXPECT_EQ(parsed<OutputCommand>("output json").format, "JSON");
  EXPECT_EQ(parsed<OutputCommand>("output").format, "");
  EXPECT_EQ(parsed<ServerCommand>("server http://h:1").url, "http://h:1");
  EXPECT_EQ(parsed<RunScriptCommand>("run script '/tmp/a file.sql';").file, "/tmp/a file.sql");
  EXPECT_EQ(parsed<SpoolCommand>("spool off").file, "");
  EXPECT_EQ(parsed<SpoolCommand>("SPOOL 'log.txt'").file, "log.txt");
  EXPECT_EQ(parsed<PipeliningCommand>("request-pipelining on").on, true);
  EXPECT_EQ(parsed<CliCommand>("SET CLI column-width 12").value, "12");
}

TEST(Builtin, SqlIsNone) {
  EXPECT_FALSE(parse_builtin("SELECT * FROM t;"));
  EXPECT_FALSE(parse_builtin("SET 'auto.offset.reset' = 'earliest';"));
  EXPECT_FALSE(parse_builtin("help me"));
  EXPECT_FALSE(parse_builtin(";"));
}

TEST(History, Shortcuts) {
  const std::vector<std::string> history{"a;", "b;"};
  EXPECT_EQ(expand_history("!!", history), "b;");
  EXPECT_EQ(expand_history("!1", history), "a;");
  EXPECT_EQ(expand_history("!7", history), "");
  EXPECT_EQ(expand_history("!x", history), "!x");
  EXPECT_EQ(expand_history("SELECT 1;", history), "SELECT 1;");
}

TEST(ServerUrl, Forms) {
  const auto full = parse_server_url("http://example:1234/");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->host, "example");
  EXPECT_EQ(full->port, "1234");
  EXPECT_EQ(parse_server_url("localhost")->port, "8088");
  EXPECT_EQ(parse_server_url("[::1]:9")->host, "::1");
  EXPECT_FALSE(parse_server_url("https://example"));
  EXPECT_FALSE(parse_server_url("http://h:port"));
  EXPECT_FALSE(parse_server_url(""));
}

}  // namespace
}  // namespace thalweg::shell
