// Where the lines of a PRINT go. I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "server/api/error_body.h"
#include "server/http/exchange.h"

namespace thalweg::server {

class LineOutput {
 public:
  virtual ~LineOutput() = default;
  virtual void refuse(const ApiError& error) = 0;
  virtual void begin() = 0;
  virtual void line(std::string_view text) = 0;  // without its end
  virtual void idle() = 0;                       // a sign of life
  virtual void finish() = 0;
  virtual void flush() = 0;
  virtual bool congested() const = 0;
  virtual void on_drained(std::function<void()> callback) = 0;
  virtual void on_gone(std::function<void()> callback) = 0;
};
using LineOutputPtr = std::shared_ptr<LineOutput>;

LineOutputPtr make_http_lines(ExchangePtr exchange);

}  // namespace thalweg::server
