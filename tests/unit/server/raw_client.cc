#include "tests/unit/server/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace thalweg::server {

RawClient::RawClient(std::uint16_t port) : handle_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(handle_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

RawClient::~RawClient() { close(); }

void RawClient::close() {
  if (handle_ >= 0) ::close(handle_);
  handle_ = -1;
}

void RawClient::half_close() { shutdown(handle_, SHUT_WR); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::fill(int patience_ms) {
  pollfd entry{handle_, POLLIN, 0};
  if (poll(&entry, 1, patience_ms) <= 0) return false;
  std::array<char, 65536> bytes;
  const auto count = recv(handle_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  buffered_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::read_all(int patience_ms) {
  while (fill(patience_ms)) {}
  return std::exchange(buffered_, {});
}

std::string RawClient::read_until(std::string_view end, int patience_ms) {
  auto at = buffered_.find(end);
  for (; at == std::string::npos; at = buffered_.find(end)) {
    if (!fill(patience_ms)) return {};
  }
  auto text = buffered_.substr(0, at + end.size());
  buffered_.erase(0, at + end.size());
  return text;
}

std::string RawClient::read_exactly(std::size_t count, int patience_ms) {
  while (buffered_.size() < count) {
    if (!fill(patience_ms)) return {};
  }
  auto text = buffered_.substr(0, count);
  buffered_.erase(0, count);
  return text;
}

bool RawClient::closed_by_server(int patience_ms) {
  pollfd entry{handle_, POLLIN, 0};
  while (poll(&entry, 1, patience_ms) > 0) {
    char byte;
    if (recv(handle_, &byte, 1, 0) <= 0) return true;
  }
  return false;
}

std::string RawClient::next_chunk(int patience_ms) {
  const auto line = read_until("\r\n", patience_ms);
  if (line.empty()) return {};
  const auto size = std::stoul(line, nullptr, 16);
  auto chunk = read_exactly(size + 2, patience_ms);
  return chunk.substr(0, size);
}

RawClient::Response RawClient::response(int patience_ms) {
  Response response;
  response.head = read_until("\r\n\r\n", patience_ms);
  if (response.head.size() < 12) return response;
  response.status = std::stoi(response.head.substr(9, 3));
  const auto length = response.head.find("content-length: ");
  if (response.head.find("transfer-encoding: chunked") != std::string::npos) {
    for (auto chunk = next_chunk(patience_ms); !chunk.empty(); chunk = next_chunk(patience_ms)) {
      response.chunks.push_back(chunk);
      response.body += chunk;
    }
  } else if (length != std::string::npos) {
    response.body = read_exactly(std::stoul(response.head.substr(length + 16)), patience_ms);
  } else if (response.status != 204) {
    response.body = read_all(patience_ms);
  }
  return response;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view fields) {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
                     std::string(fields);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + std::string(body);
}

}  // namespace thalweg::server
