// Arrays, maps and structs: subscripts, fields and constructors.
#include "runtime/expressions/node.h"

namespace thalweg::runtime {
namespace {

using planner::SqlKind;
using planner::SqlType;
using planner::TypedExpression;
using planner::Value;
using planner::ValueList;

class ArraySubscriptNode final : public Node {
 public:
  ArraySubscriptNode(const TypedExpression& expression, NodePtr base, NodePtr index)
      : Node(expression.type, expression.text), base_(std::move(base)), index_(std::move(index)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column base = base_->evaluate(context, rows, capacity);
    const Column index = index_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (base.is_null(row) || index.is_null(row)) return;
      const ValueList& items = base.get<Boxed>(row)->as_list();
      const auto count = static_cast<std::int64_t>(items.size());
      const std::int64_t wanted =
          index.physical == Physical::kInt32 ? index.get<std::int32_t>(row) : index.get<std::int64_t>(row);
      const std::int64_t at = wanted < 0 ? count + wanted : wanted - 1;  // 1-based, negative from the end
      if (wanted != 0 && at >= 0 && at < count) {
        store_borrowed(out, type(), row, items[static_cast<std::size_t>(at)]);
      }
    });
    return out;
  }

 private:
  NodePtr base_;
  NodePtr index_;
};

class MapSubscriptNode final : public Node {
 public:
  MapSubscriptNode(const TypedExpression& expression, NodePtr base, NodePtr key)
      : Node(expression.type, expression.text), base_(std::move(base)), key_(std::move(key)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column base = base_->evaluate(context, rows, capacity);
    const Column key = key_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (base.is_null(row)) return;
      const Value* found = find(base.get<Boxed>(row)->as_map(), key, row);
      if (found != nullptr) store_borrowed(out, type(), row, *found);
    });
    return out;
  }

 private:
  const Value* find(const planner::MapEntries& entries, const Column& key, std::size_t row) const {
    if (key.physical != Physical::kString || key.is_null(row)) {
      return planner::find_in_map(entries, value_at(key, key_->type(), row));
    }
    const std::string_view wanted = key.get<std::string_view>(row);
    for (const auto& [name, value] : entries) {
      if (!name.is_null() && name.as_string() == wanted) return &value;
    }
    return nullptr;
  }

  NodePtr base_;
  NodePtr key_;
};

class FieldNode final : public Node {
 public:
  FieldNode(const TypedExpression& expression, NodePtr base, std::int32_t index)
      : Node(expression.type, expression.text),
        base_(std::move(base)),
        index_(static_cast<std::size_t>(index)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const Column base = base_->evaluate(context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      if (!base.is_null(row)) store_borrowed(out, type(), row, base.get<Boxed>(row)->as_list()[index_]);
    });
    return out;
  }

 private:
  NodePtr base_;
  std::size_t index_;
};

std::vector<Column> evaluate_all(const std::vector<NodePtr>& nodes, EvaluationContext& context, Rows rows,
                                 std::size_t capacity) {
  std::vector<Column> columns;
  columns.reserve(nodes.size());
  for (const NodePtr& node : nodes) columns.push_back(evaluate_confined(*node, context, rows, capacity));
  return columns;
}

// ARRAY[…] and STRUCT(…): both are lists of values.
class ListNode final : public Node {
 public:
  ListNode(const TypedExpression& expression, std::vector<NodePtr> items)
      : Node(expression.type, expression.text), items_(std::move(items)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const std::vector<Column> columns = evaluate_all(items_, context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      ValueList values;
      values.reserve(columns.size());
      for (std::size_t i = 0; i < columns.size(); ++i)
        values.push_back(value_at(columns[i], items_[i]->type(), row));
      out.set(row, box(context.arena, planner::make_list(std::move(values))));
    });
    return out;
  }

 private:
  std::vector<NodePtr> items_;
};

class MapNode final : public Node {
 public:
  MapNode(const TypedExpression& expression, std::vector<NodePtr> keys, std::vector<NodePtr> values)
      : Node(expression.type, expression.text), keys_(std::move(keys)), values_(std::move(values)) {}

  Column evaluate(EvaluationContext& context, Rows rows, std::size_t capacity) override {
    const std::vector<Column> keys = evaluate_all(keys_, context, rows, capacity);
    const std::vector<Column> values = evaluate_all(values_, context, rows, capacity);
    Column out = make_result(context, capacity);
    for_each_row(rows, [&](std::size_t row) {
      planner::MapEntries entries;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        entries.emplace_back(value_at(keys[i], keys_[i]->type(), row),
                             value_at(values[i], values_[i]->type(), row));
      }
      out.set(row, box(context.arena, planner::make_map(std::move(entries), type().key())));
    });
    return out;
  }

 private:
  std::vector<NodePtr> keys_;
  std::vector<NodePtr> values_;
};

Result<std::vector<NodePtr>> compile_all(const std::vector<planner::TypedPtr>& expressions,
                                         const CompileScope& scope) {
  std::vector<NodePtr> nodes;
  for (const planner::TypedPtr& expression : expressions) {
    THALWEG_TRY(NodePtr node, compile_node(*expression, scope));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace

Result<NodePtr> make_node(const planner::TypedSubscript& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr base, compile_node(*node.base, scope));
  THALWEG_TRY(NodePtr index, compile_node(*node.index, scope));
  if (base->type().is(SqlKind::kMap)) {
    return NodePtr(std::make_unique<MapSubscriptNode>(expression, std::move(base), std::move(index)));
  }
  return NodePtr(std::make_unique<ArraySubscriptNode>(expression, std::move(base), std::move(index)));
}

Result<NodePtr> make_node(const planner::TypedField& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(NodePtr base, compile_node(*node.base, scope));
  return NodePtr(std::make_unique<FieldNode>(expression, std::move(base), node.index));
}

Result<NodePtr> make_node(const planner::TypedArray& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(std::vector<NodePtr> items, compile_all(node.items, scope));
  return NodePtr(std::make_unique<ListNode>(expression, std::move(items)));
}

Result<NodePtr> make_node(const planner::TypedStruct& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  THALWEG_TRY(std::vector<NodePtr> fields, compile_all(node.fields, scope));
  return NodePtr(std::make_unique<ListNode>(expression, std::move(fields)));
}

Result<NodePtr> make_node(const planner::TypedMap& node, const TypedExpression& expression,
                          const CompileScope& scope) {
  std::vector<NodePtr> keys;
  std::vector<NodePtr> values;
  for (const auto& [key, value] : node.entries) {
    THALWEG_TRY(NodePtr compiled_key, compile_node(*key, scope));
    THALWEG_TRY(NodePtr compiled_value, compile_node(*value, scope));
    keys.push_back(std::move(compiled_key));
    values.push_back(std::move(compiled_value));
  }
  return NodePtr(std::make_unique<MapNode>(expression, std::move(keys), std::move(values)));
}

}  // namespace thalweg::runtime
