#include "planner/types/value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "planner/types/map_order.h"
#include "planner/types/text.h"

namespace thalweg::planner {

namespace {

bool equal_doubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool equal_lists(const ValueList& a, const ValueList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

bool equal_maps(const MapEntries& a, const MapEntries& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&b](const auto& entry) {
    const Value* other = find_in_map(b, entry.first);
    return other != nullptr && equal(entry.second, *other);
  });
}

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_doubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return three_way(std::isnan(a), std::isnan(b));
  if (a == 0 && b == 0) return three_way(!std::signbit(a), !std::signbit(b));
  return three_way(a, b);
}

int compare_signed_bytes(const std::string& a, const std::string& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const int order = three_way(static_cast<signed char>(a[i]), static_cast<signed char>(b[i]));
    if (order != 0) return order;
  }
  return three_way(a.size(), b.size());
}

std::size_t mix(std::size_t seed, std::size_t hash) {
  return seed ^ (hash + 0x9e3779b97f4a7c15ull + (seed << 6) + (seed >> 2));
}

std::size_t hash_double(double value) {
  if (std::isnan(value)) return 0x7ff8;
  return std::hash<std::uint64_t>{}(std::bit_cast<std::uint64_t>(value));
}

std::size_t hash_decimal(const Decimal& value) {
  const auto bits = static_cast<unsigned __int128>(value.unscaled);
  return mix(mix(static_cast<std::size_t>(bits), static_cast<std::size_t>(bits >> 64)),
             static_cast<std::size_t>(value.scale));
}

struct Hasher {
  std::size_t operator()(const Null&) const { return 0; }
  std::size_t operator()(bool value) const { return value ? 1231 : 1237; }
  std::size_t operator()(std::int64_t value) const { return std::hash<std::int64_t>{}(value); }
  std::size_t operator()(double value) const { return hash_double(value); }
  std::size_t operator()(const Decimal& value) const { return hash_decimal(value); }
  std::size_t operator()(const std::string& value) const { return std::hash<std::string>{}(value); }
  std::size_t operator()(const ListPtr& value) const {
    std::size_t hash = value->size();
    for (const Value& item : *value) hash = mix(hash, hash_value(item));
    return hash;
  }
  std::size_t operator()(const MapPtr& value) const {
    std::size_t hash = value->size();  // a sum, since entry order does not count
    for (const auto& [k, v] : *value) hash += mix(hash_value(k), hash_value(v));
    return hash;
  }
};

}  // namespace

Value make_list(ValueList values) { return ListPtr(std::make_shared<const ValueList>(std::move(values))); }

Value make_map(MapEntries entries, const SqlType& key_type, std::size_t capacity) {
  arrange_as_hash_map(entries, key_type, capacity);
  return MapPtr(std::make_shared<const MapEntries>(std::move(entries)));
}

const Value* find_in_map(const MapEntries& map, const Value& key) {
  const auto found =
      std::find_if(map.begin(), map.end(), [&key](const auto& entry) { return equal(entry.first, key); });
  return found == map.end() ? nullptr : &found->second;
}

bool equal(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* number = std::get_if<double>(&a)) return equal_doubles(*number, b.as_double());
  if (std::holds_alternative<ListPtr>(a)) return equal_lists(a.as_list(), b.as_list());
  if (std::holds_alternative<MapPtr>(a)) return equal_maps(a.as_map(), b.as_map());
  if (const auto* text = std::get_if<std::string>(&a)) return *text == b.as_string();
  if (const auto* whole = std::get_if<std::int64_t>(&a)) return *whole == b.as_int();
  if (const auto* decimal = std::get_if<Decimal>(&a)) return *decimal == b.as_decimal();
  if (const auto* truth = std::get_if<bool>(&a)) return *truth == b.as_bool();
  return true;
}

int compare(const Value& a, const Value& b, const SqlType& type) {
  switch (type.kind()) {
    case SqlKind::kBoolean: return three_way(a.as_bool(), b.as_bool());
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDate:
    case SqlKind::kTime:
    case SqlKind::kTimestamp: return three_way(a.as_int(), b.as_int());
    case SqlKind::kDouble: return compare_doubles(a.as_double(), b.as_double());
    case SqlKind::kDecimal: {
      const auto order = compare(a.as_decimal(), b.as_decimal());
      return order < 0 ? -1 : (order > 0 ? 1 : 0);
    }
    case SqlKind::kString: return compare_utf16(a.as_string(), b.as_string());
    case SqlKind::kBytes: return compare_signed_bytes(a.as_string(), b.as_string());
    case SqlKind::kArray:
    case SqlKind::kStruct:
    case SqlKind::kMap: break;
  }
  THALWEG_ASSERT(false);  // nested values have no order
}

std::size_t hash_value(const Value& value) {
  return std::visit(Hasher{}, static_cast<const Value::Base&>(value));
}

}  // namespace thalweg::planner
