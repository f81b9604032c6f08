#include "server/http/request_reader.h"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>
#include <cstring>

namespace thalweg::server {
namespace {

namespace http = boost::beast::http;
using HeadParser = http::request_parser<http::empty_body>;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::kGet;
    case http::verb::head: return Method::kHead;
    case http::verb::post: return Method::kPost;
    case http::verb::options: return Method::kOptions;
    default: return Method::kOther;
  }
}

std::string_view std_view(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (equal_ignoring_case(trim(list.substr(0, end)), token)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// What the fields of a head say about framing, before it is judged.
struct Framing {
  int hosts = 0;
  int content_lengths = 0;
  int transfer_encodings = 0;
  bool chunked_exactly = false;
  bool length_valid = true;
  bool close = false;
  bool keep_alive = false;
  bool upgrade_token = false;
  bool websocket_token = false;
  bool unknown_expectation = false;
};

void read_length(std::string_view value, Framing& framing, Request& request) {
  ++framing.content_lengths;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || error != std::errc{} || end != value.data() + value.size()) {
    framing.length_valid = false;
  } else {
    request.content_length = length;
  }
}

void read_field(http::field name, std::string_view value, Framing& framing, Request& request) {
  switch (name) {
    case http::field::host:
      ++framing.hosts;
      request.host = value;
      break;
    case http::field::content_length: read_length(value, framing, request); break;
    case http::field::transfer_encoding:
      ++framing.transfer_encodings;
      framing.chunked_exactly = equal_ignoring_case(value, "chunked");
      break;
    case http::field::connection:
      framing.close = framing.close || has_token(value, "close");
      framing.keep_alive = framing.keep_alive || has_token(value, "keep-alive");
      framing.upgrade_token = framing.upgrade_token || has_token(value, "upgrade");
      break;
    case http::field::upgrade:
      framing.websocket_token = framing.websocket_token || has_token(value, "websocket");
      break;
    case http::field::accept:
      if (request.accept) {
        *request.accept += ',';
        *request.accept += value;
      } else {
        request.accept = value;
      }
      break;
    case http::field::origin: request.origin = value; break;
    case http::field::expect:
      request.expects_continue = equal_ignoring_case(value, "100-continue");
      framing.unknown_expectation = !request.expects_continue;
      break;
    case http::field::sec_websocket_key: request.websocket_keys.emplace_back(value); break;
    case http::field::sec_websocket_version: request.websocket_version = value; break;
    default: break;
  }
}

// A path, or a whole URL; a URL names the host itself, whatever the Host field says (RFC 9112, 3.2.2). False:
// a URL that cannot be ours.
bool read_target(std::string_view target, Request& request) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = target;
  const bool url = !target.starts_with('/') && target.find("://") < target.find_first_of("/?");
  if (url) {
    if (!equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) return false;
    rest.remove_prefix(kScheme.size());
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    request.host = rest.substr(0, end);
    if (request.host.empty() || request.host.find('@') != request.host.npos) return false;
    rest.remove_prefix(end);
  }
  const auto question = std::min(rest.find('?'), rest.size());
  request.path = url && question == 0 ? "/" : rest.substr(0, question);
  if (question < rest.size()) request.query = rest.substr(question + 1);
  return true;
}

// Empty: acceptable.
std::string judge(const Framing& framing, const Request& request) {
  if (framing.hosts != 1) return "exactly one Host field is required";
  if (framing.content_lengths > 1 || !framing.length_valid) return "invalid Content-Length";
  if (framing.transfer_encodings > 0) {
    if (framing.transfer_encodings > 1 || !framing.chunked_exactly) {
      return "the only supported Transfer-Encoding is chunked";
    }
    if (framing.content_lengths > 0) return "Transfer-Encoding and Content-Length exclude each other";
    if (request.minor_version == 0) return "HTTP/1.0 has no Transfer-Encoding";
  }
  return {};
}

}  // namespace

std::span<char> InputBuffer::prepare() {
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() - end_ < 2048 && bytes_.size() < kInputMaxBytes) {
    bytes_.resize(std::min(kInputMaxBytes, std::max<std::size_t>(4096, bytes_.size() * 2)));
  }
  return {bytes_.data() + end_, bytes_.size() - end_};
}

void InputBuffer::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = prepare();
    if (room.empty()) return;
    const auto count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    commit(count);
    bytes.remove_prefix(count);
  }
}

void RequestReader::reset() {
  state_ = State::kHead;
  request_ = Request{};
  started_ = any_length_ = false;
  scanned_ = line_start_ = head_end_ = fields_ = trailer_bytes_ = 0;
  remaining_ = body_bytes_ = 0;
}

RequestReader::Event RequestReader::fail(int status, std::string message) {
  state_ = State::kFailed;
  failure_ = Failure{status, std::move(message)};
  return Event::kFailed;
}

RequestReader::Event RequestReader::advance(InputBuffer& input) {
  switch (state_) {
    case State::kHead: return read_head(input);
    case State::kBodyStart: return begin_body();
    case State::kFixed: return read_fixed(input);
    case State::kChunkLine: return read_chunk_line(input);
    case State::kChunkData: return read_chunk_data(input);
    case State::kChunkEnd: return read_chunk_end(input);
    case State::kTrailers: return read_trailers(input);
    case State::kDone: return Event::kDone;
    case State::kFailed: return Event::kFailed;
  }
  return Event::kFailed;
}

RequestReader::Event RequestReader::read_head(InputBuffer& input) {
  if (!started_) {  // empty lines before a request line are to be ignored
    while (input.view().starts_with("\r\n")) input.consume(2);
    if (input.view() == "\r") return Event::kMore;
  }
  const auto bytes = input.view();
  if (bytes.empty()) return Event::kMore;
  started_ = true;
  if (!scan_head_lines(bytes)) return Event::kFailed;
  const std::size_t size = head_end_ != 0 ? head_end_ : bytes.size();
  if (size > limits_.head_max_bytes) return fail(431, "the request head is too large");
  if (head_end_ == 0) return Event::kMore;
  const auto event = parse_head(bytes.substr(0, head_end_));
  input.consume(head_end_);
  return event;
}

bool RequestReader::scan_head_lines(std::string_view bytes) {
  for (; scanned_ < bytes.size() && head_end_ == 0; ++scanned_) {
    if (bytes[scanned_] != '\n') continue;
    if (scanned_ == 0 || bytes[scanned_ - 1] != '\r') {
      fail(400, "lines of a head end in CR LF");
      return false;
    }
    const auto line = bytes.substr(line_start_, scanned_ - 1 - line_start_);
    const bool first = line_start_ == 0;
    if (line.empty()) {
      head_end_ = scanned_ + 1;
    } else if (!first && (line.front() == ' ' || line.front() == '\t')) {
      fail(400, "folded header lines are not accepted");
      return false;
    } else if (!first && ++fields_ > limits_.head_max_fields) {
      fail(431, "too many header fields");
      return false;
    }
    line_start_ = scanned_ + 1;
  }
  return true;
}

RequestReader::Event RequestReader::parse_head(std::string_view head) {
  HeadParser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.head_max_bytes));
  parser.skip(true);
  boost::beast::error_code error;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error || !parser.is_header_done()) return fail(400, "malformed HTTP request");
  const auto& message = parser.get();
  request_.method = method_of(message.method());
  request_.minor_version = static_cast<int>(message.version() % 10);
  Framing framing;
  for (const auto& field : message)
    read_field(field.name(), trim(std_view(field.value())), framing, request_);
  if (!read_target(std_view(message.target()), request_)) return fail(400, "malformed request target");
  if (auto reason = judge(framing, request_); !reason.empty()) return fail(400, std::move(reason));
  if (framing.unknown_expectation) return fail(417, "unknown expectation");
  request_.chunked = framing.transfer_encodings > 0;
  request_.keep_alive = !framing.close && (request_.minor_version >= 1 || framing.keep_alive);
  request_.wants_websocket = framing.upgrade_token && framing.websocket_token;
  state_ = State::kBodyStart;
  return Event::kHead;
}

RequestReader::Event RequestReader::begin_body() {
  if (request_.chunked) {
    state_ = State::kChunkLine;
    return Event::kBody;
  }
  remaining_ = request_.content_length.value_or(0);
  if (!any_length_ && remaining_ > limits_.body_max_bytes) return fail(413, "the request body is too large");
  if (remaining_ == 0) {
    state_ = State::kDone;
    return Event::kDone;
  }
  state_ = State::kFixed;
  return Event::kBody;
}

RequestReader::Event RequestReader::take_body(InputBuffer& input) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.view().size()));
  if (count == 0) return Event::kMore;
  body_bytes_ += count;
  if (!any_length_ && body_bytes_ > limits_.body_max_bytes) return fail(413, "the request body is too large");
  request_.body.append(input.view().substr(0, count));
  input.consume(count);
  remaining_ -= count;
  return Event::kBody;
}

RequestReader::Event RequestReader::read_fixed(InputBuffer& input) {
  if (remaining_ == 0) {
    state_ = State::kDone;
    return Event::kDone;
  }
  return take_body(input);
}

RequestReader::Event RequestReader::read_chunk_line(InputBuffer& input) {
  const auto bytes = input.view();
  const auto end = bytes.find("\r\n");
  if (end == bytes.npos ? bytes.size() > limits_.chunk_line_max_bytes : end > limits_.chunk_line_max_bytes) {
    return fail(400, "the line of a chunk is too long");
  }
  if (end == bytes.npos) return Event::kMore;
  const auto line = bytes.substr(0, end);
  std::uint64_t size = 0;
  const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  const auto rest = trim(line.substr(static_cast<std::size_t>(stop - line.data())));
  if (error != std::errc{} || (!rest.empty() && rest.front() != ';') || line.find('\n') != line.npos) {
    return fail(400, "malformed chunk");
  }
  if (!any_length_ && size > limits_.body_max_bytes) return fail(413, "the request body is too large");
  input.consume(end + 2);
  remaining_ = size;
  state_ = size == 0 ? State::kTrailers : State::kChunkData;
  return Event::kBody;
}

RequestReader::Event RequestReader::read_chunk_data(InputBuffer& input) {
  if (remaining_ > 0) return take_body(input);
  state_ = State::kChunkEnd;
  return Event::kBody;
}

RequestReader::Event RequestReader::read_chunk_end(InputBuffer& input) {
  const auto bytes = input.view();
  if (bytes.size() < 2) return Event::kMore;
  if (!bytes.starts_with("\r\n")) return fail(400, "malformed chunk");
  input.consume(2);
  state_ = State::kChunkLine;
  return Event::kBody;
}

RequestReader::Event RequestReader::read_trailers(InputBuffer& input) {
  const auto bytes = input.view();
  const auto end = bytes.find("\r\n");
  if (trailer_bytes_ + std::min(end, bytes.size()) > limits_.head_max_bytes) {
    return fail(431, "the trailers are too large");
  }
  if (end == bytes.npos) return Event::kMore;
  const auto line = bytes.substr(0, end);
  if (line.find('\n') != line.npos || (!line.empty() && line.find(':') == line.npos)) {
    return fail(400, "malformed trailer");
  }
  const bool last = line.empty();
  trailer_bytes_ += end + 2;
  input.consume(end + 2);
  if (last) {
    state_ = State::kDone;
    return Event::kDone;
  }
  if (++fields_ > limits_.head_max_fields) return fail(431, "too many header fields");
  return Event::kBody;
}

}  // namespace thalweg::server
