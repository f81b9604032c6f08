// Where the rows of one query go: an HTTP answer or a WebSocket. I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "planner/types/value.h"
#include "server/api/error_body.h"
#include "server/api/row_writer.h"
#include "server/http/exchange.h"

namespace thalweg::server {

class RowOutput {
 public:
  virtual ~RowOutput() = default;
  virtual void refuse(const ApiError& error) = 0;  // instead of everything else
  // `last`: nothing but the end follows.
  virtual void head(ResultHead head, bool push, bool last) = 0;
  virtual void row(const planner::ValueList& values, bool tombstone, bool last) = 0;
  virtual void finish(std::string_view final_message) = 0;
  virtual void fail(int code, std::string_view message) = 0;  // behind the head
  virtual void flush() = 0;
  virtual bool congested() const = 0;
  virtual void on_drained(std::function<void()> callback) = 0;
  virtual void on_gone(std::function<void()> callback) = 0;
  virtual std::size_t bytes() const = 0;  // written so far
  virtual bool writes_final_message() const = 0;
};
using RowOutputPtr = std::shared_ptr<RowOutput>;

RowOutputPtr make_http_output(ExchangePtr exchange, RowFormat format);

}  // namespace thalweg::server
