#include "planner/analyze/pull_where.h"

#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/rewrite.h"
#include "planner/catalog/switches.h"

namespace thalweg::planner {
namespace {

using ast::ComparisonOp;
using ast::ExpressionPtr;
constexpr std::size_t kDisjunctsMax = 4096;  // beyond it the rows are scanned

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

ComparisonOp mirrored(ComparisonOp op) {
  switch (op) {
    case ComparisonOp::kLess: return ComparisonOp::kGreater;
    case ComparisonOp::kLessOrEqual: return ComparisonOp::kGreaterOrEqual;
    case ComparisonOp::kGreater: return ComparisonOp::kLess;
    case ComparisonOp::kGreaterOrEqual: return ComparisonOp::kLessOrEqual;
    case ComparisonOp::kEqual:
    case ComparisonOp::kNotEqual:
    case ComparisonOp::kIsDistinctFrom:
    case ComparisonOp::kIsNotDistinctFrom: break;
  }
  return op;
}

bool has_columns(const ExpressionPtr& e) {
  bool found = false;
  visit(e, [&](const ExpressionPtr& part) {
    const auto* ref = node_as<ast::ColumnRef>(part);
    found = found || (ref && ref->qualifier);
    return !found;
  });
  return found;
}

ExpressionPtr compare(ComparisonOp op, const ExpressionPtr& left, const ExpressionPtr& right) {
  return ast::make_expression(ast::Comparison{op, left, right}, left->at);
}

// BETWEEN and IN as comparisons.
ExpressionPtr expanded(const ExpressionPtr& e) {
  if (const auto* between = node_as<ast::Between>(e)) {
    return ast::make_expression(
        ast::Logical{true, compare(ComparisonOp::kGreaterOrEqual, between->operand, between->low),
                     compare(ComparisonOp::kLessOrEqual, between->operand, between->high)},
        e->at);
  }
  if (const auto* in = node_as<ast::InList>(e)) {
    ExpressionPtr any;
    for (const auto& item : in->items) {
      auto equal = compare(ComparisonOp::kEqual, in->operand, item);
      any = any ? ast::make_expression(ast::Logical{false, any, equal}, e->at) : equal;
    }
    return any;
  }
  if (const auto* logical = node_as<ast::Logical>(e)) {
    return ast::make_expression(
        ast::Logical{logical->is_and, expanded(logical->left), expanded(logical->right)}, e->at);
  }
  return e;
}

// Disjunctive normal form; empty when it would grow too large.
std::vector<std::vector<ExpressionPtr>> disjuncts(const ExpressionPtr& e) {
  const auto* logical = node_as<ast::Logical>(e);
  if (!logical) return {{e}};
  auto left = disjuncts(logical->left), right = disjuncts(logical->right);
  if (left.empty() || right.empty()) return {};
  if (!logical->is_and) {
    left.insert(left.end(), right.begin(), right.end());
    return left.size() > kDisjunctsMax ? decltype(left){} : left;
  }
  if (left.size() * right.size() > kDisjunctsMax) return {};
  std::vector<std::vector<ExpressionPtr>> product;
  for (const auto& a : left) {
    for (const auto& b : right) {
      product.push_back(a);
      product.back().insert(product.back().end(), b.begin(), b.end());
    }
  }
  return product;
}

std::string shown(const LogicalQuery& query, const std::vector<ExpressionPtr>& disjunct) {
  ExpressionPtr all;
  for (const auto& e : disjunct) all = all ? ast::make_expression(ast::Logical{true, all, e}) : e;
  return display(query, *all);
}

}  // namespace

bool PullWhere::enabled(const char* property) const { return !switched_off(context_.properties, property); }

std::optional<std::size_t> PullWhere::key_index(const ExpressionPtr& e) const {
  const auto* ref = node_as<ast::ColumnRef>(e);
  if (!ref) return std::nullopt;
  const auto index = source_.schema.index_of(ref->name);
  return index && *index < source_.schema.key_count ? index : std::nullopt;
}

bool PullWhere::mentions_key(const ExpressionPtr& e) const {
  bool found = false;
  visit(e, [&](const ExpressionPtr& part) {
    found = found || key_index(part).has_value();
    return !found;
  });
  return found;
}

// A comparison of a key column with something that needs no row.
std::optional<PullWhere::Leaf> PullWhere::key_leaf(const ExpressionPtr& e) const {
  const auto* comparison = node_as<ast::Comparison>(e);
  if (!comparison) return std::nullopt;
  if (key_index(comparison->left) && !has_columns(comparison->right)) {
    return Leaf{comparison->op, comparison->left, comparison->right, e};
  }
  if (key_index(comparison->right) && !has_columns(comparison->left)) {
    return Leaf{mirrored(comparison->op), comparison->right, comparison->left, e};
  }
  return std::nullopt;
}

Result<void> PullWhere::check_in(const ast::InList& node) const {
  const auto key = key_index(node.operand);
  if (!key) return {};
  const auto& column = source_.schema.columns[*key];
  for (const auto& item : node.items) {
    if (node_as<ast::NullLiteral>(item)) {
      return statement_error(
          "Primary key columns can not be NULL: (" + display(query_, *node.operand) + " = null)", item->at);
    }
    if (node_as<ast::StringLiteral>(item) && column.type.is_numeric()) {
      return statement_error(parser::print(*item) + " can not be converted to the type of the key column: " +
                                 parser::quote_if_needed(column.name) + " " + to_string(column.type) + " KEY",
                             item->at);
    }
  }
  return {};
}

// Only comparisons, BETWEEN, IN and LIKE may stand in the condition.
Result<void> PullWhere::check_leaves(const ExpressionPtr& e) const {
  if (const auto* logical = node_as<ast::Logical>(e)) {
    THALWEG_CHECK(check_leaves(logical->left));
    return check_leaves(logical->right);
  }
  if (node_as<ast::Comparison>(e) || node_as<ast::Between>(e)) return {};
  if (const auto* negated = node_as<ast::Not>(e)) {
    const bool fine = node_as<ast::InList>(negated->operand) || node_as<ast::Between>(negated->operand) ||
                      node_as<ast::Like>(negated->operand);
    if (fine) return {};
  }
  if (const auto* in = node_as<ast::InList>(e)) return check_in(*in);
  if (const auto* like = node_as<ast::Like>(e)) {
    const auto* ref = node_as<ast::ColumnRef>(like->operand);
    const bool scans = enabled("ksql.query.pull.table.scan.enabled");
    if (!node_as<ast::StringLiteral>(like->pattern) || (!ref && !scans)) {
      return statement_error("Like condition must be between strings", e->at);
    }
    if (!ref) return {};
    const auto index = source_.schema.index_of(ref->name);
    const auto type = index ? source_.schema.columns[*index].type : SqlType(SqlKind::kBigint);
    if (type.is(SqlKind::kString)) return {};
    return statement_error(
        "The column type for Like condition must be VARCHAR. The column type is " + to_string(type), e->at);
  }
  return statement_error("Unsupported expression in WHERE clause: " + display(query_, *e) + ".", e->at);
}

Result<std::optional<std::vector<TypedPtr>>> PullWhere::key_of(const Disjunct& disjunct) {
  std::vector<TypedPtr> key(source_.schema.key_count);
  for (const auto& e : disjunct) {
    const auto leaf = key_leaf(e);
    if (!leaf || leaf->op != ComparisonOp::kEqual) continue;
    const auto index = *key_index(leaf->column);
    const auto& type = source_.schema.columns[index].type;
    THALWEG_TRY(auto value, analyzer_.analyze(leaf->value));
    // A second value for the same key column only filters.
    if (!key[index] && cast_supported(value->type, type)) key[index] = cast_to_type(value, type);
  }
  if (std::find(key.begin(), key.end(), nullptr) != key.end()) return std::optional<std::vector<TypedPtr>>();
  return std::optional(std::move(key));
}

Result<bool> PullWhere::range_of(const Disjunct& disjunct, PullAccess& access) {
  if (source_.schema.key_count != 1 || source_.window || !enabled("ksql.query.pull.range.scan.enabled"))
    return false;
  const auto& type = source_.schema.columns[0].type;
  if (!type.is(SqlKind::kString) && !type.is(SqlKind::kBytes)) return false;
  std::optional<Leaf> only;
  for (const auto& e : disjunct) {
    auto leaf = key_leaf(e);
    if (!leaf) continue;
    if (only) return false;
    only = std::move(leaf);
  }
  if (!only) return false;
  THALWEG_TRY(auto value, analyzer_.analyze(only->value));
  value = cast_to_type(value, type);
  switch (only->op) {
    case ComparisonOp::kLess:
    case ComparisonOp::kLessOrEqual:
      access.high = value;
      access.high_inclusive = only->op == ComparisonOp::kLessOrEqual;
      break;
    case ComparisonOp::kGreater:
    case ComparisonOp::kGreaterOrEqual:
      access.low = value;
      access.low_inclusive = only->op == ComparisonOp::kGreaterOrEqual;
      break;
    case ComparisonOp::kEqual:
    case ComparisonOp::kNotEqual:
    case ComparisonOp::kIsDistinctFrom:
    case ComparisonOp::kIsNotDistinctFrom: return false;
  }
  access.kind = PullAccess::Kind::kRange;
  return true;
}

// Without table scans: the reason why this disjunct would need one.
Result<void> PullWhere::why_scan(const Disjunct& disjunct) const {
  std::map<std::size_t, std::vector<ComparisonOp>> keys;
  for (const auto& e : disjunct) {
    const auto* comparison = node_as<ast::Comparison>(e);
    if (!comparison) continue;
    if (const auto leaf = key_leaf(e)) {
      keys[*key_index(leaf->column)].push_back(leaf->op);
      continue;
    }
    if (key_index(comparison->left) || key_index(comparison->right)) {
      return statement_error("A comparison must be between a key column and a resolvable expression.", e->at);
    }
    const bool direct =
        node_as<ast::ColumnRef>(comparison->left) || node_as<ast::ColumnRef>(comparison->right);
    if (!direct && mentions_key(e))
      return statement_error("A comparison must directly reference a key column.", e->at);
  }
  if (keys.empty()) {
    return statement_error("WHERE clause missing key column for disjunct: " + shown(query_, disjunct),
                           disjunct[0]->at);
  }
  for (const auto& [index, ops] : keys) {
    if (ops.size() > 1) {
      return statement_error(
          "A comparison condition on the key column cannot be combined with other comparisons such as "
          "an IN predicate");
    }
    if (ops[0] == ComparisonOp::kNotEqual || ops[0] == ComparisonOp::kIsDistinctFrom) {
      Schema key;
      key.columns.assign(
          source_.schema.columns.begin(),
          source_.schema.columns.begin() + static_cast<std::ptrdiff_t>(source_.schema.key_count));
      key.key_count = source_.schema.key_count;
      return statement_error("Bound on key columns '[" + to_string(key) +
                             "]' must currently be '='. See https://cnfl.io/queries for more info.");
    }
  }
  if (keys.size() < source_.schema.key_count) {
    return statement_error("Multi-column sources must specify every key in the WHERE clause.");
  }
  return statement_error("Query requires table scan to be enabled");
}

void PullWhere::narrow(WindowBounds& bounds, const std::string& name, ComparisonOp op,
                       std::int64_t ms) const {
  auto& low = name == "WINDOWSTART" ? bounds.start_min : bounds.end_min;
  auto& high = name == "WINDOWSTART" ? bounds.start_max : bounds.end_max;
  const auto raise = [&](std::int64_t to) { low = std::max(low.value_or(to), to); };
  const auto lower = [&](std::int64_t to) { high = std::min(high.value_or(to), to); };
  switch (op) {
    case ComparisonOp::kEqual:
      raise(ms);
      lower(ms);
      break;
    case ComparisonOp::kLess: lower(ms - 1); break;
    case ComparisonOp::kLessOrEqual: lower(ms); break;
    case ComparisonOp::kGreater: raise(ms + 1); break;
    case ComparisonOp::kGreaterOrEqual: raise(ms); break;
    case ComparisonOp::kNotEqual:
    case ComparisonOp::kIsDistinctFrom:
    case ComparisonOp::kIsNotDistinctFrom: break;
  }
}

WindowBounds PullWhere::bounds_of(const Disjunct& disjunct) const {
  WindowBounds bounds;
  const auto literal_ms = [](const ExpressionPtr& e) -> std::optional<std::int64_t> {
    if (const auto* text = node_as<ast::StringLiteral>(e)) return time_text_ms(text->value);
    const auto value = literal_value(*e, {});
    if (!value || !(value->type.is(SqlKind::kInteger) || value->type.is(SqlKind::kBigint)))
      return std::nullopt;
    return std::get<Constant>(value->node).value.as_int();
  };
  for (const auto& e : disjunct) {
    const auto* comparison = node_as<ast::Comparison>(e);
    if (!comparison) continue;
    const auto* left = node_as<ast::ColumnRef>(comparison->left);
    const auto* right = node_as<ast::ColumnRef>(comparison->right);
    const auto is_bound = [](const ast::ColumnRef* ref) {
      return ref && (ref->name == "WINDOWSTART" || ref->name == "WINDOWEND");
    };
    if (is_bound(left)) {
      if (const auto ms = literal_ms(comparison->right)) narrow(bounds, left->name, comparison->op, *ms);
    } else if (is_bound(right)) {
      if (const auto ms = literal_ms(comparison->left))
        narrow(bounds, right->name, mirrored(comparison->op), *ms);
    }
  }
  return bounds;
}

Result<PullAccess> PullWhere::access(const ExpressionPtr& where) {
  PullAccess access;
  const bool scans = enabled("ksql.query.pull.table.scan.enabled");
  if (!where) {
    if (!scans) return statement_error("Query requires table scan to be enabled");
    return access;
  }
  THALWEG_CHECK(check_leaves(where));
  const auto list = disjuncts(expanded(where));
  bool all_keys = !list.empty();
  for (const auto& disjunct : list) {
    THALWEG_TRY(auto key, key_of(disjunct));
    all_keys = all_keys && key.has_value();
    if (!all_keys) break;
    access.keys.push_back(std::move(*key));
  }
  if (source_.window && !list.empty()) {
    access.window = bounds_of(list[0]);
    for (const auto& disjunct : list) {
      const auto other = bounds_of(disjunct);
      const bool same = other.start_min == access.window.start_min &&
                        other.start_max == access.window.start_max &&
                        other.end_min == access.window.end_min && other.end_max == access.window.end_max;
      if (!same) access.window = {};  // different windows per disjunct: the filter sorts them out
    }
  }
  if (all_keys) {
    access.kind = PullAccess::Kind::kKeys;
    return access;
  }
  access.keys.clear();
  if (list.size() == 1) {
    THALWEG_TRY(const bool range, range_of(list[0], access));
    if (range) return access;
  }
  if (scans) return access;
  for (const auto& disjunct : list) {
    THALWEG_TRY(const auto key, key_of(disjunct));
    if (!key) THALWEG_CHECK(why_scan(disjunct));
  }
  return statement_error("Query requires table scan to be enabled");
}

}  // namespace thalweg::planner
