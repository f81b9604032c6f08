#include "planner/types/sql_type.h"

#include <algorithm>

#include "base/error.h"

namespace thalweg::planner {

namespace {

const SqlType& child_at(const std::shared_ptr<const std::vector<Field>>& children, std::size_t index) {
  THALWEG_ASSERT(children && index < children->size());
  return (*children)[index].type;
}

bool is_temporal(SqlKind kind) {
  return kind == SqlKind::kDate || kind == SqlKind::kTime || kind == SqlKind::kTimestamp;
}

std::string quoted(const std::string& name) {
  std::string out = "`";
  for (const char c : name) {
    out += c;
    if (c == '`') out += c;
  }
  return out + "`";
}

std::string struct_to_string(const SqlType& type) {
  if (type.fields().empty()) return "STRUCT< >";
  std::string out = "STRUCT<";
  for (const Field& field : type.fields()) {
    if (&field != &type.fields().front()) out += ", ";
    out += quoted(field.name) + " " + to_string(field.type);
  }
  return out + ">";
}

bool struct_cast_supported(const SqlType& from, const SqlType& to) {
  return std::all_of(to.fields().begin(), to.fields().end(), [&from](const Field& wanted) {
    const auto found = std::find_if(from.fields().begin(), from.fields().end(),
                                    [&wanted](const Field& field) { return field.name == wanted.name; });
    return found == from.fields().end() || cast_supported(found->type, wanted.type);
  });
}

bool cast_from_string(SqlKind to) { return !(to >= SqlKind::kArray); }

}  // namespace

SqlType SqlType::decimal(std::int32_t precision, std::int32_t scale) {
  SqlType type(SqlKind::kDecimal);
  type.precision_ = precision;
  type.scale_ = scale;
  return type;
}

SqlType SqlType::array(SqlType element) {
  SqlType type(SqlKind::kArray);
  type.children_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"", std::move(element)}});
  return type;
}

SqlType SqlType::map(SqlType key, SqlType value) {
  SqlType type(SqlKind::kMap);
  type.children_ = std::make_shared<const std::vector<Field>>(
      std::vector<Field>{{"", std::move(key)}, {"", std::move(value)}});
  return type;
}

SqlType SqlType::structure(std::vector<Field> fields) {
  SqlType type(SqlKind::kStruct);
  type.children_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

bool SqlType::is_numeric() const {
  return kind_ == SqlKind::kInteger || kind_ == SqlKind::kBigint || kind_ == SqlKind::kDouble ||
         kind_ == SqlKind::kDecimal;
}

const SqlType& SqlType::element() const { return child_at(children_, 0); }
const SqlType& SqlType::key() const { return child_at(children_, 0); }
const SqlType& SqlType::value() const { return child_at(children_, 1); }

const std::vector<Field>& SqlType::fields() const {
  THALWEG_ASSERT(children_);
  return *children_;
}

bool SqlType::operator==(const SqlType& other) const {
  if (kind_ != other.kind_ || precision_ != other.precision_ || scale_ != other.scale_) return false;
  if (children_ == other.children_) return true;
  return children_ && other.children_ && *children_ == *other.children_;
}

std::string base_name(SqlKind kind) {
  switch (kind) {
    case SqlKind::kBoolean: return "BOOLEAN";
    case SqlKind::kInteger: return "INTEGER";
    case SqlKind::kBigint: return "BIGINT";
    case SqlKind::kDouble: return "DOUBLE";
    case SqlKind::kDecimal: return "DECIMAL";
    case SqlKind::kString: return "STRING";
    case SqlKind::kBytes: return "BYTES";
    case SqlKind::kDate: return "DATE";
    case SqlKind::kTime: return "TIME";
    case SqlKind::kTimestamp: return "TIMESTAMP";
    case SqlKind::kArray: return "ARRAY";
    case SqlKind::kMap: return "MAP";
    case SqlKind::kStruct: return "STRUCT";
  }
  return "";
}

std::string to_string(const SqlType& type) {
  if (type.is(SqlKind::kDecimal)) {
    return "DECIMAL(" + std::to_string(type.precision()) + ", " + std::to_string(type.scale()) + ")";
  }
  if (type.is(SqlKind::kArray)) return "ARRAY<" + to_string(type.element()) + ">";
  if (type.is(SqlKind::kMap)) return "MAP<" + to_string(type.key()) + ", " + to_string(type.value()) + ">";
  if (type.is(SqlKind::kStruct)) return struct_to_string(type);
  return base_name(type.kind());
}

SqlType decimal_of(const SqlType& numeric) {
  if (numeric.is(SqlKind::kInteger)) return SqlType::decimal(10, 0);
  if (numeric.is(SqlKind::kBigint)) return SqlType::decimal(19, 0);
  THALWEG_ASSERT(numeric.is(SqlKind::kDecimal));
  return numeric;
}

SqlType arithmetic_type(char op, const SqlType& left, const SqlType& right) {
  if (left.is(SqlKind::kString) && right.is(SqlKind::kString)) return SqlKind::kString;
  if (!left.is(SqlKind::kDecimal) && !right.is(SqlKind::kDecimal)) return wider_numeric(left, right);
  if (left.is(SqlKind::kDouble) || right.is(SqlKind::kDouble)) return SqlKind::kDouble;
  const SqlType l = decimal_of(left);
  const SqlType r = decimal_of(right);
  const std::int32_t p1 = l.precision(), s1 = l.scale(), p2 = r.precision(), s2 = r.scale();
  const std::int32_t scale_max = std::max(s1, s2);
  switch (op) {
    case '*': return SqlType::decimal(p1 + p2 + 1, s1 + s2);
    case '/': {
      const std::int32_t scale = std::max(6, s1 + p2 + 1);
      return SqlType::decimal(p1 - s1 + s2 + scale, scale);
    }
    case '%': return SqlType::decimal(std::min(p1 - s1, p2 - s2) + scale_max, scale_max);
    default: return SqlType::decimal(scale_max + std::max(p1 - s1, p2 - s2) + 1, scale_max);
  }
}

SqlType wider_numeric(const SqlType& a, const SqlType& b) {
  if (a.is(SqlKind::kDouble) || b.is(SqlKind::kDouble)) return SqlKind::kDouble;
  if (a.is(SqlKind::kDecimal) || b.is(SqlKind::kDecimal)) {
    const SqlType l = decimal_of(a);
    const SqlType r = decimal_of(b);
    const std::int32_t scale = std::max(l.scale(), r.scale());
    const std::int32_t whole = std::max(l.precision() - l.scale(), r.precision() - r.scale());
    return SqlType::decimal(whole + scale, scale);
  }
  return a.is(SqlKind::kBigint) || b.is(SqlKind::kBigint) ? SqlKind::kBigint : SqlKind::kInteger;
}

bool converts_implicitly(const SqlType& from, const SqlType& to) {
  if (from == to) return true;
  if (from.is(SqlKind::kString)) return is_temporal(to.kind()) || to.is(SqlKind::kBytes);
  if (!from.is_numeric() || from.is(SqlKind::kDouble)) return false;
  if (to.is(SqlKind::kDouble)) return true;
  if (to.is(SqlKind::kBigint)) return from.is(SqlKind::kInteger);
  if (!to.is(SqlKind::kDecimal)) return false;
  if (!from.is(SqlKind::kDecimal)) return true;  // of any size: a number that is too large fails its row
  return from.scale() <= to.scale() && from.precision() - from.scale() <= to.precision() - to.scale();
}

bool cast_supported(const SqlType& from, const SqlType& to) {
  if (from == to) return true;
  switch (from.kind()) {
    case SqlKind::kBoolean:
    case SqlKind::kTime: return to.is(SqlKind::kString);
    case SqlKind::kInteger:
    case SqlKind::kBigint:
    case SqlKind::kDouble:
    case SqlKind::kDecimal: return to.is_numeric() || to.is(SqlKind::kString);
    case SqlKind::kString: return cast_from_string(to.kind());
    case SqlKind::kBytes: return false;
    case SqlKind::kDate: return to.is(SqlKind::kString) || to.is(SqlKind::kTimestamp);
    case SqlKind::kTimestamp: return to.is(SqlKind::kString) || is_temporal(to.kind());
    case SqlKind::kArray:
      return to.is(SqlKind::kString) ||
             (to.is(SqlKind::kArray) && cast_supported(from.element(), to.element()));
    case SqlKind::kMap:
      return to.is(SqlKind::kString) || (to.is(SqlKind::kMap) && cast_supported(from.key(), to.key()) &&
                                         cast_supported(from.value(), to.value()));
    case SqlKind::kStruct:
      return to.is(SqlKind::kString) || (to.is(SqlKind::kStruct) && struct_cast_supported(from, to));
  }
  return false;
}

}  // namespace thalweg::planner
