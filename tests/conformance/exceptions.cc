#include "tests/conformance/exceptions.h"

#include <array>
#include <optional>
#include <string_view>

namespace thalweg::conformance {
namespace {

// Classes of the suite. Each one is also every class that stands under it.
constexpr std::array<std::string_view, 4> kChain = {
    "org.apache.kafka.streams.errors.StreamsException", "io.confluent.ksql.util.KsqlException",
    "io.confluent.ksql.util.KsqlStatementException",
    "io.confluent.ksql.parser.exception.ParseFailedException"};
// Stands beside the chain, on KsqlException.
constexpr std::string_view kFunctionException = "io.confluent.ksql.function.KsqlFunctionException";

std::string_view class_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kParse: return kChain[3];
    case ErrorCode::kStatement: return kChain[2];
    case ErrorCode::kFatal:
    case ErrorCode::kBadRecord: return kChain[0];
    default: return kChain[1];
  }
}

// How a stopped query says what it met: our text begins with the wrapper's, the cause's text follows.
struct Wrapper {
  std::string_view begins;  // of our message
  std::size_t own;          // so much of it is the wrapper's
  std::string_view cause;   // class of the cause
};
constexpr std::string_view kInProcess = "Exception caught in process. ";
constexpr std::array<Wrapper, 2> kWrappers = {
    {{"Exception caught in process. Unable to serialize record", kInProcess.size(), kChain[0]},
     {kInProcess, kInProcess.size(), kFunctionException}}};

struct Cause {
  std::string_view type;
  std::string_view message;
};

std::optional<Cause> cause_of(const Error& error) {
  for (const Wrapper& wrapper : kWrappers) {
    if (error.message.starts_with(wrapper.begins))
      return Cause{wrapper.cause, std::string_view(error.message).substr(wrapper.own)};
  }
  return std::nullopt;
}

std::optional<std::size_t> rank(std::string_view type) {
  for (std::size_t i = 0; i < kChain.size(); ++i) {
    if (!type.empty() && kChain[i] == type) return i;
  }
  return std::nullopt;
}

// Whether an exception of class `actual` is one of class `wanted`; classes we do not know match nothing.
bool is_a(std::string_view actual, std::string_view wanted) {
  if (actual == wanted) return true;
  const auto super = rank(wanted), own = rank(actual == kFunctionException ? kChain[1] : actual);
  return super && own && *super <= *own;
}

Verdict wrong(const std::string& part, const std::string& expected, const std::string& actual) {
  return {false, part + "\n    expected " + expected + "\n    actual   " + actual};
}

Verdict check_cause(const Json& expected, const Error& error) {
  const std::string type = expected.string_or("cause", ""), message = expected.string_or("causeMessage", "");
  if (type.empty() && message.empty()) return {true, {}};
  const auto cause = cause_of(error);
  if (!cause) return wrong("cause", type + ": " + message, "none: " + error.message);
  if (!type.empty() && !is_a(cause->type, type)) return wrong("cause", type, std::string(cause->type));
  if (cause->message.find(message) != cause->message.npos) return {true, {}};
  return wrong("cause's message", message, std::string(cause->message));
}

}  // namespace

Verdict check_exception(const Json& expected, const Error& error) {
  const std::string type = expected.string_or("type", ""), message = expected.string_or("message", "");
  if (!type.empty() && !is_a(class_of(error.code), type)) {
    return wrong("class", type, std::string(class_of(error.code)) + ": " + error.message);
  }
  const std::string full = error.message + "\nStatement: " + error.statement;
  if (full.find(message) == full.npos) return wrong("message", message, full);
  return check_cause(expected, error);
}

}  // namespace thalweg::conformance
