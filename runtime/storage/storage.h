// The disk, as the log and the state see it: ordered byte keys in a few spaces, atomic write sets,
// forward cursors. Two implementations: RocksDB, and memory for tests and the simulated world.
//
// Thread: all calls may come from any thread; a Cursor belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace thalweg::runtime {

enum class Space : std::uint8_t { kMeta, kLog, kState };
inline constexpr std::size_t kSpaceCount = 3;

// kSync: on disk when write() returns. kAsync: survives a killed process, not a lost machine.
enum class Durability : std::uint8_t { kSync, kAsync };

// Puts and erasures applied in order, all or nothing.
class WriteSet {
 public:
  struct Entry {
    Space space;
    bool erase;
    std::string key;
    std::string value;
  };
  void put(Space space, std::string key, std::string value) {
    size_bytes_ += key.size() + value.size();
    entries_.push_back({space, false, std::move(key), std::move(value)});
  }
  void erase(Space space, std::string key) {
    size_bytes_ += key.size();
    entries_.push_back({space, true, std::move(key), {}});
  }
  // Moves all of `other` behind what is here.
  void append(WriteSet&& other);
  bool empty() const { return entries_.empty(); }
  std::size_t size_bytes() const { return size_bytes_; }
  std::span<const Entry> entries() const { return entries_; }
  void clear() {
    entries_.clear();
    size_bytes_ = 0;
  }

 private:
  std::vector<Entry> entries_;
  std::size_t size_bytes_ = 0;
};

// Sees the storage as it was when the cursor was made.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(std::string_view key) = 0;           // to the first key ≥ `key`
  virtual void seek_for_prev(std::string_view key) = 0;  // to the last key ≤ `key`
  virtual bool valid() const = 0;
  virtual void next() = 0;
  virtual std::string_view key() const = 0;  // valid until the cursor moves
  virtual std::string_view value() const = 0;
  virtual Result<void> status() const = 0;  // an I/O or checksum error ends iteration as not valid()
};

class Storage {
 public:
  virtual ~Storage() = default;
  virtual Result<void> write(const WriteSet& writes, Durability durability) = 0;
  virtual Result<std::optional<std::string>> get(Space space, std::string_view key) const = 0;
  // One result per key, in order; keys need not be sorted.
  virtual Result<std::vector<std::optional<std::string>>> multi_get(
      Space space, std::span<const std::string_view> keys) const = 0;
  virtual std::unique_ptr<Cursor> cursor(Space space) const = 0;
  // Erases [from, to) in the background-friendly way the implementation prefers (files first, then keys).
  virtual Result<void> erase_range(Space space, std::string_view from, std::string_view to) = 0;
  // Puts and erasures of ascending, distinct keys in bulk: visible together and on disk when it returns, and
  // so is everything written before. Cheaper than write() for tens of thousands of entries and more.
  virtual Result<void> ingest(Space space, std::span<const WriteSet::Entry> sorted) = 0;
  virtual Result<void> flush() = 0;  // everything written so far is on disk
  virtual std::uint64_t approximate_size_bytes(Space space) const = 0;
};

struct RocksDbOptions {
  std::uint64_t block_cache_bytes = 32ull << 20;
  std::uint64_t write_buffer_bytes = 64ull << 20;  // per memtable
  int background_threads = 2;
  // What was written with kSync is missed when it is damaged: kCorrupted. Without, a lost machine may have
  // left holes that look like damage.
  bool writes_are_synced = true;
};
// Opens or creates a data folder. Errors: kInUse with the holder's hint when another process has it,
// kIo (permissions, full disk, read-only), kCorrupted.
Result<std::unique_ptr<Storage>> open_rocksdb(const std::string& folder, const RocksDbOptions& options = {});

// Keeps everything in ordered maps. Simulates crashes and sick disks for tests.
class MemoryStorage : public Storage {
 public:
  // Forgets every kAsync write since the last kSync write (or flush), as a lost machine would.
  virtual void crash() = 0;
  // The next `count` writes fail with kIo `message` and change nothing; -1: all from now on; 0: healthy
  // again.
  virtual void fail_writes(int count, std::string message) = 0;
  virtual void corrupt(Space space, std::string_view key, std::size_t byte) = 0;  // flips a bit
};
std::unique_ptr<MemoryStorage> make_memory_storage();

// Big-endian pieces of composite keys.
void append_u32_be(std::string& out, std::uint32_t value);
void append_u64_be(std::string& out, std::uint64_t value);
std::uint32_t read_u32_be(std::string_view bytes);
std::uint64_t read_u64_be(std::string_view bytes);
// The first key behind all keys that begin with `prefix`; empty when there is none.
std::string prefix_end(std::string_view prefix);

}  // namespace thalweg::runtime
