#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace thalweg {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kParse: return "parse error";
    case ErrorCode::kStatement: return "statement error";
    case ErrorCode::kQuery: return "query error";
    case ErrorCode::kFatal: return "fatal error";
    case ErrorCode::kBadRecord: return "bad record";
    case ErrorCode::kNotFound: return "not found";
    case ErrorCode::kExists: return "exists";
    case ErrorCode::kInUse: return "in use";
    case ErrorCode::kLimit: return "limit reached";
    case ErrorCode::kLate: return "late";
    case ErrorCode::kIo: return "i/o error";
    case ErrorCode::kCorrupted: return "corrupted";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kTimeout: return "timed out";
    case ErrorCode::kInternal: return "internal error";
  }
  return "unknown error";
}

std::string describe(const Error& error) {
  std::string text;
  if (error.at && error.at->line > 0) {
    text += std::to_string(error.at->line) + ":" + std::to_string(error.at->column) + " ";
  }
  text += error.message;
  if (!error.hint.empty()) text += "\nhint: " + error.hint;
  return text;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "thalweg: assertion failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace thalweg
