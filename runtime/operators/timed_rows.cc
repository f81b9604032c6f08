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

void TimedRows::add(KeyList& keys, std::int64_t bucket, std::string_view key) const {
  append_u64_be(keys.bytes(), static_cast<std::uint64_t>(bucket));
  keys.add(key);
}

Result<void> TimedRows::find_newest() {
  changed_.clear();
  changes_.clear();
  change_bytes_.clear();
  newest_ = newest_reserved_ = -1;
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
  range.first = wanted_.size();
  range.from = std::max(from, visible_from());
  range.to = std::min(to, std::max(newest_, newest_reserved_));
  if (range.from <= range.to) {
    for (std::int64_t bucket = bucket_of(range.from); bucket <= range.to; bucket += width_ms_)
      add(wanted_, bucket, key);
  }
  range.count = wanted_.size() - range.first;
  ranges_.push_back(range);
  return ranges_.size() - 1;
}

Result<void> TimedRows::look_up() {
  slots_.resize(wanted_.size());
  return store_->lookup(wanted_.keys(), slots_);
}

void TimedRows::note(std::string_view key, std::int64_t time, std::string_view bytes, bool erase) {
  add(changed_, bucket_of(time), key);
  const std::size_t begin = change_bytes_.size();
  change_bytes_.append(bytes);
  changes_.push_back({time, begin, change_bytes_.size(), erase});
}

std::size_t TimedRows::reserve(std::string_view key, std::int64_t time) {
  add(changed_, bucket_of(time), key);
  newest_reserved_ = std::max(newest_reserved_, time);
  return changed_.size() - 1;
}

Result<void> TimedRows::make_room() {
  changed_slots_.resize(changed_.size());
  made_.resize(changed_.size());
  filled_ = 0;
  return store_->upsert(changed_.keys(), changed_slots_, made_);
}

void TimedRows::fill(std::size_t reserved, std::int64_t time, std::string_view bytes) {
  if (!announce(time)) return;
  put_entry(changed_slots_[reserved], time, bytes);
  ++filled_;
}

void TimedRows::drop_unfilled() {
  if (filled_ != changed_slots_.size()) erase_empty(*store_, changed_slots_);
  changed_.clear();
  changed_slots_.clear();
  newest_reserved_ = -1;
}

void TimedRows::erase(std::string_view key, std::int64_t time, std::string_view prefix) {
  note(key, time, prefix, true);
}

Result<void> TimedRows::apply() {
  if (changes_.empty()) return {};
  changed_slots_.resize(changes_.size());
  made_.resize(changes_.size());
  THALWEG_CHECK(store_->upsert(changed_.keys(), changed_slots_, made_));
  bool any_erased = false;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    const auto bytes = std::string_view(change_bytes_).substr(change.begin, change.end - change.begin);
    any_erased |= change.erase;
    change.erase ? erase_entry(changed_slots_[i], change.time, bytes)
                 : put_entry(changed_slots_[i], change.time, bytes);
  }
  for (std::size_t i = 0; any_erased && i < changes_.size(); ++i) {
    if (changes_[i].erase && store_->row(changed_slots_[i]).empty()) store_->erase(changed_slots_[i]);
  }
  changed_.clear();
  changes_.clear();
  change_bytes_.clear();
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

void TimedRows::erase_entry(Slot slot, std::int64_t time, std::string_view prefix) {
  const std::string_view row = store_->row(slot);
  if (row.empty()) return;
  row_.assign(8, '\0');
  std::int64_t newest = -1;
  bool erased = false;
  walk(row, [&](std::int64_t other, std::string_view bytes) {
    if (!erased && other == time && bytes.starts_with(prefix)) {
      erased = true;
      return true;
    }
    append_entry(row_, other, bytes);
    newest = other;
    return true;
  });
  if (!erased) return;
  if (newest < 0)
    row_.clear();
  else
    set_newest(row_, newest);
  store_->set_row(slot, row_);
}

}  // namespace thalweg::runtime
