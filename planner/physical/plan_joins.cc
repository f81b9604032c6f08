// Joins of PlanBuilder.
#include <algorithm>

#include "planner/analyze/rewrite.h"
#include "planner/catalog/located.h"
#include "planner/physical/plan_builder.h"

namespace thalweg::planner {
namespace {

using ast::ExpressionPtr;
constexpr std::int64_t kDayMs = 86'400'000;

bool preserves_left(ast::JoinType type) {
  return type == ast::JoinType::kLeft || type == ast::JoinType::kFull;
}
bool preserves_right(ast::JoinType type) {
  return type == ast::JoinType::kRight || type == ast::JoinType::kFull;
}

std::string default_key_format(const PropertyMap& properties) {
  const auto found = properties.find("ksql.persistence.default.format.key");
  return found == properties.end() || found->second.empty() ? "KAFKA" : found->second;
}

}  // namespace

struct PlanBuilder::JoinKeys {
  bool rekey_left = false, rekey_right = false;
  SideFormat format;
};

// Brings one side to the join key and its key format; tables only ever change format.
Result<void> PlanBuilder::rekey_side(Relation& side, const ExpressionPtr& key, const SideFormat& format,
                                     bool rekey, const std::string& name, bool keep_null_keys) {
  if (!rekey && side.key == format) return {};
  if (side.table) {
    // The rows are kept behind the new topic, not in front of it.
    std::get<SourceStep>(plan_.steps[static_cast<std::size_t>(side.step)].node).store.clear();
    SelectKeyStep same;
    for (std::size_t i = 0; i < schema(side).size(); ++i) {
      const auto& column = schema(side).columns[i];
      same.columns.push_back(make_typed(InputColumn{static_cast<std::int32_t>(i)}, column.type, column.name));
    }
    side.step = add(over(side, name + "-SelectKey", std::move(same), schema(side)));
    RepartitionStep repartition{name + "-SelectKey-repartition", format, true};
    side.step = add(over(side, name + "-SelectKey-repartition", std::move(repartition), schema(side)));
    side.key = format;
    materialize(side, name + "-Materialize");
    return {};
  }
  if (rekey) {
    const auto before = schema(side);
    THALWEG_TRY(auto expression, typed(side, key, ""));
    SelectKeyStep step;
    Schema after;
    const auto* ref = node_as<ast::ColumnRef>(key);
    after.columns.push_back({ref ? display(query_, *key) : "ROWKEY", expression->type});
    after.key_count = 1;
    step.columns.push_back(std::move(expression));
    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto& column = before.columns[i];
      step.columns.push_back(make_typed(InputColumn{static_cast<std::int32_t>(i)}, column.type, column.name));
      after.columns.push_back(column);
    }
    for (auto& [column, index] : side.columns) ++index;
    side.step = add(over(side, name + "-SelectKey", std::move(step), std::move(after)));
  }
  RepartitionStep repartition{name + "-repartition", format, !keep_null_keys};
  side.step = add(over(side, name + "-repartition", std::move(repartition), schema(side)));
  side.key = format;
  return {};
}

StepNode PlanBuilder::join_node(const JoinCriterion& criterion, const Relation& left, const Relation& right,
                                const std::string& prefix) const {
  const auto type = criterion.join.type;
  if (left.table) return TableTableJoinStep{type, left.store, right.store};
  if (right.table) return StreamTableJoinStep{type, right.store};
  const auto& within = *criterion.join.within;
  StreamStreamJoinStep step;
  step.type = type;
  // A RIGHT JOIN states its bounds from the right record's point of view.
  step.before_ms = type == ast::JoinType::kRight ? within.after.ms : within.before.ms;
  step.after_ms = type == ast::JoinType::kRight ? within.before.ms : within.after.ms;
  if (within.grace) step.grace_ms = within.grace->ms;
  const auto default_grace = std::max<std::int64_t>(kDayMs - 2 * within.before.ms, 0);
  step.retention_ms = step.before_ms + step.after_ms + step.grace_ms.value_or(default_grace);
  step.left_store = prefix + "Join-left-store";
  step.right_store = prefix + "Join-right-store";
  if (step.grace_ms && type != ast::JoinType::kInner) step.pending_store = prefix + "Join-pending-store";
  return step;
}

// [key] [left columns] [right columns]
Relation PlanBuilder::joined_relation(const Relation& left, const Relation& right, std::size_t index,
                                      bool foreign_key, const std::string& prefix) {
  const auto& left_schema = schema(left);
  const auto& right_schema = schema(right);
  Schema joined;
  if (foreign_key) {
    joined.columns.assign(left_schema.columns.begin(),
                          left_schema.columns.begin() + static_cast<std::ptrdiff_t>(left_schema.key_count));
  } else {
    std::string name = query_.synthetic_key.empty() ? "ROWKEY" : query_.synthetic_key;
    for (const auto& key : key_expressions(query_, index)) {
      if (!node_as<ast::ColumnRef>(key)) continue;
      name = display(query_, *key);
      break;
    }
    joined.columns.push_back({name, left_schema.columns[0].type});
  }
  joined.key_count = joined.columns.size();
  Relation relation;
  relation.table = left.table;
  relation.window = left.window;
  relation.key = left.key;
  const auto left_at = static_cast<std::int32_t>(joined.key_count);
  const auto right_at = left_at + static_cast<std::int32_t>(left_schema.size());
  for (const auto& [column, i] : left.columns) relation.columns[column] = i + left_at;
  for (const auto& [column, i] : right.columns) relation.columns[column] = i + right_at;
  joined.columns.insert(joined.columns.end(), left_schema.columns.begin(), left_schema.columns.end());
  joined.columns.insert(joined.columns.end(), right_schema.columns.begin(), right_schema.columns.end());
  if (index + 1 == query_.joins.size() && !query_.synthetic_key.empty()) {
    relation.columns[{"", query_.synthetic_key}] = 0;
  }
  Step step;
  step.name = prefix + "Join";
  step.inputs = {left.step, right.step};
  step.schema = std::move(joined);
  step.table = relation.table;
  step.windowed = relation.window.has_value();
  relation.old_unknown = foreign_key;
  relation.step = add(std::move(step));
  return relation;
}

Result<Relation> PlanBuilder::join(Relation left, std::size_t index, const std::string& prefix) {
  const auto& criterion = query_.joins[index];
  const auto type = criterion.join.type;
  auto right = source(index + 1, "KafkaTopic_" + prefix + "Right");
  const bool foreign_key = is_foreign_key_join(query_, index);
  if (foreign_key) {
    THALWEG_TRY(auto key, typed(left, criterion.left, ""));
    ForeignKeyJoinStep node{type, std::move(key), left.store, right.store, prefix + "Join-subscriptions"};
    auto relation = joined_relation(left, right, index, true, prefix);
    plan_.steps[static_cast<std::size_t>(relation.step)].node = std::move(node);
    return relation;
  }
  JoinKeys keys;
  const auto left_keys = index == 0 ? source_keys(query_.sources[0]) : key_expressions(query_, index - 1);
  keys.rekey_left = !contains(left_keys, criterion.left) || (index == 0 && left_keys.size() != 1);
  const auto right_keys = source_keys(query_.sources[index + 1]);
  keys.rekey_right = right_keys.size() != 1 || !ast::equal(*right_keys[0], *criterion.right);
  keys.format = keys.rekey_left && !keys.rekey_right ? right.key : left.key;
  if (keys.format.format.name == "NONE") keys.format = keys.format == left.key ? right.key : left.key;
  if (keys.format.format.name == "NONE")
    keys.format.format = Format{default_key_format(context_.properties), {}};
  THALWEG_TRY(const auto key, typed(left, criterion.left, ""));
  const SchemaColumn key_column{"ROWKEY", key->type};
  if (!holds_internal_key(keys.format.format, std::span(&key_column, 1)))
    keys.format.format = Format{"JSON", {}};
  keys.format.wrapping = key_wrapping(keys.format.format, 1);
  const SideFormat& format = keys.format;
  const auto* display_key = node_as<ast::ColumnRef>(criterion.left);
  const SchemaColumn shown{display_key ? display(query_, *criterion.left) : "ROWKEY", key->type};
  THALWEG_CHECK(located(check_format_schema(Side::kKey, format, std::span(&shown, 1)), criterion.left->at));
  const auto left_name =
      left.table ? prefix + "LeftSourceKeyed" : prefix + (right.table ? "Join" : "Join-left");
  const auto right_name = right.table ? prefix + "RightSourceKeyed" : prefix + "Join-right";
  if (left.table && index > 0) { materialize(left, prefix + "Join-left-materialize"); }
  THALWEG_CHECK(rekey_side(left, criterion.left, format, keys.rekey_left, left_name, preserves_left(type)));
  THALWEG_CHECK(
      rekey_side(right, criterion.right, format, keys.rekey_right, right_name, preserves_right(type)));
  auto node = join_node(criterion, left, right, prefix);
  auto relation = joined_relation(left, right, index, false, prefix);
  plan_.steps[static_cast<std::size_t>(relation.step)].node = std::move(node);
  return relation;
}

}  // namespace thalweg::planner
