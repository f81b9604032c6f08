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
  walk(0, [this](Slot, Record& record) {
    if (record.is(Record::kOutside)) std::free(row_of(record));
    return true;
  });
}

void RowTable::prefetch(std::span<const StateKey> keys) const {
  for (const StateKey& key : keys) table_.prefetch(key.hash);
  if (kind_ == StoreKind::kGrouped) {
    for (const StateKey& key : keys) groups_.prefetch(prefix_of(key.bytes));
    for (const StateKey& key : keys) {
      const Slot slot = groups_.candidate(prefix_of(key.bytes));
      if (slot != kNoSlot) __builtin_prefetch(slab_.at(slot), 1);
    }
  }
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
  if (kind_ == StoreKind::kWindowed) add_to_window(slot);
  if (kind_ == StoreKind::kGrouped) add_to_group(slot);
  if (ordered_ != nullptr) ordered_->insert(slot);
  return slot;
}

void RowTable::remove(Slot slot) {
  if (kind_ == StoreKind::kWindowed) take_from_window(slot);
  if (kind_ == StoreKind::kGrouped) take_from_group(slot);
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

std::uint64_t RowTable::prefix_of(std::string_view key) {
  if (key.size() >= sizeof(std::uint64_t)) return read_u64_be(key);
  std::string padded(key);
  padded.resize(sizeof(std::uint64_t), '\0');
  return read_u64_be(padded);
}

void RowTable::add_to_window(Slot slot) {
  const std::uint64_t start = prefix_of(key(slot));
  if (newest_window_ == nullptr || newest_start_ != start) {
    newest_window_ = &windows_[start];
    newest_start_ = start;
  }
  Window& window = *newest_window_;
  if (window.slots.size() > 2 * window.rows + 64) {
    std::sort(window.slots.begin(), window.slots.end());
    window.slots.erase(std::unique(window.slots.begin(), window.slots.end()), window.slots.end());
    std::erase_if(window.slots, [&](Slot other) { return other == slot || !belongs(other, start); });
  }
  window.slots.push_back(slot);
  ++window.rows;
}

void RowTable::take_from_window(Slot slot) {
  const auto found = windows_.find(prefix_of(key(slot)));
  if (--found->second.rows > 0) return;
  windows_.erase(found);
  newest_window_ = nullptr;
}

void RowTable::collect_windows(std::string_view from, std::string_view to, std::vector<Slot>& slots) const {
  const auto by_key = [this](Slot a, Slot b) { return key(a) < key(b); };
  for (auto at = windows_.lower_bound(prefix_of(from)); at != windows_.end(); ++at) {
    const auto first = static_cast<std::ptrdiff_t>(slots.size());
    bool before_end = true;
    for (const Slot slot : at->second.slots) {
      if (!belongs(slot, at->first)) continue;
      const bool inside_bound = to.empty() || key(slot) < to;
      before_end &= inside_bound;
      if (inside_bound && key(slot) >= from) slots.push_back(slot);
    }
    std::sort(slots.begin() + first, slots.end(), by_key);
    slots.erase(std::unique(slots.begin() + first, slots.end()), slots.end());
    if (!before_end) break;
  }
}

// Behind the first one, so that groups_ need not change.
void RowTable::add_to_group(Slot slot) {
  const std::uint64_t group = prefix_of(key(slot));
  const Slot first = first_of_group(group);
  links(slot) = {kNoSlot, first};
  if (first == kNoSlot) return groups_.insert(group, slot);
  Links& of_first = links(first);
  links(slot).next = of_first.next;
  if (of_first.next != kNoSlot) links(of_first.next).previous = slot;
  of_first.next = slot;
}

void RowTable::take_from_group(Slot slot) {
  const auto [next, previous] = links(slot);
  if (next != kNoSlot) links(next).previous = previous;
  if (previous != kNoSlot) {
    links(previous).next = next;
    return;
  }
  const std::uint64_t group = prefix_of(key(slot));
  groups_.erase(group, slot);
  if (next != kNoSlot) groups_.insert(group, next);
}

void RowTable::collect_group(std::string_view from, std::string_view to, std::vector<Slot>& slots) const {
  for (Slot slot = first_of_group(prefix_of(from)); slot != kNoSlot; slot = links(slot).next) {
    if (key(slot) >= from && key(slot) < to) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end(), [this](Slot a, Slot b) { return key(a) < key(b); });
}

std::vector<Slot> RowTable::sorted(std::string_view from, std::string_view to) const {
  std::vector<Slot> slots;
  if (!to.empty() && from >= to) return slots;
  if (kind_ == StoreKind::kWindowed) {
    collect_windows(from, to, slots);
    return slots;
  }
  if (kind_ == StoreKind::kGrouped && to.size() >= sizeof(std::uint64_t) &&
      prefix_of(from) == prefix_of(to)) {
    collect_group(from, to, slots);
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
