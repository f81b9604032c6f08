// Statements that define, change, fill or remove streams, tables and types.
#include "parser/tree_builder.h"
#include "parser/words.h"

namespace thalweg::parser {
namespace {

ast::SourceKind kind_of(Grammar::SourceKindContext* tree) {
  return tree->STREAM() != nullptr ? ast::SourceKind::kStream : ast::SourceKind::kTable;
}

}  // namespace

Result<ast::Properties> TreeBuilder::properties(Grammar::WithClauseContext* tree, bool fold_names) const {
  ast::Properties result;
  if (tree == nullptr) return result;
  for (auto* property : tree->property()) {
    auto* quoted = property->STRING_VALUE();
    auto key = quoted != nullptr ? string_value(quoted) : name_as_written(property->identifier());
    THALWEG_TRY(auto content, property_value(property->propertyValue()));
    result.push_back({fold_names ? upper(key) : std::move(key), std::move(content), at(property)});
  }
  return result;
}

Result<ast::ColumnDefinition> TreeBuilder::column(Grammar::ColumnDefinitionContext* tree) {
  ast::ColumnDefinition column;
  column.name = name(tree->identifier());
  column.at = at(tree);
  THALWEG_TRY(column.type, type(tree->type()));
  auto* role = tree->columnRole();
  if (role == nullptr) return column;
  if (role->KEY() != nullptr) {
    column.role = role->PRIMARY() != nullptr ? ast::ColumnRole::kPrimaryKey : ast::ColumnRole::kKey;
  } else {
    column.role = ast::ColumnRole::kHeaders;
    if (role->HEADER() != nullptr) column.header_key = string_value(role->STRING_VALUE());
  }
  return column;
}

Result<std::vector<ast::ColumnDefinition>> TreeBuilder::columns(Grammar::ColumnListContext* tree) {
  std::vector<ast::ColumnDefinition> result;
  if (tree == nullptr) return result;
  for (auto* definition : tree->columnDefinition()) {
    THALWEG_TRY(auto built, column(definition));
    result.push_back(std::move(built));
  }
  return result;
}

Result<void> TreeBuilder::check_key_words(ast::SourceKind kind,
                                          const std::vector<ast::ColumnDefinition>& columns) const {
  const bool is_table = kind == ast::SourceKind::kTable;
  const auto wrong = is_table ? ast::ColumnRole::kKey : ast::ColumnRole::kPrimaryKey;
  for (const auto& column : columns) {
    if (column.role != wrong) continue;
    return error("Line: " + std::to_string(column.at.line) + ", Col: " + std::to_string(column.at.column) +
                     ": Column `" + column.name + "` is a " +
                     (is_table ? "'KEY' column: please use 'PRIMARY KEY' for tables."
                               : "'PRIMARY KEY' column: please use 'KEY' for streams."),
                 column.at);
  }
  return {};
}

TreeBuilder::Node TreeBuilder::create_source(Grammar::CreateSourceContext* tree) {
  const auto kind = kind_of(tree->sourceKind());
  const auto name_at = at(tree->identifier());
  const bool or_replace = tree->orReplace() != nullptr;
  const bool if_not_exists = tree->ifNotExists() != nullptr;
  THALWEG_TRY(auto source, source_name(tree->identifier()));
  THALWEG_TRY(auto with, properties(tree->withClause(), true));
  if (tree->query() != nullptr) {
    THALWEG_TRY(auto select, query(tree->query()));
    return ast::StatementNode{ast::CreateAsSelect{kind, or_replace, if_not_exists, std::move(source),
                                                  std::move(with), std::move(select), name_at}};
  }
  THALWEG_TRY(auto definitions, columns(tree->columnList()));
  THALWEG_CHECK(check_key_words(kind, definitions));
  return ast::StatementNode{ast::CreateSource{kind, or_replace, tree->SOURCE() != nullptr, if_not_exists,
                                              std::move(source), std::move(definitions),
                                              tree->columnList() != nullptr, std::move(with), name_at}};
}

std::vector<std::string> TreeBuilder::names(Grammar::ColumnNamesContext* tree) const {
  std::vector<std::string> result;
  if (tree == nullptr) return result;
  for (auto* column : tree->identifier()) result.push_back(name(column));
  return result;
}

TreeBuilder::Node TreeBuilder::insert(Grammar::InsertContext* tree) {
  const auto target_at = at(tree->identifier());
  THALWEG_TRY(auto target, source_name(tree->identifier()));
  if (tree->query() != nullptr) {
    THALWEG_TRY(auto with, properties(tree->withClause(), true));
    THALWEG_TRY(auto select, query(tree->query()));
    return ast::StatementNode{
        ast::InsertInto{std::move(target), std::move(with), std::move(select), target_at}};
  }
  ast::InsertValues result{std::move(target), names(tree->columnNames()), {}, target_at};
  if (auto* list = tree->columnNames(); list != nullptr) {
    for (auto* column : list->identifier()) result.columns_at.push_back(at(column));
  }
  for (auto* row : tree->valuesRow()) {
    THALWEG_TRY(auto fields, expressions(row->expression()));
    if (!result.columns.empty() && result.columns.size() != fields.size()) {
      return error("Expected number columns and values to match: " + std::to_string(result.columns.size()) +
                       ", " + std::to_string(fields.size()),
                   at(row));
    }
    result.rows.push_back(std::move(fields));
  }
  return ast::StatementNode{std::move(result)};
}

TreeBuilder::Node TreeBuilder::drop_source(Grammar::DropSourceContext* tree) {
  THALWEG_TRY(auto source, source_name(tree->identifier()));
  return ast::StatementNode{ast::DropSource{kind_of(tree->sourceKind()), tree->ifExists() != nullptr,
                                            std::move(source), tree->TOPIC() != nullptr,
                                            at(tree->identifier())}};
}

TreeBuilder::Node TreeBuilder::alter_source(Grammar::AlterSourceContext* tree) {
  THALWEG_TRY(auto source, source_name(tree->identifier()));
  ast::AlterSource result{kind_of(tree->sourceKind()), std::move(source), {}, at(tree->identifier())};
  for (auto* added : tree->addColumn()) {
    ast::ColumnDefinition column;
    column.name = name(added->identifier());
    column.at = at(added->identifier());
    THALWEG_TRY(column.type, type(added->type()));
    result.columns.push_back(std::move(column));
  }
  return ast::StatementNode{std::move(result)};
}

TreeBuilder::Node TreeBuilder::create_type(Grammar::CreateTypeContext* tree) {
  THALWEG_TRY(auto definition, type(tree->type()));
  return ast::StatementNode{ast::CreateType{tree->ifNotExists() != nullptr, name(tree->identifier()),
                                            std::move(definition), at(tree->identifier())}};
}

TreeBuilder::Node TreeBuilder::drop_type(Grammar::DropTypeContext* tree) const {
  return ast::StatementNode{
      ast::DropType{tree->ifExists() != nullptr, name(tree->identifier()), at(tree->identifier())}};
}

TreeBuilder::Node TreeBuilder::test_statement(Grammar::TestStatementContext* tree) {
  THALWEG_TRY(auto target, source_name(tree->identifier()));
  if (tree->valuesRow() != nullptr) {
    auto targets = names(tree->columnNames());
    THALWEG_TRY(auto fields, expressions(tree->valuesRow()->expression()));
    if (tree->NULL_() == nullptr) {
      return ast::StatementNode{ast::AssertValues{std::move(target), std::move(targets), std::move(fields)}};
    }
    return ast::StatementNode{
        ast::AssertNullValues{std::move(target), std::move(targets), std::move(fields)}};
  }
  ast::CreateSource expected{};
  expected.kind = kind_of(tree->sourceKind());
  expected.name = std::move(target);
  expected.name_at = at(tree->identifier());
  expected.has_columns = tree->columnList() != nullptr;
  THALWEG_TRY(expected.columns, columns(tree->columnList()));
  THALWEG_CHECK(check_key_words(expected.kind, expected.columns));
  THALWEG_TRY(expected.properties, properties(tree->withClause(), true));
  return ast::StatementNode{ast::AssertSource{std::move(expected)}};
}

}  // namespace thalweg::parser
