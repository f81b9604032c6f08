#include "runtime/tasks/topic_traffic.h"

#include "runtime/log/log.h"

namespace thalweg::runtime {
namespace {

constexpr int kCountBits = 40;
constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;
constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << (64 - kCountBits)) - 1;

std::size_t extent(std::string_view first, std::string_view last) {
  return static_cast<std::size_t>(last.data() + last.size() - first.data());
}

}  // namespace

void TrafficMeter::add(std::uint64_t records, WallTime now) {
  if (records == 0) return;
  records_.fetch_add(records, std::memory_order_relaxed);
  last_ms_.store(now.value, std::memory_order_relaxed);
  const auto number = static_cast<std::uint64_t>(now.value / kSlotMs);
  auto& slot = slots_[number % kSlots];
  const std::uint64_t empty = (number & kSlotMask) << kCountBits;
  std::uint64_t seen = slot.load(std::memory_order_relaxed);
  while (!slot.compare_exchange_weak(seen, ((seen & ~kCountMask) == empty ? seen : empty) + records,
                                     std::memory_order_relaxed)) {}
}

TrafficCount TrafficMeter::look(WallTime now) const {
  TrafficCount count{records_.load(std::memory_order_relaxed), 0,
                     WallTime{last_ms_.load(std::memory_order_relaxed)}};
  const auto number = static_cast<std::uint64_t>(now.value / kSlotMs);
  std::uint64_t recent = 0;
  for (const auto& slot : slots_) {
    const std::uint64_t seen = slot.load(std::memory_order_relaxed);
    const std::uint64_t age = (number - (seen >> kCountBits)) & kSlotMask;
    if (age < kSlots) recent += seen & kCountMask;
  }
  const auto covered_ms = static_cast<std::int64_t>(kSlots - 1) * kSlotMs + now.value % kSlotMs;
  count.per_second = static_cast<double>(recent) * 1000.0 / static_cast<double>(covered_ms);
  return count;
}

void TopicMeters::count_read(const RecordBatch& records, std::uint32_t first, std::uint32_t count,
                             WallTime now) {
  if (count == 0) return;
  const std::uint32_t last = first + count - 1;
  const std::size_t bytes = extent(records.key(first), records.key(last)) +
                            extent(records.value(first), records.value(last)) +
                            extent(records.headers(first), records.headers(last));
  read_.add(count, now);
  read_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

TopicTraffic TopicMeters::look(WallTime now) const {
  return {written.look(now), read_.look(now), unreadable.look(now),
          read_bytes_.load(std::memory_order_relaxed)};
}

std::shared_ptr<TopicMeters> TrafficBook::of(const std::string& topic) {
  MutexLock lock(mutex_);
  auto& meters = meters_[topic];
  if (meters == nullptr) meters = std::make_shared<TopicMeters>();
  return meters;
}

TopicTraffic TrafficBook::look(const std::string& topic, WallTime now) const {
  MutexLock lock(mutex_);
  const auto at = meters_.find(topic);
  return at == meters_.end() ? TopicTraffic{} : at->second->look(now);
}

void TrafficBook::count_written(std::span<const Epoch> epochs, WallTime now) {
  MutexLock lock(mutex_);
  for (const Epoch& epoch : epochs) {
    for (const Epoch::Append& append : epoch.appends) {
      const auto at = meters_.find(append.to.topic);
      if (at != meters_.end()) at->second->written.add(append.records.size(), now);
    }
  }
}

void TrafficBook::forget(const std::string& topic) {
  MutexLock lock(mutex_);
  meters_.erase(topic);
}

}  // namespace thalweg::runtime
