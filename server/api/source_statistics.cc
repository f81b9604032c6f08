#include "server/api/source_statistics.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "planner/types/text.h"

namespace thalweg::server {
namespace {

using Json = nlohmann::ordered_json;

class Statistics {
 public:
  explicit Statistics(const std::string& host) : host_(host) {}

  void total(const char* name, std::uint64_t value, WallTime last) {
    add(name, std::to_string(value), value, last);
  }
  void rate(const char* name, double per_second, WallTime last) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.2f", per_second);
    add(name, text.data(), per_second, last);
  }
  // Closes the line.
  void newest(const char* name) {
    if (!line_.empty()) pair(name, planner::timestamp_to_string(newest_.value) + "Z");
  }
  std::string& line() { return line_; }
  Json& list() { return list_; }

 private:
  void add(const char* name, const std::string& text, const Json& value, WallTime last) {
    pair(name, text);
    list_.push_back({{"name", name}, {"host", host_}, {"value", value}, {"timestamp", last.value}});
    newest_ = std::max(newest_, last);
  }
  void pair(std::string_view name, std::string_view text) {
    constexpr std::size_t kNameWidth = 16, kValueWidth = 9;  // and a blank before the value
    if (!line_.empty()) line_ += ' ';
    line_.append(kNameWidth - std::min(kNameWidth, name.size()), ' ');
    line_ += name;
    line_ += ": ";
    line_.append(kValueWidth - std::min(kValueWidth, text.size()), ' ');
    line_ += text;
  }

  const std::string& host_;
  std::string line_;
  Json list_ = Json::array();
  WallTime newest_;
};

}  // namespace

SourceStatistics source_statistics(const runtime::TopicTraffic& traffic, const std::string& host) {
  const auto& [written, read, unreadable, read_bytes] = traffic;
  Statistics messages(host), errors(host);
  if (written.records > 0) {
    messages.rate("messages-per-sec", written.per_second, written.last);
    messages.total("total-messages", written.records, written.last);
  }
  if (read.records > 0) {
    messages.rate("consumer-messages-per-sec", read.per_second, read.last);
    messages.total("consumer-total-messages", read.records, read.last);
    messages.total("consumer-total-bytes", read_bytes, read.last);
  }
  messages.newest("last-message");
  if (unreadable.records > 0) {
    errors.total("consumer-failed-messages", unreadable.records, unreadable.last);
    errors.rate("consumer-failed-messages-per-sec", unreadable.per_second, unreadable.last);
  }
  errors.newest("last-failed");
  return {std::move(messages.line()), std::move(errors.line()), std::move(messages.list()),
          std::move(errors.list())};
}

}  // namespace thalweg::server
