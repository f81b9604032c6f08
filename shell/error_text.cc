#include "shell/error_text.h"

#include <charconv>

#include <nlohmann/json.hpp>

namespace thalweg::shell {
namespace {

// Reads "L<between>C" at `at`.
std::optional<SourcePosition> numbers_at(std::string_view text, std::string_view between) {
  SourcePosition position;
  const char* end = text.data() + text.size();
  const auto line = std::from_chars(text.data(), end, position.line);
  if (line.ec != std::errc{}) return std::nullopt;
  std::string_view rest(line.ptr, static_cast<std::size_t>(end - line.ptr));
  if (!rest.starts_with(between)) return std::nullopt;
  rest.remove_prefix(between.size());
  if (std::from_chars(rest.data(), end, position.column).ec != std::errc{}) return std::nullopt;
  return position;
}

std::string with_caret(std::string message, std::string_view text, std::optional<SourcePosition> at) {
  if (!message.ends_with('\n')) message += '\n';
  if (at) message += caret_lines(text, *at);
  return message;
}

}  // namespace

std::optional<SourcePosition> position_in(std::string_view message) {
  if (const auto found = message.find("line "); found != message.npos) {
    if (auto at = numbers_at(message.substr(found + 5), ":")) return at;
  }
  if (const auto found = message.find("Line: "); found != message.npos) {
    return numbers_at(message.substr(found + 6), ", Col: ");
  }
  return std::nullopt;
}

std::string caret_lines(std::string_view text, SourcePosition at) {
  for (std::int32_t line = 1; line < at.line; ++line) {
    const auto newline = text.find('\n');
    if (newline == text.npos) return {};
    text.remove_prefix(newline + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (at.line < 1 || at.column < 1 || static_cast<std::size_t>(at.column) > text.size() + 1) return {};
  std::string out(text);
  out += '\n';
  for (std::int32_t i = 1; i < at.column; ++i)
    out += text[static_cast<std::size_t>(i) - 1] == '\t' ? '\t' : ' ';
  return out + "^\n";
}

std::string error_text(const Error& error, std::string_view text) {
  std::string message = error.message;
  if (!error.hint.empty()) message += "\nhint: " + error.hint;
  return with_caret(std::move(message), text, error.at);
}

std::string server_error_text(int status, std::string_view body, std::string_view text) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("message") || !json["message"].is_string()) {
    return "HTTP " + std::to_string(status) + (body.empty() ? "" : ": " + std::string(body)) + "\n";
  }
  const std::string message = json["message"];
  if (const auto at = json.find("position"); at != json.end() && at->is_object()) {
    return with_caret(message, text, SourcePosition{at->value("line", 0), at->value("column", 0)});
  }
  return with_caret(message, text, position_in(message));
}

int server_error_code(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("error_code") || !json["error_code"].is_number_integer()) return 0;
  return json["error_code"];
}

}  // namespace thalweg::shell
