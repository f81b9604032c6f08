// What a column may hold. SqlType is a small value: cheap to copy, compared structurally.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thalweg::planner {

enum class SqlKind : std::uint8_t {
  kBoolean,
  kInteger,
  kBigint,
  kDouble,
  kDecimal,
  kString,
  kBytes,
  kDate,
  kTime,
  kTimestamp,
  kArray,
  kMap,
  kStruct
};

struct Field;

class SqlType {
 public:
  SqlType() = default;                    // BOOLEAN
  SqlType(SqlKind kind) : kind_(kind) {}  // NOLINT: implicit; not for DECIMAL, ARRAY, MAP, STRUCT

  static SqlType decimal(std::int32_t precision, std::int32_t scale);
  static SqlType array(SqlType element);
  static SqlType map(SqlType key, SqlType value);
  static SqlType structure(std::vector<Field> fields);

  SqlKind kind() const { return kind_; }
  bool is(SqlKind kind) const { return kind_ == kind; }
  bool is_numeric() const;  // INTEGER BIGINT DOUBLE DECIMAL
  bool is_nested() const { return kind_ >= SqlKind::kArray; }
  std::int32_t precision() const { return precision_; }  // DECIMAL
  std::int32_t scale() const { return scale_; }          // DECIMAL
  const SqlType& element() const;                        // ARRAY
  const SqlType& key() const;                            // MAP
  const SqlType& value() const;                          // MAP
  const std::vector<Field>& fields() const;              // STRUCT

  bool operator==(const SqlType& other) const;

 private:
  SqlKind kind_ = SqlKind::kBoolean;
  std::int32_t precision_ = 0;
  std::int32_t scale_ = 0;
  std::shared_ptr<const std::vector<Field>> children_;  // ARRAY: 1, MAP: 2, STRUCT: n
};

struct Field {
  std::string name;
  SqlType type;
  bool operator==(const Field&) const = default;
};

// "INTEGER", "DECIMAL(4, 2)", "ARRAY<STRING>", "STRUCT<`F` INTEGER>".
std::string to_string(const SqlType& type);
// "DECIMAL", "ARRAY": the kind alone.
std::string base_name(SqlKind kind);

// INTEGER as DECIMAL(10, 0), BIGINT as DECIMAL(19, 0), DECIMAL as itself.
SqlType decimal_of(const SqlType& numeric);
// Precision and scale of l op r, op in + - * / %: the table of the reference's arithmetic section.
SqlType arithmetic_type(char op, const SqlType& left, const SqlType& right);
// The narrowest numeric type both convert to: INTEGER → BIGINT → DECIMAL → DOUBLE.
SqlType wider_numeric(const SqlType& a, const SqlType& b);
// Implicit conversion for function arguments and INSERT … SELECT columns (identity included).
bool converts_implicitly(const SqlType& from, const SqlType& to);
// Pairs CAST accepts, nested ones included.
bool cast_supported(const SqlType& from, const SqlType& to);

}  // namespace thalweg::planner
