#include <string>

#include "server/api/line_output.h"

namespace thalweg::server {
namespace {

class HttpLines final : public LineOutput {
 public:
  explicit HttpLines(ExchangePtr exchange) : exchange_(std::move(exchange)) {}
  void refuse(const ApiError& error) override { exchange_->answer(answer_of(error)); }
  void begin() override { exchange_->begin(200, "text/plain; charset=utf-8"); }
  void line(std::string_view text) override {
    piece_.assign(text);
    piece_ += '\n';
    exchange_->write(piece_);
  }
  void idle() override { exchange_->write("\n"); }
  void finish() override { exchange_->finish(); }
  void flush() override { exchange_->flush(); }
  bool congested() const override { return exchange_->congested(); }
  void on_drained(std::function<void()> callback) override { exchange_->on_drained(std::move(callback)); }
  void on_gone(std::function<void()> callback) override { exchange_->on_gone(std::move(callback)); }

 private:
  ExchangePtr exchange_;
  std::string piece_;
};

}  // namespace

LineOutputPtr make_http_lines(ExchangePtr exchange) {
  return std::make_shared<HttpLines>(std::move(exchange));
}

}  // namespace thalweg::server
