// Errors for people: the message, the statement's line, and a caret under the place.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::shell {

// A position in a server's message: "line 2:8: …" or "Line: 2, Col: 8: …".
std::optional<SourcePosition> position_in(std::string_view message);

// "SELECT hitz FROM t\n       ^\n"; empty when the position lies outside of `text`.
std::string caret_lines(std::string_view text, SourcePosition at);

// A local error about `text`.
std::string error_text(const Error& error, std::string_view text);
// A server's error body (JSON) about `text`; anything that is no JSON is shown as it is.
std::string server_error_text(int status, std::string_view body, std::string_view text);
// The code of an error body: 40001, …; 0: unknown.
int server_error_code(std::string_view body);

}  // namespace thalweg::shell
