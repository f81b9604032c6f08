// Commands of the shell itself: one line, no semicolon needed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace thalweg::shell {

struct HelpCommand {};
struct ClearCommand {};
struct HistoryCommand {};
struct VersionCommand {};
struct ExitCommand {};
struct OutputCommand {
  std::string format;
};  // upper case; empty: show
struct ServerCommand {
  std::string url;
};  // empty: show
struct RunScriptCommand {
  std::string file;
};
struct SpoolCommand {
  std::string file;
};  // empty: off
struct PipeliningCommand {
  std::optional<bool> on;
};  // absent: show
struct CliCommand {
  std::string name;
  std::string value;
};  // SET CLI name value, upper case

using Builtin =
    std::variant<HelpCommand, ClearCommand, HistoryCommand, VersionCommand, ExitCommand, OutputCommand,
                 ServerCommand, RunScriptCommand, SpoolCommand, PipeliningCommand, CliCommand>;

// Nothing if the line is SQL.
std::optional<Builtin> parse_builtin(std::string_view line);
std::string help_text();

}  // namespace thalweg::shell
