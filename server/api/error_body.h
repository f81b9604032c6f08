// Failures as clients read them.
//
//   {"@type":"generic_error","error_code":40000,"message":"…"}
//   {"@type":"statement_error","error_code":40001,"message":"…","statementText":"…","entities":[],
//    "position":{"line":1,"column":8}}
//
// The position counts from 1 over the text of the request; it is there when the error has a place.
// The HTTP status is error_code / 100. Every 400 has all five members, because some drivers index them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "server/http/exchange.h"

namespace thalweg::server {

struct ApiError {
  int code = 50000;
  std::string message;
  bool of_statement = false;             // @type
  std::optional<std::string> statement;  // present: statementText and entities are written
  std::string entities;                  // JSON objects, comma separated, of statements that did run
  std::optional<SourcePosition> at = {};

  int status() const { return code / 100; }
};

inline constexpr int kBadRequest = 40000, kBadStatement = 40001, kQueryEndpoint = 40002,
                     kNotFoundCode = 40400, kConflict = 40900, kAssertionFailed = 41700,
                     kRegistryNeeded = 42801, kTooManyRequests = 42900, kServerError = 50000,
                     kCommandTimeout = 50301, kNotReady = 50302, kShuttingDown = 50303, kShutDown = 50304;

// `sql` is the text of the statement or request; secrets in it and in the message are masked. Internal
// failures are logged in full and answered with a generic text.
ApiError statement_failure(const Error& error, const std::string& sql);
ApiError request_failure(std::string message, const std::string& sql = {});

std::string error_json(const ApiError& error);
std::string error_json(int code, std::string_view message);  // generic_error
Answer answer_of(const ApiError& error);
Answer error_answer_of(int status, std::string_view message);  // code = status × 100

}  // namespace thalweg::server
