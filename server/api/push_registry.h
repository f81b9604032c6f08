// The push queries that are being streamed to clients, by id.
// Thread: reserve and release from any thread; the rest on the I/O thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace thalweg::server {

class RowStream;

class PushRegistry {
 public:
  // Takes one of `max` places; false: all taken.
  bool reserve(std::int64_t max) {
    if (places_.fetch_add(1) < max) return true;
    places_.fetch_sub(1);
    return false;
  }
  void release() { places_.fetch_sub(1); }

  void add(const std::string& id, std::weak_ptr<RowStream> stream) { streams_[id] = std::move(stream); }
  void remove(const std::string& id) { streams_.erase(id); }
  std::shared_ptr<RowStream> find(const std::string& id) const {
    const auto place = streams_.find(id);
    return place == streams_.end() ? nullptr : place->second.lock();
  }
  const std::map<std::string, std::weak_ptr<RowStream>>& all() const { return streams_; }

 private:
  std::atomic<std::int64_t> places_{0};
  std::map<std::string, std::weak_ptr<RowStream>> streams_;
};

}  // namespace thalweg::server
