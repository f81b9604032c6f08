// Moves the rows of one query to its output, no faster than the client takes them, and stops the
// query when the client leaves.
//
// Thread: the I/O thread, except that a push query wakes it from elsewhere.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "runtime/engine.h"
#include "server/api/context.h"
#include "server/api/row_output.h"

namespace thalweg::server {

class RowStream : public std::enable_shared_from_this<RowStream> {
 public:
  RowStream(ApiContext& context, RowOutputPtr output) : context_(context), output_(std::move(output)) {}
  ~RowStream();

  // One of the two, once. A push query's place in the registry must have been reserved.
  void start(std::shared_ptr<runtime::PushQuery> query);
  void start(runtime::PullResult result);
  // Ends a push query from outside (close, terminate, shutdown).
  void stop(std::string_view final_message);

 private:
  void pump_push();
  void pump_pull();
  bool pass_on(runtime::PushQuery::Poll poll);  // false: that was the end
  void end_push();

  ApiContext& context_;
  RowOutputPtr output_;
  std::shared_ptr<runtime::PushQuery> query_;
  std::string id_;
  std::shared_ptr<std::atomic<bool>> wake_pending_ = std::make_shared<std::atomic<bool>>(false);
  runtime::PullResult result_;
  std::size_t next_row_ = 0;
};

}  // namespace thalweg::server
