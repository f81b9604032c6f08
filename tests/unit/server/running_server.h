// A server on a free loopback port around a FakeEngine.
#pragma once

#include <gtest/gtest.h>

#include "server/server.h"
#include "tests/unit/server/fake_engine.h"
#include "tests/unit/server/raw_client.h"

namespace thalweg::server {

class RunningServer : public ::testing::Test {
 protected:
  void start(const std::vector<std::string>& settings = {}) {
    ConfigurationSources sources;
    sources.settings = {"listeners=http://127.0.0.1:0"};
    sources.settings.insert(sources.settings.end(), settings.begin(), settings.end());
    auto configuration = Configuration::load(sources);
    ASSERT_TRUE(configuration) << configuration.error().message;
    ServerOptions options;
    options.configuration = *configuration;
    auto started = Server::start(std::move(options), engine_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }
  RawClient client() const { return RawClient(server_->port()); }
  RawClient::Response ask(std::string_view method, std::string_view target, std::string_view body = {},
                          std::string_view fields = {}) const {
    auto connection = client();
    connection.send(request_text(method, target, body, fields));
    return connection.response();
  }
  std::string raw(std::string_view bytes, int patience_ms = 3000) const {  // until the server closes
    auto connection = client();
    connection.send(bytes);
    return connection.read_all(patience_ms);
  }

  FakeEngine engine_;
  std::unique_ptr<Server> server_;
};

inline runtime::ResultRow row_of(std::string a, std::int64_t b) {
  return {{planner::Value(std::move(a)), planner::Value(b)}, false};
}

}  // namespace thalweg::server
