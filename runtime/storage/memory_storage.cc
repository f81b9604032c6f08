// A map per space, copied when written while a cursor looks at it. Values are shared, so that the copy
// is one of pointers. An undo journal of everything since the last synced write makes crash() possible.
#include <array>
#include <map>

#include "base/mutex.h"
#include "runtime/storage/storage.h"

namespace thalweg::runtime {
namespace {

using ValuePtr = std::shared_ptr<const std::string>;
using Map = std::map<std::string, ValuePtr, std::less<>>;
using MapPtr = std::shared_ptr<Map>;

class MemoryCursor final : public Cursor {
 public:
  MemoryCursor(MapPtr map, Mutex& mutex) : map_(std::move(map)), mutex_(mutex), at_(map_->end()) {}
  // The writer looks at the map's use count, therefore the count changes under the writer's lock.
  ~MemoryCursor() override {
    MutexLock lock(mutex_);
    map_.reset();
  }
  void seek(std::string_view key) override { at_ = map_->lower_bound(key); }
  void seek_for_prev(std::string_view key) override {
    at_ = map_->upper_bound(key);
    at_ = at_ == map_->begin() ? map_->end() : std::prev(at_);
  }
  bool valid() const override { return at_ != map_->end(); }
  void next() override { ++at_; }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return *at_->second; }
  Result<void> status() const override { return {}; }

 private:
  MapPtr map_;
  Mutex& mutex_;
  Map::iterator at_;
};

class MemoryStorageInMaps final : public MemoryStorage {
 public:
  MemoryStorageInMaps() {
    for (MapPtr& map : maps_) map = std::make_shared<Map>();
  }

  Result<void> write(const WriteSet& writes, Durability durability) override {
    MutexLock lock(mutex_);
    THALWEG_CHECK(refuse_when_sick());
    for (const WriteSet::Entry& entry : writes.entries()) {
      set(entry.space, entry.key, entry.erase ? nullptr : std::make_shared<const std::string>(entry.value));
    }
    if (durability == Durability::kSync) journal_.clear();
    return {};
  }

  Result<std::optional<std::string>> get(Space space, std::string_view key) const override {
    MutexLock lock(mutex_);
    return find(space, key);
  }

  Result<std::vector<std::optional<std::string>>> multi_get(
      Space space, std::span<const std::string_view> keys) const override {
    MutexLock lock(mutex_);
    std::vector<std::optional<std::string>> values;
    values.reserve(keys.size());
    for (const std::string_view key : keys) values.push_back(find(space, key));
    return values;
  }

  std::unique_ptr<Cursor> cursor(Space space) const override {
    MutexLock lock(mutex_);
    return std::make_unique<MemoryCursor>(maps_[index(space)], mutex_);
  }

  Result<void> erase_range(Space space, std::string_view from, std::string_view to) override {
    MutexLock lock(mutex_);
    THALWEG_CHECK(refuse_when_sick());
    if (from >= to) return {};
    const Map& map = *maps_[index(space)];
    std::vector<std::string> keys;
    for (auto at = map.lower_bound(from); at != map.end() && at->first < to; ++at) keys.push_back(at->first);
    for (const std::string& key : keys) set(space, key, nullptr);
    return {};
  }

  Result<void> ingest(Space space, std::span<const WriteSet::Entry> sorted) override {
    MutexLock lock(mutex_);
    THALWEG_CHECK(refuse_when_sick());
    for (const WriteSet::Entry& entry : sorted) {
      set(space, entry.key, entry.erase ? nullptr : std::make_shared<const std::string>(entry.value));
    }
    journal_.clear();
    return {};
  }

  Result<void> flush() override {
    MutexLock lock(mutex_);
    THALWEG_CHECK(refuse_when_sick());
    journal_.clear();
    return {};
  }

  std::uint64_t approximate_size_bytes(Space space) const override {
    MutexLock lock(mutex_);
    std::uint64_t bytes = 0;
    for (const auto& [key, value] : *maps_[index(space)]) bytes += key.size() + value->size();
    return bytes;
  }

  void crash() override {
    MutexLock lock(mutex_);
    std::vector<Undo> journal;
    journal.swap(journal_);
    for (auto undo = journal.rbegin(); undo != journal.rend(); ++undo)
      set(undo->space, undo->key, undo->before);
    journal_.clear();
  }

  void fail_writes(int count, std::string message) override {
    MutexLock lock(mutex_);
    failures_left_ = count;
    failure_ = std::move(message);
  }

  void corrupt(Space space, std::string_view key, std::size_t byte) override {
    MutexLock lock(mutex_);
    const std::optional<std::string> value = find(space, key);
    THALWEG_ASSERT(value && byte < value->size());
    std::string damaged = *value;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    own(space)[std::string(key)] = std::make_shared<const std::string>(std::move(damaged));
  }

 private:
  struct Undo {
    Space space;
    std::string key;
    ValuePtr before;  // null: was not there
  };

  static std::size_t index(Space space) { return static_cast<std::size_t>(space); }

  Result<void> refuse_when_sick() THALWEG_REQUIRES(mutex_) {
    if (failures_left_ == 0) return {};
    if (failures_left_ > 0) --failures_left_;
    return Error{ErrorCode::kIo, failure_};
  }

  std::optional<std::string> find(Space space, std::string_view key) const THALWEG_REQUIRES(mutex_) {
    const Map& map = *maps_[index(space)];
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional<std::string>(*found->second);
  }

  Map& own(Space space) THALWEG_REQUIRES(mutex_) {
    MapPtr& map = maps_[index(space)];
    if (map.use_count() > 1) map = std::make_shared<Map>(*map);
    return *map;
  }

  void set(Space space, const std::string& key, ValuePtr value) THALWEG_REQUIRES(mutex_) {
    Map& map = own(space);
    const auto found = map.find(key);
    journal_.push_back({space, key, found == map.end() ? nullptr : found->second});
    if (value == nullptr) {
      if (found != map.end()) map.erase(found);
    } else if (found != map.end()) {
      found->second = std::move(value);
    } else {
      map.emplace(key, std::move(value));
    }
  }

  mutable Mutex mutex_;
  std::array<MapPtr, kSpaceCount> maps_ THALWEG_GUARDED_BY(mutex_);
  std::vector<Undo> journal_ THALWEG_GUARDED_BY(mutex_);
  int failures_left_ THALWEG_GUARDED_BY(mutex_) = 0;
  std::string failure_ THALWEG_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<MemoryStorage> make_memory_storage() { return std::make_unique<MemoryStorageInMaps>(); }

}  // namespace thalweg::runtime
