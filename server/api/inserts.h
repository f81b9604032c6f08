// POST /inserts-stream: a first line {"target":"S"}, then one row per line, acknowledged one by one.
//
// The answer's head is sent as soon as the first line is accepted. Rows are written in order on a query
// thread, a batch of lines at a time; reading stops while too many bytes wait.
// Thread: the I/O thread, except the writing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "planner/catalog/catalog.h"
#include "server/api/context.h"
#include "server/http/exchange.h"

namespace thalweg::server {

class InsertStream final : public BodySink, public std::enable_shared_from_this<InsertStream> {
 public:
  // `json_array`: acknowledgements as [{…},{…}], else one per line.
  InsertStream(ApiContext& context, ExchangePtr exchange, bool json_array)
      : context_(context), exchange_(std::move(exchange)), json_array_(json_array) {}

  void data(std::string_view bytes) override;
  void end() override;
  bool full() const override;
  void on_room(std::function<void()> resume) override { resume_ = std::move(resume); }

 private:
  struct Outcome {
    std::string acknowledgements;
    std::vector<std::size_t> ends;  // of each acknowledgement
    std::size_t rows = 0;
    bool failed = false;
  };
  void take_lines();
  void open_target(const std::string& line);
  void work();                                                                 // starts a batch if none runs
  Outcome insert(const std::vector<std::string>& lines, std::uint64_t first);  // query thread
  std::string acknowledge(std::uint64_t sequence, const Error* error) const;
  void deliver(Outcome outcome);
  void refuse(ApiError error);
  void finish();

  ApiContext& context_;
  ExchangePtr exchange_;
  bool json_array_;
  std::function<void()> resume_;
  std::string partial_;             // the unfinished line
  std::vector<std::string> lines_;  // complete, not yet handed over
  std::size_t waiting_bytes_ = 0;
  planner::DataSourcePtr target_;  // null: the first line is still to come
  std::uint64_t next_row_ = 0;
  bool working_ = false;
  bool ended_ = false;  // the request is complete
  bool done_ = false;   // the answer is
};

}  // namespace thalweg::server
