// Byte strings per key and time, in a windowed StateStore: the buffers of stream-stream joins, the sessions
// of a group. Time is cut into buckets, so that an entry's neighbours are found by few lookups and old
// entries go bucket by bucket.
//
//   key   [bucket start, 8 bytes big-endian][key]
//   row   [i64 newest time in the row]([i64 time][u32 size][bytes])*   by time, then arrival
//
// Entries older than newest() - retention are invisible; expire() drops their buckets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/state/key_list.h"

namespace thalweg::runtime {

class TimedRows {
 public:
  TimedRows(std::unique_ptr<StateStore> store, std::int64_t width_ms, std::int64_t retention_ms)
      : store_(std::move(store)), width_ms_(width_ms), retention_ms_(retention_ms) {}

  // Reads the newest time back from the store, and forgets changes not applied: after opening it or rolling
  // it back.
  Result<void> find_newest();
  std::int64_t newest() const { return newest_; }  // highest time ever inserted; -1: none
  std::int64_t visible_from() const { return std::max<std::int64_t>(0, newest_ - retention_ms_ + 1); }
  std::int64_t width_ms() const { return width_ms_; }
  std::int64_t bucket_of(std::int64_t time) const {
    return std::max<std::int64_t>(0, time) / width_ms_ * width_ms_;
  }

  // Reading: name any number of ranges, look all of them up at once, then visit each. Ranges are cut to what
  // is visible. Rows stay where they are until the next change or checkpoint.
  void forget_ranges();
  std::size_t want(std::string_view key, std::int64_t from, std::int64_t to);  // both inclusive; its index
  Result<void> look_up();
  void prefetch(std::size_t range) const {
    const Range& wanted = ranges_[range];
    for (std::size_t i = wanted.first; i < wanted.first + wanted.count; ++i) {
      if (slots_[i] != kNoSlot) store_->prefetch(slots_[i]);
    }
  }
  // visit(time, bytes) in order; false stops.
  template <typename Visit>
  void each(std::size_t range, Visit&& visit) const;

  // Writing while reading: name the entries to come and make room for them before looking up the ranges
  // that may hold them; each is then seen from its fill() on. Invisible ones are ignored.
  std::size_t reserve(std::string_view key, std::int64_t time);  // its index
  Result<void> make_room();
  void prefetch_reserved(std::size_t reserved) const { store_->prefetch(changed_slots_[reserved]); }
  void fill(std::size_t reserved, std::int64_t time, std::string_view bytes);
  void drop_unfilled();

  // Writing at once: changes are collected, then applied in order.
  // Removes the first entry of that time whose bytes begin with `prefix`.
  void erase(std::string_view key, std::int64_t time, std::string_view prefix);
  Result<void> apply();
  // For inserts that come later: newest() moves on already. False: the entry is invisible and not to be
  // inserted; an entry that was visible when announced is, whatever has happened since.
  bool announce(std::int64_t time) {
    newest_ = std::max(newest_, time);
    return time >= visible_from();
  }
  void insert_announced(std::string_view key, std::int64_t time, std::string_view bytes) {
    note(key, time, bytes, false);
  }

  // Drops whole buckets before `time`.
  Result<void> expire(std::int64_t time) { return store_->expire_before(bucket_of(time)); }
  StateStore& store() const { return *store_; }

  template <typename Visit>
  static bool walk(std::string_view row, Visit&& visit);

 private:
  struct Range {
    std::size_t first = 0, count = 0;  // of slots_
    std::int64_t from = 0, to = 0;
  };
  struct Change {
    std::int64_t time;
    std::size_t begin, end;  // of change_bytes_
    bool erase;
  };
  void add(KeyList& keys, std::int64_t bucket, std::string_view key) const;
  void note(std::string_view key, std::int64_t time, std::string_view bytes, bool erase);
  void put_entry(Slot slot, std::int64_t time, std::string_view bytes);
  void erase_entry(Slot slot, std::int64_t time, std::string_view prefix);

  std::unique_ptr<StateStore> store_;
  std::int64_t width_ms_;
  std::int64_t retention_ms_;
  std::int64_t newest_ = -1;
  std::int64_t newest_reserved_ = -1;
  std::size_t filled_ = 0;

  KeyList wanted_, changed_;
  std::vector<Range> ranges_;
  std::vector<Slot> slots_, changed_slots_;
  std::vector<std::uint8_t> made_;
  std::vector<Change> changes_;
  std::string change_bytes_, row_;
};

template <typename Visit>
bool TimedRows::walk(std::string_view row, Visit&& visit) {
  std::size_t at = 8;
  while (at < row.size()) {
    std::int64_t time;
    std::uint32_t size;
    std::memcpy(&time, row.data() + at, sizeof time);
    std::memcpy(&size, row.data() + at + 8, sizeof size);
    if (!visit(time, row.substr(at + 12, size))) return false;
    at += 12 + size;
  }
  return true;
}

template <typename Visit>
void TimedRows::each(std::size_t range, Visit&& visit) const {
  const Range& wanted = ranges_[range];
  for (std::size_t i = wanted.first; i < wanted.first + wanted.count; ++i) {
    if (slots_[i] == kNoSlot) continue;
    const bool more = walk(store_->row(slots_[i]), [&](std::int64_t time, std::string_view bytes) {
      if (time > wanted.to) return false;
      return time < wanted.from || visit(time, bytes);
    });
    if (!more) return;
  }
}

}  // namespace thalweg::runtime
