// Every guard of the connection layer, from outside, over raw sockets.
#include <chrono>
#include <thread>

#include "tests/unit/server/running_server.h"

namespace thalweg::server {
namespace {

class HttpGuards : public RunningServer {};

int status_of(const std::string& response) {
  return response.size() < 12 ? 0 : std::stoi(response.substr(9, 3));
}

// The request is refused with `status`, and the connection closed without looking at what follows.
#define EXPECT_REFUSED(bytes, status)                                                                 \
  do {                                                                                                \
    const auto answer = raw(std::string(bytes) + "GET /info HTTP/1.1\r\nHost: localhost\r\n\r\n");    \
    EXPECT_EQ(status_of(answer), status) << answer;                                                   \
    EXPECT_EQ(answer.find("HTTP/1.1", 5), std::string::npos) << answer;                               \
    EXPECT_NE(answer.find("connection: close"), std::string::npos) << answer;                         \
    EXPECT_NE(answer.find(R"({"@type":"generic_error","error_code":)"), std::string::npos) << answer; \
  } while (false)

TEST_F(HttpGuards, TransferEncodingMustBeChunkedExactlyOnce) {
  start();
  for (const char* value :
       {"xchunked", "chunked, identity", "", "identity", "\"chunked\"", "chunked, chunked", "gzip"}) {
    EXPECT_REFUSED(
        std::string("POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: ") + value + "\r\n\r\n",
        400);
  }
  EXPECT_REFUSED(
      "POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      400);
}

TEST_F(HttpGuards, TransferEncodingExcludesContentLengthAndHttp10) {
  start();
  EXPECT_REFUSED(
      "POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
      400);
  EXPECT_REFUSED("POST /ksql HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

TEST_F(HttpGuards, ContentLengthMustBeOneNumber) {
  start();
  for (const char* value : {"-1", "+3", "3 3", "0x3", "99999999999999999999999", ""}) {
    EXPECT_REFUSED(
        std::string("POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: ") + value + "\r\n\r\n", 400);
  }
  EXPECT_REFUSED("POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
                 400);
}

TEST_F(HttpGuards, ExactlyOneHost) {
  start();
  EXPECT_REFUSED("GET /info HTTP/1.1\r\n\r\n", 400);
  EXPECT_REFUSED("GET /info HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400);
}

TEST_F(HttpGuards, MalformedHeads) {
  start();
  EXPECT_REFUSED("GET /info HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400);  // obs-fold
  EXPECT_REFUSED("GET /info HTTP/1.1\nHost: localhost\n\n", 400);                      // bare LF
  EXPECT_REFUSED("GET /info HTTP/3.1\r\nHost: localhost\r\n\r\n", 400);
  EXPECT_REFUSED("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400);
  EXPECT_REFUSED("GET /info HTTP/1.1\r\nHost : localhost\r\n\r\n", 400);
  EXPECT_REFUSED(std::string("GET /info HTTP/1.1\r\nHost: local\0host\r\n\r\n", 40), 400);
  EXPECT_REFUSED("\x16\x03\x01\x02\r\n\r\n", 400);  // a TLS greeting
}

// A client that takes us for a proxy sends the whole URL, and the URL's host counts.
TEST_F(HttpGuards, TheTargetMayBeAUrl) {
  start({"thalweg.http.allowed.hosts=localhost"});
  const auto get = [&](const std::string& target, const std::string& host) {
    return raw("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_EQ(status_of(get("http://localhost/info", "localhost")), 200);
  EXPECT_EQ(status_of(get("HTTP://localhost:8088/info?x=1", "localhost")), 200);
  EXPECT_EQ(status_of(get("http://localhost", "localhost")), 307);
  EXPECT_EQ(status_of(get("http://localhost?x=/info", "localhost")), 307);
  EXPECT_EQ(status_of(get("http://localhost/info", "elsewhere")), 200);
  EXPECT_EQ(status_of(get("http://elsewhere/info", "localhost")), 421);
  EXPECT_EQ(status_of(get("/info?x=http://elsewhere/", "localhost")), 200);
  EXPECT_EQ(status_of(get("info", "localhost")), 404);
  EXPECT_REFUSED("GET http:///info HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  EXPECT_REFUSED("GET http://me@localhost/info HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  EXPECT_REFUSED("GET ftp://localhost/info HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  EXPECT_REFUSED("GET http://localhost/info HTTP/1.1\r\n\r\n", 400);
}

TEST_F(HttpGuards, HeadSizeAndFieldCountAreBounded) {
  start();
  EXPECT_REFUSED("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 431);
  std::string many = "GET /info HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 500; ++i) many += "X: y\r\n";
  EXPECT_REFUSED(many + "\r\n", 431);
}

TEST_F(HttpGuards, ChunkLinesAndTrailersAreBounded) {
  start();
  const std::string head = "POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_REFUSED(head + "3;" + std::string(100'000, 'x') + "\r\nabc\r\n0\r\n\r\n", 400);
  EXPECT_REFUSED(head + "0\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", 431);
  std::string trailers;
  for (int i = 0; i < 10'000; ++i) trailers += "X: y\r\n";
  EXPECT_REFUSED(head + "0\r\n" + trailers + "\r\n", 431);
  EXPECT_REFUSED(head + "zz\r\n", 400);
  EXPECT_REFUSED(head + "ffffffffffffffffff\r\n", 400);
  EXPECT_REFUSED(head + "3\r\nabcXX", 400);
  EXPECT_EQ(ask("GET", "/info").status, 200);  // the server is alive
}

TEST_F(HttpGuards, BodiesAreBounded) {
  start({"thalweg.http.body.max.bytes=1000"});
  EXPECT_REFUSED("POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n", 413);
  const std::string head = "POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_REFUSED(head + "3e9\r\n", 413);
  EXPECT_REFUSED(head + "1f4\r\n" + std::string(500, ' ') + "\r\n1f5\r\n" + std::string(501, ' ') + "\r\n",
                 413);
}

TEST_F(HttpGuards, SlowHeadsAndSilentConnections) {
  start({"thalweg.http.header.timeout.ms=100"});
  EXPECT_EQ(status_of(raw("")), 408);
  auto slow = client();
  for (int i = 0; i < 20; ++i) {
    slow.send(i == 0 ? "GET /info HTTP/1.1\r\n" : "X: y\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
  }
  EXPECT_EQ(status_of(slow.read_all()), 408);
}

TEST_F(HttpGuards, SilentAndTricklingBodies) {
  start({"thalweg.http.body.idle.ms=100"});
  EXPECT_EQ(status_of(raw("POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")), 408);
  auto trickle = client();
  trickle.send("POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    trickle.send("a");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(status_of(trickle.read_all()), 408);
}

TEST_F(HttpGuards, IdleKeepAliveConnectionsAreClosedQuietly) {
  start({"thalweg.http.idle.ms=100"});
  auto connection = client();
  connection.send(request_text("GET", "/info"));
  EXPECT_EQ(connection.response().status, 200);
  EXPECT_EQ(connection.read_all(), "");
}

TEST_F(HttpGuards, ConnectionsAreBounded) {
  start({"thalweg.http.connections.max=2"});
  auto a = client(), b = client();
  a.send(request_text("GET", "/info"));
  EXPECT_EQ(a.response().status, 200);
  b.send(request_text("GET", "/info"));
  EXPECT_EQ(b.response().status, 200);
  auto c = client();
  EXPECT_EQ(status_of(c.read_all()), 503);
  a.close();
  for (int i = 0; i < 100; ++i) {
    auto d = client();
    d.send(request_text("GET", "/info"));
    if (d.response().status == 200) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL() << "the place was not given back";
}

TEST_F(HttpGuards, ConnectionsPerAddressAreBounded) {
  start({"thalweg.http.connections.per.address.max=1"});
  auto a = client();
  a.send(request_text("GET", "/info"));
  EXPECT_EQ(a.response().status, 200);
  auto b = client();
  EXPECT_EQ(status_of(b.read_all()), 503);
}

TEST_F(HttpGuards, HostMustBeOurs) {
  start();
  EXPECT_EQ(status_of(raw("GET /info HTTP/1.1\r\nHost: evil.example\r\n\r\n")), 421);
  EXPECT_EQ(status_of(raw("GET /info HTTP/1.1\r\nHost: 127.evil.example\r\n\r\n")), 421);
  for (const char* host : {"localhost", "LOCALHOST:8088", "127.0.0.1:1", "[::1]:8088"}) {
    EXPECT_EQ(
        status_of(raw(std::string("GET /info HTTP/1.1\r\nHost: ") + host + "\r\nConnection: close\r\n\r\n")),
        200)
        << host;
  }
}

TEST_F(HttpGuards, ForeignOriginsMayNotPost) {
  start();
  const std::string body = R"({"ksql":"SHOW STREAMS;"})";
  EXPECT_EQ(ask("POST", "/ksql", body, "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(ask("POST", "/ksql", body, "Origin: null\r\n").status, 403);
  EXPECT_EQ(ask("POST", "/ksql", body, "Origin: http://localhost\r\n").status, 200);
  EXPECT_EQ(ask("GET", "/info", {}, "Origin: http://evil.example\r\n").status, 200);
}

TEST_F(HttpGuards, ListedOriginsGetCorsFields) {
  start({"access.control.allow.origin=https://*.example"});
  const auto answer = ask("POST", "/ksql", R"({"ksql":"SHOW STREAMS;"})", "Origin: https://ui.example\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.head.find("access-control-allow-origin: https://ui.example\r\n"), std::string::npos)
      << answer.head;
  const auto preflight = ask("OPTIONS", "/ksql", {}, "Origin: https://ui.example\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_NE(preflight.head.find("access-control-allow-methods: GET,POST,HEAD\r\n"), std::string::npos);
}

TEST_F(HttpGuards, PipelinedRequestsAreAnsweredInOrder) {
  start();
  auto connection = client();
  connection.send(request_text("GET", "/chc/ready") +
                  request_text("POST", "/ksql", R"({"ksql":"SHOW STREAMS;"})") +
                  request_text("GET", "/is_valid_property/auto.offset.reset"));
  EXPECT_EQ(connection.response().body, "{}");
  EXPECT_NE(connection.response().body.find("\"streams\""), std::string::npos);
  EXPECT_EQ(connection.response().body, "true");
}

TEST_F(HttpGuards, ExpectContinueHeadAndHttp10) {
  start();
  auto connection = client();
  connection.send(
      "POST /ksql HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 24\r\n\r\n");
  EXPECT_EQ(connection.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send(R"({"ksql":"SHOW STREAMS;"})");
  EXPECT_EQ(connection.response().status, 200);
  EXPECT_EQ(status_of(raw("GET /info HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n\r\n")), 417);

  const auto head = raw("HEAD /info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(head), 200);
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
  EXPECT_EQ(head.find("content-length: 0"), std::string::npos);

  const auto old = raw("GET /chc/ready HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(old.ends_with("\r\n\r\n{}")) << old;
}

TEST_F(HttpGuards, ChunkedBodiesAndGetWithBody) {
  start();
  const auto answer =
      raw("POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
          "5;ext=1\r\n{\"ksq\r\n13\r\nl\":\"SHOW STREAMS;\"}\r\n0\r\nTrailer: x\r\n\r\n");
  EXPECT_EQ(status_of(answer), 200) << answer;
  EXPECT_EQ(ask("GET", "/info", "{}").status, 200);
}

TEST_F(HttpGuards, AHalfClosedClientStillGetsItsAnswer) {
  start();
  auto connection = client();
  connection.send(request_text("POST", "/ksql", R"({"ksql":"SHOW STREAMS;"})"));
  connection.half_close();
  EXPECT_EQ(status_of(connection.read_all()), 200);
}

TEST_F(HttpGuards, PortInUseIsAnError) {
  start();
  ConfigurationSources sources;
  sources.settings = {"listeners=http://127.0.0.1:" + std::to_string(server_->port())};
  ServerOptions options;
  options.configuration = *Configuration::load(sources);
  const auto second = Server::listen(std::move(options));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
}

}  // namespace
}  // namespace thalweg::server
