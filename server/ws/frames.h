// WebSocket frames (RFC 6455), server side, without extensions. Pure: no socket, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thalweg::server {

inline constexpr std::uint16_t kCloseNormal = 1000, kCloseProtocol = 1002, kCloseUnsupported = 1003,
                               kCloseNoStatus = 1005, kCloseBadText = 1007, kCloseTooBig = 1009,
                               kCloseInternal = 1011, kCloseTryLater = 1013;

void append_frame(std::string& out, int opcode, std::string_view payload);
void append_text_frame(std::string& out, std::string_view text);
// The reason is cut to 123 bytes at a character boundary.
void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason);
bool legal_close_code(std::uint16_t code);  // may be sent by a peer

class FrameReader {
 public:
  explicit FrameReader(std::size_t message_max_bytes) : message_max_(message_max_bytes) {}

  enum class Event { kMore, kMessage, kPing, kPong, kClose, kFailed };
  // Takes one frame from the front of `input`, if it is complete. After kMessage, kPing: payload();
  // after kClose, kFailed: close_code() is what to answer.
  Event advance(std::string& input);
  const std::string& payload() const { return payload_; }
  std::uint16_t close_code() const { return close_code_; }

 private:
  Event fail(std::uint16_t code);
  Event control(int opcode, std::string payload);
  Event data(int opcode, bool last, std::string payload);

  std::size_t message_max_;
  std::string message_;  // fragments so far
  bool in_message_ = false;
  bool text_ = false;
  std::string payload_;
  std::uint16_t close_code_ = 0;
};

}  // namespace thalweg::server
