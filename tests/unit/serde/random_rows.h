// Random types and values for property tests.
#pragma once

#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "planner/types/value.h"

namespace thalweg::runtime {

class RandomRows {
 public:
  explicit RandomRows(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  // `nesting` 0: flat types only. Map keys are strings, as in every format.
  planner::SqlType type(int nesting) {
    using planner::SqlKind;
    using planner::SqlType;
    const auto kind = static_cast<SqlKind>(below(nesting > 0 ? 13 : 10));
    switch (kind) {
      case SqlKind::kDecimal: {
        const auto precision = static_cast<std::int32_t>(1 + below(38));
        return SqlType::decimal(precision,
                                static_cast<std::int32_t>(below(static_cast<std::uint64_t>(precision) + 1)));
      }
      case SqlKind::kArray: return SqlType::array(type(nesting - 1));
      case SqlKind::kMap: return SqlType::map(SqlKind::kString, type(nesting - 1));
      case SqlKind::kStruct: {
        std::vector<planner::Field> fields;
        for (std::uint64_t i = 0; i <= below(3); ++i)
          fields.push_back({"F" + std::to_string(i), type(nesting - 1)});
        return SqlType::structure(std::move(fields));
      }
      default: return kind;
    }
  }

  planner::Value value(const planner::SqlType& type, bool nulls = true) {
    using planner::SqlKind;
    if (nulls && below(6) == 0) return {};
    switch (type.kind()) {
      case SqlKind::kBoolean: return below(2) == 0;
      case SqlKind::kInteger:
      case SqlKind::kDate: return std::int64_t{static_cast<std::int32_t>(whole())};
      case SqlKind::kTime: return static_cast<std::int64_t>(below(86'400'000));
      case SqlKind::kBigint:
      case SqlKind::kTimestamp: return whole();
      case SqlKind::kDouble: return floating();
      case SqlKind::kDecimal: return decimal(type);
      case SqlKind::kString: return text();
      case SqlKind::kBytes: return bytes();
      case SqlKind::kArray: {
        planner::ValueList items(below(4));
        for (auto& item : items) item = value(type.element());
        return planner::make_list(std::move(items));
      }
      case SqlKind::kStruct: {
        planner::ValueList items;
        for (const auto& field : type.fields()) items.push_back(value(field.type));
        return planner::make_list(std::move(items));
      }
      case SqlKind::kMap: {
        planner::MapEntries entries;
        for (std::uint64_t i = below(4); i > 0; --i) entries.emplace_back(text(), value(type.value()));
        return planner::make_map(std::move(entries), type.key());
      }
    }
    return {};
  }

 private:
  std::int64_t whole() { return static_cast<std::int64_t>(random_()) >> below(64); }
  double floating() {
    const std::uint64_t bits = random_();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isnan(value) || below(3) == 0) return static_cast<double>(whole()) / 8;
    return value;
  }
  planner::Decimal decimal(const planner::SqlType& type) {
    planner::Int128 unscaled = 0;
    for (std::uint64_t i = below(static_cast<std::uint64_t>(type.precision()) + 1); i > 0; --i) {
      unscaled = unscaled * 10 + static_cast<planner::Int128>(below(10));
    }
    return {below(2) == 0 ? unscaled : -unscaled, type.scale()};
  }
  std::string text() {
    static constexpr const char* kPieces[] = {"a", "Z", "0", " ",    "\"",         "\\", "\n", "\t", ",",
                                              "é", "😀", "#", "\x01", "plain text", "/",  "{",  "}",  "'"};
    std::string result;
    for (std::uint64_t i = below(24); i > 0; --i) result += kPieces[below(std::size(kPieces))];
    return result;
  }
  std::string bytes() {
    std::string result(below(20), '\0');
    for (char& c : result) c = static_cast<char>(below(256));
    return result;
  }

  std::mt19937_64 random_;
};

}  // namespace thalweg::runtime
