// PRINT: follows a topic and writes its records as text until LIMIT or until the client leaves.
//
// Thread: made on a query thread; reads there, writes on the I/O thread, one step at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast/statement.h"
#include "server/api/context.h"
#include "server/api/line_output.h"
#include "server/api/print_format.h"

namespace thalweg::server {

class PrintStream : public std::enable_shared_from_this<PrintStream> {
 public:
  // kStatement: no such topic, with a hint when only the case differs.
  static Result<std::shared_ptr<PrintStream>> open(ApiContext& context, const ast::Print& statement,
                                                   LineOutputPtr output);
  PrintStream(ApiContext& context, const ast::Print& statement, LineOutputPtr output)
      : context_(context), statement_(statement), output_(std::move(output)) {}
  ~PrintStream();
  void start();  // I/O thread

 private:
  struct Step {
    std::vector<std::string> lines;
    bool finished = false;
  };
  Result<void> position();
  Step read();  // query thread
  void pass_over(std::int32_t partition, Offset& next, const Error& error, Step& step);
  void print(const runtime::RecordBatch& batch, std::uint32_t first, std::int32_t partition, Step& step);
  void schedule();  // I/O thread
  void deliver(Step step);
  void end();
  void arm_idle_timer();

  ApiContext& context_;
  const ast::Print statement_;
  LineOutputPtr output_;
  std::map<std::int32_t, Offset> next_;  // per partition
  FormatGuess key_, value_;
  bool formats_printed_ = false;
  std::int64_t seen_ = 0, printed_ = 0;
  std::uint64_t listener_ = 0;
  bool listening_ = false;
  bool step_running_ = false;  // I/O thread, as are the next two
  bool ended_ = false;
  std::int64_t last_written_ns_ = 0;
  std::shared_ptr<std::atomic<bool>> wake_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace thalweg::server
