// What went wrong, for people and for programs: a code, one sentence, and where possible a position
// in the statement text and a hint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/source_span.h"

namespace thalweg {

// The first four form a chain of classes (each is also every later one), as clients of the dialect
// expect: a parse failure is a statement failure is a query failure.
enum class ErrorCode : std::uint8_t {
  kParse,      // lexing, parsing, building the syntax tree, literals, WITH properties
  kStatement,  // names, types, planning, DDL execution
  kQuery,      // the common root of everything a statement can be refused for
  kFatal,      // a running query has to stop
  kBadRecord,  // one row could not be evaluated, read or written; the query goes on
  kNotFound,
  kExists,
  kInUse,        // data folder, port
  kLimit,        // a bound was reached
  kLate,         // a window has closed
  kIo,           // disk or network refused
  kCorrupted,    // stored bytes fail their checksum or cannot be understood
  kUnsupported,  // valid in the dialect, not available here
  kTimeout,
  kInternal,  // our own mistake
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::optional<SourcePosition> at;  // where in the request's text, when known
  std::string hint;                  // shown behind the message; may be empty
  std::string statement;             // text of the statement (for syntax errors: of the line); may be empty
  std::string cause;                 // message of the direct cause; may be empty

  Error() = default;
  Error(ErrorCode error_code, std::string text) : code(error_code), message(std::move(text)) {}
  Error(ErrorCode error_code, std::string text, SourcePosition position)
      : code(error_code), message(std::move(text)), at(position) {}

  Error with_hint(std::string text) && {
    hint = std::move(text);
    return std::move(*this);
  }
  Error with_statement(std::string text) && {
    statement = std::move(text);
    return std::move(*this);
  }
};

// "1:8 column "hitz" does not exist\nhint: did you mean "hits"?"
std::string describe(const Error& error);

// Aborts with a message: for our own mistakes only, never for user input.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace thalweg

#define THALWEG_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::thalweg::assertion_failed(#expression, __FILE__, __LINE__))
