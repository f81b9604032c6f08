// The traffic of a source's topic as DESCRIBE EXTENDED shows it: once as a line for people, once as a list
// with the host it was counted on.
//
//   messages-per-sec:      1.10   total-messages:      2898     last-message: 2024-02-29T17:22:05.123Z
//
// What has not happened yet is left out: no traffic, no text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "runtime/tasks/topic_traffic.h"

namespace thalweg::server {

struct SourceStatistics {
  std::string statistics, error_stats;
  nlohmann::ordered_json cluster_statistics, cluster_error_stats;  // [{name, host, value, timestamp}]
};
SourceStatistics source_statistics(const runtime::TopicTraffic& traffic, const std::string& host);

}  // namespace thalweg::server
