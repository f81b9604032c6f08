// The opening of a WebSocket.
#pragma once

#include <optional>
#include <string>

#include "server/http/exchange.h"
#include "server/http/request.h"

namespace thalweg::server {

// 400 or 426 when the handshake is not acceptable.
std::optional<Answer> refuse_handshake(const Request& request);
// "HTTP/1.1 101 …" for an accepted one. Extensions and sub-protocols are not taken up.
std::string handshake_answer(const Request& request);

}  // namespace thalweg::server
