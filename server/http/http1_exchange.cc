#include "server/http/http1_exchange.h"

#include <array>
#include <charconv>

namespace thalweg::server {
namespace {

void append_number(std::string& out, std::size_t value, int base = 10) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 204: return "No Content";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Unknown";
  }
}

void Http1Exchange::add_field(std::string_view name, std::string_view value) {
  fields_.append(name).append(": ").append(value).append("\r\n");
}

void Http1Exchange::append_head(int status, std::string_view content_type) {
  auto& out = connection_->out_;
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
  if (!content_type.empty()) out.append("content-type: ").append(content_type).append("\r\n");
  out += fields_;
  connection_->network_->handler.answered(route, status);
}

void Http1Exchange::answer(Answer answer) {
  if (connection_ == nullptr || streaming_) return;
  if (connection_->receiving_ || connection_->eof_) keep_alive_ = false;
  append_head(answer.status, answer.content_type);
  auto& out = connection_->out_;
  for (const auto& [name, value] : answer.fields) out.append(name).append(": ").append(value).append("\r\n");
  if (answer.status != 204) {
    out += "content-length: ";
    append_number(out, answer.body.size());
    out += "\r\n";
  }
  if (!keep_alive_) out += "connection: close\r\n";
  if (keep_alive_ && http10_) out += "connection: keep-alive\r\n";
  out += "\r\n";
  if (!head_only_) out += answer.body;
  complete();
}

void Http1Exchange::begin(int status, std::string_view content_type) {
  if (connection_ == nullptr || streaming_) return;
  streaming_ = true;
  if (http10_ || connection_->eof_) keep_alive_ = false;
  append_head(status, content_type);
  auto& out = connection_->out_;
  if (!http10_) out += "transfer-encoding: chunked\r\n";
  if (!keep_alive_) out += "connection: close\r\n";
  out += "\r\n";
}

void Http1Exchange::write(std::string_view chunk) {
  if (connection_ == nullptr || head_only_ || chunk.empty()) return;
  auto& out = connection_->out_;
  if (http10_) {
    out += chunk;
    return;
  }
  append_number(out, chunk.size(), 16);
  out.append("\r\n").append(chunk).append("\r\n");
}

void Http1Exchange::flush() {
  if (connection_ != nullptr) connection_->flush();
}

void Http1Exchange::finish() {
  if (connection_ == nullptr) return;
  if (connection_->receiving_) keep_alive_ = false;  // what is left of the body cannot be told from a request
  if (!http10_ && !head_only_) connection_->out_ += "0\r\n\r\n";
  complete();
}

void Http1Exchange::complete() { connection_->answer_finished(keep_alive_); /* detaches this */ }

bool Http1Exchange::congested() const {
  return connection_ != nullptr && connection_->unsent() > connection_->limits_.send_high_bytes;
}

void Http1Exchange::on_gone(std::function<void()> callback) {
  if (connection_ == nullptr) return;
  gone_ = std::move(callback);
  if (connection_->eof_) {
    connection_->network_->loop.post(
        [connection = connection_->shared_from_this()] { connection->client_left(); });
  }
}

void Http1Exchange::lose_client() {
  connection_ = nullptr;
  drained_ = nullptr;
  if (auto callback = std::exchange(gone_, nullptr)) callback();
}

void Http1Exchange::drained() {
  if (auto callback = std::exchange(drained_, nullptr)) callback();
}

}  // namespace thalweg::server
