#include <optional>

#include "server/api/row_output.h"

namespace thalweg::server {
namespace {

// One piece of the writer is one chunk.
class HttpOutput final : public RowOutput {
 public:
  HttpOutput(ExchangePtr exchange, RowFormat format) : exchange_(std::move(exchange)), format_(format) {}

  void refuse(const ApiError& error) override { exchange_->answer(answer_of(error)); }
  void head(ResultHead head, bool push, bool last) override {
    writer_.emplace(format_, std::move(head), push);
    exchange_->begin(200, media_type(format_));
    writer_->head(piece_, last);
    send();
  }
  void row(const planner::ValueList& values, bool tombstone, bool last) override {
    writer_->row(piece_, values, tombstone, last);
    send();
  }
  void finish(std::string_view final_message) override {
    writer_->end(piece_, final_message);
    send();
    exchange_->finish();
  }
  void fail(int code, std::string_view message) override {
    writer_->error(piece_, code, message);
    send();
    exchange_->finish();
  }
  void flush() override { exchange_->flush(); }
  bool congested() const override { return exchange_->congested(); }
  void on_drained(std::function<void()> callback) override { exchange_->on_drained(std::move(callback)); }
  void on_gone(std::function<void()> callback) override { exchange_->on_gone(std::move(callback)); }
  std::size_t bytes() const override { return bytes_; }
  bool writes_final_message() const override { return format_ == RowFormat::kStreamed; }

 private:
  void send() {
    bytes_ += piece_.size();
    exchange_->write(piece_);
    piece_.clear();
  }

  ExchangePtr exchange_;
  RowFormat format_;
  std::optional<RowWriter> writer_;
  std::string piece_;  // keeps its memory from row to row
  std::size_t bytes_ = 0;
};

}  // namespace

RowOutputPtr make_http_output(ExchangePtr exchange, RowFormat format) {
  return std::make_shared<HttpOutput>(std::move(exchange), format);
}

}  // namespace thalweg::server
