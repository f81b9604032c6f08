#include "planner/types/map_order.h"

#include <algorithm>
#include <bit>

#include "planner/types/utf8.h"

namespace thalweg::planner {

namespace {

using Bits = std::uint32_t;

Bits hash_long(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return static_cast<Bits>(bits ^ (bits >> 32));
}

Bits hash_double(double value) {
  if (value != value) return 0x7ff80000u;  // every NaN hashes as the canonical one
  return hash_long(std::bit_cast<std::int64_t>(value));
}

// BigInteger.hashCode over 32-bit magnitude words, then 31·h + scale.
Bits hash_decimal(const Decimal& value) {
  const bool negative = value.unscaled < 0;
  auto magnitude = static_cast<unsigned __int128>(value.unscaled);
  if (negative) magnitude = 0 - magnitude;
  Bits hash = 0;
  bool started = false;
  for (int shift = 96; shift >= 0; shift -= 32) {
    const auto word = static_cast<Bits>(magnitude >> shift);
    started = started || word != 0;
    if (started) hash = 31 * hash + word;
  }
  if (negative) hash = 0 - hash;
  return 31 * hash + static_cast<Bits>(value.scale);
}

Bits hash_bytes(const std::string& bytes) {
  Bits hash = 1;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    hash = 31 * hash + static_cast<Bits>(static_cast<std::int32_t>(static_cast<signed char>(bytes[i - 1])));
  }
  return hash;
}

constexpr std::int64_t kDayMs = 86'400'000;

Bits hash_of(const Value& value, const SqlType& type);

Bits hash_list(const Value& value, const SqlType& type) {
  Bits hash = 1;
  const ValueList& items = value.as_list();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const SqlType& item_type = type.is(SqlKind::kArray) ? type.element() : type.fields()[i].type;
    hash = 31 * hash + hash_of(items[i], item_type);
  }
  return hash;
}

Bits hash_of(const Value& value, const SqlType& type) {
  if (value.is_null()) return 0;
  switch (type.kind()) {
    case SqlKind::kBoolean: return value.as_bool() ? 1231 : 1237;
    case SqlKind::kInteger: return static_cast<Bits>(value.as_int());
    case SqlKind::kBigint:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return hash_long(value.as_int());
    case SqlKind::kDate: return hash_long(value.as_int() * kDayMs);
    case SqlKind::kDouble: return hash_double(value.as_double());
    case SqlKind::kDecimal: return hash_decimal(value.as_decimal());
    case SqlKind::kString: return static_cast<Bits>(java_string_hash(value.as_string()));
    case SqlKind::kBytes: return hash_bytes(value.as_string());
    case SqlKind::kArray:
    case SqlKind::kStruct: return hash_list(value, type);
    case SqlKind::kMap: {
      Bits hash = 0;
      for (const auto& [k, v] : value.as_map()) hash += hash_of(k, type.key()) ^ hash_of(v, type.value());
      return hash;
    }
  }
  return 0;
}

struct Slot {
  Bits hash = 0;  // already spread
  std::size_t index = 0;
};

// Keeps one slot per distinct key, moving later values forward. `slots` ends up sorted by hash.
void drop_duplicates(MapEntries& entries, std::vector<Slot>& slots) {
  std::sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.index < b.index;
  });
  std::vector<Slot> kept;
  kept.reserve(slots.size());
  std::size_t run_begin = 0;
  for (const Slot& slot : slots) {
    if (!kept.empty() && kept.back().hash != slot.hash) run_begin = kept.size();
    const auto twin = std::find_if(
        kept.begin() + static_cast<std::ptrdiff_t>(run_begin), kept.end(),
        [&](const Slot& earlier) { return equal(entries[earlier.index].first, entries[slot.index].first); });
    if (twin == kept.end()) {
      kept.push_back(slot);
    } else {
      entries[twin->index].second = std::move(entries[slot.index].second);
    }
  }
  slots = std::move(kept);
}

}  // namespace

std::int32_t java_string_hash(std::string_view utf8) {
  Bits hash = 0;
  for_each_utf16_unit(utf8, [&hash](std::uint16_t unit) { hash = 31 * hash + unit; });
  return static_cast<std::int32_t>(hash);
}

std::int32_t java_hash(const Value& value, const SqlType& type) {
  return static_cast<std::int32_t>(hash_of(value, type));
}

std::size_t hash_capacity(std::size_t initial, std::size_t size) {
  std::size_t capacity = std::bit_ceil(std::max<std::size_t>(initial, 1));
  while (size * 4 > capacity * 3) capacity *= 2;
  return capacity;
}

void arrange_as_hash_map(MapEntries& entries, const SqlType& key_type, std::size_t capacity) {
  const std::size_t initial = capacity == 0 ? entries.size() : capacity;
  std::vector<Slot> slots(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Bits hash = hash_of(entries[i].first, key_type);
    slots[i] = {hash ^ (hash >> 16), i};
  }
  drop_duplicates(entries, slots);
  const Bits mask = static_cast<Bits>(hash_capacity(initial, slots.size()) - 1);
  std::sort(slots.begin(), slots.end(), [mask](const Slot& a, const Slot& b) {
    const Bits bucket_a = a.hash & mask;
    const Bits bucket_b = b.hash & mask;
    return bucket_a != bucket_b ? bucket_a < bucket_b : a.index < b.index;
  });
  MapEntries ordered;
  ordered.reserve(slots.size());
  for (const Slot& slot : slots) ordered.push_back(std::move(entries[slot.index]));
  entries = std::move(ordered);
}

}  // namespace thalweg::planner
