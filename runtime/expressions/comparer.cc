#include "runtime/expressions/comparer.h"

#include <algorithm>
#include <cstring>

#include "planner/types/text.h"
#include "runtime/expressions/conversion.h"

namespace thalweg::runtime {

using ast::ComparisonOp;
using planner::Decimal;
using planner::Int128;
using planner::SqlKind;
using planner::SqlType;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool is_instant(const SqlType& type) { return type.is(SqlKind::kDate) || type.is(SqlKind::kTimestamp); }

bool holds(ComparisonOp op, int order) {
  switch (op) {
    case ComparisonOp::kEqual:
    case ComparisonOp::kIsNotDistinctFrom: return order == 0;
    case ComparisonOp::kNotEqual:
    case ComparisonOp::kIsDistinctFrom: return order != 0;
    case ComparisonOp::kLess: return order < 0;
    case ComparisonOp::kLessOrEqual: return order <= 0;
    case ComparisonOp::kGreater: return order > 0;
    case ComparisonOp::kGreaterOrEqual: return order >= 0;
  }
  return false;
}

template <typename A, typename B>
void compare_plain(ComparisonOp op, A a, B b, Rows rows, std::uint8_t* out) {
  const auto fill = [&](auto test) {
    for_each_row(rows, [&](std::size_t row) { out[row] = test(a[row], b[row]) ? 1 : 0; });
  };
  switch (op) {
    case ComparisonOp::kEqual:
    case ComparisonOp::kIsNotDistinctFrom: return fill([](auto x, auto y) { return x == y; });
    case ComparisonOp::kNotEqual:
    case ComparisonOp::kIsDistinctFrom: return fill([](auto x, auto y) { return x != y; });
    case ComparisonOp::kLess: return fill([](auto x, auto y) { return x < y; });
    case ComparisonOp::kLessOrEqual: return fill([](auto x, auto y) { return x <= y; });
    case ComparisonOp::kGreater: return fill([](auto x, auto y) { return x > y; });
    case ComparisonOp::kGreaterOrEqual: return fill([](auto x, auto y) { return x >= y; });
  }
}

template <typename T>
void compare_flat(ComparisonOp op, const Column& left, const Column& right, Rows rows, std::uint8_t* out) {
  with_elements<T>(
      left, [&](auto a) { with_elements<T>(right, [&](auto b) { compare_plain(op, a, b, rows, out); }); });
}

// order(left element, right element) → negative, 0, positive; looked at only where both are present.
template <typename T, typename Order>
void compare_ordered(ComparisonOp op, const Column& left, const Column& right, Rows rows, std::uint8_t* out,
                     Order order) {
  for_each_row(rows, [&](std::size_t row) {
    const bool present = !left.is_null(row) && !right.is_null(row);
    out[row] = present && holds(op, order(left.get<T>(row), right.get<T>(row))) ? 1 : 0;
  });
}

bool same_text(std::string_view a, std::string_view b) { return a == b; }

int compare_signed(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(
      a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  if (y != b.end() && x != a.end() &&
      static_cast<std::size_t>(x - a.begin()) < std::min(a.size(), b.size())) {
    return static_cast<signed char>(*x) < static_cast<signed char>(*y) ? -1 : 1;
  }
  return a.size() < b.size() ? -1 : (a.size() > b.size() ? 1 : 0);
}

// Equality where neither side has NULLs: no test but the one of the texts.
void equal_texts(bool wanted, const Column& left, const Column& right, Rows rows, std::uint8_t* out) {
  with_elements<std::string_view>(left, [&](auto a) {
    with_elements<std::string_view>(right, [&](auto b) {
      for_each_row(rows, [&](std::size_t row) { out[row] = same_text(a[row], b[row]) == wanted ? 1 : 0; });
    });
  });
}

void compare_text(ComparisonOp op, const Column& left, const Column& right, Rows rows, std::uint8_t* out,
                  bool bytes) {
  using View = std::string_view;
  switch (op) {
    case ComparisonOp::kEqual:
    case ComparisonOp::kNotEqual:
    case ComparisonOp::kIsDistinctFrom:
    case ComparisonOp::kIsNotDistinctFrom:
      if (left.valid == nullptr && right.valid == nullptr) {
        return equal_texts(op == ComparisonOp::kEqual || op == ComparisonOp::kIsNotDistinctFrom, left, right,
                           rows, out);
      }
      return compare_ordered<View>(op, left, right, rows, out,
                                   [](View a, View b) { return same_text(a, b) ? 0 : 1; });
    case ComparisonOp::kLess:
    case ComparisonOp::kLessOrEqual:
    case ComparisonOp::kGreater:
    case ComparisonOp::kGreaterOrEqual:
      if (bytes) return compare_ordered<View>(op, left, right, rows, out, compare_signed);
      return compare_ordered<View>(op, left, right, rows, out, planner::compare_utf16);
  }
}

int sign_of(std::strong_ordering order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

}  // namespace

Result<Comparer::Domain> Comparer::domain_of(const SqlType& left, const SqlType& right) {
  if (left.is_numeric() && right.is_numeric()) {
    if (left.is(SqlKind::kDecimal) || right.is(SqlKind::kDecimal)) return Domain::kDecimal;
    const SqlKind widest = std::max(left.kind(), right.kind());
    if (widest == SqlKind::kInteger) return Domain::kInt32;
    return widest == SqlKind::kBigint ? Domain::kInt64 : Domain::kDouble;
  }
  if (is_instant(left) && is_instant(right)) {
    return left.kind() == right.kind() && left.is(SqlKind::kDate) ? Domain::kInt32 : Domain::kInt64;
  }
  if (left.kind() == right.kind()) {
    if (left.is(SqlKind::kString)) return Domain::kText;
    if (left.is(SqlKind::kBytes)) return Domain::kBytes;
    if (left.is(SqlKind::kTime)) return Domain::kInt32;
    if (left.is(SqlKind::kBoolean)) return Domain::kBool;
    if (left.is_nested()) return Domain::kNested;
  }
  return Error{ErrorCode::kStatement, "cannot compare " + to_string(left) + " with " + to_string(right)};
}

Result<Comparer> Comparer::make(const SqlType& left, const SqlType& right) {
  static_assert(SqlKind::kInteger < SqlKind::kBigint && SqlKind::kBigint < SqlKind::kDouble);
  THALWEG_TRY(const Domain domain, domain_of(left, right));
  return Comparer(domain, left, right);
}

Column Comparer::bring_to_domain(Arena& arena, const Column& column, const SqlType& type, Rows rows,
                                 std::size_t capacity) const {
  if (domain_ == Domain::kInt64 && type.is(SqlKind::kDate)) {
    return map_column<std::int32_t, std::int64_t>(arena, column, SqlKind::kTimestamp, rows, capacity,
                                                  [](std::int32_t days) { return days * kDayMs; });
  }
  if (!type.is_numeric()) return column;
  if (domain_ == Domain::kInt64) return widen(arena, column, type, SqlKind::kBigint, rows, capacity);
  if (domain_ == Domain::kDouble) return widen(arena, column, type, SqlKind::kDouble, rows, capacity);
  if (domain_ == Domain::kDecimal && !type.is(SqlKind::kDouble)) {
    return widen(arena, column, type, planner::decimal_of(type), rows, capacity);
  }
  return column;
}

// A double enters by its printed digits: C <= 1.1 holds for the double 1.1.
void Comparer::compare_decimals(ComparisonOp op, const Column& left, const Column& right, Rows rows,
                                std::uint8_t* out) const {
  const auto scale_of = [](const SqlType& type) { return type.is(SqlKind::kDecimal) ? type.scale() : 0; };
  const auto read = [](const Column& column, std::int32_t scale, std::size_t row) -> std::optional<Decimal> {
    if (column.physical == Physical::kDouble) return planner::from_double_printed(column.get<double>(row));
    return Decimal{column.get<Int128>(row), scale};
  };
  const auto as_double = [](const Column& column, std::int32_t scale, std::size_t row) {
    if (column.physical == Physical::kDouble) return column.get<double>(row);
    return planner::to_double({column.get<Int128>(row), scale});
  };
  const std::int32_t left_scale = scale_of(left_);
  const std::int32_t right_scale = scale_of(right_);
  const bool exact = left.physical == Physical::kDecimal && right.physical == Physical::kDecimal;
  if (exact && left_scale == right_scale) {
    compare_flat<Int128>(op, left, right, rows, out);
    return;
  }
  for_each_row(rows, [&](std::size_t row) {
    if (left.is_null(row) || right.is_null(row)) return;
    const auto a = read(left, left_scale, row);
    const auto b = read(right, right_scale, row);
    if (a && b) {
      out[row] = holds(op, sign_of(planner::compare(*a, *b))) ? 1 : 0;
    } else {
      const Fixed<double> x{as_double(left, left_scale, row)};
      const Fixed<double> y{as_double(right, right_scale, row)};
      compare_plain(op, x, y, {nullptr, 1}, out + row);
    }
  });
}

void Comparer::compare_present(ComparisonOp op, const Column& left, const Column& right, Rows rows,
                               std::uint8_t* out) const {
  switch (domain_) {
    case Domain::kInt32: return compare_flat<std::int32_t>(op, left, right, rows, out);
    case Domain::kInt64: return compare_flat<std::int64_t>(op, left, right, rows, out);
    case Domain::kDouble: return compare_flat<double>(op, left, right, rows, out);
    case Domain::kBool: return compare_flat<std::uint8_t>(op, left, right, rows, out);
    case Domain::kDecimal: return compare_decimals(op, left, right, rows, out);
    case Domain::kText: return compare_text(op, left, right, rows, out, false);
    case Domain::kBytes: return compare_text(op, left, right, rows, out, true);
    case Domain::kNested:
      return compare_ordered<Boxed>(op, left, right, rows, out,
                                    [](Boxed a, Boxed b) { return planner::equal(*a, *b) ? 0 : 1; });
  }
}

void Comparer::compare(ComparisonOp op, Arena& arena, const Column& l, const Column& r, Rows rows,
                       std::size_t capacity, std::uint8_t* out) const {
  const Column left = bring_to_domain(arena, l, left_, rows, capacity);
  const Column right = bring_to_domain(arena, r, right_, rows, capacity);
  compare_present(op, left, right, rows, out);
  if (left.valid == nullptr && right.valid == nullptr) return;
  const bool distinct = op == ComparisonOp::kIsDistinctFrom;
  if (!distinct && op != ComparisonOp::kIsNotDistinctFrom) {
    for_each_row(rows, [&](std::size_t row) {
      if (left.is_null(row) || right.is_null(row)) out[row] = 0;
    });
    return;
  }
  for_each_row(rows, [&](std::size_t row) {
    const bool a = left.is_null(row);
    const bool b = right.is_null(row);
    if (a || b) out[row] = (a != b) == distinct ? 1 : 0;
  });
}

}  // namespace thalweg::runtime
