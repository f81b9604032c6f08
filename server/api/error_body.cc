#include "server/api/error_body.h"

#include <spdlog/spdlog.h>

#include "planner/types/text.h"
#include "server/api/masking.h"

namespace thalweg::server {
namespace {

int code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kParse:
    case ErrorCode::kStatement:
    case ErrorCode::kQuery:
    case ErrorCode::kBadRecord:
    case ErrorCode::kNotFound:
    case ErrorCode::kExists:
    case ErrorCode::kInUse:
    case ErrorCode::kLate:
    case ErrorCode::kUnsupported: return kBadStatement;
    case ErrorCode::kLimit: return kBadRequest;
    case ErrorCode::kTimeout: return kCommandTimeout;
    case ErrorCode::kFatal:
    case ErrorCode::kIo:
    case ErrorCode::kCorrupted:
    case ErrorCode::kInternal: return kServerError;
  }
  return kServerError;
}

std::string message_of(const Error& error) {
  std::string message;
  if (error.code == ErrorCode::kParse && error.at && error.at->line > 0 &&
      error.message.find("line ") == std::string::npos && error.message.find("Line: ") == std::string::npos) {
    message = "line " + std::to_string(error.at->line) + ":" + std::to_string(error.at->column) + ": ";
  }
  message += error.message;
  if (!error.hint.empty()) message += "\n" + error.hint;
  return message;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  if (from.empty() || from == to) return;
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

ApiError statement_failure(const Error& error, const std::string& sql) {
  ApiError failure;
  failure.code = code_of(error.code);
  failure.of_statement = true;
  failure.statement = mask_secrets(sql);
  failure.message = message_of(error);
  if (error.at && error.at->line > 0) failure.at = error.at;
  if (error.code == ErrorCode::kInternal) {
    spdlog::error("statement failed: {} ({}): {}", describe(error), error.cause, mask_statement(sql));
    failure.message = "The statement failed for a reason inside the server; its log has the details.";
  } else if (error.code == ErrorCode::kIo || error.code == ErrorCode::kCorrupted) {
    spdlog::error("statement failed: {} ({})", describe(error), error.cause);
  }
  replace_all(failure.message, sql, *failure.statement);
  replace_all(failure.message, error.statement, mask_secrets(error.statement));
  return failure;
}

ApiError request_failure(std::string message, const std::string& sql) {
  return {kBadRequest, std::move(message), false, mask_secrets(sql), {}};
}

std::string error_json(const ApiError& error) {
  std::string out = error.of_statement ? R"({"@type":"statement_error","error_code":)"
                                       : R"({"@type":"generic_error","error_code":)";
  out += std::to_string(error.code) + ",\"message\":";
  planner::append_json_string(out, error.message);
  if (error.statement || error.status() == 400) {
    out += ",\"statementText\":";
    planner::append_json_string(out, error.statement.value_or(""));
    out += ",\"entities\":[" + error.entities + "]";
  }
  if (error.at) {
    out += ",\"position\":{\"line\":" + std::to_string(error.at->line) +
           ",\"column\":" + std::to_string(error.at->column) + "}";
  }
  return out + "}";
}

std::string error_json(int code, std::string_view message) {
  return error_json(ApiError{code, std::string(message), false, std::nullopt, {}});
}

Answer answer_of(const ApiError& error) {
  Answer answer;
  answer.status = error.status();
  answer.body = error_json(error);
  if (error.code == kNotReady) answer.fields = {{"retry-after", "10"}};
  return answer;
}

Answer error_answer_of(int status, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.body = error_json(status * 100, message);
  return answer;
}

}  // namespace thalweg::server
