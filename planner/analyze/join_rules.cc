// Join criteria: what they refer to, and which joins exist.
#include <algorithm>
#include <set>

#include "parser/print.h"
#include "planner/analyze/expression_analyzer.h"
#include "planner/analyze/query_analyzer.h"
#include "planner/analyze/rewrite.h"
#include "planner/analyze/scope.h"
#include "planner/catalog/switches.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;
constexpr std::string_view kRepartitionRefused =
    "Implicit repartitioning of windowed sources is not supported. See "
    "https://github.com/confluentinc/ksql/issues/4385.";

Error statement_error(std::string message, SourcePosition at = {}) {
  return Error(ErrorCode::kStatement, std::move(message), at);
}

// The single source a side refers to.
Result<std::size_t> source_of(const LogicalQuery& logical, const ExpressionPtr& side,
                              const ExpressionPtr& criterion) {
  std::set<std::string> aliases;
  visit(side, [&](const ExpressionPtr& e) {
    const auto* ref = node_as<ast::ColumnRef>(e);
    if (ref && ref->qualifier) aliases.insert(*ref->qualifier);
    return true;
  });
  if (aliases.size() != 1) {
    return statement_error(
        "Invalid comparison expression '" + parser::print(*side) + "' in join '" + parser::print(*criterion) +
            "'. Each side of the join comparision must contain references from exactly one source.",
        side->at);
  }
  return Scope(logical).find_source(*aliases.begin());
}

Result<JoinCriterion> resolve_join(const LogicalQuery& logical, const ast::Join& join, std::size_t joined) {
  THALWEG_TRY(const auto on, Scope(logical).qualify(join.on, Clause::kJoinOn));
  if (node_as<ast::Logical>(on)) {
    return statement_error(
        "Invalid join condition: joins on multiple conditions are not yet supported. Got " +
            parser::print(*on) + ".",
        on->at);
  }
  const auto* comparison = node_as<ast::Comparison>(on);
  if (!comparison || comparison->op != ast::ComparisonOp::kEqual) {
    return statement_error("Only equality join criteria is supported.", on->at);
  }
  THALWEG_TRY(const auto first, source_of(logical, comparison->left, on));
  THALWEG_TRY(const auto second, source_of(logical, comparison->right, on));
  const auto alias = [&](std::size_t i) { return "`" + logical.sources[i].alias + "`"; };
  if (first == second) {
    return statement_error(
        "Each side of the join must reference exactly one source and not the same source. Left side "
        "references " +
            alias(first) + " and right references " + alias(second),
        on->at);
  }
  const bool flipped = first == joined;
  if ((!flipped && second != joined) || std::max(first, second) > joined) {
    return statement_error("A join criteria is expected to reference the source (" + alias(joined) +
                               ") in the FROM clause, instead the right source references " + alias(second) +
                               " and the left source references " + alias(first),
                           on->at);
  }
  JoinCriterion criterion;
  criterion.join = join;
  criterion.first = comparison->left;
  criterion.second = comparison->right;
  criterion.left = flipped ? comparison->right : comparison->left;
  criterion.right = flipped ? comparison->left : comparison->right;
  criterion.left_source = flipped ? second : first;
  return criterion;
}

Result<SqlType> side_type(const LogicalQuery& logical, const ExpressionPtr& side,
                          const PlanningContext& context) {
  const auto resolve = [&](const ast::ColumnRef& ref, SourcePosition at) -> Result<TypedPtr> {
    for (const auto& source : logical.sources) {
      if (source.alias != ref.qualifier) continue;
      if (const auto type = Scope::column_type(source, ref.name))
        return make_typed(InputColumn{0}, *type, ref.name);
    }
    return statement_error("JOIN ON column '" + ref.name + "' cannot be resolved.", at);
  };
  THALWEG_TRY(const auto typed, ExpressionAnalyzer(analyzer_options(context, resolve)).analyze(side));
  return typed->type;
}

ExpressionPtr cast_side(const ExpressionPtr& side, const SqlType& type) {
  ast::TypeName name;
  name.name = base_name(type.kind());
  if (type.is(SqlKind::kDecimal))
    name.parameters = {std::to_string(type.precision()), std::to_string(type.scale())};
  return ast::make_expression(ast::Cast{side, std::move(name)}, side->at);
}

// `side` as a value of the key's type, or NULL, which matches nothing, where that type does not hold it.
ExpressionPtr narrowed_side(const ExpressionPtr& side, const SqlType& key) {
  const auto cast = cast_side(side, key);
  const auto same = ast::make_expression(ast::Comparison{ast::ComparisonOp::kEqual, cast, side}, side->at);
  return ast::make_expression(ast::Case{nullptr, {{same, cast}}, nullptr}, side->at);
}

// Unless types are strict, sides of different number types meet: streams in their common type, and a
// table's primary key, which cannot change its type, in that key's type. Joins that cannot be keyed anew
// (RIGHT and FULL joins of tables, later joins of tables) still want equal types.
Result<void> widen_sides(const LogicalQuery& logical, JoinCriterion& criterion, std::size_t joined,
                         const PlanningContext& context) {
  const auto is_table = [&](std::size_t i) {
    return logical.sources[i].source->kind == ast::SourceKind::kTable;
  };
  const auto type = criterion.join.type;
  const bool keyed_anew =
      !is_table(0) || (joined == 1 && (type == ast::JoinType::kInner || type == ast::JoinType::kLeft));
  const bool windowed = logical.sources[0].source->window.has_value();
  if (strict_types(context.properties) || !keyed_anew || windowed) return {};
  THALWEG_TRY(const auto left, side_type(logical, criterion.left, context));
  THALWEG_TRY(const auto right, side_type(logical, criterion.right, context));
  if (left == right || !left.is_numeric() || !right.is_numeric()) return {};
  const auto common = wider_numeric(left, right);
  if (is_table(joined)) {
    if (common != right) {
      criterion.left = narrowed_side(criterion.left, right);
      return {};
    }
  } else if (right != common) {
    criterion.right_column = criterion.right;
    criterion.right = cast_side(criterion.right, common);
  }
  if (left != common) {
    criterion.left_column = criterion.left;
    criterion.left = cast_side(criterion.left, common);
  }
  return {};
}

// A FULL join, or expressions on both sides, leave no source column that holds the key.
bool needs_synthetic_key(const LogicalQuery& logical) {
  const auto last = logical.joins.size() - 1;
  return !is_foreign_key_join(logical, last) && key_columns(logical, last).empty();
}

bool is_table(const QuerySource& source) { return source.source->kind == ast::SourceKind::kTable; }

std::string join_words(const ast::Join& join) {
  switch (join.type) {
    case ast::JoinType::kInner: return "[INNER] JOIN";
    case ast::JoinType::kLeft: return "LEFT [OUTER] JOIN";
    case ast::JoinType::kRight: return "RIGHT [OUTER] JOIN";
    case ast::JoinType::kFull: break;
  }
  return "[FULL] OUTER JOIN";
}

class JoinChecker {
 public:
  JoinChecker(const LogicalQuery& logical, std::size_t index, const PlanningContext& context)
      : logical_(logical),
        index_(index),
        criterion_(logical.joins[index]),
        left_(logical.sources[criterion_.left_source]),
        right_(logical.sources[index + 1]),
        context_(context) {}

  Result<void> check() {
    const bool left_table = is_table(logical_.sources[0]);
    if (left_table && !is_table(right_)) {
      return fail("Invalid join order: table-stream joins are not supported; only stream-table joins. Got " +
                  shown() + ".");
    }
    THALWEG_CHECK(left_table ? check_tables() : is_table(right_) ? check_stream_table() : check_streams());
    THALWEG_CHECK(check_types(left_table));
    return check_partitions();
  }

 private:
  Error fail(std::string message) const { return statement_error(std::move(message), criterion_.join.at); }
  std::string shown() const { return left_.alias + " " + join_words(criterion_.join) + " " + right_.alias; }
  std::string written() const {
    return parser::print(*criterion_.first) + " = " + parser::print(*criterion_.second) + ".";
  }
  bool right_is_key() const {
    const auto keys = source_keys(right_);
    return keys.size() == 1 && ast::equal(*keys[0], *criterion_.right);
  }

  Result<void> check_tables() const {
    if (criterion_.join.within) return fail("A WITHIN clause is only supported for stream-stream joins.");
    if (!right_is_key()) {
      return fail(
          "Invalid join condition: table-table joins require to join on the primary key of the right input "
          "table. Got " +
          written());
    }
    if (!is_foreign_key_join(logical_, index_)) return check_windows();
    if (index_ > 0) {
      return fail(
          "Invalid join condition: foreign-key table-table joins are not supported as part of n-way joins. "
          "Got " +
          written());
    }
    if (criterion_.join.type == ast::JoinType::kRight || criterion_.join.type == ast::JoinType::kFull) {
      return fail(std::string(criterion_.join.type == ast::JoinType::kRight ? "RIGHT" : "FULL") +
                  " OUTER JOIN on a foreign key is not supported");
    }
    if (left_.source->window || right_.source->window) {
      return fail("Foreign-key table-table joins are not supported on windowed tables.");
    }
    return {};
  }

  Result<void> check_stream_table() const {
    const auto type = criterion_.join.type;
    if (type == ast::JoinType::kFull || type == ast::JoinType::kRight) {
      return fail(std::string("Invalid join type: ") + (type == ast::JoinType::kFull ? "full" : "right") +
                  "-outer join not supported for stream-table join. Got " + shown() + ".");
    }
    if (criterion_.join.within) return fail("A WITHIN clause is only supported for stream-stream joins.");
    if (!right_is_key()) {
      return fail(
          "Invalid join condition: stream-table joins require to join on the table's primary key. Got " +
          written());
    }
    return check_windows();
  }

  Result<void> check_streams() const {
    if (!criterion_.join.within) return fail("Stream-Stream joins must have a WITHIN clause specified.");
    return check_windows();
  }

  static std::string window_word(const std::optional<WindowInfo>& window) {
    if (!window) return "not";
    switch (window->type) {
      case ast::WindowType::kTumbling: return "TUMBLING";
      case ast::WindowType::kHopping: return "HOPPING";
      case ast::WindowType::kSession: break;
    }
    return "SESSION";
  }

  Result<void> check_windows() const {
    const auto& left = logical_.sources[0].source->window;
    const auto& right = right_.source->window;
    if (left.has_value() != right.has_value()) {
      return fail("Can not join windowed source to non-windowed source.\n`" + left_.alias + "` is " +
                  window_word(left) + " windowed\n`" + right_.alias + "` is " + window_word(right) +
                  " windowed");
    }
    if (!left) return {};
    const bool left_session = left->type == ast::WindowType::kSession;
    const bool right_session = right->type == ast::WindowType::kSession;
    if (left_session != right_session) {
      return fail(
          "Incompatible windowed sources.\nLeft source: " + window_word(left) +
          "\nRight source: " + window_word(right) +
          "\nSession windowed sources can only be joined to other session windowed sources, and may still "
          "not "
          "result in expected behaviour as session bounds must be an exact match for the join to work\n"
          "Hopping and tumbling windowed sources can only be joined to other hopping and tumbling windowed "
          "sources");
    }
    const auto left_keys =
        index_ == 0 ? source_keys(logical_.sources[0]) : key_expressions(logical_, index_ - 1);
    const bool left_is_key = contains(left_keys, criterion_.left) && (index_ > 0 || left_keys.size() == 1);
    if (*left != *right || !left_is_key || !right_is_key()) return fail(std::string(kRepartitionRefused));
    return {};
  }

  Result<void> check_types(bool tables) const {
    THALWEG_TRY(const auto left, side_type(logical_, criterion_.left, context_));
    THALWEG_TRY(const auto right, side_type(logical_, criterion_.right, context_));
    if (left == right) return {};
    const bool flipped = !ast::equal(*criterion_.first, *criterion_.left);
    const auto& first = flipped ? right : left;
    const auto& second = flipped ? left : right;
    if (!tables) {
      return fail("Invalid join. Key types differ: " + to_string(first) + " vs " + to_string(second));
    }
    return fail("Invalid join condition: types don't match. Got " + parser::print(*criterion_.first) + "{" +
                to_string(first) + "} = " + parser::print(*criterion_.second) + "{" + to_string(second) +
                "}.");
  }

  Result<void> check_partitions() const {
    if (is_foreign_key_join(logical_, index_)) return {};
    const auto left = context_.topics.find(logical_.sources[index_].source->topic);
    const auto right = context_.topics.find(right_.source->topic);
    if (!left || !right || left->partitions == right->partitions) return {};
    const auto a = "`" + left_.alias + "`", b = "`" + right_.alias + "`";
    return fail("Can't join " + a + " with " + b + " since the number of partitions don't match. " + a +
                " partitions = " + std::to_string(left->partitions) + "; " + b +
                " partitions = " + std::to_string(right->partitions) +
                ". Please repartition either one so that the number of partitions match.");
  }

  const LogicalQuery& logical_;
  std::size_t index_;
  const JoinCriterion& criterion_;
  const QuerySource& left_;
  const QuerySource& right_;
  const PlanningContext& context_;
};

}  // namespace

Result<void> resolve_joins(LogicalQuery& logical, const ast::Query& query, const PlanningContext& context) {
  if (query.joins.empty()) return {};
  for (std::size_t i = 0; i < query.joins.size(); ++i) {
    THALWEG_TRY(auto criterion, resolve_join(logical, query.joins[i], i + 1));
    logical.canonical.joins[i].on = ast::make_expression(
        ast::Comparison{ast::ComparisonOp::kEqual, criterion.first, criterion.second}, query.joins[i].on->at);
    THALWEG_CHECK(widen_sides(logical, criterion, i + 1, context));
    logical.joins.push_back(std::move(criterion));
  }
  if (!needs_synthetic_key(logical)) return {};
  const Scope scope(logical);
  logical.synthetic_key = "ROWKEY";
  for (int n = 1; scope.count_sources(logical.synthetic_key) > 0; ++n) {
    logical.synthetic_key = "ROWKEY_" + std::to_string(n);
  }
  return {};
}

Result<void> check_join_rules(const LogicalQuery& logical, const PlanningContext& context) {
  for (std::size_t i = 0; i < logical.joins.size(); ++i)
    THALWEG_CHECK(JoinChecker(logical, i, context).check());
  return {};
}

}  // namespace thalweg::planner
