#include "shell/shell.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include <termios.h>
#include <unistd.h>

#include "parser/parser.h"
#include "server/config/text_file.h"
#include "shell/builtin.h"
#include "shell/interrupt.h"
#include "shell/line_editor.h"
#include "shell/screen.h"
#include "shell/session.h"

namespace thalweg::shell {
namespace {

constexpr int kUsage = 2;

std::string history_path() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? "" : std::string(home) + "/.thalweg-history";
}

std::string ask_password(const std::string& user) {
  std::cerr << "Password for " << user << ": " << std::flush;
  termios before = {};
  const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string password;
  std::getline(std::cin, password);
  if (terminal) tcsetattr(STDIN_FILENO, TCSANOW, &before);
  std::cerr << "\n";
  return password;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

int run_once(Session& session, std::string text) {
  if (is_blank(text)) return 0;
  if (!parser::ends_statement(text)) text += ";";
  const InterruptScope scope;
  return exit_code(session.run(text));
}

// Reads what belongs together: up to a semicolon, or one line when that is a command of the shell.
class Conversation {
 public:
  Conversation(Session& session, Screen& screen)
      : session_(session), screen_(screen), editor_(history_path()) {}

  int run() {
    Outcome last = Outcome::kOk;
    for (;;) {
      auto read = editor_.read(pending_.empty() ? "thalweg> " : "       > ");
      if (read.event == LineEditor::Event::kCancelled) {
        screen_.print("^C\n");
        pending_.clear();
        continue;
      }
      if (read.event == LineEditor::Event::kEnd) break;
      last = take(std::move(read.line));
      if (last == Outcome::kExit) break;
    }
    if (editor_.is_terminal()) screen_.note("Exiting thalweg.\n");
    if (!is_blank(pending_)) screen_.error("the input ended within a statement: " + pending_ + "\n");
    const bool script = !editor_.is_terminal();
    return script ? exit_code(!is_blank(pending_) ? Outcome::kFailed : worst_) : 0;
  }

 private:
  Outcome take(std::string line) {
    screen_.typed(line + "\n");
    if (pending_.empty()) {
      line = expand_history(line, editor_.history());
      if (is_blank(line)) return Outcome::kOk;
      if (const auto command = parse_builtin(line)) {
        editor_.remember(line);
        return note(session_.run(*command, editor_.history()));
      }
    }
    pending_ += (pending_.empty() ? "" : "\n") + line;
    if (!parser::ends_statement(pending_)) return Outcome::kOk;
    const std::string text = std::exchange(pending_, "");
    editor_.remember(text);
    const InterruptScope scope;
    clear_interrupt();
    return note(session_.run(text));
  }

  Outcome note(Outcome outcome) {
    if (outcome != Outcome::kOk && outcome != Outcome::kExit) worst_ = outcome;
    return outcome;
  }

  Session& session_;
  Screen& screen_;
  LineEditor editor_;
  std::string pending_;
  Outcome worst_ = Outcome::kOk;
};

}  // namespace

int run_shell(const ShellOptions& given) {
  ShellOptions options = given;
  for (char& c : options.output) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (options.output != "JSON" && options.output != "TABULAR") {
    std::cerr << "thalweg sql: --output is JSON or TABULAR\n";
    return kUsage;
  }
  if (!options.user.empty() && options.password.empty()) options.password = ask_password(options.user);
  auto client = Client::make(options.url, options.user, options.password);
  if (!client) {
    std::cerr << "thalweg sql: " << describe(client.error()) << "\n";
    return kUsage;
  }
  Screen screen;
  Session session(std::move(*client), screen, options);
  if (!options.execute.empty()) return run_once(session, options.execute);
  if (!options.file.empty()) {
    const auto text = server::read_text_file(options.file);
    if (!text) {
      std::cerr << "thalweg sql: " << describe(text.error()) << "\n";
      return kUsage;
    }
    return run_once(session, *text);
  }
  if (isatty(STDIN_FILENO) != 0) session.greet();
  return Conversation(session, screen).run();
}

}  // namespace thalweg::shell
