#include "server/ws/frames.h"

#include <simdjson.h>

#include <algorithm>

namespace thalweg::server {
namespace {

constexpr int kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;
constexpr std::size_t kControlMaxBytes = 125;

bool valid_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

unsigned byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

// The fixed part of a frame; size 0: not complete yet.
struct FrameHead {
  std::size_t size = 0;
  bool last = false, masked = false, reserved = false;
  int opcode = 0;
  std::uint64_t length = 0;
};

FrameHead parse_head(std::string_view bytes) {
  FrameHead head;
  if (bytes.size() < 2) return head;
  head.last = (byte_at(bytes, 0) & 0x80) != 0;
  head.reserved = (byte_at(bytes, 0) & 0x70) != 0;
  head.opcode = static_cast<int>(byte_at(bytes, 0) & 0x0f);
  head.masked = (byte_at(bytes, 1) & 0x80) != 0;
  head.length = byte_at(bytes, 1) & 0x7f;
  const std::size_t extra = head.length == 126 ? 2 : head.length == 127 ? 8 : 0;
  const std::size_t size = 2 + extra + (head.masked ? 4 : 0);
  if (bytes.size() < 2 + extra || (bytes.size() < size)) return head;
  if (extra > 0) {
    head.length = 0;
    for (std::size_t i = 0; i < extra; ++i) head.length = head.length << 8 | byte_at(bytes, 2 + i);
  }
  head.size = size;
  return head;
}

}  // namespace

void append_frame(std::string& out, int opcode, std::string_view payload) {
  out += static_cast<char>(0x80 | opcode);
  const std::size_t size = payload.size();
  if (size < 126) {
    out += static_cast<char>(size);
  } else {
    const int bytes = size <= 0xffff ? 2 : 8;
    out += static_cast<char>(bytes == 2 ? 126 : 127);
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
  }
  out += payload;
}

void append_text_frame(std::string& out, std::string_view text) { append_frame(out, kText, text); }

void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  if (reason.size() > 123) {
    std::size_t end = 123;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) --end;
    reason = reason.substr(0, end);
  }
  payload += reason;
  append_frame(out, kClose, payload);
}

bool legal_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

FrameReader::Event FrameReader::fail(std::uint16_t code) {
  close_code_ = code;
  return Event::kFailed;
}

FrameReader::Event FrameReader::advance(std::string& input) {
  const auto head = parse_head(input);
  if (input.size() >= 2) {  // judge before waiting for the rest
    const bool control_frame = head.opcode >= kClose;
    if (head.reserved || !head.masked) return fail(kCloseProtocol);
    if (head.opcode > kPong || (head.opcode > kBinary && head.opcode < kClose)) return fail(kCloseProtocol);
    if (control_frame && (!head.last || (byte_at(input, 1) & 0x7f) > kControlMaxBytes))
      return fail(kCloseProtocol);
  }
  if (head.size == 0) return Event::kMore;
  if (head.length > message_max_ || message_.size() + head.length > message_max_) return fail(kCloseTooBig);
  const auto length = static_cast<std::size_t>(head.length);
  if (input.size() < head.size + length) return Event::kMore;
  std::string payload = input.substr(head.size, length);
  const char* const mask = input.data() + head.size - 4;
  for (std::size_t i = 0; i < length; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  input.erase(0, head.size + length);
  return head.opcode >= kClose ? control(head.opcode, std::move(payload))
                               : data(head.opcode, head.last, std::move(payload));
}

FrameReader::Event FrameReader::control(int opcode, std::string payload) {
  payload_ = std::move(payload);
  if (opcode == kPing) return Event::kPing;
  if (opcode == kPong) return Event::kPong;
  if (payload_.size() == 1) return fail(kCloseProtocol);
  close_code_ = kCloseNormal;
  if (payload_.size() >= 2) {
    close_code_ = static_cast<std::uint16_t>(byte_at(payload_, 0) << 8 | byte_at(payload_, 1));
    if (!legal_close_code(close_code_)) return fail(kCloseProtocol);
    if (!valid_utf8(std::string_view(payload_).substr(2))) return fail(kCloseBadText);
  }
  return Event::kClose;
}

FrameReader::Event FrameReader::data(int opcode, bool last, std::string payload) {
  if ((opcode == kContinuation) != in_message_) return fail(kCloseProtocol);
  if (opcode != kContinuation) text_ = opcode == kText;
  message_ += payload;
  in_message_ = !last;
  if (!last) {
    payload_.clear();
    return Event::kPong;  // nothing for the caller
  }
  payload_ = std::exchange(message_, {});
  if (text_ && !valid_utf8(payload_)) return fail(kCloseBadText);
  return Event::kMessage;
}

}  // namespace thalweg::server
