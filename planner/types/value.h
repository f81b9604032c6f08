// A single value of any SQL type: literals, lambda arguments, nested columns, rows of results.
// Its SqlType travels separately. Columns (runtime/columns) hold flat types in vectors instead.
//
//   BOOLEAN bool · INTEGER BIGINT DATE TIME TIMESTAMP int64 (days, ms of day, ms) · DOUBLE double
//   DECIMAL Decimal · STRING BYTES std::string · ARRAY, STRUCT (field order) ListPtr · MAP MapPtr
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "planner/types/decimal.h"
#include "planner/types/sql_type.h"

namespace thalweg::planner {

struct Value;
using ValueList = std::vector<Value>;
using ListPtr = std::shared_ptr<const ValueList>;
// Entries in iteration order, see planner/types/map_order.h.
using MapEntries = std::vector<std::pair<Value, Value>>;
using MapPtr = std::shared_ptr<const MapEntries>;

struct Null {
  bool operator==(const Null&) const = default;
};

struct Value : std::variant<Null, bool, std::int64_t, double, Decimal, std::string, ListPtr, MapPtr> {
  using Base = std::variant<Null, bool, std::int64_t, double, Decimal, std::string, ListPtr, MapPtr>;
  using Base::Base;
  Value() = default;
  bool is_null() const { return index() == 0; }
  bool as_bool() const { return std::get<bool>(*this); }
  std::int64_t as_int() const { return std::get<std::int64_t>(*this); }
  double as_double() const { return std::get<double>(*this); }
  const Decimal& as_decimal() const { return std::get<Decimal>(*this); }
  const std::string& as_string() const { return std::get<std::string>(*this); }
  const ValueList& as_list() const { return *std::get<ListPtr>(*this); }
  const MapEntries& as_map() const { return *std::get<MapPtr>(*this); }
};

Value make_list(ValueList values);
// Puts entries into the iteration order of the reference's hash map (functions §2); on equal keys the
// later value wins in the earlier place. `capacity` 0: smallest power of two ≥ n; 16 where the reference
// says.
Value make_map(MapEntries entries, const SqlType& key_type, std::size_t capacity = 0);
const Value* find_in_map(const MapEntries& map, const Value& key);

// Type-and-value equality: null equals null, decimals compare scale, NaN = NaN, -0.0 ≠ 0.0; maps ignore
// order.
bool equal(const Value& a, const Value& b);
// Order of GREATEST, ARRAY_SORT, TOPK: doubles with -0.0 < 0.0 and NaN greatest, strings by UTF-16 code unit,
// BYTES by signed byte. Both non-null and of comparable type.
int compare(const Value& a, const Value& b, const SqlType& type);
std::size_t hash_value(const Value& value);

// CAST of one value (null stays null). Errors are the row's: ErrorCode::kBadRecord.
Result<Value> cast_value(const Value& value, const SqlType& from, const SqlType& to);

}  // namespace thalweg::planner
