// Distinct types for numbers that must not be mixed up.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace thalweg {

template <typename Tag, typename Rep>
struct Tagged {
  Rep value{};
  constexpr Tagged() = default;
  constexpr explicit Tagged(Rep v) : value(v) {}
  auto operator<=>(const Tagged&) const = default;
};

using EventTime = Tagged<struct EventTimeTag, std::int64_t>;      // ms since epoch, from the data
using WallTime = Tagged<struct WallTimeTag, std::int64_t>;        // ms since epoch, from a Clock
using Offset = Tagged<struct OffsetTag, std::int64_t>;            // position in one partition, from 0
using PartitionId = Tagged<struct PartitionIdTag, std::int32_t>;  // from 0
using QueryId = Tagged<struct QueryIdTag, std::string>;           // "CSAS_OUT_3"

struct TopicPartition {
  std::string topic;
  PartitionId partition;
  auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace thalweg

template <typename Tag, typename Rep>
struct std::hash<thalweg::Tagged<Tag, Rep>> {
  std::size_t operator()(const thalweg::Tagged<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
