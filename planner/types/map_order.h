// The iteration order of maps: that of Java's chained hash table, because MAP_KEYS, REDUCE and text
// forms show it (reference, functions §2).
//
//   bucket = (h ^ h >>> 16) & (capacity - 1); buckets ascend, within one the insertion order holds
//   capacity doubles whenever the size exceeds three quarters of it
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "planner/types/value.h"

namespace thalweg::planner {

// String.hashCode: 31·h + unit over UTF-16 code units, wrapping.
std::int32_t java_string_hash(std::string_view utf8);
// hashCode() of the boxed value the original would hold.
std::int32_t java_hash(const Value& value, const SqlType& type);

// Capacity of a table created with `initial` (rounded up to a power of two) after `size` insertions.
std::size_t hash_capacity(std::size_t initial, std::size_t size);

// Removes duplicate keys (the later value in the earlier place) and orders the rest. `capacity` 0: the
// number of entries given.
void arrange_as_hash_map(MapEntries& entries, const SqlType& key_type, std::size_t capacity);

}  // namespace thalweg::planner
