// Bytes → requests, one after another. Pure: no socket, no clock, so that a fuzzer can drive it.
//
// Beast parses the head, after our own look at the raw lines; bodies are decoded here. Beast alone
// accepts folded lines, any number of fields and trailers, endless chunk lines, TE next to
// Content-Length, and takes an unknown Transfer-Encoding for an empty body, which lets one request
// hide in another's body.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/limits.h"
#include "server/http/request.h"

namespace thalweg::server {

// Bytes received and not yet understood. Never holds more than kInputMaxBytes.
inline constexpr std::size_t kInputMaxBytes = 64u << 10;
class InputBuffer {
 public:
  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t count) { begin_ += count; }
  // Room for more; empty when full. It stays where it is, whatever is consumed, until the next prepare.
  std::span<char> prepare();
  void commit(std::size_t count) { end_ += count; }
  void append(std::string_view bytes);  // tests

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class RequestReader {
 public:
  explicit RequestReader(const Limits& limits) : limits_(limits) {}

  enum class Event { kMore, kHead, kBody, kDone, kFailed };
  // Takes what it can from `input`. kHead comes once per request, before its body is looked at; kBody
  // when body bytes were added to request().body; kDone ends the request (also one without a body);
  // kMore: nothing further can be said without more bytes. After kDone call reset().
  Event advance(InputBuffer& input);

  Request& request() { return request_; }
  // A body that is consumed while it arrives: no limit for the whole.
  void accept_any_length() { any_length_ = true; }
  bool in_body() const {
    return state_ != State::kHead && state_ != State::kDone && state_ != State::kFailed;
  }
  bool started() const { return started_; }  // a byte of the head was seen
  std::uint64_t body_bytes() const { return body_bytes_; }
  void reset();

  struct Failure {
    int status = 400;
    std::string message;
  };
  const Failure& failure() const { return failure_; }

 private:
  enum class State {
    kHead,
    kBodyStart,
    kFixed,
    kChunkLine,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kDone,
    kFailed
  };

  Event fail(int status, std::string message);
  Event read_head(InputBuffer& input);
  bool scan_head_lines(std::string_view bytes);  // false: failed
  Event parse_head(std::string_view head);
  Event begin_body();
  Event read_fixed(InputBuffer& input);
  Event read_chunk_line(InputBuffer& input);
  Event read_chunk_data(InputBuffer& input);
  Event read_chunk_end(InputBuffer& input);
  Event read_trailers(InputBuffer& input);
  Event take_body(InputBuffer& input);  // up to remaining_ bytes

  const Limits& limits_;
  State state_ = State::kHead;
  Request request_;
  Failure failure_;
  bool started_ = false;
  bool any_length_ = false;
  std::size_t scanned_ = 0;     // bytes of the head already looked at
  std::size_t line_start_ = 0;  // of the line being scanned
  std::size_t head_end_ = 0;    // 0: not yet found
  std::size_t fields_ = 0;      // trailers included
  std::size_t trailer_bytes_ = 0;
  std::uint64_t remaining_ = 0;  // of the body or chunk
  std::uint64_t body_bytes_ = 0;
};

}  // namespace thalweg::server
