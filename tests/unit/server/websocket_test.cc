// /ws/query: handshake guards, frames, query answers.
#include <unistd.h>

#include "server/ws/frames.h"
#include "tests/unit/server/running_server.h"

namespace thalweg::server {
namespace {

std::string masked(int first_byte, const std::string& payload) {
  std::string frame(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 127);
    for (int i = 7; i >= 0; --i) frame += static_cast<char>(payload.size() >> (8 * i) & 0xff);
  }
  frame += std::string("\1\2\3\4");
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ ("\1\2\3\4"[i % 4]));
  return frame;
}

class WebSocket : public RunningServer {
 protected:
  static std::string handshake(const std::string& target, const std::string& key = "dGhlIHNhbXBsZSBub25jZQ==",
                               const std::string& more = {}, const std::string& version = "13") {
    return "GET " + target +
           " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: " +
           key + "\r\nSec-WebSocket-Version: " + version + "\r\n" + more + "\r\n";
  }
  static std::string target(const std::string& sql) {
    return "/ws/query?request=%7B%22ksql%22%3A%22" + sql + "%22%7D";
  }
  int refused(const std::string& request) const {
    auto connection = client();
    connection.send(request);
    return connection.response().status;
  }
  // Opcode and payload of the next frame; opcode -1: none came.
  static std::pair<int, std::string> frame(RawClient& connection) {
    const auto head = connection.read_exactly(2);
    if (head.empty()) return {-1, {}};
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size == 126) {
      const auto more = connection.read_exactly(2);
      size = static_cast<std::size_t>(static_cast<unsigned char>(more[0])) << 8 |
             static_cast<unsigned char>(more[1]);
    }
    return {head[0] & 0x0f, connection.read_exactly(size)};
  }
  static int close_code(const std::string& payload) {
    return payload.size() < 2
               ? 0
               : static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
  }
  RawClient open(const std::string& sql) const {
    auto connection = client();
    connection.send(handshake(target(sql)));
    EXPECT_NE(
        connection.read_until("\r\n\r\n").find("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        std::string::npos);
    return connection;
  }
};

TEST_F(WebSocket, BadHandshakesAreRefused) {
  start();
  const auto t = target("SELECT%201%3B");
  EXPECT_EQ(refused(handshake(t, "")), 400);
  EXPECT_EQ(refused(handshake(t, "c2hvcnQ=")), 400);
  EXPECT_EQ(refused(handshake(t, "not base64 at all!!!!!!!")), 400);
  EXPECT_EQ(
      refused(handshake(t, "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
      400);
  EXPECT_EQ(refused(handshake(t, "dGhlIHNhbXBsZSBub25jZQ==", {}, "8")), 426);
  EXPECT_EQ(refused(handshake(t, "dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://evil.example\r\n")), 403);
  EXPECT_EQ(refused(handshake("/info")), 200);  // elsewhere the upgrade is ignored
  EXPECT_EQ(refused(request_text("GET", t)), 426);
}

TEST_F(WebSocket, PushQuery) {
  start();
  engine_.feed->rows({row_of("x", 1), {{planner::Value(std::string("y")), planner::Value()}, true}});
  engine_.feed->finish("Limit Reached");
  auto connection = open("SELECT%20*%20FROM%20S%20EMIT%20CHANGES%3B");
  EXPECT_EQ(frame(connection).second,
            R"([{"name":"A","schema":{"type":"STRING","fields":null,"memberSchema":null}},)"
            R"({"name":"B","schema":{"type":"INTEGER","fields":null,"memberSchema":null}}])");
  EXPECT_EQ(frame(connection).second, R"({"row":{"columns":["x",1]}})");
  EXPECT_EQ(frame(connection).second, R"({"error":"done"})");
  const auto [opcode, payload] = frame(connection);
  EXPECT_EQ(opcode, 8);
  EXPECT_EQ(close_code(payload), 1000);
  EXPECT_EQ(payload.substr(2), "done");
}

TEST_F(WebSocket, FailuresCloseWith1003) {
  start();
  auto connection = open("SHOW%20STREAMS%3B");
  EXPECT_NE(frame(connection).second.find("not supported for this resource"), std::string::npos);
  EXPECT_EQ(close_code(frame(connection).second), 1003);
}

TEST_F(WebSocket, AQueryThatFailsSaysWhy) {
  start();
  engine_.feed->rows({row_of("x", 1)});
  auto connection = open("SELECT%20*%20FROM%20S%20EMIT%20CHANGES%3B");
  frame(connection);
  EXPECT_EQ(frame(connection).second, R"({"row":{"columns":["x",1]}})");
  engine_.feed->fail(Error{ErrorCode::kStatement, "its topic was deleted"});
  EXPECT_EQ(frame(connection).second, R"({"error":"its topic was deleted"})");
  EXPECT_EQ(close_code(frame(connection).second), 1011);
}

TEST_F(WebSocket, PingsAreAnsweredAndAClosedSocketEndsTheQuery) {
  start();
  auto connection = open("SELECT%20*%20FROM%20S%20EMIT%20CHANGES%3B");
  frame(connection);
  connection.send(masked(0x89, "hello"));
  EXPECT_EQ(frame(connection), std::pair(10, std::string("hello")));
  connection.send(masked(0x88, std::string("\x03\xe8", 2)));
  const auto [opcode, payload] = frame(connection);
  EXPECT_EQ(opcode, 8);
  EXPECT_EQ(close_code(payload), 1000);
  for (int i = 0; i < 500 && !engine_.feed->stopped(); ++i) usleep(5000);
  EXPECT_TRUE(engine_.feed->stopped());
}

// The close may overtake the start of the query.
TEST_F(WebSocket, AClientThatLeavesAtOnceLeavesNoQuery) {
  start();
  for (const std::string& last : {masked(0x88, std::string("\x03\xe8", 2)), std::string()}) {
    engine_.feed = std::make_shared<PushFeed>();
    auto connection = client();
    connection.send(handshake(target("SELECT%20*%20FROM%20S%20EMIT%20CHANGES%3B")) + last);
    if (last.empty()) connection.close();
    for (int i = 0; i < 500 && !engine_.feed->stopped(); ++i) usleep(5000);
    EXPECT_TRUE(engine_.feed->stopped()) << (last.empty() ? "connection lost" : "close frame");
  }
}

TEST_F(WebSocket, IllegalFramesAreAnsweredWithACode) {
  start({"thalweg.websocket.message.max.bytes=1000"});
  const auto code_for = [&](const std::string& bytes) {
    auto connection = open("SELECT%20*%20FROM%20S%20EMIT%20CHANGES%3B");
    frame(connection);
    connection.send(bytes);
    for (auto next = frame(connection); next.first != -1; next = frame(connection)) {
      if (next.first == 8) return close_code(next.second);
    }
    return -1;
  };
  EXPECT_EQ(code_for(masked(0x88, std::string("\x13\x88", 2))), 1002);  // code 5000
  EXPECT_EQ(code_for(masked(0x88, std::string("\x03\xed", 2))), 1002);  // code 1005
  EXPECT_EQ(code_for(masked(0x88, "x")), 1002);                         // half a code
  EXPECT_EQ(code_for(std::string("\x81\x01x", 3)), 1002);               // not masked
  EXPECT_EQ(code_for(masked(0xc1, "x")), 1002);                         // a reserved bit
  EXPECT_EQ(code_for(masked(0x83, "x")), 1002);                         // unknown opcode
  EXPECT_EQ(code_for(masked(0x80, "x")), 1002);                         // continues nothing
  EXPECT_EQ(code_for(masked(0x81, "\xff\xfe")), 1007);                  // no UTF-8
  EXPECT_EQ(code_for(masked(0x81, std::string(2000, 'x'))), 1009);
  EXPECT_EQ(code_for(masked(0x01, std::string(600, 'x')) + masked(0x80, std::string(600, 'x'))), 1009);
}

TEST_F(WebSocket, SilentPeersArePingedThenDropped) {
  start({"thalweg.websocket.idle.ms=200"});
  auto connection = open("SELECT%20*%20FROM%20S%20EMIT%20CHANGES%3B");
  frame(connection);
  EXPECT_EQ(frame(connection).first, 9);
  EXPECT_TRUE(connection.closed_by_server());
  for (int i = 0; i < 500 && !engine_.feed->stopped(); ++i) usleep(5000);
  EXPECT_TRUE(engine_.feed->stopped());
}

TEST(Frames, LongTextAndCloseReasons) {
  std::string out;
  append_text_frame(out, std::string(70'000, 'x'));
  EXPECT_EQ(out.size(), 70'010u);
  out.clear();
  append_close_frame(out, 1003, std::string(122, 'a') + "\xc3\xa9zzz");
  EXPECT_EQ(out.size(), 2u + 2 + 122);  // not half of the é
}

}  // namespace
}  // namespace thalweg::server
