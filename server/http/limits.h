// Bounds of one HTTP or WebSocket connection; every one has a property (docs/server.md) and an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace thalweg::server {

struct Limits {
  std::int64_t header_timeout_ms = 10'000;   // first byte (or accept) to the end of the head: 408
  std::int64_t body_idle_ms = 30'000;        // silence within a body: 408
  std::int64_t body_bytes_per_second = 256;  // slower than this on the whole, after body_idle_ms: 408
  std::int64_t idle_ms = 600'000;            // keep-alive connection without a request: closed
  std::int64_t stream_idle_ms = 86'400'000;  // a streamed answer silent in both directions: closed
  std::size_t head_max_bytes = 16'384;       // 431
  std::size_t head_max_fields = 100;         // trailers included: 431
  std::size_t chunk_line_max_bytes = 1'024;  // size and extensions of one chunk: 400
  std::size_t body_max_bytes = 32u << 20;    // 413
  std::size_t line_max_bytes = 1u << 20;     // one line of /inserts-stream: 413
  std::size_t connections_max = 10'000;      // 503
  std::size_t connections_per_address_max = 5'000;
  std::size_t websocket_message_max_bytes = 1u << 20;  // close code 1009
  std::int64_t websocket_idle_ms = 60'000;             // ping after half of it, gone after the whole
  std::int64_t websocket_lifetime_ms = 3'600'000;
  std::size_t send_high_bytes = 256u << 10;  // rows wait in the query beyond this many unsent bytes …
  std::size_t send_low_bytes = 64u << 10;    // … until no more than this are left
  std::vector<std::string> allowed_hosts;    // lower case, no port; empty: any: 421
  std::vector<std::string> allowed_origins;  // access.control.allow.origin, '*' matches any run: else 403
};

}  // namespace thalweg::server
