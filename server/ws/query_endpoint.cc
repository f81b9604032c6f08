#include "server/ws/query_endpoint.h"

#include <nlohmann/json.hpp>

#include "planner/types/text.h"
#include "server/api/entities.h"
#include "server/api/select.h"
#include "server/ws/session.h"

namespace thalweg::server {
namespace {

using SessionPtr = std::shared_ptr<WebSocketSession>;

std::uint16_t close_code_of(int error_code) {
  if (error_code == kCommandTimeout) return kCloseTryLater;
  return error_code / 100 == 500 ? kCloseInternal : kCloseUnsupported;
}

void send_error(WebSocketSession& session, std::uint16_t close_code, std::string_view message) {
  std::string text = "{\"error\":";
  planner::append_json_string(text, message);
  session.send_text(text + "}");
  session.close(close_code, message);
}

class WebSocketRows final : public RowOutput {
 public:
  explicit WebSocketRows(SessionPtr session) : session_(std::move(session)) {}
  void refuse(const ApiError& error) override {
    send_error(*session_, close_code_of(error.code), error.message);
  }
  void head(ResultHead head, bool, bool) override {
    schema_ = std::move(head.schema);
    send(dump(schema_fields_json(schema_, head.marks)));
  }
  void row(const planner::ValueList& values, bool tombstone, bool) override {
    if (tombstone) return;
    piece_ = "{\"row\":{\"columns\":";
    append_columns(piece_, values, schema_);
    piece_ += "}}";
    send(piece_);
  }
  void finish(std::string_view) override { send_error(*session_, kCloseNormal, "done"); }
  void fail(int code, std::string_view message) override {
    send_error(*session_, close_code_of(code), message);
  }
  void flush() override { session_->flush(); }
  bool congested() const override { return session_->congested(); }
  void on_drained(std::function<void()> callback) override { session_->on_drained(std::move(callback)); }
  void on_gone(std::function<void()> callback) override { session_->on_gone(std::move(callback)); }
  std::size_t bytes() const override { return bytes_; }
  bool writes_final_message() const override { return false; }

 private:
  void send(const std::string& text) {
    bytes_ += text.size();
    session_->send_text(text);
  }
  SessionPtr session_;
  planner::Schema schema_;
  std::string piece_;
  std::size_t bytes_ = 0;
};

class WebSocketLines final : public LineOutput {
 public:
  explicit WebSocketLines(SessionPtr session) : session_(std::move(session)) {}
  void refuse(const ApiError& error) override {
    send_error(*session_, close_code_of(error.code), error.message);
  }
  void begin() override {}
  void line(std::string_view text) override {
    piece_.clear();
    planner::append_json_string(piece_, text);
    session_->send_text(piece_);
  }
  void idle() override {}  // pings do that
  void finish() override { send_error(*session_, kCloseNormal, "done"); }
  void flush() override { session_->flush(); }
  bool congested() const override { return session_->congested(); }
  void on_drained(std::function<void()> callback) override { session_->on_drained(std::move(callback)); }
  void on_gone(std::function<void()> callback) override { session_->on_gone(std::move(callback)); }

 private:
  SessionPtr session_;
  std::string piece_;
};

}  // namespace

void serve_websocket_query(ApiContext& context, Upgraded upgraded) {
  const auto session = std::make_shared<WebSocketSession>(std::move(upgraded));
  session->start();
  const auto& query = session->request().query;
  if (const auto version = query_parameter(query, "version"); version && *version != "1") {
    return send_error(*session, kCloseUnsupported, "Received invalid api version: " + *version);
  }
  auto request = query_parameter(query, "request");
  if (!request) return send_error(*session, kCloseUnsupported, "missing request parameter");
  SelectJob job;
  job.rows = std::make_shared<WebSocketRows>(session);
  job.lines = std::make_shared<WebSocketLines>(session);
  start_select(context, std::move(*request), std::move(job));
}

}  // namespace thalweg::server
