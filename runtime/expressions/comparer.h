// Compares two columns: the kernel under comparisons, BETWEEN and IN.
#pragma once

#include "parser/ast/expression.h"
#include "runtime/expressions/node.h"

namespace thalweg::runtime {

class Comparer {
 public:
  // Fails for a pair of types that cannot be compared.
  static Result<Comparer> make(const planner::SqlType& left, const planner::SqlType& right);

  // 0 or 1 per row, never NULL: a NULL operand compares false, except under IS [NOT] DISTINCT FROM.
  void compare(ast::ComparisonOp op, Arena& arena, const Column& left, const Column& right, Rows rows,
               std::size_t capacity, std::uint8_t* out) const;

 private:
  enum class Domain : std::uint8_t { kInt32, kInt64, kDouble, kDecimal, kText, kBytes, kBool, kNested };
  Comparer(Domain domain, planner::SqlType left, planner::SqlType right)
      : domain_(domain), left_(std::move(left)), right_(std::move(right)) {}
  static Result<Domain> domain_of(const planner::SqlType& left, const planner::SqlType& right);
  Column bring_to_domain(Arena& arena, const Column& column, const planner::SqlType& type, Rows rows,
                         std::size_t capacity) const;
  void compare_present(ast::ComparisonOp op, const Column& left, const Column& right, Rows rows,
                       std::uint8_t* out) const;
  void compare_decimals(ast::ComparisonOp op, const Column& left, const Column& right, Rows rows,
                        std::uint8_t* out) const;

  Domain domain_;
  planner::SqlType left_;
  planner::SqlType right_;
};

}  // namespace thalweg::runtime
