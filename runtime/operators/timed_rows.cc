#include "runtime/operators/timed_rows.h"

namespace thalweg::runtime {
namespace {

void append_entry(std::string& row, std::int64_t time, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  row.append(reinterpret_cast<const char*>(&time), sizeof time);
  row.append(reinterpret_cast<const char*>(&size), sizeof size);
  row.append(bytes);
}

std::int64_t newest_of(std::string_view row) {
  std::int64_t newest;
  std::memcpy(&newest, row.data(), sizeof newest);
  return newest;
}

void set_newest(std::string& row, std::int64_t newest) { std::memcpy(row.data(), &newest, sizeof newest); }

}  // namespace

void TimedRows::Keys::clear() {
  bytes.clear();
  ends.clear();
}

void TimedRows::Keys::add(std::int64_t bucket, std::string_view key) {
  append_u64_be(bytes, static_cast<std::uint64_t>(bucket));
  bytes.append(key);
  ends.push_back(bytes.size());
}

std::span<const StateKey> TimedRows::Keys::finish() {
  keys.resize(ends.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    keys[i].bytes = std::string_view(bytes).substr(begin, ends[i] - begin);
    keys[i].hash = hash_key(keys[i].bytes);
    begin = ends[i];
  }
  return keys;
}

Result<void> TimedRows::find_newest() {
  newest_ = -1;
  THALWEG_TRY(const auto starts, store_->window_starts());
  for (auto start = starts.rbegin(); start != starts.rend() && newest_ < 0; ++start) {
    std::string from;
    append_u64_be(from, static_cast<std::uint64_t>(*start));
    THALWEG_CHECK(store_->scan(from, {}, [&](std::string_view, std::string_view row) {
      if (!row.empty()) newest_ = std::max(newest_, newest_of(row));
      return true;
    }));
  }
  return {};
}

void TimedRows::forget_ranges() {
  wanted_.clear();
  ranges_.clear();
}

std::size_t TimedRows::want(std::string_view key, std::int64_t from, std::int64_t to) {
  Range range;
  range.first = wanted_.ends.size();
  range.from = std::max(from, visible_from());
  range.to = std::min(to, newest_);
  if (range.from <= range.to) {
    for (std::int64_t bucket = bucket_of(range.from); bucket <= range.to; bucket += width_ms_)
      wanted_.add(bucket, key);
  }
  range.count = wanted_.ends.size() - range.first;
  ranges_.push_back(range);
  return ranges_.size() - 1;
}

Result<void> TimedRows::look_up() {
  slots_.resize(wanted_.ends.size());
  return store_->lookup(wanted_.finish(), slots_);
}

void TimedRows::insert(std::string_view key, std::int64_t time, std::string_view bytes) {
  newest_ = std::max(newest_, time);
  if (time < visible_from()) return;
  inserted_.add(bucket_of(time), key);
  const std::size_t begin = insert_bytes_.size();
  insert_bytes_.append(bytes);
  inserts_.push_back({time, begin, insert_bytes_.size()});
}

Result<void> TimedRows::apply() {
  if (inserts_.empty()) return {};
  insert_slots_.resize(inserts_.size());
  insert_made_.resize(inserts_.size());
  THALWEG_CHECK(store_->upsert(inserted_.finish(), insert_slots_, insert_made_));
  for (std::size_t i = 0; i < inserts_.size(); ++i) {
    const Insert& insert = inserts_[i];
    put_entry(insert_slots_[i], insert.time,
              std::string_view(insert_bytes_).substr(insert.begin, insert.end - insert.begin));
  }
  inserted_.clear();
  inserts_.clear();
  insert_bytes_.clear();
  return {};
}

void TimedRows::put_entry(Slot slot, std::int64_t time, std::string_view bytes) {
  const std::string_view row = store_->row(slot);
  row_.clear();
  if (row.empty() || newest_of(row) <= time) {
    if (row.empty()) row_.resize(8);
    row_.append(row);
    append_entry(row_, time, bytes);
    set_newest(row_, time);
  } else {
    row_.append(row.substr(0, 8));
    bool placed = false;
    walk(row, [&](std::int64_t other, std::string_view other_bytes) {
      if (!placed && other > time) {
        append_entry(row_, time, bytes);
        placed = true;
      }
      append_entry(row_, other, other_bytes);
      return true;
    });
  }
  store_->set_row(slot, row_);
}

Result<Slot> TimedRows::find(std::string_view key, std::int64_t time) {
  std::string bytes;
  append_u64_be(bytes, static_cast<std::uint64_t>(bucket_of(time)));
  bytes.append(key);
  const StateKey wanted{bytes, hash_key(bytes)};
  Slot slot = kNoSlot;
  THALWEG_CHECK(store_->lookup({&wanted, 1}, {&slot, 1}));
  return slot;
}

Result<void> TimedRows::erase(std::string_view key, std::int64_t time, std::string_view prefix) {
  THALWEG_TRY(const Slot slot, find(key, time));
  if (slot == kNoSlot) return {};
  row_.assign(8, '\0');
  std::int64_t newest = -1;
  bool erased = false;
  walk(store_->row(slot), [&](std::int64_t other, std::string_view bytes) {
    if (!erased && other == time && bytes.starts_with(prefix)) {
      erased = true;
      return true;
    }
    append_entry(row_, other, bytes);
    newest = other;
    return true;
  });
  if (!erased) return {};
  if (newest < 0) {
    store_->erase(slot);
    return {};
  }
  set_newest(row_, newest);
  store_->set_row(slot, row_);
  return {};
}

}  // namespace thalweg::runtime
