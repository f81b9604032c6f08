#include "tests/conformance/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "planner/types/decimal.h"

namespace thalweg::conformance {
namespace {

using planner::Decimal;

bool same_decimal(const std::string& a, const std::string& b) {
  const auto x = planner::parse_decimal(a), y = planner::parse_decimal(b);
  if (!x || !y) return a == b;
  return *x == *y;
}

bool matches_integer(const Json& expected, const Json& actual) {
  const auto wanted = planner::parse_decimal(expected.text), got = planner::parse_decimal(actual.text);
  if (!wanted || !got) return expected.text == actual.text;
  const auto truncated = planner::set_scale(*wanted, 0, planner::Rounding::kDown);
  return truncated && planner::compare(*truncated, *got) == std::strong_ordering::equal;
}

bool matches_number(const Json& expected, const Json& actual, bool tolerant) {
  if (actual.kind == Json::Kind::kInteger) return matches_integer(expected, actual);
  if (actual.kind != Json::Kind::kDecimal) return false;
  if (tolerant)
    return std::fabs(std::strtod(expected.text.c_str(), nullptr) -
                     std::strtod(actual.text.c_str(), nullptr)) < 0.000001;
  const auto got = planner::parse_decimal(actual.text);
  if (!got) return expected.text == actual.text;
  if (expected.kind == Json::Kind::kInteger) {
    const auto wanted = planner::parse_decimal(expected.text);
    return got->scale <= 0 && wanted && planner::compare(*wanted, *got) == std::strong_ordering::equal;
  }
  return same_decimal(expected.text, actual.text);
}

}  // namespace

bool matches(const Json* expected, const Json* actual, bool tolerant) {
  if (expected == nullptr || expected->is_null()) return actual == nullptr || actual->is_null();
  if (actual == nullptr || actual->is_null()) return false;
  switch (expected->kind) {
    case Json::Kind::kNull: return false;
    case Json::Kind::kBool: return actual->kind == Json::Kind::kBool && actual->boolean == expected->boolean;
    case Json::Kind::kInteger:
    case Json::Kind::kDecimal: return matches_number(*expected, *actual, tolerant);
    case Json::Kind::kString:
      if (actual->kind == Json::Kind::kDecimal) return same_decimal(expected->text, actual->text);
      return actual->kind == Json::Kind::kString && actual->text == expected->text;
    case Json::Kind::kArray:
      return actual->kind == Json::Kind::kArray && actual->items.size() == expected->items.size() &&
             std::equal(expected->items.begin(), expected->items.end(), actual->items.begin(),
                        [&](const Json& a, const Json& b) { return matches(&a, &b, tolerant); });
    case Json::Kind::kObject:
      if (actual->kind != Json::Kind::kObject || actual->members.size() != expected->members.size())
        return false;
      return std::all_of(expected->members.begin(), expected->members.end(), [&](const auto& member) {
        const Json* found = actual->find(member.name);
        if (found == nullptr || found->is_null()) {
          std::string upper = member.name;
          std::transform(upper.begin(), upper.end(), upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
          found = actual->find(upper);
        }
        return matches(&member.value, found, tolerant);
      });
  }
  return false;
}

}  // namespace thalweg::conformance
