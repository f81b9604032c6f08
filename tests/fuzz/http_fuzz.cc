// What a network peer may send: HTTP/1.1 requests, WebSocket frames, JSON documents. The input's first
// byte says how large the pieces are in which the rest arrives; requests must come out the same whatever
// the pieces are.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/json_value.h"
#include "server/api/masking.h"
#include "server/http/guards.h"
#include "server/http/media.h"
#include "server/http/request_reader.h"
#include "server/ws/frames.h"

namespace {

using namespace thalweg::server;

Limits small_limits() {
  Limits limits;
  limits.head_max_bytes = 1024;
  limits.body_max_bytes = 2048;
  return limits;
}

struct Seen {
  std::vector<std::string> requests;  // path and body
  int failure = 0;                    // status
  bool operator==(const Seen&) const = default;
};

Seen read_requests(std::string_view bytes, std::size_t piece) {
  const auto limits = small_limits();
  RequestReader reader(limits);
  InputBuffer input;
  Seen seen;
  while (!bytes.empty()) {
    const auto count = std::min(piece, bytes.size());
    input.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    for (auto event = reader.advance(input); event != RequestReader::Event::kMore;
         event = reader.advance(input)) {
      if (event == RequestReader::Event::kFailed) {
        seen.failure = reader.failure().status;
        return seen;
      }
      if (event != RequestReader::Event::kDone) continue;
      const auto& request = reader.request();
      THALWEG_ASSERT(request.body.size() <= limits.body_max_bytes);
      (void)check_host_and_origin(request, limits);
      (void)path_segments(request.path);
      (void)query_parameter(request.query, "request");
      static constexpr std::string_view kTypes[] = {"application/json", "text/plain"};
      if (request.accept) (void)choose_media_type(*request.accept, kTypes);
      seen.requests.push_back(request.path + '\n' + request.body);
      reader.reset();
    }
    THALWEG_ASSERT(input.view().size() <= kInputMaxBytes);
  }
  return seen;
}

void read_frames(std::string_view bytes) {
  FrameReader reader(1024);
  std::string input(bytes);
  for (auto event = reader.advance(input); event != FrameReader::Event::kMore;
       event = reader.advance(input)) {
    THALWEG_ASSERT(reader.payload().size() <= 1024);
    if (event == FrameReader::Event::kFailed || event == FrameReader::Event::kClose) {
      THALWEG_ASSERT(legal_close_code(reader.close_code()));
      return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read_requests(bytes, bytes.size() + 1);
  const auto pieces = read_requests(bytes, data[0] + std::size_t{1});
  THALWEG_ASSERT(whole.requests == pieces.requests);
  read_frames(bytes);
  (void)parse_json(bytes);
  (void)mask_statement(bytes);
  return 0;
}
