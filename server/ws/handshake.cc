#include "server/ws/handshake.h"

#include <openssl/evp.h>

#include "planner/types/text.h"
#include "server/api/error_body.h"

namespace thalweg::server {

std::optional<Answer> refuse_handshake(const Request& request) {
  if (!request.wants_websocket) {
    auto answer = error_answer_of(426, "this endpoint speaks WebSocket only");
    answer.fields = {{"upgrade", "websocket"}};
    return answer;
  }
  if (request.method != Method::kGet || request.minor_version == 0) {
    return error_answer_of(400, "a WebSocket handshake is a GET in HTTP/1.1");
  }
  if (request.websocket_version != "13") {
    auto answer = error_answer_of(426, "unsupported WebSocket version");
    answer.fields = {{"sec-websocket-version", "13"}};
    return answer;
  }
  const bool one_key = request.websocket_keys.size() == 1;
  const auto key = one_key ? planner::base64_decode(request.websocket_keys.front()) : std::nullopt;
  if (!key || key->size() != 16) return error_answer_of(400, "invalid Sec-WebSocket-Key");
  return std::nullopt;
}

std::string handshake_answer(const Request& request) {
  const std::string text = request.websocket_keys.front() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: "
         "Upgrade\r\nsec-websocket-accept: " +
         planner::base64_encode({reinterpret_cast<const char*>(digest), size}) + "\r\n\r\n";
}

}  // namespace thalweg::server
