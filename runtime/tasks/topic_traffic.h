// What goes through the topics of this server: records written to them, records that queries read from them,
// records that could not be read. Counted since the process started, forgotten with the topic.
//
// Rates look back 27 to 30 s: counts fall into slots of 3 s by the engine's clock, and the newest ten slots,
// the one at hand included, are divided by the time they cover.
//
// Thread: any. Counting takes no lock and is done once per batch; only TrafficBook's own calls take one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/mutex.h"

namespace thalweg::runtime {

class RecordBatch;
struct Epoch;

// As it is at one moment.
struct TrafficCount {
  std::uint64_t records = 0;
  double per_second = 0;
  WallTime last;  // when the newest was counted; meaningless without records
};
struct TopicTraffic {
  TrafficCount written;     // by queries and inserts, once they are committed
  TrafficCount read;        // by queries; again when an epoch is repeated
  TrafficCount unreadable;  // of those read: left out, because their bytes are not what was declared
  std::uint64_t read_bytes = 0;
};

class TrafficMeter {
 public:
  void add(std::uint64_t records, WallTime now);
  TrafficCount look(WallTime now) const;

 private:
  static constexpr std::int64_t kSlotMs = 3000;
  static constexpr std::size_t kSlots = 10;
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::int64_t> last_ms_{0};
  // [24 bits: the slot's number, since the epoch][40 bits: records]. Both change at once, so that a slot that
  // is taken over loses no count of another thread.
  std::array<std::atomic<std::uint64_t>, kSlots> slots_{};
};

class TopicMeters {
 public:
  void count_read(const RecordBatch& records, std::uint32_t first, std::uint32_t count, WallTime now);
  TopicTraffic look(WallTime now) const;

  TrafficMeter written, unreadable;

 private:
  TrafficMeter read_;
  std::atomic<std::uint64_t> read_bytes_{0};
};

// The meters of all topics that a source stands for.
class TrafficBook {
 public:
  std::shared_ptr<TopicMeters> of(const std::string& topic);  // made at the first call
  TopicTraffic look(const std::string& topic, WallTime now) const;
  // Of committed epochs. Topics without meters (internal ones, the command log) are passed over.
  void count_written(std::span<const Epoch> epochs, WallTime now);
  void forget(const std::string& topic);

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<TopicMeters>, std::less<>> meters_ THALWEG_GUARDED_BY(mutex_);
};

}  // namespace thalweg::runtime
