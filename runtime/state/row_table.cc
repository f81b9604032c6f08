#include "runtime/state/row_table.h"

#include <algorithm>
#include <cstring>

namespace thalweg::runtime {
namespace {

constexpr std::size_t kInsideBytesMax = 1024;
constexpr std::size_t kOutsideBytesMin = 64;
constexpr std::size_t kPointerBytes = sizeof(char*);

}  // namespace

RowTable::~RowTable() {
  if (outside_bytes_ == 0) return;
  walk(0, [](Slot, Record& record) {
    if (record.is(Record::kOutside)) std::free(row_of(record));
    return true;
  });
}

void RowTable::prefetch(std::span<const StateKey> keys) const {
  for (const StateKey& key : keys) table_.prefetch(key.hash);
  for (const StateKey& key : keys) {
    const Slot slot = table_.candidate(key.hash);
    if (slot != kNoSlot) __builtin_prefetch(slab_.at(slot), 1);
  }
}

Slot RowTable::insert(const StateKey& key) {
  const std::size_t place_bytes = std::max<std::size_t>(typical_row_bytes_, kPointerBytes);
  const std::size_t bytes = row_offset(key.bytes.size()) + place_bytes;
  const std::uint32_t units =
      Slab::round_units(static_cast<std::uint32_t>((bytes + Slab::kUnitBytes - 1) / Slab::kUnitBytes));
  const Slot slot = slab_.allocate(units);
  if (slot == kNoSlot) return slot;
  const std::size_t capacity = units * Slab::kUnitBytes - row_offset(key.bytes.size());
  Record& created = record(slot);
  created = Record{0,
                   static_cast<std::uint32_t>(key.bytes.size()),
                   0,
                   static_cast<std::uint32_t>(capacity),
                   static_cast<std::uint16_t>(units),
                   Record::kTouched,
                   0};
  if (!key.bytes.empty()) std::memcpy(&created + 1, key.bytes.data(), key.bytes.size());
  table_.insert(key.hash, slot);
  if (kind_ != StoreKind::kPlain) add_to_group(slot);
  if (ordered_ != nullptr) ordered_->insert(slot);
  return slot;
}

void RowTable::remove(Slot slot) {
  if (kind_ != StoreKind::kPlain) take_from_group(slot);
  table_.erase(hash_key(key(slot)), slot);
  release(slot);
}

void RowTable::release(Slot slot) {
  if (ordered_ != nullptr) ordered_->erase(slot);
  Record& gone = record(slot);
  if (gone.is(Record::kOutside)) {
    std::free(row_of(gone));
    outside_bytes_ -= gone.row_capacity;
  }
  gone.flags = Record::kFree;
  slab_.free(slot, gone.units);
}

void RowTable::set_row(Slot slot, std::string_view row) {
  Record& target = record(slot);
  if (row.size() > target.row_capacity) [[unlikely]] {
    const std::size_t capacity = std::max(kOutsideBytesMin, row.size() + row.size() / 2);
    auto* grown = static_cast<char*>(std::malloc(capacity));
    THALWEG_ASSERT(grown != nullptr);
    std::memcpy(grown, row.data(), row.size());
    if (target.is(Record::kOutside)) {
      std::free(row_of(target));
      outside_bytes_ -= target.row_capacity;
    }
    target.set(Record::kOutside);
    *reinterpret_cast<char**>(inside(target)) = grown;
    target.row_capacity = static_cast<std::uint32_t>(capacity);
    outside_bytes_ += capacity;
    // Rows of later keys will be like this one, and get their place at once.
    if (row.size() <= kInsideBytesMax) {
      typical_row_bytes_ = std::max(typical_row_bytes_, static_cast<std::uint32_t>(row.size()));
    }
  } else if (!row.empty()) {
    std::memmove(row_of(target), row.data(), row.size());
  }
  target.row_bytes = static_cast<std::uint32_t>(row.size());
}

std::uint64_t RowTable::group_of(std::string_view key) {
  if (key.size() >= sizeof(std::uint64_t)) return read_u64_be(key);
  std::string padded(key);
  padded.resize(sizeof(std::uint64_t), '\0');
  return read_u64_be(padded);
}

RowTable::Group& RowTable::group(std::uint64_t name) {
  if (kind_ == StoreKind::kGrouped) return groups_[name];
  if (newest_window_ == nullptr || newest_start_ != name) {
    newest_window_ = &windows_[name];
    newest_start_ = name;
  }
  return *newest_window_;
}

void RowTable::add_to_group(Slot slot) {
  const std::uint64_t name = group_of(key(slot));
  Group& own = group(name);
  if (own.slots.size() > 2 * own.rows + 64) {
    std::sort(own.slots.begin(), own.slots.end());
    own.slots.erase(std::unique(own.slots.begin(), own.slots.end()), own.slots.end());
    std::erase_if(own.slots, [&](Slot other) { return other == slot || !belongs(other, name); });
  }
  own.slots.push_back(slot);
  ++own.rows;
}

void RowTable::take_from_group(Slot slot) {
  const std::uint64_t name = group_of(key(slot));
  if (--group(name).rows > 0) return;
  groups_.erase(name);
  windows_.erase(name);
  newest_window_ = nullptr;
}

bool RowTable::collect_group(std::uint64_t name, const Group& group, std::string_view from,
                             std::string_view to, std::vector<Slot>& slots) const {
  const auto first = static_cast<std::ptrdiff_t>(slots.size());
  bool all_before_end = true;
  for (const Slot slot : group.slots) {
    if (!belongs(slot, name)) continue;
    const bool before_end = to.empty() || key(slot) < to;
    all_before_end &= before_end;
    if (before_end && key(slot) >= from) slots.push_back(slot);
  }
  std::sort(slots.begin() + first, slots.end(), [this](Slot a, Slot b) { return key(a) < key(b); });
  slots.erase(std::unique(slots.begin() + first, slots.end()), slots.end());
  return all_before_end;
}

std::vector<Slot> RowTable::sorted(std::string_view from, std::string_view to) const {
  std::vector<Slot> slots;
  if (!to.empty() && from >= to) return slots;
  if (kind_ == StoreKind::kWindowed) {
    auto at = windows_.lower_bound(group_of(from));
    while (at != windows_.end() && collect_group(at->first, at->second, from, to, slots)) ++at;
    return slots;
  }
  if (kind_ == StoreKind::kGrouped && to.size() >= 8 && group_of(from) == group_of(to)) {
    const auto found = groups_.find(group_of(from));
    if (found != groups_.end()) collect_group(found->first, found->second, from, to, slots);
    return slots;
  }
  const bool bounded = !from.empty() || !to.empty();
  if (bounded && ordered_ == nullptr) {
    ordered_ = std::make_unique<Ordered>(ByKey{this});
    walk(0, [this](Slot slot, Record&) { return ordered_->insert(slot), true; });
  }
  if (ordered_ != nullptr) {
    const auto end = to.empty() ? ordered_->end() : ordered_->lower_bound(to);
    for (auto at = ordered_->lower_bound(from); at != end; ++at) slots.push_back(*at);
    return slots;
  }
  slots.reserve(table_.size());
  walk(0, [&](Slot slot, Record&) { return slots.push_back(slot), true; });
  std::sort(slots.begin(), slots.end(), [this](Slot a, Slot b) { return key(a) < key(b); });
  return slots;
}

}  // namespace thalweg::runtime
